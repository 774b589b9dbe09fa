//! Whole conversations, as bytes and over a stream whose clock stands still.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::inbound::{Accept, InboundError};
use crate::store::StoreError;

fn ours(address: &str) -> bool {
    address.ends_with("@o.example") || address == "postmaster"
}

fn session(limits: &Limits, tls: bool) -> Session {
    Session::new("mx.o.example", "a1", limits, Memory::new(limits.memory), tls)
}

/// What is answered to each line, joined by ` / ` where there are several replies, without
/// words; and `!` where the connection closes. Mail is taken as `accepted` says.
fn replies(session: &mut Session, said: &str, accepted: Option<&Accepted>) -> String {
    let mut told = Vec::new();
    let mut input = said.as_bytes();
    let mut closed = false;
    while !input.is_empty() && !closed {
        let mut out = Vec::new();
        match session.step(&mut input, &mut out, &ours) {
            Next::Mail => session.settle(accepted, &mut out),
            Next::Close => closed = true,
            Next::More | Next::Again | Next::Handshake => {}
        }
        told.extend(codes(&out));
    }
    told.join(" ") + if closed { "!" } else { "" }
}

/// `250-2.1.0` and the like; a reply of several lines is its last.
fn codes(out: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(out).unwrap();
    let last = text.lines().filter(|line| line.as_bytes()[3] == b' ');
    let code = |line: &str| {
        let mut words = line.split(' ');
        let first = words.next().unwrap().to_owned();
        match words.next() {
            Some(word) if word.split('.').count() == 3 && word.as_bytes()[1] == b'.' => {
                word.to_owned()
            }
            _ => first,
        }
    };
    last.map(code).collect()
}

