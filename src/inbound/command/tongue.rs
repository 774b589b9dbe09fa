//! In which language a sentence is, where its words leave no doubt. Only for sentences that were
//! understood, so that talk decides nothing. Data and a look-up; pure.

use super::words::words;
use crate::model::Language;

/// Words, as `fold` writes them, that are said in one language and in none of its neighbours.
/// What German shares with Dutch, Spanish with Portuguese or French with English is left out.
const TELLING: [(Language, &str); 3] = [
    (
        Language::German,
        "abmelden abmeldung abbestellen abbestellung austragen deabonnieren kundigen kundigung kundige \
         anmelden anmeldung abonnieren eintragen pausieren pausiere fortsetzen weiterschicken \
         einstellungen hilfe bestatige bestatigen bestatigt bestatigung einverstanden uhrzeit uhr \
         zeitzone sprache mochte moechte wurde mich mir keine ich bitte werktags taglich wochentlich \
         monatlich montags dienstags mittwochs donnerstags freitags samstags sonntags wochen tage \
         monate jahre jawohl stopp urlaub ferien interesse stoppen wieder aufnehmen hinzufugen \
         funktioniert nichts",
    ),
    (
        Language::French,
        "desabonner desabonnez desabonnement desabonnezmoi desabonnemoi desinscrire desinscription \
         desinscrivez desinscrivezmoi desinscrismoi sabonner mabonner abonnezmoi inscrivezmoi minscrire \
         sinscrire aide statut reprendre suspendre confirmez confirmer fuseau langue chaque veuillez \
         pouvezvous pourriezvous souhaite voudrais arretez arreter oui daccord semaine semaines jours \
         mois quotidien hebdomadaire mensuel courriels bonjour bonsoir comment marche jusquau retirezmoi \
         supprimezmoi enlevezmoi suspendez vacances fois",
    ),
    (
        Language::Spanish,
        "suscribir suscribirme suscribirse suscribanme suscribeme suscripcion desuscribir \
         desuscribirme desuscribirse desuscribanme desuscribeme desuscripcion darme darse baja alta \
         quiero quisiera deseo reanudar ayuda gracias lunes martes miercoles jueves viernes \
         correos correo hasta borrar borren las estoy vacaciones enero pausen",
    ),
];

/// Signs of Japanese that Chinese has not, beside kana.
const JAPANESE: &str = "読録";
/// Signs that Chinese has and Japanese has not.
const CHINESE: &str = "订阅发认确帮态暂谢请恢复周这给邮閱這您你們暫每";

/// The language of a sentence; none where several are possible.
pub(super) fn of(sentence: &str) -> Option<Language> {
    let is_kana = |c: char| ('\u{3041}'..='\u{30ff}').contains(&c);
    if sentence.contains(|c: char| is_kana(c) || JAPANESE.contains(c)) || sentence.contains("配信")
    {
        return Some(Language::Japanese);
    }
    if sentence.contains(|c: char| CHINESE.contains(c)) {
        return Some(Language::Chinese);
    }
    let all = words(sentence);
    let mut told = TELLING.iter().filter(|(_, list)| {
        list.split_whitespace().any(|known| all.iter().any(|word| word.text == known))
    });
    match (told.next(), told.next()) {
        (Some((language, _)), None) => Some(*language),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::fold;
    use super::*;

    #[test]
    fn the_words_stand_as_they_are_compared_and_each_once() {
        let mut seen = std::collections::HashSet::new();
        for word in TELLING.iter().flat_map(|(_, list)| list.split_whitespace()) {
            assert_eq!(fold(word), word);
            assert!(seen.insert(word), "{word} tells nothing");
        }
    }

    #[test]
    fn what_leaves_a_doubt_tells_nothing() {
        for (sentence, language) in [
            ("Bitte abmelden", Some(Language::German)),
            ("Je veux me désabonner", Some(Language::French)),
            ("Quiero darme de baja", Some(Language::Spanish)),
            ("配信停止", Some(Language::Japanese)),
            ("はい", Some(Language::Japanese)),
            ("退订", Some(Language::Chinese)),
            ("unsubscribe", None),
            ("停止", None),
            ("cancelar", None),
            ("afmelden", None),
            ("구독취소", None),
            ("abonnieren \"ayuda\"", None),
            ("", None),
        ] {
            assert_eq!(of(sentence), language, "{sentence}");
        }
    }
}
