//! What a mail is called: what stands before the `@` of its Message-ID (RFC 5322 3.6.4), the same at
//! each retry. By it a mail is known again that somebody tells of. Never looks one up.

use crate::token::Key;

/// The name of mail `id`, which is its delivery's row or another text for what is no delivery: hex,
/// and without the key not to be guessed.
pub fn name(key: &Key, id: &str) -> String {
    key.pseudonym("message-id", id)
}

/// Whether a Message-ID, with or without its brackets, is that of mail `id`.
pub fn is_named(message_id: &str, key: &Key, id: &str) -> bool {
    let bare = message_id.trim().trim_start_matches('<');
    bare.split_once('@').is_some_and(|(left, _)| left.eq_ignore_ascii_case(&name(key, id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_known_by_its_message_id() {
        let key = Key::new([7; 32]);
        let own = name(&key, "12");
        for good in [format!("<{own}@a.example>"), format!("{own}@b.example"), format!(" <{own}@>")]
        {
            assert!(is_named(&good, &key, "12"), "{good}");
            assert!(!is_named(&good, &key, "13"), "{good}");
        }
        for bad in ["", "<>", "@", &own, "<x@a.example>"] {
            assert!(!is_named(bad, &key, "12"), "{bad}");
        }
    }
}
