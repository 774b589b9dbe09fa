//! What people write, and what is understood: whole mails as the programs of the world make
//! them (`tests/mails`), sentences, and talk that is no command.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::Path;

use jiff::civil::{Date, date};
use paperround::inbound::{Arrival, Heard, MOST_COMMANDS, classify, hear};
use paperround::mail::Incoming;
use paperround::model::{Answer, EmailAddress, Locale};
use paperround::render::Templates;

const TODAY: Date = date(2026, 11, 25);

fn heard(raw: &[u8]) -> Heard {
    hear(&Incoming::read(raw), TODAY)
}

fn mail(subject: &str, body: &str) -> Vec<u8> {
    format!(
        "From: Ada <ada@example.org>\r\nTo: papers@digest.example\r\nSubject: {subject}\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
        body.replace('\n', "\r\n")
    )
    .into_bytes()
}

fn commands(raw: &[u8]) -> Vec<String> {
    heard(raw).commands.into_iter().map(|command| command.words).collect()
}

/// What a body asks for, below a subject that says nothing.
fn asks(body: &str) -> String {
    commands(&mail("Hello", body)).join("; ")
}

/// What was understood otherwise than it was meant; all of it is told, not the first alone.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn check(&mut self, written: &str, found: &str, meant: &str) {
        if found != meant {
            self.0.push(format!("{written:?}: {found:?}, not {meant:?}"));
        }
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        assert!(self.0.is_empty() || std::thread::panicking(), "\n{}", self.0.join("\n"));
    }
}

fn own() -> EmailAddress {
    "papers@digest.example".parse().unwrap()
}

/// The word of a class as `receive --explain --json` tells it.
fn class(raw: &[u8]) -> String {
    let arrival = Arrival { from: None, to: &[], bytes: raw };
    let mail = Incoming::read(raw);
    let found = classify(&arrival, &mail, None, Some(&own()));
    serde_json::to_value(found).unwrap().as_str().unwrap().to_owned()
}

/// Whole mails as the mail programs of the world write them, in `tests/mails`.
#[test]
fn mails_of_every_client() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let table = std::fs::read_to_string(home.join("expected.tsv")).unwrap();
    let mut faults = Faults::default();
    let (mut all, mut without) = (0, 0);
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [name, meant, words] = cells.as_slice() else { panic!("{row}") };
        let raw = std::fs::read(home.join(format!("{name}.eml"))).unwrap();
        let found = class(&raw);
        let is_human = matches!(found.as_str(), "command" | "reply");
        let asked = if is_human { commands(&raw).join("; ") } else { String::new() };
        faults.check(name, &format!("{found}: {asked}"), &format!("{meant}: {words}"));
        all += 1;
        without += usize::from(words.is_empty());
    }
    assert!(all >= 80 && without >= 15, "{all} mails, {without} without a command");
    let files = std::fs::read_dir(&home).unwrap().count();
    assert_eq!(files, all + 1, "each mail is in the table");
}

