//! The door for mail servers, over real sockets: strange clients, smuggling, TLS, limits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use paperround::inbound::{
    Accept, Accepted, Arrival, InboundError, Limits, Settings, acceptor, listen, serve,
};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const HELLO: &str = "EHLO client.example\r\n";
const ENVELOPE: &str = "MAIL FROM:<ada@b.example>\r\nRCPT TO:<papers@digest.example>\r\n";

/// What was taken: sender, recipients, bytes.
type Taken = (String, Vec<String>, Vec<u8>);

/// A postbox that keeps what it is given. A mail that is `wait` waits to be let go.
#[derive(Clone, Default)]
struct Postbox {
    taken: Arc<Mutex<Vec<Taken>>>,
    go: Arc<Notify>,
}

impl Accept for Postbox {
    fn is_ours(&self, recipient: &str) -> bool {
        let lower = recipient.to_ascii_lowercase();
        let Some((local, domain)) = lower.rsplit_once('@') else { return false };
        domain == "digest.example" && (local == "papers" || local.starts_with("papers+"))
    }

    async fn accept_once(&self, arrival: Arrival<'_>) -> Result<Accepted, InboundError> {
        assert!(!arrival.bytes.starts_with(b"panic"), "as the mail said");
        if arrival.bytes.starts_with(b"wait") {
            self.go.notified().await;
        }
        if arrival.bytes.starts_with(b"refuse") {
            return Ok(Accepted::Refused("not this one".to_owned()));
        }
        let from = arrival.from.unwrap().to_owned();
        self.taken.lock().unwrap().push((from, arrival.to.to_vec(), arrival.bytes.to_vec()));
        Ok(Accepted::Done)
    }
}

