//! Any bytes as the machine-readable part of a delivery report (RFC 3464), and as the words
//! around it: addresses that are told stand in the report.
#![no_main]

use libfuzzer_sys::fuzz_target;
use paperround::bounce;
use paperround::mail::Incoming;

const HEAD: &str = "From: MAILER-DAEMON@mx.example\r\nTo: papers@digest.example\r\n\
    Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
    --b\r\nContent-Type: text/plain\r\n\r\n";
const STATUS: &str = "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n";

fuzz_target!(|bytes: &[u8]| {
    let (words, status) = bytes.split_at(bytes.len() / 2);
    let mail =
        [HEAD.as_bytes(), words, STATUS.as_bytes(), status, b"\r\n--b--\r\n".as_slice()].concat();
    let report = bounce::read(&Incoming::read(&mail));
    for finding in report.into_iter().flat_map(|report| report.findings) {
        assert!(finding.detail.chars().count() <= 300);
        assert!(finding.addr.is_none_or(|addr| addr.len() <= 320));
    }
    let _ = bounce::read(&Incoming::read(bytes));
});