#[test]
fn conversations_go_as_the_standards_say() {
    const HI: &str = "EHLO c.example\r\n";
    const ENVELOPE: &str = "MAIL FROM:<a@b.example>\r\nRCPT TO:<p@o.example>\r\n";
    let all = |parts: &[&str]| parts.concat();
    for (said, wanted) in [
        // The plain way, twice on one connection, then the end.
        (
            all(&[HI, ENVELOPE, "DATA\r\nx\r\n.\r\n", ENVELOPE, "DATA\r\n.\r\nQUIT\r\n"]),
            "250 2.1.0 2.1.5 354 2.0.0 2.1.0 2.1.5 354 2.0.0 2.0.0!",
        ),
        (all(&["HELO c\r\n", ENVELOPE, "DATA\r\n..\r\n.\r\n"]), "250 2.1.0 2.1.5 354 2.0.0"),
        // LMTP: one reply for each RCPT that was taken, twice the same too.
        (
            all(&[
                "LHLO c\r\n",
                ENVELOPE,
                "RCPT TO:<no@where.example>\r\nRCPT TO:<q@o.example>\r\n\
                RCPT TO:<q@o.example>\r\nDATA\r\n.\r\nNOOP\r\n",
            ]),
            "250 2.1.0 2.1.5 5.1.1 2.1.5 2.1.5 354 2.0.0 2.0.0 2.0.0 2.0.0",
        ),
        // The order of things.
        (all(&[ENVELOPE, "DATA\r\n"]), "5.5.1 5.5.1 5.5.1"),
        (all(&[HI, "RCPT TO:<p@o.example>\r\nDATA\r\n"]), "250 5.5.1 5.5.1"),
        (
            all(&[HI, ENVELOPE, "MAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\nDATA\r\n"]),
            "250 2.1.0 2.1.5 5.5.1 2.0.0 2.1.0 5.5.1",
        ),
        (all(&[HI, ENVELOPE, HI, "DATA\r\n"]), "250 2.1.0 2.1.5 250 5.5.1"),
        // Ours alone, however it is written.
        (
            all(&[
                HI,
                "MAIL FROM:<>\r\nRCPT TO:<p@b.example>\r\nRCPT TO:<p%b.example@o.example>\r\n\
            RCPT TO:<@o.example:p@b.example>\r\nRCPT TO:<@b.example:\"p\"@o.example>\r\n\
            RCPT TO:<postmaster>\r\nDATA\r\n.\r\n",
            ]),
            "250 2.1.0 5.1.1 2.1.5 5.1.1 2.1.5 2.1.5 354 2.0.0",
        ),
        // UTF-8 where it was announced.
        (
            all(&[HI, "MAIL FROM:<é@b.example>\r\nMAIL FROM:<>\r\nRCPT TO:<é@o.example>\r\n"]),
            "250 5.6.7 2.1.0 5.6.7",
        ),
        (
            all(&[
                HI,
                "MAIL FROM:<é@b.example> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<é@o.example>\r\n\
            DATA\r\né\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<é@o.example>\r\n",
            ]),
            "250 2.1.0 2.1.5 354 2.0.0 2.1.0 5.6.7",
        ),
        ("HELO c\r\nMAIL FROM:<> SMTPUTF8\r\nMAIL FROM:<>\r\n".to_owned(), "250 5.5.4 2.1.0"),
        // What is too long by its own account.
        (
            all(&[HI, "MAIL FROM:<> SIZE=10000001\r\nMAIL FROM:<> SIZE=10000000\r\n"]),
            "250 5.3.4 2.1.0",
        ),
        // The rest.
        (
            "VRFY a\r\nEXPN a\r\nHELP\r\nNOOP\r\nRSET\r\nSTARTTLS\r\nFOO\r\n".to_owned(),
            "2.0.0 5.5.1 2.0.0 2.0.0 2.0.0 5.5.1 5.5.1",
        ),
        (all(&[HI, ENVELOPE, "BDAT 3 LAST\r\nabcQUIT\r\n"]), "250 2.1.0 2.1.5 5.5.1!"),
        ("POST / HTTP/1.1\r\nEHLO c\r\n".to_owned(), "5.5.1!"),
        // Lines as they may not be.
        ("NOOP\nNOOP\r\n".to_owned(), "5.5.2!"),
        ("NO\rOP\r\nNOOP\r\n".to_owned(), "5.5.2!"),
        ("NOOP\r\r\nNOOP\r\n".to_owned(), "5.5.2!"),
        ("NOOP\0\r\nNOOP\r\n".to_owned(), "5.5.2!"),
        ("NOOP\rx".to_owned(), "5.5.2!"),
        (format!("NOOP {}\r\nNOOP\r\n", "x".repeat(2041)), "2.0.0 2.0.0"),
        (format!("NOOP {}\r\nNOOP\r\n", "x".repeat(2042)), "5.5.2!"),
        ("x".repeat(2047), "5.5.2!"),
        (
            all(&[
                "LHLO c\r\n",
                ENVELOPE,
                ENVELOPE,
                "RCPT TO:<q@o.example>\r\nDATA\r\na\n.\r\nQUIT\r\n",
            ]),
            "250 2.1.0 2.1.5 5.5.1 2.1.5 2.1.5 354 5.5.2 5.5.2 5.5.2!",
        ),
    ] {
        let mut session = session(&Limits::default(), false);
        assert_eq!(replies(&mut session, &said, Some(&Accepted::Done)), wanted, "{said}");
    }
}

#[test]
fn what_is_offered_is_told() {
    let mut session = session(&Limits::default(), true);
    let mut out = Vec::new();
    session.greet(&mut out);
    let _ = session.step(&mut &b"LHLO c\r\n"[..], &mut out, &ours);
    let wanted = "220 mx.o.example ESMTP and LMTP\r\n250-mx.o.example\r\n250-PIPELINING\r\n\
        250-8BITMIME\r\n250-SMTPUTF8\r\n250-STARTTLS\r\n250-SIZE 10000000\r\n\
        250 ENHANCEDSTATUSCODES\r\n";
    assert_eq!(String::from_utf8(out).unwrap(), wanted);
}

#[test]
fn the_verdict_is_of_whoever_takes_the_mail() {
    let mail = "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<p@o.example>\r\nRCPT TO:<q@o.example>\r\n\
                DATA\r\n.\r\n";
    let refused = |words: &str| Some(Accepted::Refused(words.to_owned()));
    for (accepted, wanted) in [
        (Some(Accepted::Done), "250 2.0.0 taken as a1-1\r\n".to_owned()),
        (None, "451 4.3.0 it could not be dealt with now, please try again later\r\n".to_owned()),
        (refused("no é,\r\n250 no"), "550 5.7.1 no ?,  250 no\r\n".to_owned()),
        (refused(&"x".repeat(600)), format!("550 5.7.1 {}\r\n", "x".repeat(400))),
    ] {
        let mut session = session(&Limits::default(), false);
        let (mut input, mut out) = (mail.as_bytes(), Vec::new());
        while session.step(&mut input, &mut out, &ours) != Next::Mail {}
        let arrival = session.arrival();
        assert_eq!((arrival.from, arrival.to.len()), (Some(""), 2));
        out.clear();
        session.settle(accepted.as_ref(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), wanted.repeat(2));
    }
}

