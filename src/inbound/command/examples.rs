//! What can be written, as answers tell it: each command, and beside it everyday words of a
//! language that are understood as the same. Data alone.

use crate::model::{Example, Feat, Language};

/// Every command that answers tell of.
pub(super) const COMMANDS: [(Feat, &str); 13] = [
    (Feat::Subscribe, "subscribe"),
    (Feat::Unsubscribe, "unsubscribe"),
    (Feat::Pause, "pause 2 weeks"),
    (Feat::Resume, "resume"),
    (Feat::Time, "set time 07:30"),
    (Feat::Rhythm, "set rhythm weekdays"),
    (Feat::Zone, "set zone Europe/Paris"),
    (Feat::Language, "set language de"),
    (Feat::Lines, "set lines rising, trend"),
    (Feat::AddTopic, "add topic \"flow matching\""),
    (Feat::RemoveTopic, "remove topic robotics"),
    (Feat::Resend, "resend"),
    (Feat::Status, "status"),
];

/// What can be written, with what else means the same in `language`.
pub(in crate::inbound) fn examples(language: Language) -> Vec<Example> {
    COMMANDS
        .into_iter()
        .map(|(feat, words)| Example { feat, words, also: everyday(language, feat) })
        .collect()
}

/// Everyday words of a language, where they are understood.
fn everyday(language: Language, feat: Feat) -> Option<&'static str> {
    Some(match (language, feat) {
        (Language::German, Feat::Subscribe) => "abonnieren",
        (Language::German, Feat::Unsubscribe) => "abmelden",
        (Language::German, Feat::Pause) => "pausieren 2 Wochen",
        (Language::German, Feat::Resume) => "fortsetzen",
        (Language::German, Feat::Time) => "Uhrzeit 07:30",
        (Language::German, Feat::Rhythm) => "werktags",
        (Language::German, Feat::Zone) => "Zeitzone Europe/Paris",
        (Language::German, Feat::Language) => "Sprache de",
        (Language::German, Feat::Status) => "Einstellungen",
        (Language::French, Feat::Subscribe) => "m’abonner",
        (Language::French, Feat::Unsubscribe) => "me désabonner",
        (Language::French, Feat::Pause) => "pause 2 semaines",
        (Language::French, Feat::Resume) => "reprendre",
        (Language::French, Feat::Time) => "à 7h30",
        (Language::French, Feat::Rhythm) => "chaque lundi",
        (Language::French, Feat::Zone) => "fuseau Europe/Paris",
        (Language::French, Feat::Language) => "langue fr",
        (Language::French, Feat::Status) => "statut",
        (Language::Spanish, Feat::Subscribe) => "suscribirme",
        (Language::Spanish, Feat::Unsubscribe) => "darme de baja",
        (Language::Spanish, Feat::Pause) => "pausa 2 semanas",
        (Language::Spanish, Feat::Resume) => "reanudar",
        (Language::Spanish, Feat::Rhythm) => "cada lunes",
        (Language::Spanish, Feat::Language) => "idioma es",
        (Language::Spanish, Feat::Status) => "estado",
        (Language::Japanese, Feat::Subscribe) => "購読希望",
        (Language::Japanese, Feat::Unsubscribe) => "配信停止",
        (Language::Japanese, Feat::Pause) => "一時停止",
        (Language::Japanese, Feat::Resume) => "再開",
        (Language::Chinese, Feat::Subscribe) => "订阅",
        (Language::Chinese, Feat::Unsubscribe) => "退订",
        (Language::Chinese, Feat::Pause) => "暂停",
        (Language::Chinese, Feat::Resume) => "恢复",
        (Language::Chinese, Feat::Status) => "状态",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::hear;
    use crate::mail::Incoming;
    use crate::model::Order;

    fn asked(line: &str) -> Order {
        let mail = format!(
            "From: a@example.org\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{line}\r\n"
        );
        let heard = hear(&Incoming::read(mail.as_bytes()), jiff::civil::date(2026, 11, 23));
        let [command] = &heard.commands[..] else { panic!("{line}: {heard:?}") };
        command.order.clone()
    }

    #[test]
    fn what_answers_tell_people_to_write_is_understood() {
        for language in Language::ALL {
            for Example { feat, words, also } in examples(language) {
                let order = asked(words);
                let is_it = match feat {
                    Feat::Subscribe => matches!(order, Order::Subscribe(_)),
                    Feat::Unsubscribe => order == Order::Unsubscribe,
                    Feat::Pause => matches!(order, Order::Pause(_)),
                    Feat::Resume => order == Order::Resume,
                    Feat::Time => matches!(order, Order::Time(_)),
                    Feat::Rhythm => matches!(order, Order::Rhythm(_)),
                    Feat::Zone => matches!(order, Order::Zone(_)),
                    Feat::Language => matches!(order, Order::Language(_)),
                    Feat::Lines => matches!(order, Order::Lines(_)),
                    Feat::AddTopic => matches!(order, Order::AddTopic(_)),
                    Feat::RemoveTopic => matches!(order, Order::RemoveTopic(_)),
                    Feat::Resend => order == Order::Resend,
                    Feat::Status => order == Order::Status,
                };
                assert!(is_it, "{words}: {order:?}");
                if let Some(also) = also {
                    assert_eq!(asked(also).word(), order.word(), "{language:?}: {also}");
                }
            }
        }
    }
}