#[test]
fn every_command_in_its_plain_form() {
    let mut faults = Faults::default();
    for (body, understood) in [
        ("subscribe", "subscribe"),
        ("subscribe diffusion", "subscribe diffusion"),
        ("subscribe \"flow matching\", robotics", "subscribe \"flow matching\", robotics"),
        (
            "SUBSCRIBE \"flow matching\" OR title:diffusion author:\"Kaiming He\" -survey votes>=20",
            "subscribe \"flow matching\" OR title:diffusion author:\"Kaiming He\" -survey votes>=20",
        ),
        (
            "subscribe author:\"He, Kaiming\"; has:code",
            "subscribe author:\"He, Kaiming\", has:code",
        ),
        ("subscribe to reinforcement learning, please.", "subscribe reinforcement learning"),
        (
            "subscribe topics:\n- flow matching\n- \"world models\"\n\nThanks",
            "subscribe flow matching, \"world models\"",
        ),
        ("subscribe:\nflow matching\ndiffusion\n\nAda", "subscribe flow matching, diffusion"),
        ("subscribe diffusion,\nrobotics,\nagents\n\nAda", "subscribe diffusion, robotics, agents"),
        (
            "subscribe\n\"flow matching\"\n\"world models\"\nAda",
            "subscribe \"flow matching\", \"world models\"",
        ),
        ("unsubscribe", "unsubscribe"),
        ("Unsubscribe!", "unsubscribe"),
        ("UNSUBSCRIBE ALL", "unsubscribe"),
        ("confirm", "confirm"),
        ("pause", "pause"),
        ("pause 2 weeks", "pause 2 weeks"),
        ("pause 10 days", "pause 10 days"),
        ("pause for 1 week", "pause 1 week"),
        ("pause a month", "pause 30 days"),
        ("Pause for a couple of weeks.", "pause 2 weeks"),
        ("pause until 2026-12-24", "pause until 2026-12-24"),
        ("pause until 24 December", "pause until 2026-12-24"),
        ("pause until Dec 24", "pause until 2026-12-24"),
        ("pause until December 24th, 2026", "pause until 2026-12-24"),
        ("pause until the 24th of December", "pause until 2026-12-24"),
        ("pause until 24.12.2026", "pause until 2026-12-24"),
        ("pause bis 24. Dezember", "pause until 2026-12-24"),
        ("pause until 24/12/2026", "pause until 2026-12-24"),
        ("pause until 12/24/2026", "pause until 2026-12-24"),
        ("pause until 3 March", "pause until 2027-03-03"),
        ("pause until January", "pause until 2027-01-01"),
        ("pause until Monday", "pause until 2026-11-30"),
        ("pause until next year", "pause until 2027-01-01"),
        ("pause until further notice", "pause"),
        ("resume", "resume"),
        ("status", "status"),
        ("set time 07:30", "set time 07:30"),
        ("set time 7am", "set time 07:00"),
        ("set time to 7:30 pm", "set time 19:30"),
        ("set time 19h", "set time 19:00"),
        ("set time 7 a.m.", "set time 07:00"),
        ("Set time: 7.30", "set time 07:30"),
        ("set time 12am", "set time 00:00"),
        ("set zone Europe/Paris", "set zone Europe/Paris"),
        ("set zone europe/paris", "set zone Europe/Paris"),
        ("set time zone to America/New York", "set zone America/New_York"),
        ("set timezone Tokyo", "set zone Asia/Tokyo"),
        ("set zone UTC", "set zone UTC"),
        ("set rhythm daily", "set rhythm daily"),
        ("set language de", "set language de"),
        ("set language to en-GB", "set language en-GB"),
        ("Set language: Français", "set language fr"),
        ("set rhythm weekdays", "set rhythm weekdays"),
        ("set rhythm weekly", "set rhythm weekly monday"),
        ("set rhythm weekly friday", "set rhythm weekly friday"),
        ("set rhythm weekly:fri", "set rhythm weekly friday"),
        ("set rhythm monthly", "set rhythm monthly 1"),
        ("set rhythm monthly on the 15th", "set rhythm monthly 15"),
        ("add topic flow matching", "add topic flow matching"),
        (
            "add topics \"flow matching\", robotics",
            "add topic \"flow matching\"; add topic robotics",
        ),
        ("Add \"flow matching\" to my topics", "add topic \"flow matching\""),
        ("remove topic flow matching", "remove topic flow matching"),
        ("please remove robotics from my topics", "remove topic robotics"),
        ("resend", "resend"),
        ("help", "help"),
        (
            "set time 07:30\nset zone Europe/Paris\nset rhythm weekdays\nadd topic agents",
            "set time 07:30; set zone Europe/Paris; set rhythm weekdays; add topic agents",
        ),
        ("set time 07:30\n--\nunsubscribe", "set time 07:30"),
        ("set time 07:30\nend\nunsubscribe", "set time 07:30"),
        ("status\nquit\nunsubscribe", "status"),
    ] {
        faults.check(body, &asks(body), understood);
    }
}