#[test]
fn limits_hold() {
    let small =
        Limits { mail: 100, recipients: 2, errors: 3, commands: 8, mails: 2, ..Limits::default() };
    let done = Some(&Accepted::Done);
    let play = |said: &str| replies(&mut session(&small, false), said, done);
    let hi = "HELO c\r\nMAIL FROM:<>\r\n";
    let rcpt = "RCPT TO:<p@o.example>\r\n";
    assert_eq!(play("X\r\nX\r\nX\r\nX\r\n"), "5.5.1 5.5.1 4.7.0!");
    assert_eq!(play(&"NOOP\r\n".repeat(9)), format!("{}4.7.0!", "2.0.0 ".repeat(8)));
    let said = format!("{hi}{}", rcpt.repeat(3));
    assert_eq!(play(&said), "250 2.1.0 2.1.5 2.1.5 4.5.3");
    // Strangers' recipients are no fault of the server that passes them on.
    let said = format!("{hi}{}{rcpt}", "RCPT TO:<p@b.example>\r\n".repeat(5));
    assert_eq!(play(&said), "250 2.1.0 5.1.1 5.1.1 5.1.1 5.1.1 5.1.1 2.1.5");
    // A mail that is taken makes up for faults.
    let mail = format!("MAIL FROM:<>\r\n{rcpt}DATA\r\n.\r\n");
    let said = format!("HELO c\r\nX\r\nX\r\n{mail}X\r\nX\r\n{mail}X\r\nMAIL FROM:<>\r\n");
    let wanted =
        "250 5.5.1 5.5.1 2.1.0 2.1.5 354 2.0.0 5.5.1 5.5.1 2.1.0 2.1.5 354 2.0.0 5.5.1 4.7.0!";
    assert_eq!(play(&said), wanted);
    // Too long: heard out, and the conversation goes on.
    let long = format!("{hi}{rcpt}DATA\r\n{}.\r\nNOOP\r\n", "x\r\n".repeat(34));
    assert_eq!(play(&long), "250 2.1.0 2.1.5 354 5.3.4 2.0.0");
    let endless = format!("{hi}{rcpt}DATA\r\n{}", "x\r\n".repeat(334));
    assert_eq!(play(&endless), "250 2.1.0 2.1.5 354 5.3.4!");
}

#[test]
fn memory_is_shared_by_all_sessions() {
    let limits = Limits { memory: 64 * 1024, ..Limits::default() };
    let memory = Memory::new(limits.memory);
    let new = || Session::new("mx", "a", &limits, memory.clone(), false);
    let (mut first, mut second) = (new(), new());
    let begin = "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<p@o.example>\r\nDATA\r\n";
    let lines = "x\r\n".repeat(20 * 1024 / 3);
    let done = Some(&Accepted::Done);
    assert!(replies(&mut first, &format!("{begin}{lines}"), done).ends_with("354"));
    let said = format!("{begin}{lines}{lines}.\r\nMAIL FROM:<> SIZE=40000\r\nMAIL FROM:<>\r\n");
    let told = replies(&mut second, &said, done);
    assert!(told.ends_with("354 4.3.1 4.3.1 2.1.0"), "{told}");
    assert!(replies(&mut first, ".\r\n", done).ends_with("2.0.0"));
    let told = replies(&mut second, "RSET\r\nMAIL FROM:<> SIZE=40000\r\n", done);
    assert_eq!(told, "2.0.0 2.1.0");
}

#[test]
fn nothing_said_in_the_clear_counts_under_tls() {
    let done = Some(&Accepted::Done);
    let mut one = session(&Limits::default(), true);
    let told = replies(&mut one, "STARTTLS\r\nHELO c\r\nSTARTTLS\r\n", done);
    assert_eq!(told, "5.5.1 250 5.5.1");
    let told =
        replies(&mut one, "EHLO c\r\nMAIL FROM:<>\r\nSTARTTLS\r\nRSET\r\nSTARTTLS\r\n", done);
    assert_eq!(told, "250 2.1.0 5.5.1 2.0.0 2.0.0");
    one.encrypted();
    assert_eq!(replies(&mut one, "MAIL FROM:<>\r\nEHLO c\r\n", done), "5.5.1 250");
    assert_eq!(replies(&mut one, "STARTTLS\r\n", done), "5.5.1");
    let mut two = session(&Limits::default(), true);
    let told = replies(&mut two, "EHLO c\r\nSTARTTLS\r\nEHLO evil\r\n", done);
    assert_eq!(told, "250 5.5.1!");
}

