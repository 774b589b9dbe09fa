//! What a reader says of papers: by the links of a mail, through the site, into the next digest;
//! and what must not happen.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use paperround::model::{Feedback, Paper, PaperId};
use paperround::source;
use support::kit::{Kit, address, on_both, paper, time};
use support::postgres::Cluster;
use support::site::{Mail, Site};

on_both!(what_was_said_is_kept_once_and_goes_at_a_word, gains_are_told_where_they_are_known);

async fn what_was_said_is_kept_once_and_goes_at_a_word(kit: Kit) {
    let (at, later) = (time("2026-11-23T07:00:00Z"), time("2026-11-23T08:00:00Z"));
    kit.list("2026-11-23", "2026-11-23T06:00:00Z", vec![paper("2611.00001", 3)]).await;
    kit.list("2026-11-23", "2026-11-23T06:00:00Z", vec![paper("2611.00002", 3)]).await;
    kit.add(&["ada", "bob"], "2026-11-23T08:00:00Z").await;
    let reader = async |name| kit.store.subscriber(&address(name)).await.unwrap().unwrap();
    let (ada, bob) = (reader("ada").await, reader("bob").await);
    assert_eq!(ada.profile, bob.profile);
    let rate = async |paper, said, at| kit.store.rate(ada.id, paper, said, at).await.unwrap();

    assert!(rate(1, Some(Feedback::More), at).await);
    assert!(!rate(1, Some(Feedback::More), later).await, "said twice is said once");
    assert!(rate(2, Some(Feedback::Less), at).await);
    assert!(rate(2, Some(Feedback::Hide), later).await, "the last word counts");
    let said = kit.store.rated(ada.id).await.unwrap();
    let said: Vec<_> = said.iter().map(|one| (one.paper, one.feedback, one.at)).collect();
    assert_eq!(said, [(2, Feedback::Hide, later), (1, Feedback::More, at)]);
    assert!(kit.store.rate(ada.id, 77, Some(Feedback::More), at).await.is_err(), "no such paper");

    // A profile of her own, and a cohort; others still share theirs.
    let now = reader("ada").await;
    assert!(now.has_taste && now.profile != ada.profile);
    assert_eq!(now.preferences, ada.preferences, "it is no wish");
    assert_eq!(reader("bob").await.profile, bob.profile);
    let cohorts = kit.store.due_cohorts(later).await.unwrap();
    let owners: Vec<_> = cohorts.iter().map(|(cohort, readers)| (cohort.taste, *readers)).collect();
    assert!(owners.contains(&(Some(ada.id), 1)) && owners.contains(&(None, 1)), "{owners:?}");
    // Other wishes keep it.
    let mut wishes = now.preferences.clone();
    wishes.max_papers = Some(3);
    let set = kit.store.set_preferences(&now, &wishes, None, at, at, "a test");
    set.await.unwrap();
    let now = reader("ada").await;
    assert!(now.has_taste && now.preferences == wishes);
    let words: Vec<_> = kit.store.timeline(&now).await.unwrap();
    let words: Vec<&str> = words.iter().map(|event| event.detail.as_str()).collect();
    assert!(words.contains(&"more like: A title") && words.contains(&"never again: A title"));

    // Taken back one by one, the last word ends it.
    assert!(rate(2, None, later).await && !rate(2, None, later).await);
    assert!(reader("ada").await.has_taste);
    assert!(rate(1, None, later).await);
    let now = reader("ada").await;
    assert!(!now.has_taste && now.preferences == wishes);
    // Or all at once.
    rate(1, Some(Feedback::More), at).await;
    let own = reader("ada").await.profile;
    assert_eq!(kit.store.reset_taste(ada.id, later).await.unwrap(), 1);
    assert_eq!(kit.store.reset_taste(ada.id, later).await.unwrap(), 0);
    let now = reader("ada").await;
    assert!(!now.has_taste && now.preferences == wishes && now.profile != own);
    assert!(kit.store.rated(ada.id).await.unwrap().is_empty());
    assert!(!format!("{:?}", kit.store.timeline(&now).await.unwrap()).contains("A title"));
    // Nobody's profile tells of it any more.
    kit.store.set_preferences(&now, &bob.preferences, None, at, at, "a test").await.unwrap();
    assert_eq!(reader("ada").await.profile, bob.profile);
    let profiles = kit.store.active_profiles().await.unwrap();
    assert_eq!(profiles.len(), 1, "{profiles:?}");
    // Erased with the person.
    rate(1, Some(Feedback::More), at).await;
    assert!(kit.store.erase(ada.id, None, later).await.unwrap());
    assert!(kit.store.rated(ada.id).await.unwrap().is_empty());
}