#[test]
fn everyday_wording() {
    let mut faults = Faults::default();
    for (understood, bodies) in [
        (
            "unsubscribe",
            &[
                "please unsubscribe me",
                "Unsubscribe me please, thanks!",
                "Hi,\n\nplease unsubscribe me.\n\nKind regards,\nBob",
                "Hello!\nPlease take me off this list.\nThanks\nAda Lovelace",
                "take me off your mailing list",
                "Remove me from your list",
                "remove me",
                "I don't want these mails any more",
                "I don’t want to receive these emails anymore.",
                "I do not wish to receive any further messages.",
                "I no longer wish to receive your newsletter",
                "stop",
                "STOP!!!",
                "Stop sending me emails",
                "stop it",
                "cancel",
                "Cancel my subscription.",
                "Please cancel my subscription to this newsletter",
                "I would like to unsubscribe",
                "I'd like to unsubscribe from this list, please",
                "Could you please unsubscribe me?",
                "Can you take me off your list?",
                "I want to unsubscribe.",
                "no more mails please",
                "Please do not send me any more emails",
                "opt out",
                "Opt me out",
                "sign me off",
                "I am no longer interested in receiving your emails",
                "Hi Bob, please unsubscribe me, thanks",
                "I have changed jobs and do not read papers now. Please unsubscribe me.",
                "unsubscribe\n\nAda Lovelace\nProfessor of Engines\nTel. 0123 456789",
                "unsuscribe",
                "Hi team, I've changed jobs so please unsubscribe me from the digest. Thanks!",
                "Kindly remove my email from your database.",
                "I want off this list",
                "I'd like to stop receiving these",
                "Not interested, remove me.",
                "I never signed up. Remove me.",
                "Hiermit kündige ich den Newsletter",
                "Bitte löschen Sie meine Adresse aus dem Verteiler",
                "Merci de me désinscrire",
                "Quiero cancelar la suscripción",
                "Quero cancelar a inscrição",
                "Proszę o wypisanie z listy",
                "メール配信を停止してください",
                "别再发了",
                "abmelden",
                "Bitte abmelden",
                "Bitte melden Sie mich vom Newsletter ab.",
                "Guten Tag,\n\nich möchte mich abmelden.\n\nMit freundlichen Grüßen\nAda",
                "Bitte nehmen Sie mich aus dem Verteiler",
                "Bitte keine weiteren Mails mehr",
                "Abbestellen",
                "désabonner",
                "Désabonnez-moi s'il vous plaît",
                "Bonjour,\n\nje souhaite me désinscrire de cette liste.\n\nCordialement,\nAda",
                "Je ne veux plus recevoir vos mails",
                "désinscription",
                "Quiero darme de baja",
                "baja",
                "darme de baja de esta lista por favor",
                "No quiero recibir más correos",
                "disiscrivimi",
                "Vorrei disiscrivermi dalla newsletter",
                "cancelar inscrição",
                "Não quero mais receber",
                "afmelden",
                "Ik wil me graag afmelden",
                "uitschrijven",
                "Proszę wypisać",
                "wypisz mnie",
                "rezygnuję z subskrypcji",
                "配信停止",
                "配信停止をお願いします。",
                "登録解除してください",
                "退订",
                "请退订",
                "取消订阅，谢谢",
                "退訂",
                "отписаться",
            ][..],
        ),
        (
            "subscribe",
            &[
                "Please subscribe me",
                "I'd like to subscribe",
                "I would like to subscribe to your newsletter.",
                "sign me up",
                "Sign me up please!",
                "Hi, I want to subscribe. Thanks, Ada",
                "please add me to your mailing list",
                "I would like to receive your daily digest",
                "Could you sign me up?",
                "subscribe me to your daily digest",
                "anmelden",
                "abonnieren",
                "Bitte melden Sie mich an",
                "je voudrais m'abonner",
                "s'abonner",
                "suscribirme",
                "iscrivimi",
                "quero assinar",
                "aanmelden",
                "zapisz mnie",
                "購読",
                "購読希望",
                "订阅",
                "我要订阅",
                "подписаться",
            ],
        ),
        (
            "confirm",
            &[
                "yes",
                "Yes.",
                "Yes please",
                "ok",
                "OK!",
                "okay",
                "I confirm",
                "I confirm my subscription",
                "confirmed",
                "Yes, I confirm.",
                "yes, that's me",
                "sure",
                "ja",
                "Ja, bitte",
                "Ich bestätige",
                "oui",
                "Oui, je confirme",
                "d'accord",
                "sí",
                "confirmo",
                "sì",
                "va bene",
                "sim",
                "akkoord",
                "tak",
                "potwierdzam",
                "はい",
                "確認しました",
                "是的",
                "确认",
                "好的",
                "да",
                "Hi,\nyes\nBob",
            ],
        ),
        (
            "pause 2 weeks",
            &[
                "pause for two weeks",
                "Please pause my subscription for 2 weeks",
                "please pause for two weeks, thanks",
                "Could you pause the digest for 2 weeks?",
                "no mail for two weeks",
                "Stop sending for two weeks please",
                "put my subscription on hold for 14 days",
            ],
        ),
        (
            "pause until 2027-01-01",
            &[
                "no mail until January",
                "No mails until January please",
                "pause until January 1st",
                "Please don't send me anything until January",
                "stop until January",
                "I am off to the sea. Please pause until 1 January.",
                "keine Mails bis Januar",
            ],
        ),
        (
            "resume",
            &["please resume", "Resume my subscription", "start again", "unpause", "I'm back"],
        ),
        (
            "set rhythm weekly monday",
            &[
                "weekly please",
                "weekly",
                "Please make it weekly",
                "once a week",
                "I'd like it weekly",
                "could you send it weekly?",
                "every Monday",
                "wöchentlich bitte",
            ],
        ),
        (
            "set rhythm weekdays",
            &["only on weekdays please", "weekdays only", "every weekday", "Monday to Friday"],
        ),
        ("set rhythm daily", &["daily", "every day please", "send it every day"]),
        ("set rhythm monthly 1", &["monthly", "once a month please"]),
        (
            "set time 07:00",
            &[
                "send it at 7 in the morning",
                "Please send it at 7am",
                "I want it at 7:00",
                "change the time to 7 am",
                "could you send the digest at 7 o'clock?",
                "Deliver at 07:00",
            ],
        ),
        (
            "set rhythm weekdays; set time 07:30",
            &["send it on weekdays at 7:30", "weekdays at 07:30 please"],
        ),
        (
            "set zone Europe/Berlin",
            &["my time zone is Europe/Berlin", "time zone: Europe/Berlin", "zone Europe/Berlin"],
        ),
        ("status", &["What are my settings?", "show me my settings", "my settings", "settings"]),
        (
            "help",
            &[
                "Help me",
                "Can you help me?",
                "How does this work?",
                "Hilfe",
                "aide",
                "ayuda",
                "帮助",
            ],
        ),
        ("resend", &["resend the last digest", "please send me the last digest again"]),
        (
            "pause 2 weeks; set time 07:30",
            &["pause for two weeks and set time 7:30", "Pause 2 weeks, set time 07:30"],
        ),
    ] {
        for body in bodies {
            faults.check(body, &asks(body), understood);
        }
    }
}