/// Pieces that come close to what is meant.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "EHLO c.example\r\n",
        "LHLO c\r\n",
        "HELO c\r\n",
        "MAIL FROM:<>\r\n",
        "RSET\r\n",
        "DATA\r\n",
        "MAIL FROM:<a@b.example> SIZE=1999 BODY=8BITMIME SMTPUTF8\r\n",
        "RCPT TO:<a@example.org>\r\n",
        "RCPT TO:<\"a b\"@example.org>\r\n",
        "RCPT TO:<a@b.example>\r\n",
        ".\r\n",
        "\r\n",
        "..\r\n",
        "x\r\n",
        "\r\n.\r\n",
        "VRFY é\r\n",
        "NOOP\r\n",
        "é",
        "<",
        "\"",
        "=",
        "@",
        ":",
        " ",
    ];
    let rare = ["QUIT\r\n", "BDAT 1\r\n", "\n", "\r", "\0", "\n.\r\n", "FOO\r\n"];
    let word = prop_oneof![
        30 => prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::sample::select(rare.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..8),
        1 => (0..1_500_usize).prop_map(|length| vec![b'x'; length]),
    ];
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

/// RFC 5321 4.2, RFC 2034 4.
fn assert_well_formed(out: &[u8], said: &[u8]) {
    let shown = || format!("{} -> {}", said.escape_ascii(), out.escape_ascii());
    let lines = out.strip_suffix(b"\r\n").unwrap_or_else(|| panic!("{}", shown()));
    for line in lines.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        assert!((4..=510).contains(&line.len()), "{}", shown());
        assert!(line.iter().all(|byte| (b' '..=b'~').contains(byte)), "{}", shown());
        let text = std::str::from_utf8(line).unwrap();
        assert!(text[..3].parse::<u16>().is_ok_and(|code| (200..600).contains(&code)), "{text}");
        assert!(matches!(&text[3..4], " " | "-"), "{text}");
        let hello = text.starts_with("220 host") || text.starts_with("250 host");
        let plain = hello || text.starts_with("250-") || text == "250 ENHANCEDSTATUSCODES";
        if !plain && !text.starts_with("354 ") {
            let code = text[4..].split(' ').next().unwrap();
            let digits: Vec<&str> = code.split('.').collect();
            assert!(digits.len() == 3 && digits[0] == &text[..1], "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_is_said_the_answers_are_well_formed(said in anything(), piece in 1..40_usize) {
        let out = rehearse(&said, piece);
        assert_well_formed(&out, &said);
        // How the bytes are cut into packets makes no difference.
        prop_assert_eq!(&out, &rehearse(&said, usize::MAX));
    }

    #[test]
    fn bytes_without_sense_do_no_harm(said in prop::collection::vec(any::<u8>(), 0..600)) {
        assert_well_formed(&rehearse(&said, 512), &said);
    }
}

/// Takes everything, or does as the mail says.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Vec<Vec<u8>>>>);

impl Accept for Desk {
    fn is_ours(&self, recipient: &str) -> bool {
        ours(recipient)
    }

    async fn accept_once(&self, arrival: Arrival<'_>) -> Result<Accepted, InboundError> {
        match arrival.bytes {
            b"panic\r\n" => panic!("as the mail said"),
            b"error\r\n" => Err(StoreError::Fenced.into()),
            b"slow\r\n" => {
                tokio::time::sleep(Duration::from_secs(5)).await;
                Ok(Accepted::Done)
            }
            bytes => {
                self.0.lock().unwrap().push(bytes.to_vec());
                Ok(Accepted::Done)
            }
        }
    }
}

struct Client {
    stream: DuplexStream,
    talk: JoinHandle<std::io::Result<()>>,
    stop: CancellationToken,
}

impl Client {
    /// A client that has said `early` when it is greeted.
    async fn connect(early: &[u8]) -> Self {
        let (mut stream, server) = duplex(64 * 1024);
        stream.write_all(early).await.unwrap();
        let (stop, desk) = (CancellationToken::new(), Desk::default());
        let session = session(&Limits::default(), false);
        let token = stop.clone();
        let talk = tokio::spawn(async move {
            let pause = Duration::from_millis(100);
            talk(server, session, Way { accept: &desk, stop: &token, tls: None, pause }).await
        });
        Self { stream, talk, stop }
    }

    async fn say(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next bytes, as they come.
    async fn hear(&mut self) -> String {
        let mut buffer = vec![0; 4096];
        let length = self.stream.read(&mut buffer).await.unwrap();
        codes(&buffer[..length]).join(" ")
    }

    /// All that still comes.
    async fn rest(&mut self) -> String {
        let mut all = Vec::new();
        self.stream.read_to_end(&mut all).await.unwrap();
        codes(&all).join(" ")
    }

    async fn begin(&mut self) {
        assert_eq!(self.hear().await, "220");
        self.say("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<p@o.example>\r\nDATA\r\n").await;
        assert_eq!(self.hear().await, "250 2.1.0 2.1.5 354");
    }
}

#[tokio::test(start_paused = true)]
async fn who_speaks_first_is_not_heard() {
    let mut client = Client::connect(b"EHLO c\r\n").await;
    assert_eq!(client.hear().await, "5.5.1");
    assert_eq!(client.hear().await, "");
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let mut silent = Client::connect(b"").await;
    let began = tokio::time::Instant::now();
    assert_eq!(silent.hear().await, "220");
    assert_eq!(silent.hear().await, "4.4.2");
    assert_eq!(began.elapsed().as_secs(), 300);
    // A byte now and then is no command.
    let mut slow = Client::connect(b"").await;
    let began = tokio::time::Instant::now();
    assert_eq!(slow.hear().await, "220");
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(70)).await;
        slow.say("N").await;
    }
    assert_eq!(slow.hear().await, "4.4.2");
    assert_eq!(began.elapsed().as_secs(), 300);
    // Nor does a mail go on for ever.
    let mut mail = Client::connect(b"").await;
    mail.begin().await;
    let began = tokio::time::Instant::now();
    for _ in 0..17 {
        tokio::time::sleep(Duration::from_secs(105)).await;
        mail.say("x\r\n").await;
    }
    assert_eq!(mail.hear().await, "4.4.2");
    assert_eq!(began.elapsed().as_secs(), 1_800);
    let mut mail = Client::connect(b"").await;
    mail.begin().await;
    let began = tokio::time::Instant::now();
    assert_eq!(mail.hear().await, "4.4.2");
    assert_eq!(began.elapsed().as_secs(), 180);
}

