//! Codes of six digits that change every 30 seconds (RFC 6238 over HMAC-SHA-1, RFC 4226), as every
//! authenticator makes them, and recovery codes for when the telephone is lost.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Seconds that a code holds.
pub const STEP_SECS: i64 = 30;
/// Steps before and after the present one that are taken, too: clocks differ.
const AROUND: i64 = 1;

/// The code of a secret at a moment, in seconds since 1970.
pub fn code_at(secret: &[u8], at: i64) -> String {
    format!("{:06}", number(secret, at.div_euclid(STEP_SECS)) % 1_000_000)
}

/// RFC 4226, 5.3: four bytes of the hash, from where its last half byte says.
fn number(secret: &[u8], step: i64) -> u32 {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(&step.to_be_bytes());
    let hash: [u8; 20] = mac.finalize().into_bytes().into();
    let at = usize::from(hash[19] & 0x0f);
    let word = [hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]];
    u32::from_be_bytes(word)
}

/// The step whose code this is, if it is one of the present step or its neighbours.
pub(super) fn step_of(secret: &[u8], code: &str, at: i64) -> Option<i64> {
    let given: String = code.chars().filter(char::is_ascii_digit).collect();
    if given.len() != 6 {
        return None;
    }
    let now = at.div_euclid(STEP_SECS);
    let mut found = None;
    for step in now - AROUND..=now + AROUND {
        let wanted = format!("{:06}", number(secret, step) % 1_000_000);
        // All are looked at, so that the time does not tell which it was.
        if given == wanted {
            found = Some(step);
        }
    }
    found
}

/// A secret in the letters in which it is typed in by hand.
pub(super) fn letters(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// The address that an authenticator reads from a picture.
pub(super) fn address(title: &str, account: &str, secret: &[u8]) -> String {
    let plain = |text: &str| -> String {
        url::form_urlencoded::byte_serialize(text.replace(':', " ").as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let (issuer, account) = (plain(title), plain(account));
    format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", letters(secret))
}

/// A recovery code of 60 bits, such as `k3vq-7xma-p2nd`.
pub(super) fn recovery(bytes: [u8; 8]) -> String {
    let text = BASE32_NOPAD.encode(&bytes).to_lowercase();
    format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..12])
}

/// A recovery code as it is hashed: however it is typed.
pub(super) fn plain_recovery(code: &str) -> Option<String> {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    (letters.len() == 12).then(|| letters.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the rows of SHA-1, whose codes have eight digits.
    #[test]
    fn the_vectors_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (at, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(format!("{:08}", number(secret, at / 30) % 100_000_000), code);
            assert_eq!(code_at(secret, at), code[2..]);
            assert_eq!(step_of(secret, &code[2..], at), Some(at / 30));
        }
    }

    #[test]
    fn neighbours_are_taken_and_no_others() {
        let secret = b"12345678901234567890";
        let code = code_at(secret, 3_000);
        for (at, taken) in [(2_969, false), (2_970, true), (3_059, true), (3_060, false)] {
            assert_eq!(step_of(secret, &code, at).is_some(), taken, "{at}");
        }
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(step_of(secret, &spaced, 3_000), Some(100));
        for bad in ["", "12345", "1234567", "abcdef"] {
            assert_eq!(step_of(secret, bad, 3_000), None);
        }
    }

    #[test]
    fn addresses_and_recovery_codes_read_as_they_should() {
        assert_eq!(
            address("Paper: Round", "ada@x", b"12345678901234567890"),
            "otpauth://totp/Paper%20%20Round:ada%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Paper%20%20Round"
        );
        let code = recovery([7; 8]);
        assert_eq!(code.len(), 14);
        assert_eq!(plain_recovery(&code.to_uppercase()), plain_recovery(&code));
        assert_eq!(plain_recovery("123456"), None);
    }
}
