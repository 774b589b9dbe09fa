//! Whether somebody whom we ask says no. Everything else says yes, as the mail that asks promises:
//! a reply proves the mailbox whatever stands in it, but nobody who writes "that was not me" agrees
//! to anything. Pure.

use mail_parser::Message;

use super::command::{bare_subject, fold, new_lines};

/// Lines of the reply that are looked at.
const MOST: usize = 6;

/// As the first word of a reply, with a mark or nothing behind it: "no problem" is no refusal.
const FIRST: &[&str] = &[
    "no",
    "nope",
    "nein",
    "non",
    "nee",
    "nej",
    "nao",
    "nie",
    "stop",
    "stopp",
    "いいえ",
    "いや",
    "不",
    "不是",
    "不要",
    "아니요",
    "нет",
];

/// Anywhere in the first lines, in folded letters.
const SAID: &[&str] = &[
    "not me",
    "wasnt me",
    "no gracias",
    "no thank",
    "nein danke",
    "non merci",
    "did not ask",
    "didnt ask",
    "never asked",
    "did not sign up",
    "didnt sign up",
    "never signed up",
    "did not subscribe",
    "didnt subscribe",
    "never subscribed",
    "did not request",
    "didnt request",
    "never requested",
    "do not subscribe",
    "dont subscribe",
    "do not want",
    "dont want",
    "do not send",
    "dont send",
    "do not confirm",
    "dont confirm",
    "not interested",
    "stop sending",
    "stop spamming",
    "stop it",
    "unsubscribe",
    "remove me",
    "take me off",
    "delete my address",
    "leave me alone",
    "report you",
    "this is spam",
    "das war ich nicht",
    "war ich nicht",
    "nicht angemeldet",
    "nicht angefordert",
    "nicht bestellt",
    "will das nicht",
    "mochte das nicht",
    "kein interesse",
    "abmelden",
    "abbestellen",
    "loschen sie meine",
    "ce netait pas moi",
    "pas moi",
    "pas demande",
    "ne veux pas",
    "ne souhaite pas",
    "desabonne",
    "desinscri",
    "pas interesse",
    "no fui yo",
    "no he sido yo",
    "yo no",
    "no quiero",
    "no deseo",
    "no lo pedi",
    "no solicite",
    "no me interesa",
    "darme de baja",
    "nao fui eu",
    "私ではありません",
    "申し込んでいません",
    "登録していません",
    "送らないで",
    "配信停止",
    "不是我",
    "没有订阅",
    "沒有訂閱",
    "没有申请",
    "不要发",
    "退订",
    "取消订阅",
    "不需要",
];

/// Whether a reply says no in what is new in it, or in its subject where nothing else is written.
pub(super) fn is_no(message: &Message<'_>) -> bool {
    if message.parts.is_empty() {
        return false;
    }
    let lines = new_lines(message);
    let mut said: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).take(MOST).collect();
    let (subject, _) = bare_subject(message.subject().unwrap_or(""));
    if said.is_empty() {
        said.push(subject);
    }
    let text = fold(&said.join("\n"));
    let first = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_first = FIRST.iter().any(|word| {
        first.strip_prefix(word).is_some_and(|rest| {
            rest.chars().next().is_none_or(|c| !c.is_alphanumeric() && c != ' ' && c != '-')
        })
    });
    is_first || SAID.iter().any(|phrase| text.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Incoming;

    fn says_no(subject: &str, body: &str) -> bool {
        let mail = format!(
            "From: a@example.org\r\nSubject: {subject}\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
        );
        is_no(Incoming::read(mail.as_bytes()).message())
    }

    #[test]
    fn a_no_is_no_yes() {
        for body in [
            "No, that was not me!",
            "No",
            "no!\r\n\r\nBob",
            "No! I did not ask for this",
            "STOP. Do not send me anything",
            "unsubscribe",
            "Nein, das war ich nicht. Bitte löschen Sie meine Adresse.",
            "Nein danke",
            "stop spamming me, I will report you",
            "I never signed up for this.",
            "I don’t want this",
            "Non, ce n’était pas moi.",
            "No fui yo.",
            "いいえ、私ではありません。",
            "不是我",
        ] {
            assert!(says_no("Re: One press", body), "{body}");
        }
        assert!(says_no("Re: no", ""));
    }

    #[test]
    fn everything_else_is_a_yes() {
        for body in [
            "yes",
            "",
            "ok",
            "ja klar! 👍",
            "No problem, happy to!",
            "Nothing to add: I agree",
            "Non-stop reading ahead, thanks",
            "Sure.\r\n\r\nOn Monday Paper Round wrote:\r\n> Then do nothing: without your yes nothing comes.\r\n> unsubscribe",
            "Yes please\r\n-- \r\nAda",
            "Noted, thank you",
            "はい",
            "好的",
        ] {
            assert!(!says_no("Re: One press, and the first is on its way", body), "{body}");
        }
    }
}
