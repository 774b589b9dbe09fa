//! How a note of absence says that it is one, in the languages that have mail programs with a
//! button for it. For the many that carry no header which says so (RFC 3834 5).

use std::sync::LazyLock;

use crate::inbound::command::fold;

/// Beginnings of subjects that only machines write.
const SUBJECTS: &[&str] = &[
    "automatic reply",
    "auto reply",
    "autoreply",
    "auto-reply",
    "automated reply",
    "automatic response",
    "auto response",
    "autoresponse",
    "auto-response",
    "auto:",
    "out of office",
    "out of the office",
    "out-of-office",
    "ooo:",
    "away from office",
    "away from the office",
    "on vacation",
    "vacation reply",
    "vacation response",
    "vacation autoreply",
    "i am out of",
    "i'm out of",
    "away:",
    "away from my mail",
    "i am away",
    "absence:",
    "on leave",
    "annual leave",
    "on holiday",
    "maternity leave",
    "parental leave",
    "automatische antwort",
    "automatische rückantwort",
    "abwesenheit",
    "abwesend",
    "abwesenheitsnotiz",
    "abwesenheitsmeldung",
    "abwesenheitsnachricht",
    "urlaub",
    "im urlaub",
    "bin im urlaub",
    "ich bin im urlaub",
    "nicht im büro",
    "nicht im haus",
    "automatische e-mail",
    "réponse automatique",
    "réponse d'absence",
    "absence du bureau",
    "absent du bureau",
    "absence",
    "message d'absence",
    "en congé",
    "en vacances",
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "ausente",
    "de vacaciones",
    "autorespuesta",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "assenza",
    "assente dall'ufficio",
    "assenza dall'ufficio",
    "resposta automática",
    "fora do escritório",
    "ausência",
    "ausente do escritório",
    "resposta de ausência",
    "automatisch antwoord",
    "afwezigheid",
    "afwezig",
    "niet op kantoor",
    "afwezigheidsmelding",
    "automatische reactie",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "frånvaro",
    "fraværsmelding",
    "ikke til stede",
    "fravær",
    "ikke på kontoret",
    "automaattinen vastaus",
    "poissa toimistosta",
    "poissaoloviesti",
    "odpowiedź automatyczna",
    "automatyczna odpowiedź",
    "autoodpowiedź",
    "poza biurem",
    "nieobecność",
    "automatická odpověď",
    "automatická odpoveď",
    "mimo kancelář",
    "nepřítomnost",
    "automatikus válasz",
    "házon kívül",
    "räspuns automat",
    "răspuns automat",
    "în afara biroului",
    "автоматический ответ",
    "автоответ",
    "автоматична відповідь",
    "нет на месте",
    "вне офиса",
    "автоматичен отговор",
    "otomatik yanıt",
    "otomatik cevap",
    "ofis dışında",
    "αυτόματη απάντηση",
    "εκτός γραφείου",
    "自动回复",
    "自動回覆",
    "自動回復",
    "自动答复",
    "外出",
    "休假",
    "自動返信",
    "自動応答",
    "不在",
    "不在通知",
    "不在連絡",
    "休暇",
    "자동 회신",
    "자동응답",
    "부재중",
    "תשובה אוטומטית",
    "מענה אוטומטי",
    "رد تلقائي",
    "الرد التلقائي",
    "trả lời tự động",
    "balasan otomatis",
    "ตอบกลับอัตโนมัติ",
    "automatski odgovor",
    "samodejni odgovor",
    "automaatvastus",
    "automātiska atbilde",
    "automatinis atsakymas",
    "resposta automàtica",
];

/// Sentences that say that a machine writes.
const MACHINE: &[&str] = &[
    "this is an automated",
    "this is an automatic",
    "this is an auto-generated",
    "this is an auto-reply",
    "this message was generated automatically",
    "this is an automatically generated",
    "do not reply to this",
    "please do not reply to this",
    "this mailbox is not monitored",
    "this mailbox is unattended",
    "to have your address added to",
    "this account is protected by",
    "awaits moderator approval",
    "is being held until the list moderator",
    "wir haben ihre nachricht erhalten",
    "wir haben ihre anfrage erhalten",
    "ihre nachricht ist bei uns eingegangen",
    "ihre anfrage ist bei uns eingegangen",
    "this email address is no longer monitored",
    "this email account is no longer",
    "your message has been received and",
    "we have received your message",
    "we have received your email",
    "we have received your request",
    "thank you for contacting",
    "thank you for your email. ",
    "your ticket",
    "a ticket has been created",
    "dies ist eine automatische",
    "diese nachricht wurde automatisch",
    "diese e-mail wurde automatisch",
    "automatisch generiert",
    "automatisch erstellt",
    "ceci est un message automatique",
    "ceci est une réponse automatique",
    "message automatique",
    "este es un mensaje automático",
    "esta es una respuesta automática",
    "questo è un messaggio automatico",
    "questa è una risposta automatica",
    "esta é uma mensagem automática",
    "esta é uma resposta automática",
    "dit is een automatisch",
    "detta är ett automatiskt",
    "dette er en automatisk",
    "to jest automatyczna",
    "to jest wiadomość wygenerowana automatycznie",
    "это автоматическое",
    "это автоматический",
    "此邮件为自动",
    "这是一封自动",
    "这是自动回复",
    "このメールは自動",
    "自動送信",
    "自動返信",
];