#[tokio::test(start_paused = true)]
async fn stopping_lets_a_mail_end_and_nothing_else() {
    let mut idle = Client::connect(b"").await;
    assert_eq!(idle.hear().await, "220");
    idle.stop.cancel();
    assert_eq!(idle.hear().await, "4.3.2");
    idle.talk.await.unwrap().unwrap();

    let mut busy = Client::connect(b"").await;
    busy.begin().await;
    busy.say("half").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    busy.stop.cancel();
    busy.say(" a mail\r\n.\r\n").await;
    assert_eq!(busy.rest().await, "2.0.0 4.3.2");

    let mut slow = Client::connect(b"").await;
    slow.begin().await;
    slow.say("slow\r\n.\r\n").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    slow.stop.cancel();
    assert_eq!(slow.rest().await, "2.0.0 4.3.2");
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_cannot_be_dealt_with_comes_again() {
    let mut client = Client::connect(b"").await;
    client.begin().await;
    let envelope = "MAIL FROM:<>\r\nRCPT TO:<p@o.example>\r\nDATA\r\n";
    for words in ["panic", "error"] {
        client.say(&format!("{words}\r\n.\r\n{envelope}")).await;
        assert_eq!(client.hear().await, "4.3.0 2.1.0 2.1.5 354");
    }
    client.say("good\r\n.\r\nQUIT\r\n").await;
    assert_eq!(client.hear().await, "2.0.0 2.0.0");
    assert_eq!(client.hear().await, "");
}

#[tokio::test(start_paused = true)]
async fn who_sends_on_hears_why_it_was_refused() {
    let mut client = Client::connect(b"").await;
    client.begin().await;
    client.say("a\n.\r\n").await;
    // More than the stream holds: it must be read for this to come to an end.
    client.say(&"x\r\n".repeat(100_000)).await;
    assert_eq!(client.hear().await, "5.5.2");
    assert_eq!(client.hear().await, "");
    drop(client.stream);
    client.talk.await.unwrap().unwrap();
}
