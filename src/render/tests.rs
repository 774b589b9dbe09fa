//! The templates with every sample, and what must hold for any paper.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::model::{Language, Locale, Look, Paper, PaperId};

static BUILT_IN: LazyLock<Templates> = LazyLock::new(|| Templates::load(None).unwrap());

fn frame(markers: &Markers) -> Frame {
    Frame {
        rhythm: "weekdays at 08:00, Europe/Berlin".into(),
        markers: markers.clone(),
        by_reply: false,
        postal_address: None,
        ..super::sample::frame(&Locale::default())
    }
}

fn sample(name: &str) -> DigestContext {
    let mut samples = DigestContext::samples(&BUILT_IN, &Locale::default()).into_iter();
    samples.find(|(known, _)| *known == name).unwrap().1
}

/// Papers with all that a card can show, and long titles.
fn rich(n: usize) -> Vec<PaperView> {
    (1..=n)
        .map(|rank| {
            let id = PaperId::from_stored(format!("2611.{rank:05}"));
            let title = format!("{rank}: {}", "A long title with words ".repeat(9));
            let mut paper = Paper::new(id, title, "https://huggingface.co/papers/2611.00001");
            paper.summary = "A sentence of some length about it. ".repeat(20);
            paper.authors = vec!["Anna Bella Carlotta Dominguez".into(); 12];
            paper.organization = Some("The Institute of Long Names of Things".into());
            (paper.votes, paper.stars) = (Some(1_234), Some(5_678));
            paper.thumbnail = Some(format!("https://cdn.example.org/{rank}.png"));
            paper.code_url = Some("https://github.com/organisation/repository".into());
            paper.project_url = Some("https://organisation.github.io/project".into());
            PaperView::new(rank, &paper)
        })
        .collect()
}

#[test]
fn every_sample_is_sound_in_every_look_and_language() {
    for look in Look::ALL {
        let checked = Templates::in_look(look, None).unwrap().check(90_000, |_, _, _, _| {});
        assert_eq!(checked.faults, [], "{look}");
        assert_eq!(checked.measured.len(), 6);
        for one in &checked.measured {
            assert!(one.sixty <= 90_000 && one.fit == (60, 15), "{look}: {one:?}");
            let least = one.light.min(one.dark).min(one.turned);
            assert!(least >= 4.5, "{look}: {one:?}");
        }
    }
}

#[test]
fn samples_look_as_read_by_eye() {
    let templates = &*BUILT_IN;
    for (file, name) in [
        ("ordinary", "an ordinary day"),
        ("one", "one paper"),
        ("evil", "titles that attack"),
        ("rtl", "right to left"),
        ("bare", "little known"),
        ("nothing", "nothing new"),
    ] {
        let rendered = templates.digest(&sample(name)).unwrap();
        insta::assert_snapshot!(
            format!("{file}_text"),
            format!("{}\n\n{}", rendered.subject, rendered.text)
        );
        if file != "ordinary" {
            insta::assert_snapshot!(format!("{file}_html"), rendered.html);
        }
    }
}

#[test]
fn sixty_long_papers_stay_within_the_budget() {
    let templates = &*BUILT_IN;
    let frame = frame(&Markers::new("5a17e0d1c2b3948f"));
    let papers = rich(60);
    let fitted = templates.fit(&frame, &papers, 15, 90_000).unwrap();
    assert!(fitted.rendered.html.len() <= 90_000);
    assert_eq!((fitted.listed, fitted.cards), (60, 15));

    let tight = templates.fit(&frame, &papers, 15, 45_000).unwrap();
    assert!(tight.rendered.html.len() <= 45_000);
    assert_eq!(tight.listed, 60);
    assert!((1..15).contains(&tight.cards), "{}", tight.cards);

    let tiny = templates.fit(&frame, &papers, 15, 20_000).unwrap();
    assert!(tiny.rendered.html.len() <= 20_000);
    assert_eq!(tiny.cards, 1);
    let more = format!("And {} more, which come with your next digest.", 60 - tiny.listed);
    assert!(tiny.rendered.html.contains(&more) && tiny.rendered.text.contains(&more));

    let huge = templates.fit(&frame, &rich(1_000), 200, 10_000_000).unwrap();
    assert_eq!((huge.listed, huge.cards), (1_000, 200));

    let least = templates.fit(&frame, &papers, 15, 10).unwrap();
    assert_eq!((least.listed, least.cards), (1, 1));
    let none = templates.fit(&frame, &[], 15, 90_000).unwrap();
    assert_eq!((none.listed, none.cards), (0, 0));
}

