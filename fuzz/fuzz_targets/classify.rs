//! Any bytes as a mail: what it is taken for. A mail that is no report suppresses nobody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use paperround::inbound::{Arrival, Class, explain};
use paperround::model::{EmailAddress, Verdict};

fuzz_target!(|bytes: &[u8]| {
    let own: Option<EmailAddress> = "papers@digest.example".parse().ok();
    let to = ["papers@digest.example".to_owned()];
    let arrival = Arrival { from: Some("a@example.org"), to: &to, bytes };
    let told = explain(&arrival, own.as_ref(), jiff::civil::date(2026, 11, 23));
    let ends = |verdict| matches!(verdict, Verdict::Hard | Verdict::Complaint);
    let report = matches!(told.class, Class::Bounce | Class::Complaint);
    assert!(report || !told.results.iter().any(|one| ends(one.verdict)));
});