/// What people of many countries write on an ordinary day, and in which language they are answered.
#[test]
fn everyday_mails_of_many_countries() {
    let mut faults = Faults::default();
    for (body, understood, language) in [
        // A pause has the end that its sentence names.
        ("Urlaub bis 5.1., bitte pausieren", "pause until 2027-01-05", "de"),
        ("Urlaub bis 5.1. Bitte pausieren", "pause until 2027-01-05", "de"),
        ("Bin bis 5. Januar im Urlaub.\nBitte pausieren.", "pause until 2027-01-05", "de"),
        ("Bitte pausieren Sie bis 5.1.", "pause until 2027-01-05", "de"),
        ("I'm on holiday until December 20, please pause", "pause until 2026-12-20", ""),
        ("Please pause, I'm on holiday until December 20", "pause until 2026-12-20", ""),
        ("Bitte pausieren, bin bis 5. Januar verreist", "pause until 2027-01-05", "de"),
        ("Please unsubscribe me. Ignore this if it is done.", "unsubscribe", ""),
        ("I'm away for 2 weeks, please pause", "pause 2 weeks", ""),
        ("I am away until I come back, please pause", "pause", ""),
        (
            "estoy de vacaciones hasta el 10 de enero, por favor pausen",
            "pause until 2027-01-10",
            "es",
        ),
        ("Suspendre jusqu'au 5 janvier", "pause until 2027-01-05", "fr"),
        ("12月24日まで休止してください", "pause until 2026-12-24", "ja"),
        ("12月24日まで、配信を停止してください。", "pause until 2026-12-24", "ja"),
        ("2週間停止してください", "pause 2 weeks", "ja"),
        ("暂停两周", "pause 2 weeks", "zh"),
        ("请暂停10天", "pause 10 days", "zh"),
        ("暂停到12月24日", "pause until 2026-12-24", "zh"),
        (
            "Please pause for 2 weeks and then send weekly",
            "pause 2 weeks; set rhythm weekly monday",
            "",
        ),
        // Leaving.
        ("Veuillez me retirer de votre liste de diffusion", "unsubscribe", "fr"),
        ("retirez-moi de votre liste", "unsubscribe", "fr"),
        ("Bitte austragen, möchte nichts mehr erhalten", "unsubscribe", "de"),
        ("Bitte den Newsletter stoppen", "unsubscribe", "de"),
        ("Kein Interesse mehr, bitte löschen", "unsubscribe", "de"),
        ("Bitte tragen Sie mich aus der Liste aus", "unsubscribe", "de"),
        ("Borrar mi correo de la lista por favor", "unsubscribe", "es"),
        ("もう送らないでください", "unsubscribe", "ja"),
        ("メルマガ解除希望", "unsubscribe", "ja"),
        ("请不要再发邮件给我了", "unsubscribe", "zh"),
        ("不想再收到了", "unsubscribe", ""),
        ("請取消訂閱", "unsubscribe", "zh"),
        ("구독 취소 부탁드립니다", "unsubscribe", ""),
        // Joining.
        ("Bitte tragen Sie mich in die Liste ein", "subscribe", "de"),
        ("Bonjour, merci de m'inscrire", "subscribe", "fr"),
        ("Suscríbanme por favor a robótica", "subscribe robótica", "es"),
        (
            "subscribe robotics and reinforcement learning",
            "subscribe robotics, reinforcement learning",
            "",
        ),
        ("subscribe me to robotics please", "subscribe robotics", ""),
        ("sign me up for robotics and vision", "subscribe robotics, vision", ""),
        (
            "subscribe to \"search and rescue\" and robotics",
            "subscribe \"search and rescue\", robotics",
            "",
        ),
        ("subscribe robotics, agents and vision", "subscribe robotics, agents, vision", ""),
        ("subscribe \"search and rescue\"", "subscribe \"search and rescue\"", ""),
        (
            "subscribe robotics and set rhythm weekly",
            "subscribe robotics; set rhythm weekly monday",
            "",
        ),
        ("add topic search and rescue", "add topic search and rescue", ""),
        // Other wishes.
        ("wieder aufnehmen", "resume", "de"),
        ("solo los lunes", "set rhythm weekly monday", "es"),
        ("nur werktags", "set rhythm weekdays", "de"),
        ("une fois par semaine, le vendredi", "set rhythm weekly friday", "fr"),
        ("einmal pro Woche", "set rhythm weekly monday", ""),
        ("每周一发送", "set rhythm weekly monday", "zh"),
        ("毎週金曜日に送ってください", "set rhythm weekly friday", "ja"),
        ("Bitte um 7 Uhr schicken", "set time 07:00", "de"),
        ("a las 7:30 por favor", "set time 07:30", "es"),
        ("朝7時に送ってください", "set time 07:00", "ja"),
        ("Thema hinzufügen: Robotik", "add topic Robotik", "de"),
        ("Bonjour, comment ça marche ?", "help", "fr"),
        // Near misses.
        ("Please wait until Monday, then please unsubscribe me", "", ""),
        ("I have read it until December, please go on", "", ""),
        ("subscribe me and my wife", "", ""),
        ("Please pause, the robots stood still until December 20", "", ""),
        ("Pausen\nMenschen brauchen sie, Roboter nicht.", "", ""),
        ("Bonjour, merci !", "", ""),
        ("Merci de ne pas m'inscrire", "", ""),
        ("Comment ça va ?", "", ""),
        ("Wie funktioniert das Modell im dritten Artikel?", "", ""),
        ("Las siete y media", "", ""),
        ("Le vendredi, je lis vos courriels une fois par semaine", "", ""),
        ("Hallo, Urlaub bis irgendwann, bitte pausieren", "", ""),
        ("毎日7時に起きます", "", ""),
        ("停止を12月24日までに決めます", "", ""),
        ("Urlaub bis Ende der Ferien, bitte pausieren", "", ""),
        ("I am away until the snow melts. Please pause.", "", ""),
        ("I'm on holiday until December 20", "", ""),
        ("estoy de vacaciones hasta el 10 de enero", "", ""),
        ("unsubscribe me in 2 weeks", "", ""),
        ("subscribe in German", "", ""),
        ("暂停到月底", "", ""),
        ("月末まで休止してください", "", ""),
        ("12月24日に停止した論文", "", ""),
        ("两周", "", ""),
        ("Si me mudo a Marte, por favor denme de baja", "", ""),
        ("no quiero que me borren de la lista", "", ""),
        ("Ne me retirez pas de votre liste", "", ""),
        ("Bitte tragen Sie mich nicht aus", "", ""),
        ("Bitte tragen Sie mich in die Liste", "", ""),
        ("Der Newsletter hat kein Interesse mehr an Robotern", "", ""),
        ("Den Newsletter nicht stoppen", "", ""),
        ("Suscríbanme a su canal de videos", "", ""),
        ("how do I get off this list?", "", ""),
        ("请不要停止发送", "", ""),
        ("我收到了", "", ""),
        ("送らないでと言われた", "", ""),
        ("Wir sehen uns um 7 Uhr", "", ""),
        ("nos vemos a las 7:30", "", ""),
        ("Der Vortrag ist nur werktags zu hören", "", ""),
        ("每周一我都很忙", "", ""),
        ("Unsubscribe:", "", ""),
        ("Unsubscribe:\nhttps://papers.example.org/unsubscribe/abc", "", ""),
        ("unsubscribe\nJust kidding!", "", ""),
    ] {
        let found = heard(&mail("Hello", body));
        let words: Vec<&str> = found.commands.iter().map(|one| one.words.as_str()).collect();
        faults.check(body, &words.join("; "), understood);
        let tongue = found.language.map_or("", |language| language.tag());
        if !understood.is_empty() {
            faults.check(&format!("{body} (language)"), tongue, language);
        }
    }
    let off = heard(&mail("Hello", "how do I get off this list?"));
    assert!(hints(&off)[0].contains("\"unsubscribe\""), "{off:?}");
}