struct Running {
    addr: SocketAddr,
    postbox: Postbox,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Running {
    async fn start(limits: Limits, tls: Option<tokio_rustls::TlsAcceptor>) -> Self {
        let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (postbox, stop) = (Postbox::default(), CancellationToken::new());
        let settings = Settings { host: "mx.digest.example".to_owned(), tls, limits };
        let server = tokio::spawn(serve(listener, postbox.clone(), settings, stop.clone()));
        Self { addr, postbox, stop, server }
    }

    fn taken(&self) -> Vec<Taken> {
        self.postbox.taken.lock().unwrap().clone()
    }

    async fn client(&self) -> Client<TcpStream> {
        let stream = TcpStream::connect(self.addr).await.unwrap();
        let mut client = Client { stream, heard: Vec::new() };
        assert_eq!(client.reply().await, "220 mx.digest.example ESMTP and LMTP");
        client
    }
}

struct Client<S> {
    stream: S,
    heard: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn say(&mut self, text: impl AsRef<[u8]>) {
        self.stream.write_all(text.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The last line of the next reply; empty at the end.
    async fn reply(&mut self) -> String {
        loop {
            if let Some(end) = self.heard.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = self.heard.drain(..end + 2).collect();
                let line = String::from_utf8(line).unwrap();
                if line.as_bytes()[3] == b' ' {
                    return line.trim_end().to_owned();
                }
                continue;
            }
            let mut buffer = [0; 4096];
            let length = self.stream.read(&mut buffer).await.unwrap_or(0);
            if length == 0 {
                assert!(self.heard.is_empty());
                return String::new();
            }
            self.heard.extend_from_slice(&buffer[..length]);
        }
    }

    async fn replies<const N: usize>(&mut self) -> [String; N] {
        let mut all = [const { String::new() }; N];
        for reply in &mut all {
            *reply = self.reply().await;
        }
        all.map(|reply| reply.chars().take(9).collect())
    }

    async fn begin(&mut self) {
        self.say(format!("{HELLO}{ENVELOPE}DATA\r\n")).await;
        let wanted = ["250 ENHAN", "250 2.1.0", "250 2.1.5", "354 go ah"];
        assert_eq!(self.replies().await, wanted);
    }
}

#[tokio::test]
async fn a_group_in_one_packet_is_answered_in_order() {
    let running = Running::start(Limits::default(), None).await;
    let mut client = running.client().await;
    let mail = |text: &str| format!("{ENVELOPE}DATA\r\n{text}\r\n.\r\n");
    client.say(format!("{HELLO}{}{}{}QUIT\r\n", mail("one"), mail("refuse"), mail("..two"))).await;
    let one = ["250 2.1.0", "250 2.1.5", "354 go ah"];
    assert_eq!(client.replies().await, ["250 ENHAN"]);
    for verdict in ["250 2.0.0", "550 5.7.1", "250 2.0.0"] {
        assert_eq!(client.replies().await, one);
        assert_eq!(client.replies().await, [verdict]);
    }
    assert_eq!(client.replies().await, ["221 2.0.0", ""]);
    let bytes: Vec<Vec<u8>> = running.taken().into_iter().map(|(_, _, bytes)| bytes).collect();
    assert_eq!(bytes, [b"one\r\n".to_vec(), b".two\r\n".to_vec()]);
}

#[tokio::test]
async fn no_smuggled_mail_gets_in() {
    let running = Running::start(Limits::default(), None).await;
    let smuggled = "MAIL FROM:<evil@b.example>\r\nRCPT TO:<papers@digest.example>\r\n\
                    DATA\r\nsmuggled\r\n.\r\n";
    let mut ends: Vec<Vec<u8>> = [
        "\n.\n",
        "\n.\r",
        "\r.\n",
        "\r.\r",
        "\n.\r\n",
        "\r.\r\n",
        "\r\n.\n",
        "\r\n.\r",
        "\r\n.\r\r\n",
        "\r\r\n.\r\n",
        "\r\n\0.\r\n",
        "\r\n.\0\r\n",
    ]
    .iter()
    .map(|end| end.as_bytes().to_vec())
    .collect();
    let known = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/corpus/mail/addr/smtp_smuggling_eod.txt");
    let known = std::fs::read_to_string(known).unwrap_or_default();
    for line in known.lines() {
        let line = line.replace("\\r", "\r").replace("\\n", "\n").replace("\\x00", "\0");
        ends.push(line.into_bytes());
    }
    for end in &ends {
        let shown = end.escape_ascii();
        for lmtp in [false, true] {
            let mut client = running.client().await;
            let hello = if lmtp { "LHLO c\r\n" } else { HELLO };
            client.say(format!("{hello}{ENVELOPE}DATA\r\n")).await;
            let _: [String; 4] = client.replies().await;
            client.say([b"outer", &end[..], smuggled.as_bytes(), b"\r\n.\r\n"].concat()).await;
            assert_eq!(client.replies().await, ["554 5.5.2", ""], "{shown}");
        }
        // In a command's place it is no better.
        let mut client = running.client().await;
        client.say([HELLO.as_bytes(), b"NOOP", end, smuggled.as_bytes()].concat()).await;
        let [_, second] = client.replies().await;
        let fine = end.starts_with(b"\r\n");
        assert_eq!(second, if fine { "250 2.0.0" } else { "554 5.5.2" }, "{shown}");
    }
    assert_eq!(running.taken(), []);
}

#[tokio::test]
async fn a_slow_client_holds_nobody_up() {
    let running = Running::start(Limits::default(), None).await;
    let mut slow = running.client().await;
    slow.say("EHL").await;
    let mut waiting = running.client().await;
    waiting.begin().await;
    waiting.say("wait\r\n.\r\n").await;
    let mut quick = running.client().await;
    quick.begin().await;
    quick.say("quick\r\n.\r\n").await;
    assert_eq!(quick.replies().await, ["250 2.0.0"]);
    for byte in format!("O c\r\n{ENVELOPE}DATA\r\nslow\r\n.\r\n").bytes() {
        slow.say([byte]).await;
    }
    let wanted = ["250 ENHAN", "250 2.1.0", "250 2.1.5", "354 go ah", "250 2.0.0"];
    assert_eq!(slow.replies().await, wanted);
    assert_eq!(running.taken().len(), 2);
    running.postbox.go.notify_one();
    assert_eq!(waiting.replies().await, ["250 2.0.0"]);
}

#[tokio::test]
async fn sizes_are_held() {
    let limits = Limits { mail: 100_000, ..Limits::default() };
    let running = Running::start(limits, None).await;
    let mut client = running.client().await;
    client.say(format!("{HELLO}MAIL FROM:<> SIZE=100001\r\n")).await;
    assert_eq!(client.replies().await, ["250 ENHAN", "552 5.3.4"]);
    let line = format!("{}\r\n", "x".repeat(98));
    client.say(format!("{ENVELOPE}DATA\r\n{}.\r\n", line.repeat(1_001))).await;
    assert_eq!(client.replies().await, ["250 2.1.0", "250 2.1.5", "354 go ah", "552 5.3.4"]);
    client.say(format!("{ENVELOPE}DATA\r\n{}.\r\n", line.repeat(1_000))).await;
    assert_eq!(client.replies().await, ["250 2.1.0", "250 2.1.5", "354 go ah", "250 2.0.0"]);
    assert_eq!(running.taken()[0].2.len(), 100_000);
}

#[tokio::test]
async fn connections_are_bounded_and_places_given_back() {
    let running = Running::start(Limits { connections: 2, ..Limits::default() }, None).await;
    let first = running.client().await;
    let mut second = running.client().await;
    let stream = TcpStream::connect(running.addr).await.unwrap();
    let mut third = Client { stream, heard: Vec::new() };
    assert_eq!(third.replies().await, ["421 4.3.2", ""]);
    second.say("QUIT\r\n").await;
    assert_eq!(second.replies().await, ["221 2.0.0", ""]);
    drop((first, second));
    loop {
        let stream = TcpStream::connect(running.addr).await.unwrap();
        let mut next = Client { stream, heard: Vec::new() };
        if next.reply().await.starts_with("220 ") {
            break;
        }
    }
}

#[tokio::test]
async fn stopping_ends_the_idle_and_lets_a_mail_end() {
    let running = Running::start(Limits::default(), None).await;
    let mut idle = running.client().await;
    let mut busy = running.client().await;
    busy.begin().await;
    busy.say("half a ").await;
    // The server has seen the beginning of the mail when DATA was answered.
    running.stop.cancel();
    assert_eq!(idle.replies().await, ["421 4.3.2", ""]);
    busy.say("mail\r\n.\r\n").await;
    assert_eq!(busy.replies().await, ["250 2.0.0", "421 4.3.2", ""]);
    running.server.await.unwrap();
    assert!(TcpStream::connect(running.addr).await.is_err());
    assert_eq!(running.postbox.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_panic_costs_one_mail_only() {
    let running = Running::start(Limits::default(), None).await;
    let mut client = running.client().await;
    client.begin().await;
    client.say(format!("panic\r\n.\r\n{ENVELOPE}DATA\r\nfine\r\n.\r\n")).await;
    let wanted = ["451 4.3.0", "250 2.1.0", "250 2.1.5", "354 go ah", "250 2.0.0"];
    assert_eq!(client.replies().await, wanted);
}

/// A certificate for `localhost` in files, and what trusts it.
fn certificate(folder: &Path) -> (tokio_rustls::TlsAcceptor, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (acceptor(&certificate, &key).unwrap(), made.cert.der().clone())
}

#[tokio::test]
async fn tls_begins_anew_and_takes_nothing_from_before() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, trusted) = certificate(folder.path());
    let running = Running::start(Limits::default(), Some(tls)).await;

    let mut injector = running.client().await;
    injector.say(format!("{HELLO}STARTTLS\r\n{HELLO}{ENVELOPE}DATA\r\n")).await;
    assert_eq!(injector.replies().await, ["250 ENHAN", "554 5.5.1", ""]);

    // Sent after the 220: it breaks the handshake, and is never heard.
    let mut late = running.client().await;
    late.say(format!("{HELLO}STARTTLS\r\n")).await;
    assert_eq!(late.replies().await, ["250 ENHAN", "220 2.0.0"]);
    late.say(format!("{HELLO}{ENVELOPE}DATA\r\nx\r\n.\r\n")).await;
    let mut rest = Vec::new();
    let _ = late.stream.read_to_end(&mut rest).await;
    assert!(!rest.windows(4).any(|four| four == b"250 "), "{}", rest.escape_ascii());

    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let mut plain = running.client().await;
    plain.say(format!("{HELLO}STARTTLS\r\n")).await;
    assert_eq!(plain.replies().await, ["250 ENHAN", "220 2.0.0"]);
    let name = ServerName::try_from("localhost").unwrap();
    let stream = connector.connect(name, plain.stream).await.unwrap();
    let mut client = Client { stream, heard: Vec::new() };
    client.say("MAIL FROM:<>\r\nSTARTTLS\r\n").await;
    assert_eq!(client.replies().await, ["503 5.5.1", "503 5.5.1"]);
    client.begin().await;
    client.say(format!("{}.\r\nQUIT\r\n", "secret\r\n".repeat(20_000))).await;
    assert_eq!(client.replies().await, ["250 2.0.0", "221 2.0.0", ""]);
    let taken = running.taken();
    assert_eq!((taken.len(), taken[0].2.len()), (1, 160_000));
}

#[test]
fn certificates_that_cannot_be_used_are_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let _ = certificate(folder.path());
    let file = |name: &str| folder.path().join(name);
    let told = |certificate: &str, key: &str| {
        acceptor(&file(certificate), &file(key)).err().unwrap().to_string()
    };
    assert!(told("none.pem", "key.pem").contains("inbound.tls_certificate"));
    assert!(told("certificate.pem", "none.pem").contains("inbound.tls_key"));
    assert!(told("key.pem", "key.pem").contains("no certificate is in it"));
    let other = rcgen::KeyPair::generate().unwrap();
    std::fs::write(file("other.pem"), other.serialize_pem()).unwrap();
    assert!(told("certificate.pem", "other.pem").contains("with inbound.tls_key"));
}

/// Python's own clients, for SMTP and LMTP, with what they make of odd mails.
const PYTHON: &str = r#"
import smtplib, ssl, sys
from email.message import EmailMessage
host, port, tls = "127.0.0.1", int(sys.argv[1]), sys.argv[2] == "tls"
OURS, STRANGER = "papers+confirm-x@digest.example", "ada@elsewhere.example"

mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "ada@b.example", OURS, "subscribe"
mail.set_content("one\n.\n..two\n.three\n")

with smtplib.SMTP(host, port) as smtp:
    smtp.ehlo()
    for name in ["pipelining", "8bitmime", "smtputf8", "size", "enhancedstatuscodes"]:
        assert smtp.has_extn(name), name
    assert not smtp.has_extn("chunking") and smtp.has_extn("starttls") == tls
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        smtp.starttls(context=context)
        smtp.ehlo()
        assert not smtp.has_extn("starttls")
    assert smtp.send_message(mail) == {}
    refused = smtp.sendmail("", [OURS, STRANGER], b"Subject: null sender\r\n\r\n")
    assert list(refused) == [STRANGER] and refused[STRANGER][0] == 550, refused
    smtp.sendmail("zo\u00eb@b.example", [OURS], "Subject: \u00fc\r\n\r\n".encode(),
                  mail_options=["SMTPUTF8", "BODY=8BITMIME"])
    try:
        smtp.sendmail("a@b.example", [OURS], b"refuse this\r\n")
        assert False
    except smtplib.SMTPDataError as error:
        assert error.smtp_code == 550 and b"5.7.1 not this one" in error.smtp_error
    assert smtp.verify("ada")[0] == 252 and smtp.expn("all")[0] == 502
    assert smtp.help().startswith(b"2.0.0") and smtp.noop()[0] == 250

with smtplib.LMTP(host, port) as lmtp:
    lmtp.ehlo_or_helo_if_needed()
    lmtp.mail("a@b.example")
    assert lmtp.rcpt(OURS)[0] == 250
    assert lmtp.rcpt(STRANGER)[0] == 550
    assert lmtp.rcpt("Papers@Digest.Example")[0] == 250
    code, words = lmtp.data(b"Subject: two\r\n\r\n")
    assert code == 250, words
    assert lmtp.getreply()[0] == 250
    assert lmtp.noop()[0] == 250
"#;

async fn python(tls: bool) {
    let Ok(found) = Command::new("python3").args(["-c", "import smtplib"]).output() else {
        eprintln!("NOT TESTED with Python's smtplib: python3 is not installed");
        return;
    };
    assert!(found.status.success());
    let folder = tempfile::tempdir().unwrap();
    let certificate = tls.then(|| certificate(folder.path()).0);
    let running = Running::start(Limits::default(), certificate).await;
    let (port, tls) = (running.addr.port().to_string(), if tls { "tls" } else { "plain" });
    let script = async {
        tokio::process::Command::new("python3").args(["-c", PYTHON, &port, tls]).output().await
    };
    let done = tokio::time::timeout(Duration::from_secs(60), script).await.unwrap().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let taken = running.taken();
    let plus = "papers+confirm-x@digest.example".to_owned();
    let from: Vec<&str> = taken.iter().map(|(from, _, _)| &**from).collect();
    assert_eq!(from, ["ada@b.example", "", "zoë@b.example", "a@b.example"]);
    assert!(taken[0].2.ends_with(b"\r\n\r\none\r\n.\r\n..two\r\n.three\r\n"));
    assert_eq!(taken[2].2, "Subject: ü\r\n\r\n".as_bytes());
    assert_eq!(taken[3].1, [plus, "Papers@Digest.Example".to_owned()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn python_hands_mail_over() {
    python(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_hands_mail_over_under_tls() {
    python(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn swaks_hands_mail_over() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(Limits::default(), Some(certificate(folder.path()).0)).await;
    let server = running.addr.to_string();
    for protocol in ["SMTP", "ESMTP", "LMTP"] {
        let to = "papers@digest.example";
        let arguments =
            ["--server", &server, "--protocol", protocol, "--from", "a@b.example", "--to", to];
        let mut swaks = tokio::process::Command::new("swaks");
        swaks.args(arguments);
        if protocol != "SMTP" {
            swaks.arg("--tls-optional");
        }
        let Ok(done) = swaks.output().await else {
            eprintln!("NOT TESTED with swaks: it is not installed");
            return;
        };
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    }
    assert_eq!(running.taken().len(), 3);
}