#[test]
fn hostile_papers_stay_within_the_budget_in_every_look() {
    let paper = |rank: usize| {
        let long = |host: &str| format!("https://{host}/{}", "\u{fc} \"<".repeat(100));
        let id = PaperId::from_stored(format!("2611.{rank:05}"));
        let mut paper = Paper::new(id, "<\u{202e}&".repeat(50_000), long("b\u{fc}cher.example"));
        paper.summary = "\"<&>'".repeat(20_000);
        paper.authors = vec!["<b>\"Name\" & 'Son'".repeat(40); 300];
        paper.organization = Some("&".repeat(10_000));
        (paper.votes, paper.stars) = (Some(u32::MAX), Some(u32::MAX));
        paper.thumbnail = Some(format!("https://cdn.example/{}", "x".repeat(20_000_000)));
        paper.code_url = Some(long("code.example"));
        paper.project_url = Some(format!("javascript:{}", "x".repeat(1_000)));
        PaperView::new(rank, &paper).because(Some(Why::Topic("<".repeat(10_000))))
    };
    let papers: Vec<PaperView> = (1..=20).map(paper).collect();
    assert!(papers.iter().all(|paper| paper.thumbnail.is_none()));
    let frame = frame(&Markers::new("5a17e0d1c2b3948f"));
    for look in Look::ALL {
        let templates = Templates::in_look(look, None).unwrap();
        let fitted = templates.fit(&frame, &papers, 15, 90_000).unwrap();
        let html = &fitted.rendered.html;
        assert!(html.len() <= 90_000 && fitted.listed > 1, "{look}: {}", html.len());
        assert!(!html.contains("javascript:") && !html.contains('\u{202e}'));
        assert!(html.contains("https://xn--bcher-kva.example/%C3%BC%20%22%3C"));
    }
}

#[test]
fn a_reader_finds_their_own_words_where_the_markers_stood() {
    let templates = &*BUILT_IN;
    let markers = Markers::new("0123456789abcdef");
    let context = templates.context(&frame(&markers), &rich(2), 2, 2);
    let shared = templates.digest(&context).unwrap();
    let personal = Personal::default()
        .with(Field::Address, "o'neil&co@example.org")
        .with(Field::Unsubscribe, "https://papers.example.org/unsubscribe/abc");
    let mail = markers.fill(&shared, &personal);
    assert!(mail.html.contains("href=\"https://papers.example.org/unsubscribe/abc\""));
    assert!(mail.text.contains("\nhttps://papers.example.org/unsubscribe/abc\n"));
    assert!(mail.text.contains("Sent to o'neil&co@example.org because"));
    assert!(mail.html.contains("<b>o&#39;neil&amp;co@example.org</b>"));
    assert!(!mail.html.contains("0123456789abcdef") && !mail.text.contains("0123456789abcdef"));
    assert_eq!(mail.subject, shared.subject);
}

#[test]
fn a_folder_replaces_file_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let mail = folder.path().join("mail");
    fs::create_dir(&mail).unwrap();
    fs::write(mail.join("digest.subject"), "{% include 'mail/own.txt' %} {{ count }}\n").unwrap();
    fs::write(mail.join("own.txt"), "Mine:").unwrap();
    fs::write(mail.join("notes.md"), "{% not a template").unwrap();
    let own = Templates::load(Some(folder.path())).unwrap();
    let context = sample("an ordinary day");
    let rendered = own.digest(&context).unwrap();
    assert_eq!(rendered.subject, "Mine: 22");
    let built_in = Templates::load(None).unwrap().digest(&context).unwrap();
    assert_eq!((rendered.text, rendered.html), (built_in.text, built_in.html));
}

#[test]
fn a_broken_file_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mail = folder.path().join("mail");
    fs::create_dir(&mail).unwrap();
    let path = mail.join("digest.txt");
    fs::write(&path, "one\ntwo {% if %}\n").unwrap();
    let fault = Templates::load(Some(folder.path())).unwrap_err();
    assert_eq!((fault.file.as_str(), fault.line), (path.to_str().unwrap(), Some(2)));
    assert!(fault.to_string().starts_with(&format!("{}:2: ", path.display())));

    // What only shows when it is rendered: an unknown name, an endless loop, two lines.
    for (file, source, line) in [
        ("digest.txt", "one\n\n{{ titel }}", Some(3)),
        (
            "digest.txt",
            "{% for a in range(9999) %}{% for b in range(9999) %}\n{{ a }}{% endfor %}{% endfor %}",
            Some(2),
        ),
        ("digest.subject", "a\nb", None),
        ("digest.subject", "{{ ' ' }}\n", None),
    ] {
        fs::remove_file(&path).ok();
        fs::remove_file(mail.join("digest.subject")).ok();
        fs::write(mail.join(file), source).unwrap();
        let faults = Templates::load(Some(folder.path())).unwrap().try_all(&Locale::default());
        let first = faults.first().expect(source);
        assert!(first.file.ends_with(file) && (line.is_none() || first.line.is_some()), "{first}");
    }
    assert!(Templates::load(Some(&folder.path().join("none"))).is_err());
}

