//! What a longer mail costs: how many times as long ten times the input takes, for each way in
//! which a mail can be long. Time is what this thread was on a CPU (Linux), so that what else the
//! machine does hardly counts. Prints ratios, the worst last; no absolute times.
//!
//! `cargo bench --bench inbound` shows a table; `-- --json` one object; `-- --quick` measures less.

use std::collections::BTreeMap;
use std::hint::black_box;

use paperround::bounce;
use paperround::inbound::session::{Memory, Next, Session, rehearse};
use paperround::inbound::{Accepted, Arrival, Limits, explain};
use paperround::mail::Incoming;
use paperround::model::EmailAddress;

/// Octets of an input.
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// Ten times the input takes at most so many times as long.
const MOST: f64 = 12.0;
/// Nanoseconds that can be measured, and how often each is at least.
const SAMPLE: u64 = 500_000;
const ROUNDS: u32 = 7;

type Write = fn(usize) -> Vec<u8>;
type Read = fn(&[u8]);

fn main() -> anyhow::Result<()> {
    let given = |word: &str| std::env::args().any(|one| one == word);
    let patience = if given("--quick") { 50_000_000 } else { 250_000_000 };
    let mails: [(&str, Write); 21] = [
        ("a report of many recipients", many_recipients),
        ("a report without fields, of many", many_told),
        ("a report in one long line", long_report),
        ("a report with all of a mail", much_returned),
        ("a complaint with many fields", complaint),
        ("many header fields", many_headers),
        ("one header field of many lines", folded),
        ("many encoded words", encoded_words),
        ("many recipients in the header", many_to),
        ("reply prefixes", prefixes),
        ("parts beside parts", wide),
        ("parts in parts", deep),
        ("mails in mails", nested),
        ("many boundaries that open nothing", boundaries),
        ("a person's many lines", prose),
        ("a person's one line", one_line),
        ("a quoted digest", quoted),
        ("orders", orders),
        ("HTML elements in each other", html_deep),
        ("HTML of many links", html_wide),
        ("base64", base64),
    ];
    let talks: [(&str, Write); 5] = [
        ("one mail", talk_of_one),
        ("many mails", talk_of_many),
        ("dots", talk_of_dots),
        ("commands", talk_of_commands),
        ("a line without an end", talk_of_line),
    ];
    let mut found = BTreeMap::new();
    let mut measure = |what: &str, write: Write, read: Read| {
        let [small, large, huge] = shortest(&SIZES.map(write), read, patience)?;
        found.insert(what.to_owned(), [large / small, huge / large]);
        anyhow::Ok(())
    };
    for (name, write) in mails {
        measure(&format!("read: {name}"), write, |mail| {
            black_box(bounce::read(&Incoming::read(mail)));
        })?;
        measure(&format!("explain: {name}"), write, explained)?;
    }
    for (name, write) in talks {
        measure(&format!("talk: {name}"), write, |input| conversation(input, 16 * 1024))?;
        measure(&format!("talk by octets: {name}"), write, |input| conversation(input, 1))?;
        measure(&format!("rehearse: {name}"), write, |input| {
            black_box(rehearse(input, 7));
        })?;
    }
    let worst = found.iter().flat_map(|(name, ratios)| ratios.map(|ratio| (ratio, name)));
    let worst = worst.max_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, name) = worst.ok_or_else(|| anyhow::anyhow!("nothing was measured"))?;
    if given("--json") {
        println!("{}", serde_json::json!({ "worst": ratio, "of": name, "all": found }));
        return Ok(());
    }
    println!("{:56}{:>12}{:>12}", "ten times as long takes so many times", "of 10 kB", "of 100 kB");
    for (name, [small, large]) in &found {
        println!("{name:56}{small:>12.2}{large:>12.2}");
    }
    println!("the worst, of at most {MOST}: {ratio:.2} ({name})");
    Ok(())
}

/// Nanoseconds of the shortest of several readings of each input, which are read in turn: what
/// slows the machine down for a while does so to all of them.
fn shortest(inputs: &[Vec<u8>; 3], read: Read, patience: u64) -> anyhow::Result<[f64; 3]> {
    // Of a short input so many that they can be measured.
    let mut readings = [1_u32; 3];
    for (input, readings) in inputs.iter().zip(&mut readings) {
        while timed(input, read, *readings)? < SAMPLE {
            *readings *= 2;
        }
    }
    let (mut least, mut all) = ([f64::INFINITY; 3], 0);
    for round in 0.. {
        if round >= ROUNDS && all >= patience {
            break;
        }
        for at in 0..3 {
            let took = timed(&inputs[at], read, readings[at])?;
            least[at] = least[at].min(took as f64 / f64::from(readings[at]));
            all += took;
        }
    }
    Ok(least)
}

