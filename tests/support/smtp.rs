//! A relay of a test's own: it speaks SMTP with STARTTLS and a login, in the manners it is given, and
//! may hand what it takes for the program's mailbox to the program's door.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How it behaves.
#[derive(Clone, Default)]
pub struct Manners {
    /// Offers STARTTLS.
    pub tls: Option<TlsAcceptor>,
    /// Lets in only this user, by PLAIN, once encrypted; or by LOGIN where `login` says so.
    pub user: Option<(&'static str, &'static str)>,
    pub login: bool,
    /// Announces that it takes so much.
    pub size: Option<u64>,
    /// Answers so to MAIL and RCPT.
    pub to_sender: Option<&'static str>,
    pub to_recipient: Option<&'static str>,
    /// Greets so.
    pub greeting: Option<&'static str>,
}

pub struct Relay {
    pub port: u16,
    pub manners: Arc<Mutex<Manners>>,
    /// Where mails that it takes go, over LMTP.
    pub hands_to: Arc<Mutex<Option<SocketAddr>>>,
    /// What it took: recipient and mail.
    pub mails: Arc<Mutex<Vec<(String, String)>>>,
    /// Every command, without what is secret.
    pub heard: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    pub async fn start(manners: Manners) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = Arc::new(Self {
            port: listener.local_addr().unwrap().port(),
            manners: Arc::new(Mutex::new(manners)),
            hands_to: Arc::default(),
            mails: Arc::default(),
            heard: Arc::default(),
        });
        let this = Arc::clone(&relay);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let this = Arc::clone(&this);
                tokio::spawn(async move {
                    let _ = this.converse(stream).await;
                });
            }
        });
        relay
    }

    pub fn set(&self, manners: Manners) {
        *self.manners.lock().unwrap() = manners;
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let manners = self.manners.lock().unwrap().clone();
        let mut stream = stream;
        let greeting = manners.greeting.unwrap_or("220 relay.example ESMTP");
        stream.write_all(format!("{greeting}\r\n").as_bytes()).await?;
        let mut plain = BufReader::new(stream);
        if self.talk(&mut plain, &manners, false).await?
            && let Some(tls) = &manners.tls
        {
            let safe = tls.accept(plain.into_inner()).await?;
            self.talk(&mut BufReader::new(safe), &manners, true).await?;
        }
        Ok(())
    }

    /// Until QUIT, or (true) STARTTLS.
    async fn talk<S>(
        &self,
        stream: &mut BufReader<S>,
        manners: &Manners,
        safe: bool,
    ) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut from, mut to, mut line) = (String::new(), String::new(), String::new());
        let mut inside = manners.user.is_none();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            let verb = line.split_whitespace().next().unwrap_or("").to_uppercase();
            let shown = if verb == "AUTH" { "AUTH …" } else { line.trim_end() };
            self.heard.lock().unwrap().push(shown.to_owned());
            let answer = match verb.as_str() {
                "EHLO" => self.offers(manners, safe),
                "STARTTLS" => {
                    stream.write_all(b"220 go on\r\n").await?;
                    return Ok(true);
                }
                "AUTH" => {
                    inside = self.login(stream, manners, line.trim_end()).await?;
                    if inside { "235 in\r\n" } else { "535 5.7.8 wrong user or password\r\n" }
                        .to_owned()
                }
                "MAIL" if !inside => "530 5.7.0 log in first\r\n".to_owned(),
                "MAIL" => {
                    from = address(&line);
                    format!("{}\r\n", manners.to_sender.unwrap_or("250 ok"))
                }
                "RCPT" => {
                    to = address(&line);
                    format!("{}\r\n", manners.to_recipient.unwrap_or("250 ok"))
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let mut mail = String::new();
                    while !mail.ends_with("\r\n.\r\n") {
                        if stream.read_line(&mut mail).await? == 0 {
                            return Ok(false);
                        }
                    }
                    self.take(&from, &to, &mail).await;
                    "250 taken\r\n".to_owned()
                }
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await?;
                    return Ok(false);
                }
                _ => "250 ok\r\n".to_owned(),
            };
            stream.write_all(answer.as_bytes()).await?;
        }
    }

    fn offers(&self, manners: &Manners, safe: bool) -> String {
        let mut lines = vec!["relay.example".to_owned()];
        if manners.tls.is_some() && !safe {
            lines.push("STARTTLS".to_owned());
        }
        if let Some(size) = manners.size {
            lines.push(format!("SIZE {size}"));
        }
        if manners.user.is_some() && safe {
            lines.push(if manners.login { "AUTH LOGIN" } else { "AUTH PLAIN LOGIN" }.to_owned());
        }
        lines.push("LIMITS MAILMAX=100 RCPTMAX=50".to_owned());
        let last = lines.len() - 1;
        let line = |(at, text): (usize, &String)| {
            format!("250{}{text}\r\n", if at == last { ' ' } else { '-' })
        };
        lines.iter().enumerate().map(line).collect()
    }

    async fn login<S>(
        &self,
        stream: &mut BufReader<S>,
        manners: &Manners,
        line: &str,
    ) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Some((user, password)) = manners.user else { return Ok(false) };
        if !manners.login {
            let wanted = STANDARD.encode(format!("\0{user}\0{password}"));
            return Ok(line == format!("AUTH PLAIN {wanted}"));
        }
        let mut said = Vec::new();
        for asked in ["Username:", "Password:"] {
            stream.write_all(format!("334 {}\r\n", STANDARD.encode(asked)).as_bytes()).await?;
            let mut answer = String::new();
            stream.read_line(&mut answer).await?;
            said.push(answer.trim_end().to_owned());
        }
        Ok(said == [STANDARD.encode(user), STANDARD.encode(password)])
    }

    /// Keeps the mail, and hands it on.
    async fn take(&self, from: &str, to: &str, mail: &str) {
        self.mails.lock().unwrap().push((to.to_owned(), mail.to_owned()));
        // What is for others would go its way.
        if to.starts_with("papers") || to.starts_with("bounces") {
            self.deliver(from, to, mail).await;
        }
    }

    /// Hands a mail to the program's door.
    pub async fn deliver(&self, from: &str, to: &str, mail: &str) {
        let door = *self.hands_to.lock().unwrap();
        let Some(door) = door else { return };
        let (read, mut write) = TcpStream::connect(door).await.unwrap().into_split();
        let mut lines = BufReader::new(read).lines();
        let (from, to) = (format!("MAIL FROM:<{from}>\r\n"), format!("RCPT TO:<{to}>\r\n"));
        for said in ["", "LHLO relay.example\r\n", &from, &to, "DATA\r\n", mail, "QUIT\r\n"] {
            write.write_all(said.as_bytes()).await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                self.heard.lock().unwrap().push(format!("door: {line}"));
                if line.as_bytes().get(3) != Some(&b'-') {
                    break;
                }
            }
        }
    }
}

/// What stands in the angle brackets.
fn address(line: &str) -> String {
    let inside = line.split('<').nth(1).and_then(|rest| rest.split('>').next());
    inside.unwrap_or("").to_owned()
}
