//! What a refusal of a mail means for its recipient that is told without a report: by a relay, or by
//! a provider that passes on what it was told. The same words and codes as in a report that comes
//! later (RFC 5321 4.2, RFC 3463), and the same judge. Pure.

use super::meaning::Said;
use super::wording;
use crate::model::Verdict;

/// A mail of ours has one recipient: who refuses for a person's sake does so at their name.
const AT: &str = "in reply to RCPT TO";

/// What a reply such as `550 5.1.1 no such user` means, and its enhanced code. Nothing where it is
/// no reply that refuses.
pub fn meaning_of_reply(reply: &str) -> (Verdict, Option<String>) {
    let code = reply.get(..3).and_then(|code| code.parse::<u16>().ok());
    if !code.is_some_and(|code| (400..=599).contains(&code)) {
        return (Verdict::None, None);
    }
    let said = Said { text: reply, context: AT, ..Said::default() };
    (said.verdict(), said.status().map(str::to_owned))
}

/// What is meant where a provider comes to `verdict` and passes on the enhanced `status` (empty
/// where it has none) and the other side's `words`; and the code. Providers call hard whatever was
/// refused for good, though block lists and contents say nothing of the person, and a full mailbox
/// may be emptied: where status or words say so, they are believed. Never worse than `verdict`.
pub fn meaning_for_provider(
    verdict: Verdict,
    status: &str,
    words: &str,
) -> (Verdict, Option<String>) {
    let status = wording::status(status).filter(|code| !code.starts_with('2'));
    let said = Said { status, text: words, context: AT };
    let meant = match (verdict, said.verdict()) {
        _ if said.is_silent() => verdict,
        (Verdict::Hard, meant @ (Verdict::Soft | Verdict::Policy)) => meant,
        (Verdict::Soft, Verdict::Policy) => Verdict::Policy,
        _ => verdict,
    };
    (meant, said.status().map(str::to_owned))
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
            ("554 5.7.1 blocked using a block list", Verdict::Policy, Some("5.7.1")),
            ("550 5.7.26 unauthenticated", Verdict::Policy, Some("5.7.26")),
            ("no relay serves example.org", Verdict::None, None),
            ("", Verdict::None, None),
            ("5.1", Verdict::None, None),
        ] {
            let (found, code) = meaning_of_reply(reply);
            assert_eq!((found, code.as_deref()), (verdict, status), "{reply}");
        }
        // What tells nothing of the person ends nobody's mail.
        for vague in ["554 refused", "550 denied", "554 transaction failed"] {
            assert_ne!(meaning_of_reply(vague).0, Verdict::Hard, "{vague}");
        }
    }
}
