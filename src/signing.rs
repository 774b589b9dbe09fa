//! Private keys that sign: read, made, used. Knows RSA and Ed25519; never what is signed,
//! and never prints a key but into the PEM text that is asked for.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA with SHA-256, PKCS #1 1.5 (RFC 8301 3.1).
    Rsa,
    /// Ed25519 over the SHA-256 of the text (RFC 8463 3).
    Ed25519,
}

impl Algorithm {
    /// As DKIM's `a=` and `k=` call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// A private key. Cloning shares it.
#[derive(Clone)]
pub struct SigningKey(Arc<Pair>);

enum Pair {
    Rsa(KeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Never the key itself.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({}, …)", self.algorithm().name())
    }
}

/// Why a text is no key that mail can be signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// There is no PEM block of a private key in it.
    #[error("it holds {0} and no private key in PEM (\"-----BEGIN PRIVATE KEY-----\")")]
    NoKey(&'static str),
    /// The key is locked with a passphrase.
    #[error("the private key in it is encrypted; write it without a passphrase (openssl pkcs8)")]
    Encrypted,
    /// The key is neither RSA nor Ed25519, or is damaged.
    #[error("the private key in it is neither RSA nor Ed25519, or is damaged")]
    Kind,
    /// An RSA key of a size that verifiers do not take (RFC 8301 3.2).
    #[error("it is an RSA key of {0} bits; 2048 to 4096 are wanted (2048 is best)")]
    Size(&'static str),
    /// The library could not make or use a key.
    #[error("the key cannot be used")]
    Unusable,
}

impl SigningKey {
    /// Reads a PEM text: PKCS #8 (RFC 5958) of RSA or Ed25519, or PKCS #1 (RFC 8017 A.1.2).
    ///
    /// # Errors
    ///
    /// What the text holds instead.
    pub fn from_pem(text: &str) -> Result<Self, SigningKeyError> {
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(SigningKeyError::Encrypted);
        }
        let der = PrivateKeyDer::from_pem_slice(text.as_bytes())
            .map_err(|_| SigningKeyError::NoKey(held(text)))?;
        let pair = match &der {
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()).map(Pair::Rsa),
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
                    .map(Pair::Ed25519)
                    .or_else(|_| KeyPair::from_pkcs8(der).map(Pair::Rsa))
            }
            _ => return Err(SigningKeyError::Kind),
        };
        // The library refuses RSA keys of odd sizes without saying so.
        let pair = pair.map_err(|error| match error.to_string().as_str() {
            "TooSmall" => SigningKeyError::Size("fewer than 2048"),
            "TooLarge" => SigningKeyError::Size("more than 4096"),
            _ => SigningKeyError::Kind,
        })?;
        if let Pair::Rsa(pair) = &pair {
            match pair.public_modulus_len() {
                ..256 => return Err(SigningKeyError::Size("fewer than 2048")),
                513.. => return Err(SigningKeyError::Size("more than 4096")),
                _ => {}
            }
        }
        Ok(Self(Arc::new(pair)))
    }

    /// Makes a key, and gives it with its PEM text (PKCS #8); RSA keys have 2048 bits.
    ///
    /// # Errors
    ///
    /// The system gives no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<(Self, String), SigningKeyError> {
        let unusable = |_| SigningKeyError::Unusable;
        let (pair, der) = match algorithm {
            Algorithm::Rsa => {
                let pair = KeyPair::generate(KeySize::Rsa2048).map_err(unusable)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(unusable)?;
                let der = der.as_ref().to_vec();
                (Pair::Rsa(pair), der)
            }
            Algorithm::Ed25519 => {
                let pair = Ed25519KeyPair::generate().map_err(unusable)?;
                // Version 1, which OpenSSL reads.
                let der = pair.to_pkcs8v1().map_err(unusable)?.as_ref().to_vec();
                (Pair::Ed25519(pair), der)
            }
        };
        let text = STANDARD.encode(der);
        let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().copied().map(char::from));
            pem.push('\n');
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Ok((Self(Arc::new(pair)), pem))
    }

    /// Its kind.
    pub fn algorithm(&self) -> Algorithm {
        match *self.0 {
            Pair::Rsa(_) => Algorithm::Rsa,
            Pair::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The signature of `text`. The same text always gets the same one.
    ///
    /// # Errors
    ///
    /// The library could not sign.
    pub fn sign(&self, text: &[u8]) -> Result<Vec<u8>, SigningKeyError> {
        match &*self.0 {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
                    .map_err(|_| SigningKeyError::Unusable)?;
                Ok(signature)
            }
            Pair::Ed25519(pair) => Ok(pair.sign(&Sha256::digest(text)).as_ref().to_vec()),
        }
    }

    /// The value of the TXT record that publishes the key (RFC 6376 3.6.1).
    ///
    /// # Errors
    ///
    /// The library could not write it.
    pub fn record(&self) -> Result<String, SigningKeyError> {
        Ok(format!("v=DKIM1; k={}; p={}", self.algorithm().name(), self.public()?))
    }

    /// The public key in base64 as DKIM's `p=` has it: a SubjectPublicKeyInfo for RSA
    /// (RFC 6376 3.6.1), the 32 bytes alone for Ed25519 (RFC 8463 4).
    ///
    /// # Errors
    ///
    /// The library could not write it.
    pub fn public(&self) -> Result<String, SigningKeyError> {
        match &*self.0 {
            Pair::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> =
                    pair.public_key().as_der().map_err(|_| SigningKeyError::Unusable)?;
                Ok(STANDARD.encode(der.as_ref()))
            }
            Pair::Ed25519(pair) => Ok(STANDARD.encode(pair.public_key().as_ref())),
        }
    }
}

/// What a text without a private key holds, in words.
fn held(text: &str) -> &'static str {
    [
        ("BEGIN PUBLIC KEY", "a public key"),
        ("BEGIN RSA PUBLIC KEY", "a public key"),
        ("BEGIN CERTIFICATE", "a certificate"),
        ("BEGIN OPENSSH PRIVATE KEY", "a key of ssh"),
        ("PRIVATE KEY", "a damaged key"),
    ]
    .into_iter()
    .find(|(mark, _)| text.contains(mark))
    .map_or(if text.trim().is_empty() { "nothing" } else { "another text" }, |(_, held)| held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_made_is_a_key_read_and_signs_the_same() {
        for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
            let (made, pem) = SigningKey::generate(algorithm).unwrap();
            let read = SigningKey::from_pem(&pem).unwrap();
            assert_eq!(read.algorithm(), algorithm);
            assert_eq!(made.public().unwrap(), read.public().unwrap());
            assert_eq!(made.sign(b"a mail").unwrap(), read.sign(b"a mail").unwrap());
            assert!(!format!("{made:?}").contains(pem.lines().nth(1).unwrap()));
        }
    }

    #[test]
    fn what_is_no_key_is_said_in_words() {
        let held = |text: &str| SigningKey::from_pem(text).unwrap_err().to_string();
        assert!(held("").contains("holds nothing"));
        assert!(held("hello").contains("another text"));
        assert!(
            held("-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----").contains("public")
        );
        assert!(held("-----BEGIN PRIVATE KEY-----\nnot").contains("damaged"));
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n";
        assert!(held(encrypted).contains("passphrase"));
        let empty = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
        assert!(held(empty).contains("neither RSA nor Ed25519"));
    }
}