async fn gains_are_told_where_they_are_known(kit: Kit) {
    let list = async |at: &str, papers: &[(&str, u32)]| {
        let papers = papers.iter().map(|(id, votes)| paper(id, *votes)).collect();
        kit.list("2026-11-22", at, papers).await
    };
    let gains = async |now: &str| {
        let from = time(now) - SignedDuration::from_hours(24);
        let gains = kit.store.gains(time("2026-11-20T00:00:00Z"), from).await.unwrap();
        let mut gains: Vec<_> = gains.into_iter().collect();
        gains.sort_unstable();
        gains
    };
    list("2026-11-21T08:00:00Z", &[("2611.00001", 3), ("2611.00002", 5)]).await;
    list("2026-11-22T07:00:00Z", &[("2611.00001", 10), ("2611.00002", 5)]).await;
    list("2026-11-22T20:00:00Z", &[("2611.00001", 30), ("2611.00003", 2)]).await;
    list("2026-11-23T07:00:00Z", &[("2611.00001", 130), ("2611.00003", 52)]).await;
    // Since yesterday, or since it was first seen.
    assert_eq!(gains("2026-11-23T08:00:00Z").await, [(1, 120), (3, 50)]);
    assert_eq!(gains("2026-11-23T21:00:00Z").await, [(1, 100), (3, 50)]);
    // Nobody looked in the day before yesterday: how it stood then is not known.
    assert_eq!(gains("2026-11-26T08:00:00Z").await, []);
}

fn robots(n: usize) -> Paper {
    let id = PaperId::from_arxiv(&format!("2611.01{n:03}")).unwrap();
    let mut paper = Paper::new(id, format!("Cooking robots {n}"), "https://example.org/r");
    paper.summary = "A robot learns to cook pasta in kitchens, by imitation of people.".to_owned();
    paper.votes = Some(2);
    paper
}

fn proteins(n: usize) -> Paper {
    let id = PaperId::from_arxiv(&format!("2611.02{n:03}")).unwrap();
    let mut paper = Paper::new(id, format!("Protein folding {n}"), "https://example.org/p");
    paper.summary = "Structures of proteins, told from sequences of amino acids.".to_owned();
    paper.votes = Some(90);
    paper
}

fn galaxies(n: usize) -> Paper {
    let id = PaperId::from_arxiv(&format!("2611.03{n:03}")).unwrap();
    let mut paper = Paper::new(id, format!("Old galaxies {n}"), "https://example.org/g");
    paper.summary = "Spectra of distant galaxies show how stars have formed there.".to_owned();
    paper.votes = Some(60);
    paper
}

const ALL_IN_FULL: &str = "[digest]\nmax_papers = 50\n";

/// A paper that has nothing to do with any other.
fn lonely(n: usize) -> Paper {
    let id = PaperId::from_arxiv(&format!("2611.04{n:03}")).unwrap();
    Paper::new(id, format!("Wholly{n}word"), "https://example.org/l")
}

/// The path of the mail's link about the paper with this title.
fn link_of(mail: &Mail, title: &str) -> String {
    let after = mail.html.split(title).nth(1).unwrap_or_else(|| panic!("no {title}"));
    let after = after.split("/taste/").nth(1).unwrap();
    format!("/taste/{}", after.split('"').next().unwrap())
}

