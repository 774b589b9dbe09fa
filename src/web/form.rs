//! The fields of a form, in either of the two encodings in which browsers and mailbox providers
//! send one. Reads at most what the limit on bodies lets through.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;

use super::Shared;
use super::error::Fault;

/// Names and values, in their order.
pub(super) struct Form(Vec<(String, String)>);

/// The most fields that are read; our own forms have a dozen.
const MOST: usize = 64;

impl Form {
    /// The first value of the field `name`, without white space around it; none where it is
    /// missing or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// All values of the field `name`, in their order.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the field `name` has just this value.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, given)| known == name && given.trim() == value)
    }
}

impl FromRequest<Shared> for Form {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Self::Rejection> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let bytes = Bytes::from_request(request, app).await;
        let bytes = bytes.map_err(|rejection| Fault::from(rejection).page(app))?;
        fields(&kind, bytes).await.ok_or_else(|| Fault::Form.page(app))
    }
}

/// The fields; none where the body is not what its type says.
async fn fields(kind: &str, bytes: Bytes) -> Option<Form> {
    if bytes.is_empty() {
        return Some(Form(Vec::new()));
    }
    if let Ok(boundary) = multer::parse_boundary(kind) {
        let body = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
        let mut parts = multer::Multipart::new(body, boundary);
        let mut fields = Vec::new();
        while let Some(part) = parts.next_field().await.ok()? {
            let name = part.name().unwrap_or_default().to_owned();
            fields.push((name, part.text().await.ok()?));
            if fields.len() > MOST {
                return None;
            }
        }
        return Some(Form(fields));
    }
    let urlencoded = kind.split(';').next().unwrap_or_default().trim();
    if !urlencoded.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(&bytes).into_owned().take(MOST + 1).collect();
    (fields.len() <= MOST).then_some(Form(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: &str, body: &str) -> Option<Form> {
        fields(kind, Bytes::copy_from_slice(body.as_bytes())).await
    }

    const URLENCODED: &str = "application/x-www-form-urlencoded";

    #[tokio::test]
    async fn both_encodings_say_the_same() {
        let plain = read(URLENCODED, "List-Unsubscribe=One-Click&x=%C3%A9+%26").await.unwrap();
        let body = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n\
                    One-Click\r\n--x\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\
                    \u{e9} &\r\n--x--\r\n";
        let parts = read("multipart/form-data; boundary=x", body).await.unwrap();
        for form in [plain, parts] {
            assert!(form.says("List-Unsubscribe", "One-Click"));
            assert_eq!(form.get("x"), Some("\u{e9} &"));
            assert_eq!(form.get("y"), None);
        }
    }

    #[tokio::test]
    async fn what_is_no_form_is_none() {
        assert!(read("", "").await.is_some());
        for (kind, body) in [
            ("", "a=b"),
            ("application/json", "{}"),
            ("text/plain", "List-Unsubscribe=One-Click"),
            ("multipart/form-data", "x"),
            ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a"),
            (URLENCODED, &"a&".repeat(100)),
        ] {
            assert!(read(kind, body).await.is_none(), "{kind} {body}");
        }
        let _ = read(URLENCODED, "%ff%00=%zz&&=").await.unwrap();
    }
}
