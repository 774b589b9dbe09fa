//! What the address of a page says: one piece of its path, the fields of its query. What cannot
//! be read is answered as what leads nowhere is, by a page of ours.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::response::Response;
use serde::de::DeserializeOwned;

use super::Shared;
use super::error::Fault;

/// The piece of the path that differs from page to page, such as a token. One that is no text
/// becomes a text that is the name of nothing, so that a page answers it as any other such.
pub(super) struct Piece(pub(super) String);

impl FromRequestParts<Shared> for Piece {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let piece = Path::<String>::from_request_parts(parts, app).await;
        Ok(Self(piece.map_or_else(|_| char::REPLACEMENT_CHARACTER.to_string(), |Path(text)| text)))
    }
}

/// The fields of the query; where they cannot be read (a field stands twice, say), there is
/// nothing at that address.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let fields = Query::<T>::from_request_parts(parts, app).await;
        fields.map(|Query(fields)| Self(fields)).map_err(|_| Fault::Missing.page(app))
    }
}