/// Every name in `value`, however deep.
fn names(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                found.insert(name.clone());
                names(value, found);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[test]
fn the_documents_name_all_that_templates_are_given() {
    let templates = &*BUILT_IN;
    let english = Locale::default();
    let mut given = BTreeSet::new();
    for (_, context) in DigestContext::samples(templates, &english) {
        names(&serde_json::to_value(&context).unwrap(), &mut given);
    }
    for (_, context) in NoticeContext::samples(templates, &english) {
        names(&serde_json::to_value(&context).unwrap(), &mut given);
    }
    let document = include_str!("../../docs/templates.md");
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    let first_cells: String = rows.filter_map(|row| row.split('|').nth(1)).collect();
    let documented: BTreeSet<String> = first_cells
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|name| name.split('(').next().unwrap_or_default().to_owned())
        .collect();
    let words = ["t", "wrap", "shorten", "pad", "number"].map(str::to_owned);
    for name in &given {
        let there = documented.contains(name) || document.contains(&format!("`{name}`"));
        assert!(there, "docs/templates.md does not name {name}");
    }
    for name in &documented {
        assert!(given.contains(name) || words.contains(name), "there is no {name}");
    }
    for word in &words {
        assert!(documented.contains(word), "docs/templates.md does not name {word}");
    }
}

#[test]
fn a_look_is_templates_alone_and_can_be_replaced_like_the_other() {
    let context = sample("an ordinary day");
    let cards = Templates::load(None).unwrap().digest(&context).unwrap();
    let plain = Templates::in_look(Look::Plain, None).unwrap().digest(&context).unwrap();
    assert_eq!(plain.subject, cards.subject);
    assert!(cards.html.contains("<img") && !plain.html.contains("<img"));
    assert!(plain.text.contains("Good day,") && !cards.text.contains("Good day,"));

    // Copied out, a look is the same whatever look is underneath.
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in Templates::built_in(Look::Plain).unwrap() {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, source).unwrap();
    }
    let ejected = Templates::in_look(Look::Cards, Some(folder.path())).unwrap();
    assert_eq!(ejected.digest(&context).unwrap(), plain);
    assert_eq!(ejected.try_all(&Language::German.into()), []);
}

#[test]
fn what_an_administrator_breaks_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mail = folder.path().join("mail");
    fs::create_dir(&mail).unwrap();
    let built_in = Templates::built_in(Look::Cards).unwrap();
    let digest = &built_in.iter().find(|(name, _)| name == "mail/digest.html").unwrap().1;
    for (from, to, part) in [
        (" alt=\"{{ t(\"preview\", rank=1) }}\"", "", "no alt"),
        ("color:#5c574f", "color:#b5b0a8", "contrast of #b5b0a8"),
        (".m, .i { color: #beb7ab", ".m, .i { color: #55504a", "in the dark scheme"),
        (
            "href=\"{{ paper.url }}\"",
            "href=\"{{ paper.url | replace('https', 'http') }}\"",
            "not https",
        ),
        ("t(\"read-paper\")", "t(\"reed-paper\")", "reed-paper"),
        ("t(\"new-papers\", count=count)", "t(\"new-papers\")", "count"),
    ] {
        assert!(digest.contains(from), "{from}");
        fs::write(mail.join("digest.html"), digest.replace(from, to)).unwrap();
        let templates = Templates::load(Some(folder.path())).unwrap();
        let checked = templates.check_in(&[Language::English], 90_000, |_, _, _, _| {});
        let said: Vec<String> = checked.faults.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|fault| fault.contains(part)), "{part}: {said:?}");
        assert!(said.iter().all(|fault| fault.contains("digest.html")), "{said:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_paper_is_shown_whole_and_escaped(title in "\\PC{1,120}", summary in "(?s).{0,600}", name in ".{0,80}") {
        let mut paper = Paper::new(PaperId::from_stored("2611.00001".into()), title, "https://example.org/1");
        paper.summary = summary;
        paper.authors = vec![name];
        let view = PaperView::new(1, &paper);
        let frame = frame(&Markers::new("5a17e0d1c2b3948f"));
        let context = BUILT_IN.context(&frame, std::slice::from_ref(&view), 1, 1);
        let rendered = BUILT_IN.digest(&context).unwrap();
        let mut escaped = String::new();
        escape_html(&view.title, &mut escaped);
        prop_assert!(rendered.html.contains(&escaped));
        // Lines of Chinese and Japanese are broken where there is no space.
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert!(bare(&rendered.text).contains(&bare(&view.title)));
        prop_assert_eq!(rendered.html.matches("<p").count(), rendered.html.matches("</p>").count());
        prop_assert!(!rendered.subject.contains(['\r', '\n']) && !rendered.subject.is_empty());
        prop_assert!(rendered.subject.chars().count() <= 150);
    }
}