/// Sentences of people who are away, and of those who talk about it.
const AWAY: &[&str] = &[
    "i have left the company",
    "my email address has changed",
    "my e-mail address has changed",
    "out of the office",
    "out of office",
    "away from the office",
    "away from my desk",
    "on annual leave",
    "on vacation",
    "on holiday",
    "on leave until",
    "on parental leave",
    "on maternity leave",
    "limited access to email",
    "limited access to my email",
    "no access to email",
    "not be checking email",
    "not be checking my email",
    "will respond upon my return",
    "reply when i return",
    "respond when i return",
    "reply upon my return",
    "as soon as i return",
    "when i am back",
    "when i get back",
    "upon my return",
    "no longer works at",
    "no longer with the company",
    "no longer work at",
    "has left the company",
    "for urgent matters",
    "in urgent cases",
    "for urgent requests",
    "nicht im büro",
    "nicht im hause",
    "außer haus",
    "bin im urlaub",
    "in elternzeit",
    "derzeit nicht erreichbar",
    "momentan nicht erreichbar",
    "nach meiner rückkehr",
    "in dringenden fällen",
    "bin ich abwesend",
    "ich bin abwesend",
    "je suis absent",
    "je suis actuellement absent",
    "absente du bureau",
    "absent du bureau",
    "en congé",
    "en congés",
    "dès mon retour",
    "à mon retour",
    "en cas d'urgence",
    "estoy fuera de la oficina",
    "fuera de la oficina",
    "estaré ausente",
    "estoy de vacaciones",
    "a mi regreso",
    "a mi vuelta",
    "en caso de urgencia",
    "sono assente",
    "fuori ufficio",
    "sarò assente",
    "sono in ferie",
    "al mio rientro",
    "al mio ritorno",
    "estou ausente",
    "fora do escritório",
    "estou de férias",
    "no meu regresso",
    "em caso de urgência",
    "niet aanwezig",
    "niet op kantoor",
    "met vakantie",
    "op vakantie",
    "bij mijn terugkomst",
    "jag är inte på kontoret",
    "på semester",
    "jeg er ikke på kontoret",
    "på ferie",
    "ute av kontoret",
    "poissa toimistosta",
    "olen lomalla",
    "jestem nieobecny",
    "jestem nieobecna",
    "przebywam na urlopie",
    "poza biurem",
    "nejsem v kanceláři",
    "na dovolené",
    "szabadságon vagyok",
    "я в отпуске",
    "нахожусь в отпуске",
    "меня нет в офисе",
    "ofiste değilim",
    "izindeyim",
    "λείπω από το γραφείο",
    "我正在休假",
    "我目前不在",
    "外出期间",
    "不在办公室",
    "休暇中",
    "不在にしております",
    "外出しております",
    "不在のため",
    "부재중",
];

/// Who speaks of these speaks to us.
const OURS: &[&str] = &[
    "subscri",
    "pausier",
    "keine mails",
    "pausa",
    "pauze",
    "pause",
    "digest",
    "resume",
    "newsletter",
    "abmeld",
    "abonn",
    "no mail",
    "no more mail",
    "退订",
    "配信",
    "suscri",
    "iscri",
    "inscri",
];

type Folded = LazyLock<Vec<String>>;

fn folded(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| squeezed(text)).collect()
}

/// Folded, with one space between words, so that hyphens and line ends make no difference.
fn squeezed(text: &str) -> String {
    let words = text.split_whitespace().map(fold);
    words.collect::<Vec<_>>().join(" ")
}

static SUBJECT_SIGNS: Folded = LazyLock::new(|| folded(SUBJECTS));
static MACHINE_SIGNS: Folded = LazyLock::new(|| folded(MACHINE));
static AWAY_SIGNS: Folded = LazyLock::new(|| folded(AWAY));
static OURS_SIGNS: Folded = LazyLock::new(|| folded(OURS));

/// Whether a mail is a note of absence. `subject`: without the prefixes of replies.
pub(super) fn is_note(subject: &str, lines: &[String]) -> bool {
    let text = beginning(lines);
    let holds = |signs: &[String]| signs.iter().any(|sign| text.contains(sign.as_str()));
    if holds(&MACHINE_SIGNS) {
        return true;
    }
    match subject_sign(subject) {
        Some(sign) if sign.contains("auto") || !sign.is_ascii() => true,
        sign => (sign.is_some() || holds(&AWAY_SIGNS)) && !holds(&OURS_SIGNS),
    }
}

/// What in a subject only machines write.
fn subject_sign(bare: &str) -> Option<&'static str> {
    let subject = squeezed(&bare.chars().take(200).collect::<String>());
    let subject = subject.trim_start_matches(|c: char| !c.is_alphanumeric());
    SUBJECT_SIGNS.iter().map(String::as_str).find(|sign| {
        subject.strip_prefix(*sign).is_some_and(|rest| {
            // `Absence makes …` is a subject like any other: a word ends where the sign ends,
            // and a short sign needs a mark or nothing behind it.
            let next = rest.trim_start().chars().next();
            let whole =
                !sign.is_ascii() || rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
            whole
                && (sign.contains(' ')
                    || !sign.is_ascii()
                    || next.is_none_or(|c| !c.is_alphanumeric()))
        })
    })
}

/// The first lines as one text.
fn beginning(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines.iter().take(15) {
        text.push_str(&squeezed(line));
        text.push(' ');
        if text.len() > 2_000 {
            break;
        }
    }
    text
}