/// Our own mails below an answer, where a program marks nothing of them as quoted.
#[test]
fn our_own_text_is_no_order() {
    let mut faults = Faults::default();
    let footer = "Change topics, hour, days or size, or pause:\nhttps://papers.example.org/p/abc\n\
        Unsubscribe:\nhttps://papers.example.org/unsubscribe/abc\n\nOr reply to this mail with a line \
        such as “pause 2 weeks”, “set time 07:30”,\n“add topic robotics”, “unsubscribe” or “help”.";
    let help = "subscribe\n    begins\nunsubscribe\n    no more mail\npause 2 weeks\n    no digests for \
        a while\nresume\n    digests again\nset time 07:30\n    the hour of the digests\nset rhythm \
        weekdays\n    the days\nset zone Europe/Paris\n    your clock\nset language de\n    of mails\n\
        set lines rising, trend\n    what comes beside\nadd topic \"flow matching\"\n    topics\n\
        remove topic robotics\n    topics\nresend\n    the last once more\nstatus\n    what is in force";
    for (above, understood) in [("Thanks, great!", ""), ("pause 10 days", "pause 10 days")] {
        for ours in [footer, help, &help.replace("\n    ", " ")] {
            faults.check(ours, &asks(&format!("{above}\n\n{ours}")), understood);
        }
    }
    // Some of the same words are somebody's own.
    faults.check(
        "own",
        &asks("set time 07:30\nset rhythm weekdays"),
        "set time 07:30; set rhythm weekdays",
    );
    let intro = "пн, 23 нояб. 2026 г. в 10:00, Paper Round <papers@digest.example>:";
    faults.check(intro, &asks(&format!("Спасибо!\n\n{intro}\n\nunsubscribe")), "");
    let wrapped = intro.replace(" <", "\n<");
    faults.check(&wrapped, &asks(&format!("Спасибо!\n\n{wrapped}\n\nunsubscribe")), "");
}

