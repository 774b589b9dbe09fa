//! Links: each opens with the right key alone, and nobody else's mail leads to one.

use super::*;

fn links() -> Links {
    let inbound = Some("papers@digest.example".parse().unwrap());
    let contact = "help@digest.example".parse().unwrap();
    Links::new(Key::new([7; 32]), "https://digest.example", inbound, contact)
}

const ADA: Person = Person { id: 42, epoch: 1_700_000_000_000_000 };

#[test]
fn a_token_holds_for_its_purpose_person_and_context_alone() {
    let links = links();
    let token = links.token(Purpose::Confirm, ADA, 29_000_000, "");
    let claim = Claim::read(&token).unwrap();
    assert_eq!((claim.subscriber, claim.number), (42, 29_000_000));
    assert!(links.holds(&claim, Purpose::Confirm, ADA, ""));
    assert!(!links.holds(&claim, Purpose::Unsubscribe, ADA, ""));
    assert!(!links.holds(&claim, Purpose::Confirm, Person { epoch: 1, ..ADA }, ""));
    assert!(!links.holds(&claim, Purpose::Confirm, Person { id: 43, ..ADA }, ""));
    assert!(!links.holds(&claim, Purpose::Confirm, ADA, "x"));
    let other = Links::new(Key::new([8; 32]), "https://digest.example", None, links.contact);
    assert!(!other.holds(&claim, Purpose::Confirm, ADA, ""));
}

#[test]
fn no_other_text_means_the_same() {
    let links = links();
    let token = links.token(Purpose::Unsubscribe, ADA, 0, "");
    assert!(token.len() >= 22, "{token}");
    for at in 0..token.len() {
        for letter in b"abcdefghijklmnopqrstuvwxyz234567ABCD=%-_. 018".iter().copied() {
            let mut changed = token.clone().into_bytes();
            if changed[at] == letter {
                continue;
            }
            changed[at] = letter;
            let changed = String::from_utf8(changed).unwrap();
            let held = Claim::read(&changed)
                .is_some_and(|claim| links.holds(&claim, Purpose::Unsubscribe, ADA, ""));
            assert!(!held, "{changed}");
        }
    }
    for more in [format!("{token}a"), format!("a{token}"), token[1..].to_owned()] {
        let held = Claim::read(&more)
            .is_some_and(|claim| links.holds(&claim, Purpose::Unsubscribe, ADA, ""));
        assert!(!held, "{more}");
    }
}

#[test]
fn a_canary_is_known_by_its_address_alone() {
    let links = links().with_bounces(Some(&"back@digest.example".parse().unwrap()));
    let number = u64::MAX;
    for address in [links.canary_by_mail(number), links.canary_by_bounces(number)] {
        let address = address.unwrap();
        assert!(address.parse::<EmailAddress>().unwrap().local().len() <= 64, "{address}");
        let Some(Tag::Canary(token)) = links.tag(&address) else { panic!("{address}") };
        assert_eq!(links.canary(token), Some(number));
    }
    let other = links.token(Purpose::Reply, Person::default(), number, "");
    assert_eq!(links.canary(&other), None);
}

#[test]
fn days_have_numbers() {
    let day = jiff::civil::date(2026, 11, 3);
    assert_eq!(day_number(day), 20_261_103);
    assert_eq!(day_of(20_261_103), Some(day));
    assert_eq!([0, 20_261_131, 99_999_999_999].map(day_of), [None; 3]);
}

#[test]
fn addresses_fit_into_a_mailbox() {
    let links = links();
    let person = Person { id: 999_999_999, epoch: i64::MAX };
    let by_mail = links.unsubscribe_by_mail(person);
    let address = by_mail.strip_prefix("mailto:").unwrap();
    assert!(address.parse::<EmailAddress>().unwrap().local().len() <= 64, "{address}");
    let at = "2026-11-23T08:00:00Z".parse().unwrap();
    let reply = links.confirm_by_mail(person, at).unwrap();
    let orders = links.orders_by_mail(person, 99_999_999_999).unwrap();
    let answer = links.reply_by_mail(person).unwrap();
    let links = links.with_bounces(Some(&"sixteen-letters1@digest.example".parse().unwrap()));
    let bounce = links.bounce_by_mail(person, 9_999_999_999).unwrap();
    for address in [&reply, &orders, &answer, &bounce] {
        assert!(address.parse::<EmailAddress>().unwrap().local().len() <= 64, "{address}");
    }
    assert_eq!(
        links.subscribe_by_mail().as_deref(),
        Some("mailto:papers+subscribe@digest.example")
    );
}

#[test]
fn mailboxes_say_what_they_are_for() {
    let links = links().with_bounces(Some(&"back@bücher.example".parse().unwrap()));
    for (address, tag) in [
        ("papers@digest.example", Some(Tag::None)),
        ("papers+odd-thing@digest.example", Some(Tag::None)),
        ("Papers+subscribe@DIGEST.example", Some(Tag::Subscribe)),
        ("papers+help@digest.example", Some(Tag::Help)),
        ("papers+unsubscribe-a2@digest.example", Some(Tag::Unsubscribe("a2"))),
        ("papers+confirm-@digest.example", Some(Tag::Confirm(""))),
        ("\"papers+r-a2\"@digest.example", Some(Tag::Reply("a2"))),
        ("back+b-a2@xn--bcher-kva.example", Some(Tag::Bounce("a2"))),
        ("back+b-a2@digest.example", None),
        ("papersx@digest.example", None),
        ("paper@digest.example", None),
        ("papers@other.example", None),
        ("papers", None),
        ("päpers@digest.example", None),
    ] {
        assert_eq!(links.tag(address), tag, "{address}");
    }
}

#[test]
fn no_text_makes_it_panic() {
    proptest::proptest!(|(text in ".{0,80}")| {
        let _ = Claim::read(&text);
    });
    proptest::proptest!(|(id in 0..=i64::MAX, number: u64)| {
        let token = links().token(Purpose::Digest, Person { id, epoch: 1 }, number, "");
        let claim = Claim::read(&token).unwrap();
        proptest::prop_assert_eq!((claim.subscriber, claim.number), (id, number));
    });
}
