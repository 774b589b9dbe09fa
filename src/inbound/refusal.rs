//! Whether somebody whom we ask says no, in so many words. Everything else says yes, as the mail
//! that asks promises: a reply proves the mailbox whatever stands in it, but nobody who writes "that
//! was not me" agrees to anything. A yes before it wins. Pure.

use std::sync::LazyLock;

use mail_parser::Message;

use super::command::{bare_subject, fold, new_lines};

/// Sentences of a reply that are looked at, behind a greeting.
const MOST: usize = 2;

/// First words that agree, whatever follows.
const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yup",
    "ok",
    "okay",
    "sure",
    "agreed",
    "confirm",
    "confirmed",
    "correct",
    "ja",
    "jawohl",
    "jo",
    "jep",
    "klar",
    "gern",
    "gerne",
    "natürlich",
    "bestätigt",
    "oui",
    "ouais",
    "d'accord",
    "daccord",
    "bien",
    "si",
    "claro",
    "vale",
    "confirmo",
    "je confirme",
    "はい",
    "了解",
    "承知",
    "ぜひ",
    "是的",
    "是",
    "好的",
    "好",
    "可以",
    "同意",
    "确认",
    "네",
    "да",
    "tak",
    "sim",
];

/// First words that refuse, but for what is in [`HARMLESS`] behind them.
const NO: &[&str] = &[
    "no",
    "nope",
    "nein",
    "nee",
    "non",
    "nej",
    "não",
    "нет",
    "いいえ",
    "아니요",
    "stop",
    "stopp",
    "cancel",
    "refuse",
    "spam",
    "nie",
];

/// What begins behind a "no" that is harmless.
const HARMLESS: &[&str] = &[
    "problem",
    "worr",
    "doubt",
    "wonder",
    "matter",
    "need",
    "rush",
    "hay",
    "objection",
    "comment",
    "question",
    "spam",
    "quiero perder",
    "dud",
    "seulement",
];

/// What refuses wherever it stands in the first sentences, between words.
const SAID: &[&str] = &[
    "was not me",
    "wasn't me",
    "is not me",
    "isn't me",
    "not requested by me",
    "not requested this",
    "wasn't requested",
    "i did not",
    "i didn't",
    "i never",
    "i have not",
    "i haven't",
    "do not subscribe",
    "don't subscribe",
    "do not confirm",
    "don't confirm",
    "do not send me",
    "don't send me",
    "do not want this",
    "don't want this",
    "do not want these",
    "don't want these",
    "do not want your",
    "don't want your",
    "do not want any",
    "don't want any",
    "do not want it",
    "don't want it",
    "do not want to subscribe",
    "don't want to subscribe",
    "do not want to receive",
    "don't want to receive",
    "stop sending",
    "stop spamming",
    "stop mailing",
    "stop emailing",
    "leave me alone",
    "wrong address",
    "wrong person",
    "not interested",
    "report you",
    "i refuse",
    "delete my data",
    "delete my address",
    "delete my email",
    "war ich nicht",
    "ich war das nicht",
    "war nicht ich",
    "bin ich nicht",
    "nie angemeldet",
    "nicht angemeldet",
    "nicht angefordert",
    "nicht bestellt",
    "nichts bestellt",
    "will das nicht",
    "will ich nicht",
    "möchte das nicht",
    "möchte ich nicht",
    "kein interesse",
    "bitte nicht",
    "löschen sie meine",
    "lassen sie mich in ruhe",
    "n'était pas moi",
    "n'est pas moi",
    "c'est pas moi",
    "n'ai rien demandé",
    "n'ai pas demandé",
    "n'ai jamais demandé",
    "n'ai jamais souscrit",
    "ne souhaite pas recevoir",
    "ne veux pas recevoir",
    "ne veux pas m'abonner",
    "ne veux pas de",
    "laissez-moi tranquille",
    "pas intéressé",
    "pas intéressée",
    "no fui yo",
    "no he sido yo",
    "no soy yo",
    "no me suscribí",
    "no me he suscrito",
    "no lo pedí",
    "no lo he pedido",
    "no he solicitado",
    "no solicité",
    "no quiero recibir",
    "no quiero suscribirme",
    "no quiero esto",
    "no quiero estos",
    "no deseo recibir",
    "no me interesa",
    "not requested",
    "no idea what this is",
    "don't know you",
    "do not know you",
    "please cancel",
    "changed my mind",
    "go away",
    "rather not",
    "don't consent",
    "do not consent",
    "opt out",
    "opt-out",
    "keine mails",
    "falsche adresse",
    "ein irrtum",
    "widerspreche",
    "lieber nicht",
    "était pas moi",
    "je refuse",
    "pas maintenant",
    "arrêtez",
    "jamais inscrit",
    "no he pedido",
    "equivocado",
    "borren mi",
    "borre mi",
    "dejen de",
];

