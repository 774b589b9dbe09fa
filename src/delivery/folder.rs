//! The folder relay: each mail a file that ends in `.eml` and holds just its bytes. The same
//! delivery always has the same file, so a repeat leaves no second mail. The links in a mail are
//! its reader's alone, so nobody else on the machine may read it.

use std::path::Path;

use tokio::io::AsyncWriteExt;

use super::compose::Composed;
use super::outcome::line;
use crate::model::Outcome;

/// Files the mail in `folder`, which is made where missing.
pub(super) async fn file(folder: &Path, mail: &Composed) -> Outcome {
    match write(folder, mail).await {
        Ok(name) => Outcome::Sent(format!("250 filed as {name}")),
        Err(error) => {
            let words = format!("cannot write in {}: {error}", folder.display());
            Outcome::RelayDown(line(&words))
        }
    }
}

async fn write(folder: &Path, mail: &Composed) -> std::io::Result<String> {
    tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await?;
    let name = format!("{}.eml", mail.name);
    // Whole or not at all: written aside, then renamed.
    let aside = folder.join(format!(".{name}.new"));
    // One that a killed process left behind may be anybody's to read.
    let _ = tokio::fs::remove_file(&aside).await;
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&aside).await?;
    file.write_all(mail.message.as_bytes()).await?;
    file.sync_all().await?;
    drop(file);
    tokio::fs::rename(&aside, folder.join(&name)).await?;
    Ok(name)
}