#[test]
fn talk_is_no_command() {
    let mut faults = Faults::default();
    for body in [
        "why did I get this? I never wanted to subscribe",
        "I liked the paper about pause tokens",
        "don't unsubscribe me",
        "Please don't unsubscribe me!",
        "Hi, don't unsubscribe me",
        "please do not unsubscribe me, I like it",
        "I did not\nunsubscribe",
        "I do not want to unsubscribe",
        "I clicked on the link below and your page told me again that I should\nunsubscribe",
        "How do I unsubscribe?",
        "Why unsubscribe?",
        "unsubscribe?",
        "Should I subscribe?",
        "The unsubscribe link does not work.",
        "subscribe button is broken",
        "Subscribe was a mistake",
        "Thanks, great papers today!",
        "Thank you",
        "Yes. I liked the second paper a lot, the one with the frogs.",
        "Ok, I read that paper about robots and it was quite good",
        "We talked. Stop. It was good.",
        "pause tokens are great",
        "The paper on resume parsing was weak.",
        "I want to help you with the site",
        "I don't want it in the morning",
        "set the table for dinner",
        "Never stop",
        "don't stop",
        "Do not cancel my subscription",
        "nicht abmelden!",
        "Ich möchte mich nicht abmelden",
        "ne me désabonnez pas",
        "no quiero darme de baja",
        "I unsubscribed last week and still get mail",
        "If you unsubscribe me I will be sad",
        "My boss said: unsubscribe the others",
        "time flies like an arrow",
        "zone defence is a thing",
        "Who are you?",
        "add me to the confusion about topics",
        "You can stop worrying",
        "no",
        "",
        "👍",
        "end",
        "Ada",
        "I can't confirm that this works",
        "yesterday I got two digests",
        "help is on the way, we are told, and nobody came",
        "remove topic",
        "the status quo of the field",
        "退订链接在哪里？",
        "Thanks for unsubscribing me",
        "You unsubscribed me by mistake",
        "I can't unsubscribe",
        "Did you unsubscribe me?",
        "Please confirm that you got this",
        "to unsubscribe, send unsubscribe",
        "I may subscribe later",
        "The weekly digest is great",
        "I read it at 7 am",
        "Stop by our booth on Monday",
        "Yes we can",
        "Subscribe to my channel",
        "I want to unsubscribe but keep the weekly one",
        "no more changes please",
        "I don't want to miss these mails",
        "Please never stop sending me these",
        "not yet, confirm later",
        "Resume review",
        "They told me to please unsubscribe me",
        "If I move to Mars, please unsubscribe me",
        "I would not like you to please unsubscribe me",
    ] {
        faults.check(body, &asks(body), "");
    }
}