fn timed(input: &[u8], read: Read, readings: u32) -> anyhow::Result<u64> {
    let begun = on_cpu()?;
    (0..readings).for_each(|_| read(black_box(input)));
    Ok(on_cpu()? - begun)
}

/// Nanoseconds that this thread has been on a CPU.
fn on_cpu() -> anyhow::Result<u64> {
    // The kernel counts up to this moment when a thread yields.
    std::thread::yield_now();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = stat.split_whitespace().next().unwrap_or_default();
    Ok(first.parse()?)
}

fn explained(mail: &[u8]) {
    let own: Option<EmailAddress> = "papers@digest.example".parse().ok();
    let to = ["papers@digest.example".to_owned()];
    let arrival = Arrival { from: Some("ada@example.org"), to: &to, bytes: mail };
    black_box(explain(&arrival, own.as_ref(), jiff::civil::date(2026, 11, 25)));
}

/// The client's side said to a session with the limits that the listener has, in pieces.
fn conversation(input: &[u8], piece: usize) {
    let limits = Limits::default();
    let mut session = Session::new("mx", "id", &limits, Memory::new(limits.memory), false);
    let mut out = Vec::new();
    session.greet(&mut out);
    for mut rest in input.chunks(piece) {
        while !rest.is_empty() {
            match session.step(&mut rest, &mut out, &|_| true) {
                Next::Mail => session.settle(Some(&Accepted::Done), &mut out),
                Next::Close => return,
                Next::More | Next::Again | Next::Handshake => {}
            }
        }
        out.clear();
    }
    black_box(session);
}

/// `head`, as many of `each` as make up the size, `tail`.
fn grown(size: usize, head: &str, each: impl Fn(usize) -> String, tail: &str) -> Vec<u8> {
    let mut text = head.to_owned();
    for number in 0.. {
        if text.len() + tail.len() >= size {
            break;
        }
        text.push_str(&each(number));
    }
    text.push_str(tail);
    text.into_bytes()
}

const DAEMON: &str = "From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n\
    To: papers@digest.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\
    Date: Wed, 25 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1.dsn@mx.example>\r\n\
    MIME-Version: 1.0\r\n";
const REPORT: &str = "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\
    \r\n--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
    --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n";
const ADA: &str = "From: Ada <ada@example.org>\r\nTo: papers@digest.example\r\n\
    Date: Wed, 25 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n";

fn status(number: usize) -> String {
    format!(
        "\r\nFinal-Recipient: rfc822; reader{number}@example.org\r\nAction: failed\r\n\
         Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\r\n"
    )
}

fn many_recipients(size: usize) -> Vec<u8> {
    grown(size, &format!("{DAEMON}{REPORT}"), status, "\r\n--b--\r\n")
}

fn many_told(size: usize) -> Vec<u8> {
    let head = format!(
        "{DAEMON}\r\nHi. This is the qmail-send program at mx.example.\r\n\
         I'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
    );
    let each = |number| {
        format!(
            "\r\n<reader{number}@example.org>:\r\n192.0.2.1 does not like recipient.\r\n\
             Remote host said: 550 5.1.1 user unknown\r\n"
        )
    };
    grown(size, &head, each, "\r\n--- Below this line is a copy of the message.\r\n")
}

fn long_report(size: usize) -> Vec<u8> {
    let head = format!("{DAEMON}\r\nThe following addresses had permanent fatal errors: ");
    grown(size, &head, |number| format!("<reader{number}@example.org> user unknown; "), "\r\n")
}

fn much_returned(size: usize) -> Vec<u8> {
    let head = format!(
        "{DAEMON}{REPORT}{}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{ADA}\
         Subject: papers\r\n\r\n",
        status(1)
    );
    grown(size, &head, |number| format!("Line {number} of a digest of papers.\r\n"), "--b--\r\n")
}

fn complaint(size: usize) -> Vec<u8> {
    let head = format!(
        "{DAEMON}Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\r\n\
         \r\n--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n\
         --b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n"
    );
    let tail = "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: a@example.org\r\n--b--\r\n";
    grown(size, &head, |n| format!("Original-Rcpt-To: reader{n}@example.org\r\n"), tail)
}

fn many_headers(size: usize) -> Vec<u8> {
    let each = |number| format!("X-Field-{number}: from mx.example by mx2.example; {number}\r\n");
    grown(size, ADA, each, "Subject: unsubscribe\r\n\r\nunsubscribe\r\n")
}

fn folded(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: stop\r\nReferences: <0@example.org>\r\n");
    grown(size, &head, |number| format!(" <{number}@example.org>\r\n"), "\r\nunsubscribe\r\n")
}

fn encoded_words(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: stop\r\n");
    grown(size, &head, |_| " =?utf-8?Q?caf=C3=A9_au_lait?=\r\n".to_owned(), "\r\nstatus\r\n")
}

