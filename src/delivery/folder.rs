//! The folder relay: each mail a file that ends in `.eml` and holds just its bytes. The same
//! delivery always has the same file, so a repeat leaves no second mail.

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
    tokio::fs::create_dir_all(folder).await?;
    let name = format!("{}.eml", mail.name);
    // Whole or not at all: written aside, then renamed.
    let aside = folder.join(format!(".{name}.new"));
    let mut file = tokio::fs::File::create(&aside).await?;
    file.write_all(mail.message.as_bytes()).await?;
    file.sync_all().await?;
    drop(file);
    tokio::fs::rename(&aside, folder.join(&name)).await?;
    Ok(name)
}
