//! What pages share: their templates and assets, all inside the program, and the policy
//! that keeps a browser from fetching anything elsewhere.

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use rust_embed::RustEmbed;
use serde::Serialize;

use super::error::Fault;
use super::place::Piece;
use super::{Shared, Site, WebError};
use crate::render::escape_html;

/// The policy of our own pages.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    script-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// The type of plain text.
pub(super) const PLAIN: (HeaderName, &str) = (header::CONTENT_TYPE, "text/plain; charset=utf-8");

#[derive(RustEmbed)]
#[folder = "templates/web/"]
struct Files;

/// The site's pages.
pub(super) struct Pages(Environment<'static>);

impl Pages {
    pub(super) fn new(site: &Site) -> Result<Self, WebError> {
        let mut pages = Environment::new();
        pages.set_undefined_behavior(UndefinedBehavior::Strict);
        pages.set_auto_escape_callback(|_| AutoEscape::Html);
        pages.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        // As in mails: the engine's own escaping makes six bytes of every slash.
        pages.set_formatter(|out, state, value| match (state.auto_escape(), value.as_str()) {
            (AutoEscape::Html, Some(text)) if !value.is_safe() => {
                let mut escaped = String::with_capacity(text.len() + 16);
                escape_html(text, &mut escaped);
                out.write_str(&escaped).map_err(minijinja::Error::from)
            }
            _ => minijinja::escape_formatter(out, state, value),
        });
        for name in Files::iter().filter(|name| name.ends_with(".html") || name.ends_with(".atom"))
        {
            let file = Files::get(&name).map(|file| file.data.into_owned()).unwrap_or_default();
            let text = String::from_utf8_lossy(&file).into_owned();
            pages.add_template_owned(name.into_owned(), text)?;
        }
        pages.add_filter("code", |text: &str| Value::from_safe_string(coded(text)));
        pages.add_global("site_title", site.title.as_str());
        pages.add_global("version", site.version.as_str());
        pages.add_global("contact", site.contact.as_str());
        pages.add_global("site_url", site.links.site());
        pages.add_global("has_inbox", site.inbox.is_some());
        pages.add_global("has_config", site.setup.is_some());
        Ok(Self(pages))
    }

    pub(super) fn render(
        &self,
        name: &str,
        context: impl Serialize,
    ) -> Result<Html<String>, minijinja::Error> {
        self.0.get_template(name)?.render(Serde(context)).map(Html)
    }
}

/// `/assets/…`: the style sheet and the icon.
pub(super) async fn asset(State(app): State<Shared>, Piece(name): Piece) -> Response {
    let kind = match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "svg")) => "image/svg+xml; charset=utf-8",
        _ => return Fault::Missing.page(&app),
    };
    match Files::get(&name) {
        Some(file) => {
            let headers =
                [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")];
            (headers, file.data.into_owned()).into_response()
        }
        None => Fault::Missing.page(&app),
    }
}

/// `/robots.txt`: what is one person's is not to be searched.
pub(super) async fn robots() -> Response {
    const TEXT: &str = "User-agent: *\nDisallow: /confirm/\nDisallow: /unsubscribe/\n\
                        Disallow: /preferences/\nDisallow: /digest/\nDisallow: /taste/\n\
                        Disallow: /admin\n";
    ([PLAIN], TEXT).into_response()
}

/// `/favicon.ico`, for pages without a head of ours.
pub(super) async fn favicon(app: State<Shared>) -> Response {
    asset(app, Piece("icon.svg".to_owned())).await
}

/// Escaped, with what stands between backticks as code.
fn coded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let parts: Vec<&str> = text.split('`').collect();
    // One that stands alone is no more than a letter.
    if parts.len().is_multiple_of(2) {
        escape_html(text, &mut out);
        return out;
    }
    for (at, part) in parts.into_iter().enumerate() {
        let is_code = at % 2 == 1;
        out.push_str(if is_code { "<code>" } else { "" });
        escape_html(part, &mut out);
        out.push_str(if is_code { "</code>" } else { "" });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_code() {
        for (text, page) in [
            ("see `why <a>`; `doctor`", "see <code>why &lt;a&gt;</code>; <code>doctor</code>"),
            ("a ` alone & <b>", "a ` alone &amp; &lt;b&gt;"),
        ] {
            assert_eq!(coded(text), page);
        }
    }
}
