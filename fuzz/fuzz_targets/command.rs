//! Any bytes as the subject and the body of a mail that a person wrote: what it asks for, in
//! words that mean the same when they are written back to us.
#![no_main]

use libfuzzer_sys::fuzz_target;
use paperround::inbound::hear;
use paperround::mail::Incoming;

fuzz_target!(|bytes: &[u8]| {
    let today = jiff::civil::date(2026, 11, 23);
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (subject, body) = bytes.split_at(at);
    let head = b"From: ada@example.org\r\nTo: papers@digest.example\r\nSubject: ".as_slice();
    let kind = b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n".as_slice();
    let heard = hear(&Incoming::read(&[head, subject, kind, body].concat()), today);
    assert!(heard.commands.len() <= 20);
    let _ = hear(&Incoming::read(bytes), today);
});