async fn a_word_by_the_mails_link(site: Site) {
    let few = (0..3).flat_map(|n| [robots(n), proteins(n), galaxies(n)]);
    site.list(few.chain((0..30).map(lonely)).collect()).await;
    let digest = site.welcome("ada@example.org").await;
    let bystander = site.welcome("bob@example.org").await;
    assert!(digest.subject.contains("Protein"), "by votes: {}", digest.subject);
    let link = link_of(&digest, "Cooking robots 1");
    let own = digest.link("taste");
    assert!(link.starts_with(&format!("{own}?p=")), "{link} {own}");

    // A look, however often, by whomever, changes nothing; there is no script on the page.
    let before = format!("{:?}", site.subscriber("ada@example.org").await);
    for path in [&link, &link, &own, &format!("{link}&said=more&do=more")] {
        let page = site.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("More like this") && !page.body.contains("<script"));
        assert!(page.header("x-robots-tag").contains("noindex"));
        assert_eq!(site.ask("HEAD", path, "", b"").await.status, 200);
    }
    assert!(site.get(&link).await.body.contains("Cooking robots 1"));
    assert_eq!(site.post(&link, "do=nonsense").await.status, 200);
    assert_eq!(site.post(&own, "").await.status, 200);
    assert_eq!(format!("{:?}", site.subscriber("ada@example.org").await), before);

    // The button acts, and twice is once.
    let done = site.post(&link, "do=more").await;
    assert_eq!(done.header("location"), format!("{link}&said=more"));
    assert!(site.get(done.header("location")).await.body.contains("come first"));
    assert_eq!(site.post(&link, "do=more").await.status, 303);
    let galaxy = link_of(&digest, "Old galaxies 2");
    assert_eq!(site.post(&galaxy, "do=less").await.status, 303);
    let ada = site.subscriber("ada@example.org").await.unwrap();
    let said = site.app.store.rated(ada.id).await.unwrap();
    assert_eq!(said.len(), 2, "{said:?}");
    let page = site.get(&own).await.body;
    assert!(page.contains("robot") && page.contains("What was learned"), "{page}");
    // On the page of all papers a button is about its own.
    let key = link_of(&digest, "Old galaxies 0").split_once("?p=").unwrap().1.to_owned();
    let done = site.post(&own, &format!("do=less&p={key}")).await;
    assert_eq!(done.header("location"), format!("{own}?said=less"));
    assert_eq!(site.app.store.rated(ada.id).await.unwrap().len(), 3);

    // The next digest is in her order, and says why; others' is as ever.
    site.at("2026-11-23T10:00:00Z");
    let mut new: Vec<Paper> =
        (10..13).flat_map(|n| [robots(n), proteins(n), galaxies(n)]).collect();
    let hidden = robots(14);
    new.push(hidden.clone());
    site.list(new).await;
    let rows = site.app.store.candidates(time("2026-11-23T00:00:00Z")).await.unwrap();
    let hidden = rows.iter().find(|one| one.paper.id == hidden.id).unwrap().row;
    assert_eq!(site.post(&format!("{own}?p={hidden}"), "do=hide").await.status, 303);
    site.at("2026-11-24T08:00:00Z");
    assert_eq!(site.plan().await, 2);
    site.send().await;
    let mails = site.mails();
    let to = |who: &str| mails.iter().rev().find(|mail| mail.to.starts_with(who)).unwrap();
    let (hers, his) = (to("ada"), to("bob"));
    assert!(hers.subject.contains("Cooking robots"), "{}", hers.subject);
    assert!(hers.text.contains("Because you liked Cooking robots 1"), "{}", hers.text);
    assert!(!hers.text.contains("Cooking robots 14") && his.text.contains("Cooking robots 14"));
    assert!(his.subject.contains("Protein folding"), "{}", his.subject);
    assert!(!his.text.contains("you liked"));
    // Nothing is left out but what is hidden, and what is not wanted comes last.
    for n in 10..13 {
        for title in ["Cooking robots", "Protein folding", "Old galaxies"] {
            assert!(hers.text.contains(&format!("{title} {n}")), "{title} {n}");
        }
    }
    let place = |title| hers.text.find(title).unwrap();
    assert!(place("Protein folding 1") < place("Old galaxies 1"), "{}", hers.text);
    // Two earlier papers near the lead, by their titles.
    assert!(hers.text.contains("Related, from earlier"), "{}", hers.text);
    // In the browser the links are hers as well.
    let browser = site.get(&hers.link("digest")).await.body;
    assert!(browser.contains(&format!("{own}?p=")), "{browser}");

    // Taken back here; forgotten on the preferences page.
    let done = site.post(&link, "do=back").await;
    assert_eq!(done.header("location"), format!("{link}&said=back"));
    let preferences = hers.link("preferences");
    let data = site.get(&format!("{preferences}/data")).await.body;
    assert!(data.contains("\"taste\": [") && data.contains("\"said\": \"hide\""), "{data}");
    assert!(!data.contains("\"taste\": 1"), "no row of ours: {data}");
    assert!(site.get(&preferences).await.body.contains("Forget all of it"));
    let done = site.post(&preferences, "do=reset-taste").await;
    assert_eq!(done.header("location"), format!("{preferences}?said=taste-reset"));
    assert!(!site.get(&preferences).await.body.contains("Forget all of it"));
    let ada = site.subscriber("ada@example.org").await.unwrap();
    let bob = site.subscriber("bob@example.org").await.unwrap();
    assert_eq!(ada.profile, bob.profile, "she is one of many again");
    assert!(site.app.store.rated(ada.id).await.unwrap().is_empty());

    // Wrong tokens, papers and people: as everywhere.
    let wrong = site.get("/confirm/aaaa").await.whole();
    let last = if own.ends_with('a') { 'b' } else { 'a' };
    let changed = format!("{}{last}", &own[..own.len() - 1]);
    let other = bystander.link("preferences").replace("preferences", "taste");
    for path in [&changed, &format!("{own}a"), &other, &"/taste/x".to_owned()] {
        assert_eq!(site.get(path).await.whole(), wrong, "{path}");
        assert_eq!(site.post(&format!("{path}?p=1"), "do=more").await.whole(), wrong, "{path}");
    }
    for key in ["0", "99999", "-1", "x", "1%20OR%201=1", ""] {
        assert_eq!(site.get(&format!("{own}?p={key}")).await.status, 404, "{key}");
        assert_eq!(site.post(&format!("{own}?p={key}"), "do=more").await.status, 404, "{key}");
    }
    assert_eq!(site.get(&format!("{own}?p=1&p=2")).await.status, 404);
    assert!(site.app.store.rated(ada.id).await.unwrap().is_empty());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_by_the_mails_link_on_sqlite() {
    a_word_by_the_mails_link(Site::start_with(ALL_IN_FULL).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_by_the_mails_link_on_postgres() {
    let Some(cluster) = Cluster::start() else { return };
    let more = format!("{ALL_IN_FULL}[database]\nurl = \"{}\"\n", cluster.url());
    a_word_by_the_mails_link(Site::start_with(&more).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_card_says_why_it_is_there() {
    let site = Site::start().await;
    let with = |paper: Paper, votes: u32, authors: &[&str]| Paper {
        votes: Some(votes),
        authors: authors.iter().map(|name| (*name).to_owned()).collect(),
        ..paper
    };
    let list = async |votes: u32| {
        let papers =
            vec![with(robots(1), votes, &["Ada Ames", "Kaiming He"]), with(galaxies(1), 7, &[])];
        site.list(papers).await;
    };
    list(5).await;
    site.later(5);
    list(125).await;
    site.later(1);
    for (who, topics) in [("all", ""), ("some", "galaxies%0D%0Aauthor:%22K. He%22 OR spectra")] {
        let form = format!("email={who}@example.org&topics={topics}");
        assert_eq!(site.post("/subscribe", &form).await.status, 200);
        site.send().await;
        site.post(&site.last_mail().link("confirm"), "do=confirm").await;
    }
    site.plan().await;
    site.send().await;
    let mails = site.mails();
    let of = |who: &str| mails.iter().rev().find(|mail| mail.to.starts_with(who)).unwrap();
    let (all, some) = (of("all"), of("some"));
    assert!(all.text.contains("+120 votes since yesterday"), "{}", all.text);
    assert!(all.html.contains("+120 votes since yesterday"));
    assert_eq!(all.text.matches("since yesterday").count(), 1);
    assert!(some.text.contains("By an author you follow: Kaiming He"), "{}", some.text);
    assert!(
        some.html.contains("By an author you follow: <b") && some.html.contains(">Kaiming He</b>")
    );
    assert!(some.text.contains("Your topic: author:\"K. He\" OR spectra"), "{}", some.text);
    site.end().await;
}

/// The papers of the corpus, by id, at most `most`; none, with a word, where it is not here.
fn corpus(most: usize) -> Option<(Vec<Paper>, Vec<Paper>)> {
    let home = std::env::var_os("PAPERROUND_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let Ok(seeds) = std::fs::read(home.join("seed-papers.json")) else {
        eprintln!("SKIPPED: no corpus at {}", home.display());
        return None;
    };
    let seeds: Vec<serde_json::Value> = serde_json::from_slice(&seeds).unwrap();
    let seeds = seeds.iter().enumerate().map(|(n, seed)| {
        let text = |name: &str| seed[name].as_str().unwrap().to_owned();
        let id = PaperId::from_url(&format!("seed:{n}"));
        let url = format!("https://example.org/seed/{n}");
        Paper { summary: text("abstract"), ..Paper::new(id, text("title"), url) }
    });
    let dir = tempfile::tempdir().unwrap();
    for archive in ["huggingface-html", "huggingface-api"] {
        let file = home.join(format!("{archive}.tar.xz"));
        let tar = std::process::Command::new("tar")
            .arg("-xJf")
            .arg(file)
            .arg("-C")
            .arg(dir.path())
            .status();
        assert!(tar.unwrap().success(), "{archive}");
    }
    let mut found = HashMap::new();
    let mut folders = vec![dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let is = |ending| path.extension().is_some_and(|found| found == ending);
            if is("html") || is("json") {
                // What is broken on purpose holds no papers.
                let read = source::read(None, &bytes, None, None);
                let papers = read.map(|(_, reading)| reading.listing.papers).unwrap_or_default();
                found.extend(papers.into_iter().map(|one| (one.id.clone(), one)));
            }
        }
    }
    let mut papers: Vec<Paper> = found.into_values().collect();
    papers.sort_by(|one, other| one.id.cmp(&other.id));
    assert!(papers.len() >= most, "{} papers", papers.len());
    papers.truncate(most);
    Some((seeds.collect(), papers))
}

/// Of 182 papers about one thing among 2,000 others, a reader likes ten: at least four in five
/// of the 30 that come first are then of those; after a reset it is as it was, to the byte.
#[tokio::test(flavor = "multi_thread")]
async fn ten_likes_find_their_like() {
    let Some((seeds, others)) = corpus(2_000) else { return };
    assert_eq!(seeds.len(), 182);
    let site = Site::start().await;
    let ids: HashSet<PaperId> = seeds.iter().map(|paper| paper.id.clone()).collect();
    // Mixed: neither is listed before the other.
    let mut all: Vec<Paper> = seeds.into_iter().chain(others).collect();
    all.sort_by_key(|paper| paper.title.bytes().rev().collect::<Vec<_>>());
    site.list(all).await;
    site.subscribe("ada@example.org").await;
    let candidates = site.app.store.candidates(time("2026-11-23T00:00:00Z")).await.unwrap();
    let rows: Vec<i64> =
        candidates.iter().filter(|one| ids.contains(&one.paper.id)).map(|one| one.row).collect();
    let seeds: HashSet<i64> = rows.iter().copied().collect();
    let planner = site.app.planner().unwrap();
    let email = "ada@example.org".parse().unwrap();
    let digest = async || planner.preview(Some(&email)).await.unwrap().unwrap().digest;
    let before = digest().await;
    assert!(before.papers[..30].iter().filter(|row| seeds.contains(row)).count() < 5);
    let ada = site.subscriber("ada@example.org").await.unwrap();
    let token = site.app.links().page(paperround::links::Purpose::Taste, ada.person(), 0);
    let page = token.strip_prefix("https://digest.example").unwrap().to_owned();

    let mut shares = Vec::new();
    for start in 0..6 {
        let liked: Vec<i64> = (0..10).map(|n| rows[(3 * start + n * 18) % rows.len()]).collect();
        for row in &liked {
            assert_eq!(site.post(&format!("{page}?p={row}"), "do=more").await.status, 303);
        }
        // What she likes she has read; the others are in question.
        let top = digest().await.papers;
        let top = top.iter().filter(|row| !liked.contains(row)).take(30);
        shares.push(top.filter(|row| seeds.contains(row)).count() as f64 / 30.0);
        assert_eq!(site.post(&page, "do=reset").await.status, 303);
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    eprintln!("of the first 30: {mean:.3} on average, {shares:.2?}");
    assert!(mean >= 0.8 && shares[0] >= 0.8, "{mean} {shares:?}");

    // None of it remains.
    let after = digest().await;
    assert_eq!((after.papers, after.html), (before.papers, before.html));
    let ada = site.subscriber("ada@example.org").await.unwrap();
    assert!(!ada.has_taste && site.app.store.rated(ada.id).await.unwrap().is_empty());
    let folder = site.end().await;
    let file = rusqlite::Connection::open(folder.path().join("data/paperround.db")).unwrap();
    let count = |what: &str| -> i64 {
        file.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count("taste"), 0);
    assert_eq!(count("profiles WHERE preferences LIKE '%taste%'"), 0);
    assert_eq!(
        count("subscriber_events WHERE what = 'taste' AND detail <> 'forgotten, as they asked'"),
        0
    );
}

/// Of the papers named beside a lead about one thing, most are about the same, as far as is known:
/// among the 2,000 others some are, too. By chance one in fourteen would be.
#[tokio::test(flavor = "multi_thread")]
async fn related_papers_are_related() {
    let Some((seeds, others)) = corpus(2_000) else { return };
    let site = Site::start().await;
    let ids: HashSet<String> = seeds.iter().map(|paper| paper.url.clone()).collect();
    let (leads, earlier) = seeds.split_at(30);
    site.list(earlier.iter().chain(&others).cloned().collect()).await;
    // Each lead alone in a digest: the others were listed too long ago for one.
    let (mut named, mut right) = (0, 0);
    let planner = site.app.planner().unwrap();
    for (n, lead) in leads.iter().enumerate() {
        site.later(24 * 8);
        site.list(vec![lead.clone()]).await;
        let html = planner.preview(None).await.unwrap().unwrap().digest.html;
        let beside = html.split("Related, from earlier").nth(1).unwrap_or_default();
        let beside = beside.split("</table>").next().unwrap_or_default();
        let links: Vec<&str> = beside.split("href=\"").skip(1).collect();
        assert!(links.len() <= 2, "{n}: {beside}");
        let url = |link: &&str| ids.contains(link.split('"').next().unwrap());
        named += links.len();
        right += links.iter().filter(|link| url(link)).count();
    }
    eprintln!("{right} of {named} related papers of {} leads are about the same", leads.len());
    assert!(named >= leads.len() && right * 2 >= named, "{right} of {named}");
    site.end().await;
}