/// What an English answer says of what was not understood.
fn hints(heard: &Heard) -> Vec<String> {
    let templates = Templates::load(None).unwrap();
    let answer = Answer { unclear: heard.unclear.clone(), ..Answer::default() };
    let words = templates.answer(&Locale::default(), &answer);
    words.unclear.into_iter().map(|one| one.hint).collect()
}

#[test]
fn what_is_wrong_is_said() {
    for (body, part) in [
        ("unsubcrieb", "unsubscribe"),
        ("subscrib", "subscribe"),
        ("How do I unsubscribe?", "\"unsubscribe\""),
        ("set zone Europe/Pariss", "set zone Europe/Paris"),
        ("set zone Mars/Olympus", "Europe/Paris"),
        ("set tyme 07:30", "set time"),
        ("set time 25:00", "07:30"),
        ("set rhythm hourly", "weekdays"),
        ("pause until 2020-01-01", "not to come"),
        ("pause until 30 February", "is not a day"),
        ("pause until 03/04/2027", "2027-04-03"),
        ("pause 900 weeks", "three years"),
        ("pause whenever", "2 weeks"),
        ("unsubscribe bob@example.org", "address that it comes from"),
        ("add diffusion", "add topic diffusion"),
        ("set zone GMT+2", "Europe/Paris"),
        ("add topic \"flow", "not closed"),
        ("add topic", "name the topic"),
        ("subscribe ada@example.org", "address that it comes from"),
        ("subscribe button is broken", "quotation marks"),
        ("Thanks, great papers today!", "help"),
        ("unsubscribe\nconfirm", "exclude each other"),
    ] {
        let heard = heard(&mail("Hello", body));
        assert_eq!(heard.commands, [], "{body}");
        assert!(hints(&heard).iter().any(|said| said.contains(part)), "{body}: {heard:?}");
    }
    // Beside what was understood, slips are told and talk is not.
    let heard =
        heard(&mail("Hello", "set time 07:30\nset zone Pariss\nI like the blue cover of it."));
    assert_eq!(heard.commands.len(), 1);
    assert_eq!(heard.unclear.len(), 1, "{heard:?}");
    assert!(asks("thanks!").is_empty());
    assert_eq!(hear(&Incoming::read(&mail("", "Thanks!")), TODAY), Heard::default());
}

#[test]
fn subjects_count_where_they_may() {
    let mut faults = Faults::default();
    for (subject, body, understood) in [
        ("unsubscribe", "", "unsubscribe"),
        ("Unsubscribe", "please", "unsubscribe"),
        ("Unsubscribe", "I have changed jobs and moved to the sea.", "unsubscribe"),
        ("Unsubscribe", "Please don't unsubscribe me!", ""),
        ("Unsubscribe", "Hi,\nthanks for all, bye\nAda", "unsubscribe"),
        ("unsubscribe", "I no longer work there and never read them.", "unsubscribe"),
        ("Unsubscribe", "Just kidding, I love it", ""),
        ("Unsubscribe", "Never mind!", ""),
        ("Unsubscribe", "I loved it, but please unsubscribe me.", "unsubscribe"),
        ("Pause", "The robots in the second paper stand still until they are pushed.", ""),
        ("Pause", "Robots need a rest too, as the second paper says.", ""),
        ("Pause", "", "pause"),
        ("Pause", "Thanks!\nAda", "pause"),
        ("Pause", "I am on holiday and read nothing.", "pause"),
        ("Pause", "I am on holiday until 5 January.", "pause until 2027-01-05"),
        ("Pause", "I am on holiday until it snows.", ""),
        ("Pause 2 weeks", "I am off to the sea, where no robots are.", "pause 2 weeks"),
        ("Urlaub bis 5.1.", "Bitte pausieren", "pause until 2027-01-05"),
        (
            "subscribe",
            "set time 07:30\nset zone Europe/Paris",
            "subscribe; set time 07:30; set zone Europe/Paris",
        ),
        ("Subscribe", "subscribe diffusion", "subscribe diffusion"),
        ("subscribe \"flow matching\"", "", "subscribe \"flow matching\""),
        ("Re: unsubscribe", "", "unsubscribe"),
        ("AW: RE: Fwd: unsubscribe", "", "unsubscribe"),
        ("回复: 退订", "", "unsubscribe"),
        ("Re[2]: [EXT] stop", "", "unsubscribe"),
        ("Re: unsubscribe", "Why is that?", ""),
        ("Re: unsubscribe", "set time 07:30", "set time 07:30"),
        ("Re: Please confirm: papers from Paper Round", "", ""),
        ("Re: Paper Round: Confirm your subscription", "", ""),
        ("Re: Please confirm: papers from Paper Round", "Who are you?", ""),
        ("Re: Stop Thinking and 11 more · 25 Nov", "", ""),
        ("Odp: You have left Paper Round", "", ""),
        (
            "Resume",
            "Dear Sir or Madam, please find attached my resume for the position of engineer.",
            "",
        ),
        ("Help", "", "help"),
        ("Stop", "the presses, we have a new paper out about bees", ""),
        ("Question about subscribing", "", ""),
    ] {
        let found = commands(&mail(subject, body)).join("; ");
        faults.check(&format!("{subject} / {body}"), &found, understood);
    }
}

