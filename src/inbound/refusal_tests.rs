//! Replies as people write them, and whether they refuse.

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
        "No I didn't",
        "no please don't",
        "no way",
        "Hi,\r\nno, thank you.\r\nBob",
        "Hi,\r\n\r\nno, please keep me subscribed!",
        "No! I did not ask for this",
        "This wasn't requested by me.",
        "I did not do this",
        "I haven't requested this",
        "No need, thanks",
        "Wrong address",
        "Please don't",
        "Spam!",
        "STOP. Do not send me anything",
        "I didn't do this",
        "Nein, das war ich nicht. Bitte löschen Sie meine Adresse.",
        "nein ich war das nicht",
        "Das war nicht ich",
        "Ich habe mich nie angemeldet",
        "Nein danke",
        "Bitte nicht",
        "stop spamming me, I will report you",
        "I never signed up for this.",
        "I don’t want this",
        "Non, ce n’était pas moi.",
        "Je n’ai rien demandé",
        "Laissez-moi tranquille",
        "No fui yo.",
        "No soy yo",
        "No me suscribí",
        "いいえ、私ではありません。",
        "違います",
        "心当たりがありません",
        "結構です",
        "不是我",
        "不用了",
        "我没订阅过",
        "Nee bedankt",
        "nej tack",
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
        "No problem, I don't want to miss it",
        "Nothing to add: I agree",
        "Sorry, I did not see your mail earlier. Yes please!",
        "I haven't confirmed yet, here it is",
        "I didn't get your first mail, but yes",
        "Non-stop reading ahead, thanks",
        "Sure.\r\n\r\nOn Monday Paper Round wrote:\r\n> without your yes nothing comes.\r\n> unsubscribe",
        "Yes please\r\n-- \r\nAda",
        "Yes, that was me. I do not want these mails any more.",
        "Yes, please remove me",
        "Great, I can always unsubscribe, right?",
        "I don't want to miss a single one!",
        "Not mentioning it to others, but great",
        "Je ne veux pas en manquer",
        "pas moins de dix par jour",
        "No quiero perderme ninguno",
        "Cuentan con mi apoyo no lo duden",
        "OK!\r\nJane Doe\r\nAcme\r\nTo unsubscribe or change your preferences visit us",
        "Ja gerne! Abmelden kann ich mich ja jederzeit",
        "Noted, thank you",
        "はい",
        "いや、素晴らしい",
        "不错",
        "好的",
    ] {
        assert!(!says_no("Re: One press, and the first is on its way", body), "{body}");
    }
}
