//! A mail server that can refuse, put off, hang up and lose its voice; it writes down what it took,
//! and takes mail as fast as a test lets it.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The server. The beginning of the recipient's name says what happens to them: `hard` is refused,
/// `soft` put off; `drop` loses the connection in the mail, `lost` after it; `421` ends the
/// connection. All but `hard` do so once and are taken the second time.
pub struct Sink {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    /// By recipient, the mails' bytes.
    taken: Mutex<BTreeMap<String, Vec<String>>>,
    /// Recipients that were named before.
    seen: Mutex<HashSet<String>>,
    /// Each mail takes one.
    allowed: Semaphore,
    /// Whether commands may come in one go.
    pipelining: bool,
    open: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

impl Sink {
    /// Listens on a free port, takes commands in one go, and no mail yet.
    pub async fn start() -> Self {
        Self::with(TcpListener::bind("127.0.0.1:0").await.unwrap(), true, 0)
    }

    /// Listens on a free port, takes one command after the other, and every mail.
    pub async fn plain() -> Self {
        Self::plain_on(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// The same, there.
    pub fn plain_on(listener: TcpListener) -> Self {
        Self::with(listener, false, Semaphore::MAX_PERMITS)
    }

    fn with(listener: TcpListener, pipelining: bool, allowed: usize) -> Self {
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            taken: Mutex::default(),
            seen: Mutex::default(),
            allowed: Semaphore::new(allowed),
            pipelining,
            open: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            all: AtomicUsize::new(0),
        });
        let kept = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&kept);
                shared.all.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
                    shared.most.fetch_max(open, Ordering::SeqCst);
                    // A client that hangs up ends its own conversation only.
                    let _ = talk(stream, &shared).await;
                    shared.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, shared }
    }

    /// Lets so many more mails in.
    pub fn allow(&self, mails: usize) {
        self.shared.allowed.add_permits(mails);
    }

    /// What was taken.
    pub fn mails(&self) -> BTreeMap<String, Vec<String>> {
        self.shared.taken.lock().unwrap().clone()
    }

    /// How many recipients have a mail.
    pub fn reached(&self) -> usize {
        self.shared.taken.lock().unwrap().len()
    }

    /// The most connections at a time.
    pub fn most_open(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.shared.all.load(Ordering::SeqCst)
    }
}

async fn talk(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await?;
    let (mut to, mut first) = (String::new(), false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let reply = match line.get(..4).unwrap_or_default() {
            "EHLO" if shared.pipelining => "250-sink\r\n250-PIPELINING\r\n250 8BITMIME",
            "EHLO" => "250-sink\r\n250 8BITMIME",
            "MAIL" | "RSET" => "250 ok",
            "QUIT" => "221 bye",
            "RCPT" => {
                to = line[9..line.rfind('>').unwrap()].to_owned();
                first = shared.seen.lock().unwrap().insert(to.clone());
                let begins = |word: &str| to.starts_with(word);
                let refusal = match first {
                    _ if begins("hard") => Some("550 5.1.1 no such user"),
                    true if begins("soft") => Some("450 4.2.0 later"),
                    true if begins("421") => Some("421 4.3.2 going down"),
                    _ => None,
                };
                if refusal.is_some() {
                    to.clear();
                }
                refusal.unwrap_or("250 ok")
            }
            "DATA" if to.is_empty() => "554 no recipient",
            "DATA" => {
                stream.write_all(b"354 go\r\n").await?;
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut mail).await? == 0 {
                        return Ok(());
                    }
                    if to.starts_with("drop") && first {
                        return Ok(());
                    }
                }
                shared.allowed.acquire().await.unwrap().forget();
                let first = {
                    let mut taken = shared.taken.lock().unwrap();
                    let mails = taken.entry(to.clone()).or_default();
                    mails.push(mail);
                    mails.len() == 1
                };
                if to.starts_with("lost") && first {
                    return Ok(());
                }
                "250 2.0.0 taken"
            }
            _ => "500 what",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        if reply.starts_with("421") || reply.starts_with("221") {
            return Ok(());
        }
    }
}
