//! `/digest/{token}`: a mail in the browser, as it was sent, to whom it was sent. Pictures from
//! elsewhere are left out: nobody else is asked for anything.

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use super::error::Fault;
use super::place::Piece;
use super::{Shared, personal};
use crate::links::{Purpose, day_of};
use crate::render::{Field, Markers, Personal, Rendered};

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Shows it.
pub(super) async fn show(State(app): State<Shared>, Piece(token): Piece) -> Response {
    let page = async {
        let found = app.site.subscriptions.open(Purpose::Digest, &token).await?;
        let (reader, claim) = found.ok_or(Fault::Link)?;
        let day = day_of(claim.number).ok_or(Fault::Link)?;
        let stored = app.site.store.digest_of_day(reader.id, day).await?.ok_or(Fault::Link)?;
        let links = &app.site.links;
        let person = reader.person();
        let own = Personal::default()
            .with(Field::Address, reader.email.as_str())
            .with(Field::Unsubscribe, links.page(Purpose::Unsubscribe, person, 0))
            .with(Field::Preferences, links.page(Purpose::Preferences, person, 0))
            .with(Field::Browser, links.page(Purpose::Digest, person, claim.number))
            .with(Field::Taste, links.page(Purpose::Taste, person, 0));
        let shared = Rendered { subject: stored.subject, text: String::new(), html: stored.html };
        let html = Markers::new(&stored.marker).fill(&shared, &own).html;
        let headers = [(header::CONTENT_SECURITY_POLICY, POLICY)];
        Ok::<_, Fault>((headers, Html(with_landmark(&without_pictures(&html)))).into_response())
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

/// The page with its content marked as such, for who does not see it.
fn with_landmark(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let begin = lower.find("<body").and_then(|at| Some(at + lower[at..].find('>')? + 1));
    match (begin, lower.rfind("</body>")) {
        (Some(begin), Some(end)) if begin <= end => {
            let (head, body, tail) = (&html[..begin], &html[begin..end], &html[end..]);
            format!("{head}<main>{body}</main>{tail}")
        }
        _ => html.to_owned(),
    }
}

/// The page without the pictures that lie elsewhere. A `>` inside an attribute is escaped by
/// every template of ours; another's may leave a rest of the tag, but no picture.
pub(super) fn without_pictures(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let mut out = String::with_capacity(html.len());
    let mut from = 0;
    while let Some(at) = lower[from..].find("<img").map(|at| from + at) {
        out.push_str(&html[from..at]);
        let end = lower[at..].find('>').map_or(html.len(), |end| at + end + 1);
        if lower[at..end].contains("src=\"data:") {
            out.push_str(&html[at..end]);
        }
        from = end;
    }
    out.push_str(&html[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_from_elsewhere_are_left_out() {
        let html = "<p>\u{e9}<IMG src=\"https://a.example/x.png\" alt=\"a\">b\
                    <img src=\"data:image/gif;base64,AA\">c<img src='https://b.example'";
        assert_eq!(without_pictures(html), "<p>\u{e9}b<img src=\"data:image/gif;base64,AA\">c");
    }
}
