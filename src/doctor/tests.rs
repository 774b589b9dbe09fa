//! The doctor's manners: whatever a check does, the others go on and nothing is made.

use super::*;

fn config(text: &str) -> Config {
    let folder = std::env::temp_dir().join("paperround-doctor-has-no-folder");
    Config::parse(text, &folder.join("c.toml"), std::iter::empty()).unwrap().config
}

fn patient() -> Arc<Patient> {
    let text = "[site]\nurl = \"https://digest.example\"\n\
                [mail]\nfrom = \"papers@digest.example\"\n\
                [[mail.relays]]\nurl = \"folder:out\"\n";
    let (key, store) = (Err("no key".to_owned()), Err("no database".to_owned()));
    Arc::new(Patient::with(config(text), None, Clock::system(), key, store))
}

const PANICS: Check = Check {
    group: Group::Mail,
    name: "panics",
    asks: false,
    limit: LIMIT,
    look: |_, _| Box::pin(async { panic!("on purpose") }),
};

const HANGS: Check = Check {
    group: Group::Mail,
    name: "hangs",
    asks: true,
    limit: LIMIT,
    look: |_, _| Box::pin(std::future::pending()),
};

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_is_told_and_ends() {
    let (doctor, scope) = (Doctor(patient()), Arc::new(Scope::default()));
    let found = doctor.one(&HANGS, &scope).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].verdict, found[0].name.as_str()), (Verdict::Bad, "hangs"));
    assert!(found[0].says.contains("within 45 s"), "{}", found[0].says);
    let offline = Arc::new(Scope { offline: true, ..Scope::default() });
    assert_eq!(doctor.one(&HANGS, &offline).await[0].verdict, Verdict::Skipped);
}

#[tokio::test]
async fn a_check_that_panics_is_told_and_stops_no_other() {
    let (doctor, scope) = (Doctor(patient()), Arc::new(Scope::default()));
    let found = gather(vec![(&PANICS, tokio::spawn(doctor.one(&PANICS, &scope)))]).await;
    assert_eq!(found[0].verdict, Verdict::Bad);
    assert!(found[0].says.contains("by a fault of the program"), "{}", found[0].says);
}

#[tokio::test]
async fn without_key_and_database_all_is_still_looked_at() {
    let scope = Scope { offline: true, ..Scope::default() };
    let found = Doctor(patient()).examine(&scope).await;
    let of = |group: Group| found.iter().filter(|finding| finding.group == group).count();
    for group in Group::ALL {
        assert!(of(group) > 0, "{group:?}");
    }
    for finding in found.iter().filter(|finding| finding.verdict == Verdict::Bad) {
        assert!(finding.mend.is_some(), "{finding:?}");
    }
    // Nothing was made.
    assert!(!patient().config.site.data_dir.exists());
    let only = Scope { only: Some(Group::Senders), ..scope };
    let found = Doctor(patient()).examine(&only).await;
    assert!(found.iter().all(|finding| finding.group == Group::Senders) && found.len() == 10);
}