/// The same in languages without spaces.
const WRITTEN: &[&str] = &[
    "違います",
    "ちがいます",
    "心当たりがありません",
    "心当たりはありません",
    "結構です",
    "私ではありません",
    "申し込んでいません",
    "登録していません",
    "不要です",
    "いりません",
    "送らないで",
    "不是我",
    "没订阅",
    "没有订阅",
    "沒有訂閱",
    "没有申请",
    "不用了",
    "不需要",
    "不要发",
    "別再發",
    "覚えがありません",
    "覚えはありません",
    "やめてください",
    "勿扰",
    "拒绝",
    "拒絕",
    "別再",
    "别再",
    "弄错",
];

/// Whole sentences that refuse.
const WHOLE: &[&str] = &[
    "not me",
    "please don't",
    "don't",
    "not now",
    "not now thanks",
    "opt out",
    "spam",
    "not mine",
    "pas moi",
    "yo no",
    "no gracias",
    "不要",
    "不",
    "never",
    "i decline",
    "not subscribing",
    "ne danke",
    "不是",
];

/// First lines that only greet.
const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "dear",
    "hallo",
    "guten",
    "liebe",
    "lieber",
    "bonjour",
    "bonsoir",
    "salut",
    "hola",
    "buenos",
    "buenas",
    "estimado",
    "estimados",
    "ciao",
    "moin",
    "servus",
    "你好",
    "您好",
    "こんにちは",
];

static TABLES: LazyLock<[Vec<String>; 7]> = LazyLock::new(|| {
    [YES, NO, HARMLESS, SAID, WRITTEN, WHOLE, GREETINGS]
        .map(|list| list.iter().map(|text| fold(text)).collect())
});

/// Whether a reply says no in what is new in it, or in its subject where nothing else is written.
pub(super) fn is_no(message: &Message<'_>) -> bool {
    if message.parts.is_empty() {
        return false;
    }
    let lines = new_lines(message);
    let written: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).take(6).collect();
    let text = match written.is_empty() {
        true => bare_subject(message.subject().unwrap_or("")).0.to_owned(),
        false => written.join("\n"),
    };
    let [yes, no, harmless, said, signs, whole, greetings] = &*TABLES;
    let is = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let all = sentences(&text);
    let is_greeting =
        |words: &[&str]| words.len() <= 4 && words.first().is_some_and(|word| is(greetings, word));
    let all: Vec<Vec<&str>> = all.iter().map(|one| one.split_whitespace().collect()).collect();
    let told = all.iter().skip_while(|words| is_greeting(words)).take(MOST);
    for (at, words) in told.enumerate() {
        let Some((first, rest)) = words.split_first() else { continue };
        if at == 0 && is(yes, first) {
            return false;
        }
        let line = words.join(" ");
        let between = format!(" {line} ");
        let behind = rest.join(" ");
        let refuses = at == 0
            && is(no, first)
            && !harmless.iter().any(|word| behind.starts_with(word.as_str()));
        if refuses
            || is(whole, &line)
            || said.iter().any(|phrase| between.contains(&format!(" {phrase} ")))
            || signs.iter().any(|phrase| line.contains(phrase.as_str()))
        {
            return true;
        }
    }
    false
}

/// The sentences of a text, folded, as words with single spaces.
fn sentences(text: &str) -> Vec<String> {
    let ends = |c: char| {
        matches!(c, '.' | '!' | '?' | ',' | ';' | '\n' | '。' | '！' | '？' | '、' | '，')
    };
    text.split(ends)
        .map(|sentence| {
            let folded = fold(sentence);
            let bare = |word: &str| -> String {
                word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
            };
            let words: Vec<String> =
                folded.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
            words.join(" ")
        })
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
