//! What a relay's refusal of a mail means for its recipient: by the enhanced status code (RFC
//! 3463), where there is one, else by the reply code (RFC 5321 4.2). Pure.

use crate::model::Verdict;

/// What a reply such as `550 5.1.1 no such user` means, and its enhanced code. Nothing where it is
/// no reply that refuses.
pub fn meaning_of_reply(reply: &str) -> (Verdict, Option<String>) {
    let mut words = reply.split(|c: char| c.is_whitespace() || c == '-').filter(|w| !w.is_empty());
    let code: u16 = match words.next().map(str::parse) {
        Some(Ok(code @ 400..=599)) => code,
        _ => return (Verdict::None, None),
    };
    let status = words.next().and_then(enhanced);
    let verdict = match status {
        Some((5, 1, 0..=3 | 6 | 10)) | Some((5, 2, 1)) => Verdict::Hard,
        Some((_, 7, _)) | Some((5, 4, _)) => Verdict::Policy,
        Some((4 | 5, 2 | 3, _)) | Some((4, ..)) => Verdict::Soft,
        Some(_) => Verdict::Soft,
        None => match code {
            550 | 551 | 553 => Verdict::Hard,
            554 | 541 => Verdict::Policy,
            _ => Verdict::Soft,
        },
    };
    (verdict, status.map(|(class, subject, detail)| format!("{class}.{subject}.{detail}")))
}

fn enhanced(word: &str) -> Option<(u8, u16, u16)> {
    let mut parts = word.trim_start_matches('#').split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    let class = class.parse().ok().filter(|class| matches!(class, 4 | 5))?;
    parts.next().is_none().then_some((class, subject.parse().ok()?, detail.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_mean_something() {
        for (reply, verdict, status) in [
            ("550 5.1.1 no such user", Verdict::Hard, Some("5.1.1")),
            ("550-5.1.1 no such user", Verdict::Hard, Some("5.1.1")),
            ("550 no such user", Verdict::Hard, None),
            ("552 5.2.2 mailbox full", Verdict::Soft, Some("5.2.2")),
            ("554 5.7.1 blocked", Verdict::Policy, Some("5.7.1")),
            ("550 5.7.26 unauthenticated", Verdict::Policy, Some("5.7.26")),
            ("554 refused", Verdict::Policy, None),
            ("no relay serves example.org", Verdict::None, None),
            ("", Verdict::None, None),
        ] {
            let (found, code) = meaning_of_reply(reply);
            assert_eq!((found, code.as_deref()), (verdict, status), "{reply}");
        }
    }
}
