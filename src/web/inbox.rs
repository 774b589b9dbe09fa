//! `/inbox`: the demo's mailbox. A mail's HTML is shown as a careful mail program shows it:
//! in a frame of its own, without scripts, forms or access to our pages, and without pictures
//! from elsewhere until the reader asks for them.

use std::path::Path as FilePath;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Shared;
use super::digest::without_pictures;
use super::error::Fault;
use super::mail_file::{self, Line, Mail};
use super::place::{Asked, Piece};

/// What an address may ask for beside the mail.
#[derive(Deserialize)]
pub(super) struct Wish {
    /// `on`: show pictures from elsewhere.
    pictures: Option<String>,
}

impl Wish {
    fn pictures(&self) -> bool {
        self.pictures.as_deref() == Some("on")
    }
}

#[derive(Serialize)]
struct Folder {
    mails: Vec<Line>,
    count: usize,
}

#[derive(Serialize)]
struct Opened {
    mail: Mail,
    pictures: bool,
}

/// The list, newest first.
pub(super) async fn list(State(app): State<Shared>) -> Response {
    let page = async {
        let (mails, count) = in_folder(&app, mail_file::list).await?;
        let context = Folder { mails, count };
        Ok::<_, Fault>(app.pages.render("inbox.html", context)?.into_response())
    };
    page.await.unwrap_or_else(|fault| fault.page(&app))
}

/// One mail: its headers, its HTML in a frame, its text.
pub(super) async fn show(
    State(app): State<Shared>,
    Piece(file): Piece,
    Asked(wish): Asked<Wish>,
) -> Response {
    let page = async {
        let mail = mail_file::parse(&file, &bytes(&app, &file).await?);
        let context = Opened { mail, pictures: wish.pictures() };
        Ok::<_, Fault>(app.pages.render("mail.html", context)?.into_response())
    };
    page.await.unwrap_or_else(|fault| fault.page(&app))
}

/// The mail's HTML part, for the frame.
pub(super) async fn html(
    State(app): State<Shared>,
    Piece(file): Piece,
    Asked(wish): Asked<Wish>,
) -> Response {
    let page = async {
        let html = mail_file::html_of(&bytes(&app, &file).await?).ok_or(Fault::Missing)?;
        let (html, pictures) = match wish.pictures() {
            true => (html, "data: https:"),
            false => (without_pictures(&html), "data:"),
        };
        // Links leave the frame for a window of their own; nothing else leaves it.
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'self'; \
             sandbox allow-popups allow-popups-to-escape-sandbox"
        );
        let headers = [
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
        ];
        Ok::<_, Fault>((headers, Html(with_target(html))).into_response())
    };
    page.await.unwrap_or_else(|fault| fault.page(&app))
}

/// The mail as it was sent, to be saved.
pub(super) async fn raw(State(app): State<Shared>, Piece(file): Piece) -> Response {
    match bytes(&app, &file).await {
        Ok(bytes) => {
            let headers = [
                (header::CONTENT_TYPE, "message/rfc822".to_owned()),
                // The name holds no quotes: it has been found in the folder.
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
            ];
            (headers, bytes).into_response()
        }
        Err(fault) => fault.page(&app),
    }
}

async fn bytes(app: &Shared, file: &str) -> Result<Vec<u8>, Fault> {
    let file = file.to_owned();
    in_folder(app, move |folder| mail_file::read(folder, &file)).await?.ok_or(Fault::Missing)
}

/// Runs `work` on the inbox folder, off the threads that serve.
async fn in_folder<T: Send + 'static>(
    app: &Shared,
    work: impl FnOnce(&FilePath) -> std::io::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    let folder = app.site.inbox.clone().ok_or(Fault::Missing)?;
    let done = tokio::task::spawn_blocking(move || work(&folder)).await;
    Ok(done.map_err(std::io::Error::other)??)
}

/// Makes links open in a window of their own, as they do in a mail program.
fn with_target(html: String) -> String {
    const BASE: &str = "<base target=\"_blank\">";
    let lower = html.to_ascii_lowercase();
    let after_head = lower
        .find("<head>")
        .map(|at| at + "<head>".len())
        .or_else(|| lower.find("<head ").and_then(|at| Some(at + lower[at..].find('>')? + 1)));
    match after_head {
        Some(at) => format!("{}{BASE}{}", &html[..at], &html[at..]),
        None => format!("{BASE}{html}"),
    }
}
