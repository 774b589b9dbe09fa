//! Any bytes as a feedback report (RFC 5965) and the mail that it is about.
#![no_main]

use libfuzzer_sys::fuzz_target;
use paperround::bounce;
use paperround::mail::Incoming;

const HEAD: &str = "From: feedback@provider.example\r\nTo: papers@digest.example\r\n\
    Subject: complaint\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\r\n\r\n\
    --b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n\
    --b\r\nContent-Type: message/feedback-report\r\n\r\n";
const MAIL: &str = "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n";

fuzz_target!(|bytes: &[u8]| {
    let (report, mail) = bytes.split_at(bytes.len() / 2);
    let whole =
        [HEAD.as_bytes(), report, MAIL.as_bytes(), mail, b"\r\n--b--\r\n".as_slice()].concat();
    if let Some(report) = bounce::read(&Incoming::read(&whole)) {
        assert!(report.returned.len() <= 64 * 1024 + 4);
    }
});
