//! Traces to a collector, with the feature `otel`: what arrives there is read as far as names and
//! attributes go. Not part of the usual run: `cargo nextest run --features otel --test traces`.

#![cfg(feature = "otel")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

/// A collector's stub: gives the head and the body of each request.
fn collector() -> (String, std::sync::mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut bytes = Vec::new();
            let mut piece = [0; 4096];
            let (head, body) = loop {
                let read = stream.read(&mut piece).unwrap_or(0);
                bytes.extend_from_slice(&piece[..read]);
                let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
                let Some(end) = end.filter(|_| read > 0 || bytes.is_empty()) else {
                    if read == 0 {
                        break (String::new(), Vec::new());
                    }
                    continue;
                };
                let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                let length = head.lines().find_map(|line| {
                    line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok()
                });
                if bytes.len() - end - 4 >= length.unwrap_or(0) {
                    break (head, bytes[end + 4..].to_vec());
                }
            };
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\
                  Connection: close\r\n\r\n",
            );
            let _ = tell.send((head, body));
        }
    });
    (url, told)
}

/// The texts of a protobuf message, however deep: fields of wire type 2 that are readable.
fn texts(bytes: &[u8], into: &mut Vec<String>) -> Option<()> {
    let mut at = 0;
    let varint = |at: &mut usize| {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *bytes.get(*at)?;
            *at += 1;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    };
    while at < bytes.len() {
        let key = varint(&mut at)?;
        match key & 7 {
            0 => {
                varint(&mut at)?;
            }
            1 => at += 8,
            5 => at += 4,
            2 => {
                let length = usize::try_from(varint(&mut at)?).ok()?;
                let inside = bytes.get(at..at.checked_add(length)?)?;
                at += length;
                let mut below = Vec::new();
                match std::str::from_utf8(inside) {
                    Ok(text) if text.chars().all(|c| !c.is_control()) => into.push(text.to_owned()),
                    _ if texts(inside, &mut below).is_some() => into.extend(below),
                    _ => {}
                }
            }
            _ => return None,
        }
    }
    Some(())
}

#[test]
fn spans_of_requests_and_steps_arrive() {
    let (url, told) = collector();
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = folder.path().join("paperround.toml");
    let config = format!(
        "[site]\nurl = \"http://{port}\"\ndata_dir = \"data\"\n[server]\nlisten = \"{port}\"\n\
         [[sources]]\nname = \"none\"\nurl = \"http://127.0.0.1:9/none\"\n\
         [mail]\nfrom = \"papers@digest.example\"\n[[mail.relays]]\nurl = \"folder:out\"\n\
         [telemetry]\notlp = \"{url}\"\n"
    );
    std::fs::write(&file, config).unwrap();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_paperround"))
        .arg("-c")
        .arg(&file)
        .arg("serve")
        .spawn()
        .unwrap();
    let mut stream = loop {
        if let Ok(stream) = TcpStream::connect(port) {
            break stream;
        }
        assert!(daemon.try_wait().unwrap().is_none(), "it ended");
        std::thread::yield_now();
    };
    stream
        .write_all(b"GET /confirm/secret-token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    let mut seen = Vec::new();
    while !(seen.contains(&"request".to_owned()) && seen.contains(&"step".to_owned())) {
        let (head, body) = told.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(head.starts_with("post /v1/traces "), "{head}");
        assert!(head.contains("application/x-protobuf"), "{head}");
        texts(&body, &mut seen).unwrap();
    }
    for wanted in ["service.name", "paperround", "/confirm/{token}", "route", id] {
        assert!(seen.iter().any(|text| text == wanted), "{wanted} in {seen:?}");
    }
    assert!(!seen.iter().any(|text| text.contains("secret-token")), "{seen:?}");
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}