#[test]
fn there_are_bounds() {
    let many: String = (0..60).map(|at| format!("add topic t{at}\n")).collect();
    let found = heard(&mail("Hello", &many));
    assert_eq!(found.commands.len(), MOST_COMMANDS);
    assert!(hints(&found).iter().any(|said| said.contains("20 commands")), "{found:?}");
    let deep = format!("{}unsubscribe", "I like bees.\n".repeat(45));
    assert_eq!(asks(&deep), "");
    assert_eq!(asks(&format!("{}\nunsubscribe", "x".repeat(9_000))), "");
    for odd in ["a,", "\"", "set ", "pause until ", "<", "no more ", "and "] {
        let _ = asks(&odd.repeat(200_000 / odd.len()));
    }
    assert_eq!(heard(b""), Heard::default());
}

#[test]
fn our_own_words_read_back() {
    for words in [
        "subscribe",
        "subscribe diffusion, \"flow matching\"",
        "unsubscribe",
        "confirm",
        "pause",
        "pause 1 week",
        "pause 10 days",
        "pause until 2027-02-28",
        "resume",
        "status",
        "set time 00:05",
        "set zone Asia/Kolkata",
        "set rhythm daily",
        "set rhythm weekdays",
        "set rhythm weekly sunday",
        "set rhythm monthly 31",
        "add topic title:(a OR b) -c",
        "remove topic \"flow matching\"",
        "resend",
        "help",
    ] {
        assert_eq!(asks(words), words);
    }
}

/// Thousands of mails that are broken, hostile, spam, reports or letters among friends; none
/// of them asks us for anything. Kept beside the repository; without them this says so and passes.
#[test]
fn mails_of_others_ask_for_nothing() {
    let home = std::env::var_os("PAPERROUND_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        std::path::PathBuf::from,
    );
    let archive = home.join("mail.tar.xz");
    if !archive.exists() {
        eprintln!("SKIPPED: no corpus at {}", archive.display());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let status = std::process::Command::new("tar")
        .arg("-xJf")
        .arg(&archive)
        .arg("-C")
        .arg(dir.path())
        .status()
        .unwrap();
    assert!(status.success());
    let mut folders = vec![dir.path().to_path_buf()];
    let mut faults = Faults::default();
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let raw = std::fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            for bytes in [raw.clone(), raw.replace_line_ends(b"\r"), raw.replace_line_ends(b"\r\n")]
            {
                // mail-parser has an assertion of its own that holds in debug builds alone.
                if std::panic::catch_unwind(|| Incoming::read(&bytes).raw().len()).is_err() {
                    continue;
                }
                let asked = match class(&bytes).as_str() {
                    "command" | "reply" => commands(&bytes).join("; "),
                    _ => String::new(),
                };
                faults.check(&name, &asked, "");
                count += 1;
            }
        }
    }
    assert!(count > 500, "{count}");
}

trait LineEnds {
    fn replace_line_ends(&self, end: &[u8]) -> Vec<u8>;
}

impl LineEnds for Vec<u8> {
    fn replace_line_ends(&self, end: &[u8]) -> Vec<u8> {
        let lines: Vec<&[u8]> = self
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .collect();
        lines.join(end)
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_makes_it_panic(
        subject in "(Re: |[a-z:\\[\\]]{0,3}|\\PC){0,12}",
        body in "(unsubscribe|pause|until|set|time|zone|topic|add|subscribe|7:3|[0-9.,:/-]{1,3}|> |\n|\"| |\\PC){0,60}",
    ) {
        let heard = heard(&mail(&subject, &body));
        for command in &heard.commands {
            // What we say that we understood is understood the same way.
            let again = commands(&mail("", &command.words));
            proptest::prop_assert_eq!(&again, &vec![command.words.clone()], "{:?}", body);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let mail = Incoming::read(&bytes);
        let _ = hear(&mail, TODAY);
        let _ = classify(&Arrival { from: None, to: &[], bytes: &bytes }, &mail, None, Some(&own()));
    }
}
