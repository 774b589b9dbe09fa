//! What the log of a real run holds: the fields that it promises, and no address or token.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A relay that refuses one reader, puts off another, and repeats their addresses as relays do.
/// What it takes it gives to `take`.
fn relay(take: impl Fn(String) + Send + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let take = take.clone();
            std::thread::spawn(move || talk(stream.unwrap(), &take));
        }
    });
    format!("smtp://{place}?tls=none")
}

fn talk(stream: TcpStream, take: &dyn Fn(String)) {
    let mut out = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).is_ok();
    say("220 mx.example ESMTP");
    while let Some(Ok(line)) = lines.next() {
        let upper = line.to_uppercase();
        let answer = match upper.get(..4).unwrap_or_default() {
            "EHLO" => "250 mx.example".to_owned(),
            "RCPT" if upper.contains("BOB") => {
                "550 5.1.1 <bob.builder@example.org>: Recipient address rejected".to_owned()
            }
            "RCPT" if upper.contains("CAROL") => {
                "450 4.2.0 carol.singer@example.org: greylisted, see mailto:help@mx.example"
                    .to_owned()
            }
            "DATA" => {
                say("354 go on");
                let mut mail = String::new();
                for line in lines.by_ref().map_while(Result::ok) {
                    if line == "." {
                        break;
                    }
                    mail += &line;
                    mail.push('\n');
                }
                take(mail);
                "250 2.0.0 queued".to_owned()
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => "250 2.1.0 fine".to_owned(),
        };
        if !say(&answer) {
            return;
        }
    }
}

/// Ends with the test, however that ends.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A request of a browser, and its answer.
fn ask(place: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(place).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    text
}

#[test]
fn a_run_logs_no_address_and_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let (tell, mails) = std::sync::mpsc::channel();
    let relay = relay(move |mail| tell.send(mail).unwrap());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = folder.path().join("paperround.toml");
    let config = format!(
        "[site]\nurl = \"http://127.0.0.1:{}\"\ndata_dir = \"data\"\n\
         [server]\nlisten = \"{port}\"\n\
         [[sources]]\nname = \"none\"\nurl = \"http://127.0.0.1:9/none\"\n\
         [mail]\nfrom = \"papers@digest.example\"\n\
         [[mail.relays]]\nurl = \"{relay}\"\n\
         [log]\nformat = \"json\"\nlevel = \"trace,sqlx=info\"\n",
        port.port()
    );
    std::fs::write(&file, config).unwrap();
    let paperround = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
        command.arg("-c").arg(&file);
        command
    };
    let mut daemon = Daemon(paperround().arg("serve").stderr(Stdio::piped()).spawn().unwrap());
    let stderr = BufReader::new(daemon.0.stderr.take().unwrap());
    let (tell_line, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            let _ = tell_line.send(line);
        }
    });
    let mut log = Vec::new();
    let mut wait_for = |wanted: &str| {
        while !log.iter().any(|line: &String| line.contains(wanted)) {
            log.push(told.recv_timeout(Duration::from_secs(60)).expect(wanted));
        }
        log.clone()
    };
    wait_for("Paper Round is up");
    let place = port.to_string();
    for name in ["alice.liddell", "bob.builder", "carol.singer"] {
        let body = format!("email={name}%40example.org");
        let head = "POST /subscribe HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: \
                    application/x-www-form-urlencoded\r\n";
        let answer = ask(&place, &format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let mail = mails.recv_timeout(Duration::from_secs(60)).unwrap();
    let mail = mail.replace("=\n", "").replace("=3D", "=");
    let at = mail.find("/confirm/").unwrap();
    let link: String =
        mail[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '/').collect();
    let token = link.trim_start_matches("/confirm/").to_owned();
    assert!(token.len() > 20, "{link}");
    let body = "do=confirm";
    let answer = ask(
        &place,
        &format!(
            "POST {link} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    wait_for(id);
    wait_for("refused for good");
    let log = wait_for("deferred");
    drop(daemon);

    let whole = log.join("\n");
    for secret in ["alice.liddell", "bob.builder", "carol.singer", &token] {
        assert!(!whole.contains(secret), "the log holds {secret}");
    }
    let event = |message: &str| -> Value {
        let events = log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.into_iter().find(|event| event["message"] == message).unwrap()
    };
    let refused = event("refused for good");
    assert_eq!(refused["to"], "b***@example.org");
    assert_eq!(refused["reply"], "550 5.1.1 <b***@example.org>: Recipient address rejected");
    assert!(refused["delivery"].as_i64().unwrap() > 0);
    let reply = event("deferred")["reply"].as_str().unwrap().to_owned();
    assert!(reply.starts_with("450 4.2.0 <c***@example.org>: greylisted"), "{reply}");
    let access = log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let access = access.into_iter().find(|event| event["span"]["id"] == id).unwrap();
    assert_eq!(access["span"]["route"], "/confirm/{token}");
}
