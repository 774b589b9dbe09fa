//! The relay that is a program: mails are handed to sendmail(8), whose exit code (sysexits.h)
//! is the answer. Never keeps it running longer than a mail takes.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

use super::compose::Composed;
use super::outcome::line;
use crate::model::Outcome;

/// RFC 5321 4.5.3.2 gives a server so long for one step.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// The most that is read of what the program says.
const WORDS: u64 = 4_096;

/// Hands `mail` to `program`.
pub(super) async fn hand(program: &Path, mail: &Composed) -> Outcome {
    match timeout(PATIENCE, run(program, mail)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => {
            Outcome::RelayDown(line(&format!("cannot run {}: {error}", program.display())))
        }
        Err(_) => Outcome::Deferred(format!("{} did not end in time", program.display())),
    }
}

async fn run(program: &Path, mail: &Composed) -> std::io::Result<Outcome> {
    let mut child = Command::new(program)
        // A lone dot ends nothing; the address cannot be taken for an option.
        .args(["-i", "-f", &mail.envelope.from, "--", &mail.envelope.to])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // Programs of this kind want the system's line ends.
            let text = mail.message.replace("\r\n", "\n");
            stdin.write_all(text.as_bytes()).await?;
            stdin.shutdown().await?;
        }
        std::io::Result::Ok(())
    };
    let read = async {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = (&mut stderr).take(WORDS).read_to_end(&mut said).await;
            // What is more must not block it.
            let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        }
        String::from_utf8_lossy(&said).into_owned()
    };
    let (written, said, status) = tokio::join!(write, read, child.wait());
    let status = status?;
    if status.success() {
        // A program that took it without reading it all has not taken it.
        return Ok(match written {
            Ok(()) => Outcome::Sent(format!("{} took it", program.display())),
            Err(error) => Outcome::Deferred(format!("the program did not read it: {error}")),
        });
    }
    let words = line(&format!("{status}: {said}"));
    Ok(match status.code() {
        // EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_NOUSER, EX_NOHOST: this mail, for good.
        Some(64..=68) => Outcome::Failed(words),
        // EX_TEMPFAIL, and the end by a signal: this mail, for now.
        Some(75) | None => Outcome::Deferred(words),
        // EX_UNAVAILABLE, EX_SOFTWARE, EX_OSERR, EX_CONFIG and the rest: the program.
        Some(_) => Outcome::RelayDown(words),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::mail::Envelope;

    async fn handed(script: &str) -> (Outcome, String) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("sendmail");
        let script = format!("#!/bin/sh\ncd {}\n{script}\n", folder.path().display());
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let address = |text: &str| text.parse().unwrap();
        let envelope =
            Envelope::new(&address("bounces@example.org"), &address("-x@example.net")).unwrap();
        let message = "Subject: hello\r\n\r\n.\r\nbody\r\n".to_owned();
        let mail = Composed { envelope, name: "1".to_owned(), message };
        let outcome = hand(&program, &mail).await;
        (outcome, std::fs::read_to_string(folder.path().join("got")).unwrap_or_default())
    }

    #[tokio::test]
    async fn the_program_gets_the_mail_and_its_exit_code_is_the_answer() {
        let (outcome, got) = handed("echo \"$@\" > got; cat >> got").await;
        assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
        assert_eq!(got, "-i -f bounces@example.org -- -x@example.net\nSubject: hello\n\n.\nbody\n");
        let (outcome, _) = handed("echo no such user >&2; exit 67").await;
        assert!(matches!(&outcome, Outcome::Failed(why) if why.contains("no such user")));
        assert!(matches!(handed("cat > got; exit 75").await.0, Outcome::Deferred(_)));
        assert!(matches!(handed("exit 78").await.0, Outcome::RelayDown(_)));
        let nowhere = Path::new("/nonexistent/sendmail");
        let (Outcome::Sent(_), _) = handed("cat > got").await else { panic!() };
        let envelope =
            Envelope::new(&"a@example.org".parse().unwrap(), &"b@example.net".parse().unwrap());
        let mail =
            Composed { envelope: envelope.unwrap(), name: "1".to_owned(), message: String::new() };
        assert!(matches!(hand(nowhere, &mail).await, Outcome::RelayDown(_)));
    }
}
