//! The disk, the certificate of the mail door, and the keys that sign.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{Watch, WatchError};
use crate::alarms::{Kind, Trouble};
use crate::config::Dkim;
use crate::machine;
use crate::model::ByteSize;
use crate::signing::SigningKey;

impl Watch {
    pub(super) async fn look_at_machine(
        &self,
        host: &str,
        now: Timestamp,
    ) -> Result<(), WatchError> {
        let full: Vec<Trouble> =
            self.folders.iter().filter_map(|folder| full(folder, self.bounds.disk_free)).collect();
        self.alarms.settle(Kind::DiskLow, host, &full, now).await?;
        let ends = self.certificate.as_deref().and_then(|file| {
            let trouble = certificate(file, now, self.bounds.certificate.signed())?;
            Some(Trouble::new(file.display().to_string(), trouble))
        });
        self.alarms.settle(Kind::Certificate, host, ends.as_slice(), now).await?;
        let keys: Vec<Trouble> = self.dkim.iter().filter_map(key).collect();
        self.alarms.settle(Kind::Dkim, host, &keys, now).await?;
        Ok(())
    }
}

/// A disk with less room than there must be. A file system that cannot be asked is no trouble
/// of the disk's.
fn full(folder: &Path, least: ByteSize) -> Option<Trouble> {
    let space = machine::space(folder).ok()?;
    (space.free < least.bytes()).then(|| {
        let megabytes = space.free / 1_000_000;
        // In steps, so that the words stay the same for a while.
        let shown = if megabytes > 50 { megabytes / 50 * 50 } else { megabytes };
        Trouble::new(
            folder.display().to_string(),
            format!(
                "Less than {} MB are free, and {least} must be. On a full disk nothing is fetched, \
                 planned or sent, and nothing that was stored is lost. Make room; the folder \
                 `kept` inside holds pages that may be deleted.",
                shown + 1
            ),
        )
    })
}

/// What is wrong with the certificate in `file`.
fn certificate(file: &Path, now: Timestamp, within: SignedDuration) -> Option<String> {
    let renew = "Mail servers may refuse to hand mail over by STARTTLS. Renew it; paperround takes \
                 the new file when it is told to (`systemctl reload paperround`).";
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) => return Some(format!("It cannot be read: {error}. {renew}")),
    };
    let Ok(der) = CertificateDer::from_pem_slice(&text) else {
        return Some(format!("There is no certificate in it. {renew}"));
    };
    let Ok((_, parsed)) = X509Certificate::from_der(&der) else {
        return Some(format!("The certificate in it cannot be read. {renew}"));
    };
    let until = Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()?;
    let day = until.strftime("%Y-%m-%d");
    if until <= now {
        return Some(format!("It ended on {day}. {renew}"));
    }
    (until.duration_since(now) < within).then(|| format!("It ends on {day}. {renew}"))
}

/// A key that signs and is not in its file any more.
fn key(dkim: &Dkim) -> Option<Trouble> {
    let name = format!("{}._domainkey.{}", dkim.selector, dkim.domain);
    let file = dkim.key_file.display();
    let wrong = match std::fs::read_to_string(&dkim.key_file) {
        Err(error) => format!("Its file {file} cannot be read: {error}."),
        Ok(text) => match SigningKey::from_pem(&text) {
            Err(error) => format!("Its file {file} is damaged: {error}."),
            Ok(key) if key.public().ok() != dkim.key.public().ok() => {
                format!("Its file {file} holds another key than the one in use.")
            }
            Ok(_) => return None,
        },
    };
    Some(Trouble::new(
        name,
        format!(
            "{wrong} Mail is signed with the key that was read at the start, and will not be after \
             the next one. Put the file back from a backup, or make a new key with `paperround key \
             dkim`."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_told_of_before_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cert.pem");
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let fortnight = SignedDuration::from_hours(14 * 24);
        assert!(certificate(&file, now, fortnight).unwrap().contains("cannot be read"));
        std::fs::write(&file, "nothing").unwrap();
        assert!(certificate(&file, now, fortnight).unwrap().contains("no certificate"));
        let mut params = rcgen::CertificateParams::new(vec!["mx.example.org".into()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2026, 12, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        assert!(certificate(&file, now, fortnight).unwrap().contains("ends on 2026-12-01"));
        assert_eq!(certificate(&file, now, SignedDuration::from_hours(24)), None);
        let later = now + SignedDuration::from_hours(30 * 24);
        assert!(certificate(&file, later, fortnight).unwrap().contains("ended on 2026-12-01"));
    }

    #[test]
    fn a_disk_is_full_by_what_must_be_free() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(full(folder.path(), "1 kB".parse().unwrap()), None);
        let trouble = full(folder.path(), ByteSize::from_bytes(u64::MAX));
        assert!(trouble.unwrap().detail.contains("must be"));
    }
}
