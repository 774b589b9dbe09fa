//! The server's key, and what is derived from it: identifiers that strangers can neither
//! guess nor forge. Never stores anything and never prints the key.

use std::io::Write;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The server's secret key of 32 bytes.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("cannot use the key file {path}")]
    File {
        /// The key file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a key of ours.
    #[error("{path} is not a key: wanted 64 hexadecimal digits; restore it from a backup")]
    Malformed {
        /// The key file.
        path: String,
    },
    /// The system gave no randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

impl Key {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the key in `path` (64 hexadecimal digits).
    ///
    /// # Errors
    ///
    /// There is none, or the file holds something else.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let fault = |source| KeyError::File { path: path.display().to_string(), source };
        let text = std::fs::read_to_string(path).map_err(fault)?;
        let malformed = || KeyError::Malformed { path: path.display().to_string() };
        from_hex(text.trim()).map(Self).ok_or_else(malformed)
    }

    /// Reads the key in `path` (64 hexadecimal digits); makes one, readable by its owner
    /// only, where the file does not exist.
    pub fn load_or_make(path: &Path) -> Result<Self, KeyError> {
        let fault = |source| KeyError::File { path: path.display().to_string(), source };
        match std::fs::read_to_string(path) {
            Ok(text) => from_hex(text.trim())
                .map(Self)
                .ok_or_else(|| KeyError::Malformed { path: path.display().to_string() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes).map_err(KeyError::Random)?;
                let mut options = std::fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                match options.open(path) {
                    Ok(mut file) => {
                        writeln!(file, "{}", to_hex(&bytes)).map_err(fault)?;
                        file.sync_all().map_err(fault)?;
                        Ok(Self(bytes))
                    }
                    // Another process was first: its key counts.
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                        Self::load_or_make(path)
                    }
                    Err(error) => Err(fault(error)),
                }
            }
            Err(error) => Err(fault(error)),
        }
    }

    /// The first 16 bytes of HMAC-SHA256 over `purpose`, a NUL and `subject`, in lower-case
    /// hexadecimal: the same for the same input for ever, and without the key unguessable.
    pub fn pseudonym(&self, purpose: &str, subject: &str) -> String {
        to_hex(&self.mark(purpose, subject.as_bytes()))
    }

    /// The same as bytes.
    pub fn mark(&self, purpose: &str, subject: &[u8]) -> [u8; 16] {
        let whole: [u8; 32] = self.mac(purpose, subject).finalize().into_bytes().into();
        let mut mark = [0; 16];
        mark.copy_from_slice(&whole[..16]);
        mark
    }

    /// Whether `mark` is that of `subject`, in a time that does not tell how much of it is.
    pub fn is_mark(&self, purpose: &str, subject: &[u8], mark: &[u8; 16]) -> bool {
        self.mac(purpose, subject).verify_truncated_left(mark).is_ok()
    }

    fn mac(&self, purpose: &str, subject: &[u8]) -> Hmac<Sha256> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(subject);
        mac
    }
}

/// Lower-case hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("paperround.key");
        let made = Key::load_or_make(&path).unwrap();
        let read = Key::load_or_make(&path).unwrap();
        assert_eq!(made.pseudonym("message-id", "1"), read.pseudonym("message-id", "1"));
        assert_ne!(made.pseudonym("message-id", "1"), made.pseudonym("message-id", "2"));
        assert_ne!(made.pseudonym("a", "1"), made.pseudonym("b", "1"));
    }

    #[test]
    fn a_damaged_key_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("paperround.key");
        std::fs::write(&path, "zz").unwrap();
        assert!(matches!(Key::load_or_make(&path), Err(KeyError::Malformed { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "zz");
    }
}