/// The keys of messages that only answers have.
fn answer_keys() -> Vec<String> {
    let built_in = Templates::built_in(Look::default()).unwrap();
    let english = &built_in.iter().find(|(name, _)| name == "locales/en.ftl").unwrap().1;
    let own = ["said-", "setting-", "means-", "help-", "hint-", "slip-", "line-", "date-hour"];
    english
        .lines()
        .filter_map(|line| line.split_once(" = ").map(|(key, _)| key.to_owned()))
        .filter(|key| own.iter().any(|start| key.starts_with(start)))
        .chain(["too-many-topics".to_owned(), "answer-too-late-says".to_owned()])
        .collect()
}

#[test]
fn every_fact_of_an_answer_has_its_words_in_every_language() {
    let keys = answer_keys();
    assert!(keys.len() > 90, "{}", keys.len());
    let texts = |language: Language| -> Vec<String> {
        let answers = super::answer_samples::answers().into_iter().map(|(_, answer)| {
            let words = BUILT_IN.answer(&language.into(), &answer);
            let unclear = words.unclear.into_iter().map(|one| one.hint);
            let help = words.help.into_iter().map(|line| line.does);
            let said = words.done.into_iter().chain(words.settings).chain(unclear).chain(help);
            [words.subject, words.heading].into_iter().chain(said).collect::<Vec<_>>()
        });
        answers.flatten().collect()
    };
    let english = texts(Language::English);
    for language in Language::ALL {
        let own = texts(language);
        assert_eq!(own.len(), english.len());
        for (own, english) in own.iter().zip(&english) {
            // What lacks a message, or a part of one, shows its key.
            let bare = keys.iter().find(|key| own.contains(key.as_str()));
            assert_eq!(bare, None, "{language:?}: {own}");
            assert!(!own.trim().is_empty() && !own.contains('$'), "{language:?}: {own}");
            assert!(language == Language::English || own != english, "{language:?}: {own}");
        }
    }
}

#[test]
fn answers_say_each_of_their_messages() {
    let code = [include_str!("answer.rs"), include_str!("hint.rs")].concat();
    let template = include_str!("../../templates/mail/answer.txt");
    for key in answer_keys() {
        let quoted = format!("\"{key}\"");
        assert!(code.contains(&quoted) || template.contains(&quoted), "nothing says {key}");
    }
}

#[test]
fn what_is_wrong_with_a_topic_reads_alike_for_readers_and_for_the_admin() {
    let plain = |text: &str| text.replace(['“', '”', '"'], "\"").replace('’', "'");
    for said in super::answer_samples::slips() {
        let wanted = plain(&said.to_string());
        let fault = crate::model::TopicFault { at: 2, said };
        let hint = crate::model::Hint::Topic("x".into(), fault);
        let unclear = vec![crate::model::Unclear { line: String::new(), hint }];
        let answer = crate::model::Answer { unclear, ..crate::model::Answer::default() };
        let words = BUILT_IN.answer(&Locale::default(), &answer);
        let said = plain(&words.unclear[0].hint).replace("12,345", "12345");
        assert_eq!(said, format!("\"x\": {wanted} (at character 3)"));
    }
}

#[test]
fn answers_look_as_read_by_eye() {
    let mut all = String::new();
    for language in Language::ALL {
        let locale = Locale::from(language);
        for (name, context) in NoticeContext::samples(&BUILT_IN, &locale) {
            let kind = match name {
                "asked back" => crate::model::MailKind::Ask,
                "told" => crate::model::MailKind::Alarm,
                "how things stand" | "everything done" | "what can be written" => {
                    crate::model::MailKind::Answer
                }
                _ => continue,
            };
            let mail = BUILT_IN.notice(kind, &context).unwrap();
            all.push_str(&format!("=== {locale}: {name}\n{}\n\n{}\n", mail.subject, mail.text));
        }
    }
    insta::assert_snapshot!("answers_text", all);
}
