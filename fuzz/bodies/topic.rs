//! What holds of any text as a topic, and as a list of topics. Run by the fuzz target, and by
//! tests/topic_language.rs with proptest.

use std::sync::LazyLock;

use paperround::model::{Batch, Interests, Paper, PaperId, Topic, Topics};

/// A few papers that hold what texts of letters can ask for.
static PAPERS: LazyLock<Vec<Paper>> = LazyLock::new(|| {
    let paper = |title: &str| Paper::new(PaperId::from_url(title), title, "https://example.org");
    let mut first = paper("A b c, flow-matching");
    first.summary = "A survey of b.\nC c: votes, stars and code".into();
    first.authors = vec!["Ángel B. C".into(), "a".into()];
    first.votes = Some(20);
    first.code_url = Some("https://github.com/a/b".into());
    let mut second = paper("c (b)");
    second.keywords = vec!["a b".into(), "c".into()];
    second.organization = Some("A & B".into());
    second.stars = Some(3);
    vec![first, second, paper("扩散模型 x y z 1 2 3")]
});
static BATCH: LazyLock<Batch> = LazyLock::new(|| Batch::new(&*PAPERS));

/// Panics where it does not hold.
pub(crate) fn holds(text: &str) {
    match text.parse::<Topic>() {
        Ok(topic) => is_sound(&topic, text),
        Err(fault) => {
            assert!(fault.at <= text.chars().count(), "{text:?}: {fault:?}");
            // The caret's line is the last; what was typed may be of any kind.
            let shown = fault.pointing(text);
            let caret = shown.rsplit('\n').find(|line| line.trim_start().starts_with("^ "));
            assert!(caret.is_some() && shown.len() < 4_000, "{text:?}: {shown}");
        }
    }
    if let Ok(topics) = Topics::read(text) {
        assert_eq!(Topics::read(&topics.line()).as_ref(), Ok(&topics), "{text:?}");
    }
}

fn is_sound(topic: &Topic, text: &str) {
    // As written it is the same topic, alone, in a list and in JSON.
    let again: Topic = topic.to_string().parse().expect("a topic reads back");
    assert_eq!(again, *topic);
    let one = Topics::of([topic.clone()]).expect("one is not too many");
    assert_eq!(Topics::read(&one.line()).as_ref(), Ok(&one), "{text:?}");
    let json = serde_json::to_string(&one).expect("JSON is written");
    assert_eq!(serde_json::from_str::<Topics>(&json).expect("JSON is read"), one);

    // Looked for in a batch, and in each paper by itself, it finds the same; what is written
    // back means the same.
    let mask = BATCH.matches(topic);
    assert_eq!(Interests::new(&*PAPERS).of(&one).map(|found| found.any), Some(mask.clone()));
    for (place, paper) in PAPERS.iter().enumerate() {
        assert_eq!(mask.holds(place), topic.hits(paper).is_some(), "{text:?} in {}", paper.title);
    }

    // A paper of which it is the title can be looked through, and no word runs over its end.
    let named = Paper::new(PaperId::from_url("x"), text, "https://example.org");
    let found = Batch::new([&named]).matches(topic).holds(0);
    assert_eq!(found, topic.hits(&named).is_some(), "{text:?}");
}