fn many_to(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: stop\r\nCc: a@example.org");
    let each = |number| format!(",\r\n \"Reader {number}\" <r{number}@example.org>");
    grown(size, &head, each, "\r\n\r\nstatus\r\n")
}

fn prefixes(size: usize) -> Vec<u8> {
    grown(size, &format!("{ADA}Subject: "), |_| "Re: AW: ".to_owned(), "stop\r\n\r\nstop\r\n")
}

fn wide(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n");
    let each = |number| format!("--b\r\nContent-Type: text/plain\r\n\r\npart {number}\r\n");
    grown(size, &head, each, "--b--\r\n")
}

fn deep(size: usize) -> Vec<u8> {
    let each =
        |n| format!("Content-Type: multipart/mixed; boundary=\"b{n}\"\r\n\r\npre\r\n--b{n}\r\n");
    grown(size, ADA, each, "Content-Type: text/plain\r\n\r\nunsubscribe\r\n")
}

fn nested(size: usize) -> Vec<u8> {
    let each = |n| format!("Content-Type: message/rfc822\r\n\r\nSubject: level {n}\r\n");
    grown(size, ADA, each, "\r\nunsubscribe\r\n")
}

fn boundaries(size: usize) -> Vec<u8> {
    let head = format!("{DAEMON}Content-Type: multipart/report; boundary=\"other\"\r\n\r\n");
    let each = |n| format!("--b{n}\r\nContent-Type: message/delivery-status\r\n{}", status(n));
    grown(size, &head, each, "--b--\r\n")
}

fn prose(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: hello\r\n\r\n");
    let each = |n| format!("This is line {n}, and please do not unsubscribe me from anything.\r\n");
    grown(size, &head, each, "Thank you\r\n")
}

fn one_line(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: hello\r\n\r\n");
    grown(size, &head, |n| format!("and {n} more words that I write without an end "), "\r\n")
}

fn quoted(size: usize) -> Vec<u8> {
    let head = format!(
        "{ADA}Subject: Re: papers\r\n\r\nstop please\r\n\r\n\
         On Tue, 24 Nov 2026 at 08:00, Paper Round <papers@digest.example> wrote:\r\n"
    );
    let each = |n: usize| format!("{} paper {n} of the day\r\n", ">".repeat(n % 5 + 1));
    grown(size, &head, each, "-- \r\nAda\r\n")
}

fn orders(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: settings\r\n\r\n");
    let each = |n| format!("add topic \"topic {n}\"\r\npause 2 weeks\r\nset time 07:30\r\n");
    grown(size, &head, each, "\r\n")
}

fn html_deep(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>");
    grown(size, &head, |n| format!("<div><b>{n} </b>\r\n"), "unsubscribe</html>\r\n")
}

fn html_wide(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>");
    let each = |n| format!("<a href=\"https://example.org/{n}\">paper&nbsp;{n}</a><br>\r\n");
    grown(size, &head, each, "</p>\r\n")
}

fn base64(size: usize) -> Vec<u8> {
    let head = format!("{ADA}Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    // "please do not unsubscribe me from anything, I like it all\r\n"
    let line = "cGxlYXNlIGRvIG5vdCB1bnN1YnNjcmliZSBtZSBmcm9tIGFueXRoaW5nLCBJIGxpa2UgaXQg\r\n";
    grown(size, &head, |_| line.to_owned(), "\r\n")
}

const ENVELOPE: &str = "MAIL FROM:<ada@example.org>\r\nRCPT TO:<papers@example.org>\r\nDATA\r\n";

fn talk_of_one(size: usize) -> Vec<u8> {
    let head = format!("EHLO mx.example\r\n{ENVELOPE}");
    grown(size, &head, |n| format!("line {n} of a mail\r\n"), ".\r\nQUIT\r\n")
}

fn talk_of_many(size: usize) -> Vec<u8> {
    let each = |n| format!("{ENVELOPE}Subject: {n}\r\n\r\nunsubscribe\r\n.\r\n");
    grown(size, "EHLO mx.example\r\n", each, "QUIT\r\n")
}

fn talk_of_dots(size: usize) -> Vec<u8> {
    let head = format!("EHLO mx.example\r\n{ENVELOPE}");
    grown(size, &head, |_| "..\r\n".to_owned(), ".\r\nQUIT\r\n")
}

fn talk_of_commands(size: usize) -> Vec<u8> {
    let each = |n: usize| match n % 100 {
        99 => format!("{ENVELOPE}x\r\n.\r\n"),
        _ => "NOOP what is said with it is passed over\r\n".to_owned(),
    };
    grown(size, "EHLO mx.example\r\n", each, "QUIT\r\n")
}

fn talk_of_line(size: usize) -> Vec<u8> {
    let head = format!("EHLO mx.example\r\n{ENVELOPE}");
    grown(size, &head, |_| "x".repeat(100), "\r\n.\r\nQUIT\r\n")
}
