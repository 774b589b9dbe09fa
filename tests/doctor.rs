//! `doctor` as an administrator meets it: the real program against a DNS, a relay, a web server and
//! a source of its own; all that is well is said to be, and all that is broken names what mends it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use mail_auth::hickory_resolver::proto::rr::RecordType;
use serde_json::Value;
use support::dns::Dns;
use support::front::{Front, Manner, Papers};
use support::pki::Authority;
use support::smtp::{Manners, Relay};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// From where mail leaves, as receivers would see it.
const IP: &str = "192.0.2.10";
const FAR: i32 = 2080;

/// A whole installation.
struct House {
    folder: TempDir,
    ca: Authority,
    ca_file: PathBuf,
    dns: Dns,
    relay: Arc<Relay>,
    front: Front,
    papers: Papers,
    listen: SocketAddr,
    door: SocketAddr,
    /// The DKIM records that belong into the DNS.
    keys: Vec<(String, String)>,
    daemon: Option<Child>,
}

/// What a run said.
struct Told {
    code: i32,
    document: Value,
}

impl Told {
    fn all(&self) -> &Vec<Value> {
        self.document["findings"].as_array().unwrap()
    }

    fn find(&self, name: &str) -> &Value {
        let mut found = self.all().iter().filter(|one| one["name"] == name);
        found.next().unwrap_or_else(|| panic!("no {name} in {:#}", self.document))
    }

    /// The verdict of a finding, and what is to mend it.
    fn of(&self, name: &str) -> (&str, &str) {
        let found = self.find(name);
        (found["verdict"].as_str().unwrap(), found["mend"].as_str().unwrap_or(""))
    }

    #[track_caller]
    fn bad(&self, name: &str, mend: &str) {
        self.is("bad", name, mend);
    }

    #[track_caller]
    fn warn(&self, name: &str, mend: &str) {
        self.is("warn", name, mend);
    }

    #[track_caller]
    fn is(&self, verdict: &str, name: &str, mend: &str) {
        assert_eq!(self.of(name), (verdict, mend), "{:#}", self.find(name));
    }

    #[track_caller]
    fn good(&self, name: &str) {
        assert_eq!(self.of(name).0, "good", "{:#}", self.find(name));
    }

    fn says(&self, name: &str) -> &str {
        self.find(name)["says"].as_str().unwrap()
    }
}

fn free() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

impl House {
    /// All is well, but that no daemon runs.
    async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = Authority::new();
        let ca_file = ca.write(folder.path());
        let (listen, door) = (free(), free());
        let manners = Manners {
            tls: Some(ca.gives("localhost", FAR)),
            user: Some(("out", "secret")),
            size: Some(10_240_000),
            ..Manners::default()
        };
        let mut house = Self {
            front: Front::start(ca.gives("localhost", FAR), listen).await,
            papers: Papers::start().await,
            relay: Relay::start(manners).await,
            dns: Dns::start().await,
            folder,
            ca,
            ca_file,
            listen,
            door,
            keys: Vec::new(),
            daemon: None,
        };
        house.configure(&house.usual());
        let made = house.run(&["key", "dkim"]).await.document;
        let config = format!("{}{}", house.usual(), made["config"].as_str().unwrap());
        let records = made["records"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        house.keys = records.map(|one| (text(&one["name"]), text(&one["value"]))).collect();
        house.configure(&config);
        house.publish();
        house.run(&["fetch"]).await;
        mode(&house.folder.path().join("data"), 0o700);
        house
    }

    /// The same with the daemon.
    async fn start() -> Self {
        let mut house = Self::build().await;
        house.serve().await;
        house
    }

    async fn serve(&mut self) {
        let child = self.command().arg("serve").kill_on_drop(true).spawn().unwrap();
        self.daemon = Some(child);
        *self.relay.hands_to.lock().unwrap() = Some(self.door);
        for _ in 0..600 {
            let told = self.run(&["doctor", "--only", "database"]).await;
            let up =
                told.all().iter().any(|one| one["name"] == "daemon" && one["verdict"] == "good");
            if up && tokio::net::TcpStream::connect(self.door).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the daemon does not come up");
    }

    async fn stop(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        daemon.start_kill().unwrap();
        daemon.wait().await.unwrap();
    }

    fn usual(&self) -> String {
        format!(
            "[site]\nurl = \"https://localhost:{}\"\ndata_dir = \"data\"\n\
             [server]\nlisten = \"{}\"\n\
             [[sources]]\nkind = \"huggingface\"\nurl = \"http://127.0.0.1:{}/papers/trending\"\n\
             [inbound]\naddress = \"papers@digest.example\"\nlmtp = \"{}\"\nresolver = \"{}\"\n\
             [admin]\nalarms_to = \"admin@digest.example\"\n\
             [mail]\nfrom = \"Paper Round <papers@digest.example>\"\npostal_address = \"1 Sample Street\"\n\
             [[mail.relays]]\nurl = \"smtp://out@localhost:{}?tls=required\"\npassword = \"secret\"\n",
            self.front.port,
            self.listen,
            self.papers.port,
            self.door,
            self.dns.addr,
            self.relay.port
        )
    }

    fn configure(&self, text: &str) {
        let file = self.file();
        std::fs::write(&file, text).unwrap();
        mode(&file, 0o600);
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("c.toml")
    }

    fn config(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }

    /// With one thing in the configuration changed.
    fn change(&self, from: &str, to: &str) -> String {
        let text = self.config();
        assert!(text.contains(from), "{from}");
        self.configure(&text.replacen(from, to, 1));
        text
    }

    /// The DNS as it should be.
    fn publish(&self) {
        self.dns
            .txt("digest.example", &["v=spf1 ip4:192.0.2.10 ~all", "another text"])
            .txt("_dmarc.digest.example", &["v=DMARC1; p=reject; rua=mailto:admin@digest.example"])
            .mx("digest.example", &["mx.digest.example"])
            .address("mx.digest.example", &[IP])
            .ptr("10.2.0.192.in-addr.arpa", &["mx.digest.example"]);
        for (name, value) in &self.keys {
            self.dns.forget(name).txt(name, &[value]);
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
        command
            .current_dir(self.folder.path())
            .env("SSL_CERT_FILE", &self.ca_file)
            .env_remove("HTTPS_PROXY")
            .env_remove("HTTP_PROXY")
            .args(["-c", "c.toml", "--json"])
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    async fn run(&self, words: &[&str]) -> Told {
        let done = self.command().args(words).output().await.unwrap();
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let document = serde_json::from_str(text.trim()).unwrap_or_else(|error| {
            panic!("{words:?}: {error}: {text}{}", String::from_utf8_lossy(&done.stderr))
        });
        Told { code: done.status.code().unwrap(), document }
    }

    async fn doctor(&self, words: &[&str]) -> Told {
        let told = self.run(&[&["doctor", "--from-ip", IP], words].concat()).await;
        for finding in told.all() {
            let mended = finding["mend"].as_str().is_some_and(|mend| !mend.is_empty());
            assert!(finding["verdict"] != "bad" || mended, "no mend: {finding:#}");
        }
        told
    }

    async fn dns(&self) -> Told {
        self.doctor(&["--only", "dns"]).await
    }

    fn relay_name(&self, step: &str) -> String {
        format!("{step} smtp://out@localhost:{}", self.relay.port)
    }
}

/// A TXT record as the doctor writes it.
fn txt(name: &str, value: &str) -> String {
    let strings: Vec<String> = value
        .as_bytes()
        .chunks(255)
        .map(|part| format!("\"{}\"", String::from_utf8_lossy(part)))
        .collect();
    format!("{name}. 3600 IN TXT ({})", strings.join(" "))
}

fn spf(record: &str) -> String {
    txt("digest.example", record)
}

fn instead(line: &str) -> String {
    format!("replace it by\n{line}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_well_is_said_to_be_and_a_mail_comes_back() {
    let house = House::start().await;
    let told = house.doctor(&["--loop", "--wait", "20"]).await;
    let wrong: Vec<&Value> = told
        .all()
        .iter()
        // How old this machine's rules of time zones are, nobody here can help.
        .filter(|one| one["verdict"] != "good" && one["name"] != "zones")
        .collect();
    let heard = house.relay.heard.lock().unwrap().join("\n");
    assert!(wrong.is_empty(), "{wrong:#?}\n{heard}");
    assert_eq!(told.code, 0);
    assert_eq!(told.document["bad"], 0);
    assert_eq!(told.document["network"], "answers");
    for group in
        ["dns", "relay", "site", "loop", "mail", "sources", "database", "machine", "senders"]
    {
        assert!(told.all().iter().any(|one| one["group"] == group), "{group}");
    }
    let loop_name = house.relay_name("loop");
    assert!(told.says(&loop_name).contains("came back after"), "{}", told.says(&loop_name));

    // One mail, signed twice, to a +address, and nothing in answer to it.
    let mails = house.relay.mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let (to, mail) = &mails[0];
    assert!(to.starts_with("papers+c-"), "{to}");
    assert_eq!(mail.matches("DKIM-Signature:").count(), 2);
    // What was asked of the relay before was taken back.
    assert!(house.relay.heard.lock().unwrap().contains(&"RSET".to_owned()));

    // Without --loop, the last one is told of, and nothing is sent.
    let told = house.doctor(&["--only", "loop"]).await;
    told.good("door");
    assert!(told.says("loop").contains("came back"), "{}", told.says("loop"));
    assert_eq!(house.relay.mails.lock().unwrap().len(), 1);

    // For people.
    let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
    command.current_dir(house.folder.path()).env("SSL_CERT_FILE", &house.ca_file);
    command.args(["-c", "c.toml", "doctor", "--from-ip", IP]);
    let shown = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.status.success(), "{text}");
    assert!(text.contains("dns\n  ✓ spf"), "{text}");
    assert!(text.trim_end().ends_with("0 bad, 0 not looked at"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours into a pipe");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_come_back_and_a_reply_closes_the_loop() {
    let mut house = House::build().await;
    house.change("[mail]\n", "[mail]\nbounce_address = \"bounces@digest.example\"\n");
    house.serve().await;
    let told = house.doctor(&["--only", "loop", "--loop"]).await;
    told.good(&house.relay_name("loop"));
    told.good(&house.relay_name("loop bounces"));
    let took: Vec<String> =
        house.relay.mails.lock().unwrap().iter().map(|(to, _)| to[..8].to_owned()).collect();
    assert_eq!(took, ["papers+c", "bounces+"]);

    // To a person, who answers.
    let asked = house.doctor(&["--only", "loop", "--loop", "--to", "ada@example.org"]);
    let person = async {
        let mail = loop {
            let last = house.relay.mails.lock().unwrap().last().cloned().unwrap();
            if last.0 == "ada@example.org" {
                break last.1;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let back = mail.lines().find_map(|line| line.strip_prefix("Reply-To: ")).unwrap();
        let reply = format!(
            "From: <ada@example.org>\r\nTo: <{back}>\r\nSubject: Re: a test\r\n\
             Message-ID: <r@example.org>\r\n\r\nhelp\r\n.\r\n"
        );
        house.relay.deliver("ada@example.org", back, &reply).await;
    };
    let (told, ()) = tokio::join!(asked, person);
    told.good(&house.relay_name("loop"));
    // And gets no answer, whatever it says.
    let queue = house.command().args(["queue", "list"]).output().await.unwrap();
    assert!(queue.status.success() && queue.stdout.is_empty(), "{queue:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_policy_names_its_mend() {
    let house = House::build().await;
    let dns = &house.dns;
    house.dns().await.good("spf");

    let cases: [(&[&str], &str, String); 9] = [
        // None; two; ours not in it.
        (&["a text"], "bad", spf("v=spf1 ip4:192.0.2.10 ~all")),
        (
            &["v=spf1 mx -all", "v=spf1 include:other.example ~all"],
            "bad",
            format!(
                "remove them and add this one:\n{}",
                spf("v=spf1 mx include:other.example ip4:192.0.2.10 ~all")
            ),
        ),
        (
            &["v=spf1 ip4:198.51.100.1 -all"],
            "bad",
            instead(&spf("v=spf1 ip4:198.51.100.1 ip4:192.0.2.10 -all")),
        ),
        // A circle; what is included has none; no such term; no address.
        (
            &["v=spf1 include:round.example ip4:192.0.2.10 -all"],
            "bad",
            instead(&spf("v=spf1 ip4:192.0.2.10 -all")),
        ),
        (
            &["v=spf1 ip4:192.0.2.10 include:gone.example -all"],
            "bad",
            instead(&spf("v=spf1 ip4:192.0.2.10 -all")),
        ),
        (
            &["v=spf1 ip4:192.0.2.10 ipv4:192.0.2.11 -all"],
            "bad",
            instead(&spf("v=spf1 ip4:192.0.2.10 -all")),
        ),
        (&["v=spf1 ip4:192.0.2 -all"], "bad", instead(&spf("v=spf1 ip4:192.0.2.10 -all"))),
        // Everybody passes; nothing is said of others.
        (&["v=spf1 ip4:192.0.2.10 +all"], "bad", instead(&spf("v=spf1 ip4:192.0.2.10 ~all"))),
        (&["v=spf1 ip4:192.0.2.10 ?all"], "warn", instead(&spf("v=spf1 ip4:192.0.2.10 ~all"))),
    ];
    dns.txt("other.example", &["v=spf1 -all"])
        .txt("round.example", &["v=spf1 include:round2.example -all"])
        .txt("round2.example", &["v=spf1 include:round.example -all"]);
    for (records, verdict, mend) in cases {
        dns.txt("digest.example", records);
        house.dns().await.is(verdict, "spf", &mend);
    }

    // Eleven questions are one too many; ten are not.
    for count in [10, 11] {
        let includes: Vec<String> = (0..count).map(|n| format!("include:i{n}.example")).collect();
        for n in 0..count {
            dns.txt(&format!("i{n}.example"), &["v=spf1 ip4:198.51.100.1 -all"]);
        }
        let record = format!("v=spf1 ip4:192.0.2.10 {} -all", includes.join(" "));
        dns.txt("digest.example", &[&record]);
        let told = house.dns().await;
        match count {
            10 => told.good("spf"),
            _ => {
                let wanted = format!(
                    "take out of {record:?}\nwhat sends no mail for you; this program alone needs\n{}",
                    spf("v=spf1 ip4:192.0.2.10 ~all")
                );
                told.bad("spf", &wanted);
            }
        }
    }

    // By an alias of the mail server, by what is included, by a redirect.
    for record in
        ["v=spf1 mx -all", "v=spf1 include:good.example -all", "v=spf1 redirect=good.example"]
    {
        dns.txt("good.example", &["v=spf1 ip4:192.0.2.0/24 -all"]);
        dns.txt("digest.example", &[record]);
        house.dns().await.good("spf");
    }

    // The DNS fails, or keeps silent: nobody can tell, and how to find out is said.
    dns.fails("digest.example", RecordType::TXT);
    let told = house.dns().await;
    let dig = format!(
        "dig @127.0.0.1 -p {} digest.example TXT   # then mend the zone, or set inbound.resolver",
        dns.addr.port()
    );
    told.bad("spf", &dig);
    assert!(told.says("spf").contains("Server Failure"), "{}", told.says("spf"));
    dns.silent("digest.example", RecordType::TXT);
    let told = house.dns().await;
    told.bad("spf", &dig);
    told.good("alignment");
    assert_eq!(told.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_are_known_by_their_relays() {
    let house = House::build().await;
    let relay = format!("smtp://out@localhost:{}?tls=required", house.relay.port);
    house.change(&relay, "smtp://out@smtp.eu.mailgun.org:587");
    let record = "v=spf1 ip4:192.0.2.10 include:mailgun.org ~all";
    house.dns().await.bad("spf", &instead(&spf(record)));
    house
        .dns
        .txt("digest.example", &[record])
        .txt("mailgun.org", &["v=spf1 ip4:198.51.100.7 ~all"]);
    let told = house.dns().await;
    told.good("spf");
    assert_eq!(told.of("ptr").0, "skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_name_their_mend() {
    let house = House::build().await;
    let dns = &house.dns;
    let (name, value) = house.keys[0].clone();
    let selector = name.split('.').next().unwrap();
    let finding = format!("dkim {selector}");
    let line = txt(&name, &value);
    let told = house.dns().await;
    told.good(&finding);
    told.good("alignment");

    dns.forget(&name);
    house.dns().await.bad(&finding, &line);
    dns.txt(&name, &["v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"]);
    house.dns().await.bad(&finding, &instead(&line));
    dns.txt(&name, &["v=DKIM1; k=rsa; p="]);
    house.dns().await.bad(&finding, &instead(&line));
    dns.txt(&name, &[&value.replace("k=rsa", "k=ed25519")]);
    house.dns().await.bad(&finding, &instead(&line));
    dns.txt(&name, &[&value, "v=DKIM1; p=other"]);
    house.dns().await.bad(&finding, &format!("remove all but\n{line}"));
    dns.txt(&name, &[&value.replace("k=rsa", "k=rsa; t=y")]);
    house.dns().await.warn(&finding, &instead(&line));
    dns.txt(&name, &[&value.replace("; k=rsa", ";h=sha1;k=rsa ")]);
    house.dns().await.bad(&finding, &instead(&line));
    // Spaces count for nothing, and an alias leads to where the key lies.
    dns.forget(&name).alias(&name, "keys.host.example");
    dns.txt("keys.host.example", &[&value.replace("p=MIIB", "p=MI IB")]);
    house.dns().await.good(&finding);

    // Neither way is proved: that the domains fit says nothing.
    let text = house.config();
    house.configure(&text.replace(
        &format!("smtp://out@localhost:{}?tls=required\"\npassword = \"secret\"", house.relay.port),
        "folder:out\"",
    ));
    for (name, _) in &house.keys {
        dns.forget(name);
    }
    let told = house.doctor(&["--only", "senders"]).await;
    assert_eq!(told.of("alignment").0, "skipped", "{}", told.says("alignment"));
    assert!(told.says("alignment").contains("spf was not looked at"), "{}", told.says("alignment"));
    house.configure(&text);
    house.publish();
    assert_eq!(house.dns().await.of("alignment").0, "good");

    // Unsigned mail of this machine's own.
    house.configure(text.split("[[mail.dkim]]").next().unwrap());
    let told = house.dns().await;
    told.bad(
        "dkim",
        "paperround key dkim   # and add what it prints to the DNS and the configuration",
    );
    told.warn("alignment", "paperround key dkim   # and add what it prints");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_sender_names_its_mend() {
    let house = House::build().await;
    let dns = &house.dns;
    let line = txt("_dmarc.digest.example", "v=DMARC1; p=none; rua=mailto:admin@digest.example");
    dns.forget("_dmarc.digest.example");
    house.dns().await.bad("dmarc", &line);
    dns.txt("_dmarc.digest.example", &["v=DMARC1; pct=100"]);
    house.dns().await.bad("dmarc", &instead(&line));
    dns.txt("_dmarc.digest.example", &["v=DMARC1; p=none", "v=DMARC1; p=reject"]);
    let mend = format!(
        "remove all but one, such as\n{}",
        txt("_dmarc.digest.example", "v=DMARC1; p=none")
    );
    house.dns().await.bad("dmarc", &mend);

    // Another domain in the envelope, and other ones that sign.
    dns.txt("_dmarc.digest.example", &["v=DMARC1; p=none"]);
    dns.txt("else.example", &["v=spf1 ip4:192.0.2.10 -all"]);
    house.change("[mail]\n", "[mail]\nbounce_address = \"bounces@else.example\"\n");
    let told = house.dns().await;
    told.good("spf");
    told.warn("alignment", "[mail]\nbounce_address = \"bounces@digest.example\"");
    let text = house.config().replace("domain = \"digest.example\"", "domain = \"else.example\"");
    house.configure(&text);
    let mend = "[[mail.dkim]]\ndomain = \"digest.example\"   # paperround key dkim makes it whole";
    house.dns().await.bad("alignment", mend);

    // Below the sender's domain is well, unless the policy is strict.
    house.configure(&text.replace("@else.example", "@b.digest.example"));
    house.dns().await.warn("alignment", "[[mail.dkim]]\ndomain = \"digest.example\"");
    dns.txt("_dmarc.digest.example", &["v=DMARC1; p=none; aspf=s"]);
    house.dns().await.bad("alignment", mend);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_mail_goes_and_comes_from_names_its_mend() {
    let house = House::build().await;
    let dns = &house.dns;
    let mx = "mx digest.example";
    let line = "digest.example. 3600 IN MX 10 mail.digest.example.";
    house.dns().await.good(mx);
    dns.mx("digest.example", &[]);
    house.dns().await.bad(mx, line);
    dns.mx("digest.example", &["."]);
    house.dns().await.bad(mx, &instead(line));
    dns.mx("digest.example", &["gone.digest.example"]);
    let mend = "gone.digest.example. 3600 IN A 192.0.2.10\nor name another server by the MX of \
                digest.example";
    house.dns().await.bad(mx, mend);
    dns.mx("digest.example", &["mx.host.example"]).address("mx.host.example", &["198.51.100.9"]);
    let mend = format!(
        "have that server hand it over (docs/mail-in.md), such as by Postfix's transport_maps:\n\
         papers@digest.example  lmtp:inet:{}\nor lead it here:\n{line}\nthen try it: paperround doctor \
         --only loop --loop",
        house.door
    );
    house.dns().await.warn(mx, &mend);

    let ptr = "ptr 192.0.2.10";
    dns.forget("10.2.0.192.in-addr.arpa");
    let mend = "whoever gave you the address sets it (\"reverse DNS\"):\n\
                10.2.0.192.in-addr.arpa. 3600 IN PTR mail.digest.example.\n\
                mail.digest.example. 3600 IN A 192.0.2.10";
    house.dns().await.bad(ptr, mend);
    dns.ptr("10.2.0.192.in-addr.arpa", &["static.host.example"]);
    dns.address("static.host.example", &["198.51.100.9"]);
    house.dns().await.bad(ptr, "static.host.example. 3600 IN A 192.0.2.10");
}

#[tokio::test(flavor = "multi_thread")]
async fn relays_name_their_mend() {
    let house = House::build().await;
    let usual = house.relay.manners.lock().unwrap().clone();
    let port = house.relay.port;
    let ask = async |manners: Manners| {
        house.relay.set(manners);
        house.doctor(&["--only", "relay"]).await
    };
    let [connect, tls, login, limits, recipient] =
        ["connect", "tls", "login", "limits", "recipient"].map(|step| house.relay_name(step));
    let told = ask(usual.clone()).await;
    for name in [&connect, &tls, &login, &limits, &recipient] {
        told.good(name);
    }
    assert!(told.says(&limits).contains("LIMITS") || told.says(&limits).contains("MAILMAX=100"));
    ask(Manners { login: true, ..usual.clone() }).await.good(&login);

    // Its certificate: another authority's, over, another host's, soon over; no TLS at all.
    let stranger = Authority::new().gives("localhost", FAR);
    let mend = "give localhost a certificate of a public authority, or add its own authority to this \
                machine: update-ca-certificates";
    ask(Manners { tls: Some(stranger), ..usual.clone() }).await.bad(&tls, mend);
    let old = house.ca.gives("localhost", 2022);
    let told = ask(Manners { tls: Some(old), ..usual.clone() }).await;
    told.bad(&tls, "renew the certificate of localhost");
    assert!(told.says(&tls).contains("ended on 2022-01-01"), "{}", told.says(&tls));
    let other = house.ca.gives("mx.host.example", FAR);
    let mend = format!(
        "name the relay as its certificate does:\n[[mail.relays]]\nurl = \
         \"smtp://mx.host.example:{port}\""
    );
    ask(Manners { tls: Some(other), ..usual.clone() }).await.bad(&tls, &mend);
    let soon = (paperround::clock::Clock::system().now()
        + jiff::SignedDuration::from_hours(9 * 24))
    .to_zoned(jiff::tz::TimeZone::UTC)
    .date();
    let day = (soon.year().into(), soon.month().unsigned_abs(), soon.day().unsigned_abs());
    let soon = house.ca.gives_until("localhost", day);
    let told = ask(Manners { tls: Some(soon), ..usual.clone() }).await;
    told.warn(&tls, "renew the certificate of localhost");
    told.good(&recipient);
    let told = ask(Manners { tls: None, ..usual.clone() }).await;
    let mend = format!(
        "[[mail.relays]]\nurl = \"smtps://localhost:465\"   # or, in a network of your own alone, \
         smtp://localhost:{port}?tls=none"
    );
    told.bad(&tls, &mend);

    // Who is let in, and what is taken.
    let mend =
        "put the right password into the file of password_file, or the right user into the url";
    ask(Manners { user: Some(("out", "changed")), ..usual.clone() }).await.bad(&login, mend);
    let small = Manners { size: Some(100_000), ..usual.clone() };
    ask(small).await.bad(&limits, "[digest]\nmax_html = \"40 kB\"");
    let told =
        ask(Manners { to_sender: Some("553 5.7.1 not your address"), ..usual.clone() }).await;
    let mend = "have the relay allow it, or name one that it does:\n[mail]\nbounce_address = \
                \"ADDRESS\"   # now inbound.address counts";
    told.bad(&recipient, mend);
    assert!(told.says(&recipient).contains("553 5.7.1 not your address"));
    let told = ask(Manners { to_recipient: Some("554 5.7.1 no"), ..usual.clone() }).await;
    let mend = "ask the relay's owner what it wants; or try another: paperround doctor --only relay \
                --to ADDRESS";
    told.bad(&recipient, mend);
    let told = ask(Manners { to_recipient: Some("451 4.7.1 later"), ..usual.clone() }).await;
    told.warn(&recipient, "paperround doctor --only relay   # again in some minutes");
    let told = ask(Manners { greeting: Some("554 5.7.1 go away"), ..usual }).await;
    let mend = format!("nc -vz localhost {port}   # then mend host, port or firewall");
    told.bad(&connect, &mend);
    assert!(house.relay.mails.lock().unwrap().is_empty(), "nothing was sent");

    // Nobody there; a folder; a program.
    let free = free().port();
    let before = house.change(&format!("localhost:{port}"), &format!("localhost:{free}"));
    let mend = format!("nc -vz localhost {free}   # then mend host, port or firewall");
    let told = house.doctor(&["--only", "relay"]).await;
    told.bad(&format!("connect smtp://out@localhost:{free}"), &mend);
    let relay =
        format!("url = \"smtp://out@localhost:{port}?tls=required\"\npassword = \"secret\"");
    house.configure(&before.replace(&relay, "url = \"folder:out\""));
    let told = house.doctor(&["--only", "relay"]).await;
    let name = told.all()[0]["name"].as_str().unwrap();
    let mend = "[[mail.relays]]\nurl = \"smtps://USER@HOST\"\npassword_file = \"relay.password\"";
    told.warn(name, mend);
    assert_eq!(told.code, 0);
    house.configure(&before.replace(&relay, "url = \"sendmail:/nowhere/sendmail\""));
    let told = house.doctor(&["--only", "relay"]).await;
    assert_eq!(told.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_names_its_mend() {
    let mut house = House::build().await;
    let proxy = format!(
        "in a Caddyfile:\nlocalhost {{\n  reverse_proxy {0}\n}}\nor in nginx, in the server for \
         localhost:\nlocation / {{ proxy_pass http://{0}; }}",
        house.listen
    );
    let start = "systemctl start paperround   # or: paperround serve";
    let ask = async |house: &House, manner: Manner| {
        *house.front.manner.lock().unwrap() = manner;
        house.doctor(&["--only", "site"]).await
    };
    // Nothing runs; it runs.
    ask(&house, Manner::Leads).await.bad("healthz", start);
    house.doctor(&["--only", "loop"]).await.bad("door", start);
    house
        .doctor(&["--only", "database"])
        .await
        .warn("daemon", "systemctl start paperround   # or: paperround serve");
    house.serve().await;
    let told = ask(&house, Manner::Leads).await;
    assert!(told.all().iter().all(|one| one["verdict"] == "good"), "{:#}", told.document);

    // Somebody else's page; a redirect; a login before what is posted.
    ask(&house, Manner::Stranger).await.bad("healthz", &proxy);
    let told = ask(&house, Manner::Elsewhere("https://www.digest.example")).await;
    told.bad("healthz", "[site]\nurl = \"https://www.digest.example\"");
    assert_eq!(told.of("one-click").0, "bad");
    let told = ask(&house, Manner::NoPosts).await;
    told.good("this server");
    let mend = format!(
        "let POST on /unsubscribe/ through as it is: no login, no redirect, no challenge, no cache; \
         in nginx:\nlocation /unsubscribe/ {{ proxy_pass http://{}; auth_basic off; }}",
        house.listen
    );
    told.bad("one-click", &mend);

    // Another authority's certificate: the way is at fault, not the daemon.
    *house.front.manner.lock().unwrap() = Manner::Leads;
    let own = house.front.tls.lock().unwrap().clone();
    *house.front.tls.lock().unwrap() = Authority::new().gives("localhost", FAR);
    let told = house.doctor(&["--only", "site"]).await;
    let mend = format!("have a certificate made for it; Caddy does so by itself.\n{proxy}");
    told.bad("reachable", &mend);
    *house.front.tls.lock().unwrap() = own;

    // Another key than the daemon's.
    let key = house.folder.path().join("data/paperround.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::write(&key, format!("{}\n", "5a".repeat(32))).unwrap();
    let told = house.doctor(&["--only", "site"]).await;
    told.good("healthz");
    let mend = format!(
        "restart the daemon that runs at {} if its key was changed: systemctl restart paperround\n\
         else {proxy}",
        house.listen
    );
    told.bad("this server", &mend);
    std::fs::write(&key, kept).unwrap();

    // A mail that the relay takes and nobody hands over.
    *house.relay.hands_to.lock().unwrap() = None;
    let told = house.doctor(&["--only", "loop", "--loop", "--wait", "1"]).await;
    let mend = format!(
        "have the mail server hand over papers@digest.example and its +addresses; in Postfix:\n\
         recipient_delimiter = +\ntransport_maps = texthash:/etc/postfix/paperround\nand in \
         /etc/postfix/paperround:\npapers@digest.example  lmtp:inet:{}",
        house.door
    );
    told.bad(&house.relay_name("loop"), &mend);
    let told = house.doctor(&["--only", "loop"]).await;
    told.warn("loop", "paperround doctor --only loop --loop   # sends a mail to ourselves");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_names_its_mend() {
    let house = House::build().await;
    let ask = async || house.doctor(&["--only", "machine"]).await;
    let told = ask().await;
    for name in ["clock", "config file", "key file", "data folder"] {
        told.good(name);
    }
    let mend = "timedatectl set-ntp true   # or: apt install systemd-timesyncd";
    house.papers.ahead.store(60, Ordering::SeqCst);
    ask().await.warn("clock", mend);
    house.papers.ahead.store(-7_200, Ordering::SeqCst);
    let told = ask().await;
    told.bad("clock", mend);
    assert!(told.says("clock").contains("ahead"), "{}", told.says("clock"));
    house.papers.ahead.store(0, Ordering::SeqCst);

    let file = house.folder.path().join("c.toml").canonicalize().unwrap();
    mode(&file, 0o666);
    ask().await.bad("config file", &format!("chmod go-w {}", file.display()));
    mode(&file, 0o644);
    let mend =
        format!("chmod o-r {}   # or move it into a file named by password_file", file.display());
    ask().await.bad("config file", &mend);
    mode(&file, 0o600);
    let data = house.folder.path().canonicalize().unwrap().join("data");
    let key = data.join("paperround.key");
    mode(&key, 0o644);
    ask().await.bad("key file", &format!("chmod 600 {}", key.display()));
    mode(&key, 0o600);
    mode(&data, 0o755);
    ask().await.warn("data folder", &format!("chmod o-rwx {}", data.display()));
    mode(&data, 0o700);
    // Only root may give a file away.
    if std::os::unix::fs::chown(data.join("paperround.db"), Some(12_345), None).is_ok() {
        let group = std::os::unix::fs::MetadataExt::gid(&std::fs::metadata(&data).unwrap());
        let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&data).unwrap());
        let told = ask().await;
        told.bad("data folder", &format!("chown -R {owner}:{group} {}", data.display()));
    }

    let zones = house.folder.path().join("zones");
    std::fs::create_dir(&zones).unwrap();
    std::fs::write(zones.join("tzdata.zi"), "# version 2019c\n").unwrap();
    let done = house.command().env("TZDIR", &zones).args(["doctor", "--only", "machine"]).output();
    let document = serde_json::from_slice(&done.await.unwrap().stdout).unwrap();
    let told = Told { code: 0, document };
    told.warn("zones", "apt update && apt install --only-upgrade tzdata");
}

#[tokio::test(flavor = "multi_thread")]
async fn database_and_sources_name_their_mend() {
    let house = House::build().await;
    let ask = async |at: &str| {
        let words = ["--at", at, "doctor", "--offline"];
        let words: Vec<&str> = words.into_iter().skip(if at.is_empty() { 2 } else { 0 }).collect();
        house.run(&words).await
    };
    let told = ask("").await;
    for name in ["open", "schema", "integrity", "huggingface"] {
        told.good(name);
    }
    // Four hours later, by a schedule of every hour.
    let later = paperround::clock::Clock::system().now() + jiff::SignedDuration::from_hours(4);
    let told = ask(&later.to_string()).await;
    told.bad("huggingface", "paperround fetch huggingface");
    assert!(told.says("huggingface").contains("4 hours ago"), "{}", told.says("huggingface"));

    // A page that is none, after a good one.
    let page = house.folder.path().join("page.html");
    std::fs::write(&page, "<html><body>Please enable JavaScript.</body></html>").unwrap();
    house.run(&["fetch", "--from", page.to_str().unwrap()]).await;
    let told = ask("").await;
    assert_eq!(told.of("huggingface").0, "warn", "{:#}", told.find("huggingface"));
    let mend = told.of("huggingface").1;
    assert!(mend.starts_with("paperround fetch huggingface"), "{mend}");

    let data = house.folder.path().join("data");
    let file = data.join("paperround.db");
    let open = || rusqlite::Connection::open(&file).unwrap();
    open().execute("DELETE FROM _sqlx_migrations WHERE version = 7", []).unwrap();
    ask("").await.bad("schema", "paperround migrate   # or start the daemon, which does it");
    // Rows that point nowhere.
    let lost = open();
    lost.execute_batch(
        "PRAGMA foreign_keys = OFF; INSERT INTO paper_counts SELECT * FROM paper_counts LIMIT 0;",
    )
    .unwrap();
    drop(lost);

    // Pages overwritten.
    open().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let whole = bytes.clone();
    let from = bytes.len() / 2;
    bytes[from..from + 20_000].fill(0x5a);
    std::fs::write(&file, &bytes).unwrap();
    let told = ask("").await;
    let place = file.canonicalize().unwrap();
    let restore = format!(
        "stop the daemon, keep a copy of {0}, and put a backup in its place; without one:\nsqlite3 \
         {0} .recover | sqlite3 {0}.mended",
        place.display()
    );
    told.bad("integrity", &restore);
    // No database at all; one that cannot be reached.
    std::fs::write(&file, "this is a text").unwrap();
    let told = ask("").await;
    assert_eq!(told.of("open").0, "bad");
    std::fs::write(&file, whole).unwrap();
    for name in ["paperround.db", "paperround.db-wal", "paperround.db-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    ask("").await.warn("open", "paperround migrate");
    assert!(!file.exists(), "a look makes nothing");
    let nobody = free();
    house.change("[admin]", &format!("[database]\nurl = \"postgres://u@{nobody}/p\"\n[admin]"));
    let told = ask("").await;
    let mend = format!(
        "psql postgres://u@{nobody}/p -c 'select 1'   # then mend the server, or [database] in the \
         configuration"
    );
    told.bad("open", &mend);
    told.good("templates");
    assert_eq!(told.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_itself_names_its_mend() {
    let house = House::build().await;
    let ask = async || house.doctor(&["--only", "mail"]).await;
    let told = ask().await;
    for name in ["templates", "headers", "body", "signature", "sender", "alarms", "postal address"]
    {
        told.good(name);
    }
    let text = house.change("alarms_to = \"admin@digest.example\"", "");
    let line = "[admin]\nalarms_to = \"YOU@example.org\"";
    ask().await.warn("alarms", line);
    house.configure(&text.replace("admin@digest.example", "papers@digest.example"));
    ask().await.bad("alarms", line);
    house.configure(&text.replace("postal_address = \"1 Sample Street\"\n", ""));
    let mend = "[mail]\npostal_address = \"\"\"\nNAME\nSTREET\nTOWN\n\"\"\"";
    ask().await.warn("postal address", mend);
    house.configure(&text.replace("<papers@digest.example>", "<papers@gmail.com>"));
    ask().await.bad("sender", "[mail]\nfrom = \"papers@YOUR-OWN-DOMAIN\"");
    house.configure(&text.replace("https://localhost", "http://localhost"));
    let mend = format!("[site]\nurl = \"https://localhost:{}\"", house.front.port);
    ask().await.bad("headers", &mend);

    let templates = house.folder.path().join("templates");
    std::fs::create_dir_all(templates.join("mail")).unwrap();
    std::fs::write(templates.join("mail/digest.txt"), "{{ nothing_of_the_kind.at_all }}\n")
        .unwrap();
    house.configure(&format!("{text}[digest]\ntemplates = \"templates\"\n"));
    let told = ask().await;
    let mend = "paperround template check   # shows the line; take the file away to have ours back";
    told.bad("templates", mend);
    assert!(told.says("templates").contains("digest.txt"), "{}", told.says("templates"));
    std::fs::write(templates.join("mail/digest.txt"), "Papers.\n").unwrap();
    let told = ask().await;
    assert_eq!(told.of("body").0, "bad", "{:#}", told.document);
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_asks_nobody_and_a_silent_network_is_told_apart() {
    let house = House::build().await;
    let told = house.run(&["doctor", "--offline"]).await;
    for name in ["spf", "dkim", "dmarc", "mx", "ptr", "relay", "site", "loop", "clock"] {
        assert_eq!(told.of(name).0, "skipped", "{:#}", told.find(name));
    }
    for name in ["templates", "headers", "signature", "open", "integrity", "key file"] {
        told.good(name);
    }
    assert_eq!((told.code, &told.document["network"]), (0, &Value::from("not asked")));
    assert!(house.relay.heard.lock().unwrap().is_empty());
    let group = house.doctor(&["--only", "senders", "--offline"]).await;
    assert!(group.all().iter().all(|one| one["group"] == "senders"));
    assert_eq!(group.of("spf").0, "skipped");
    assert_eq!(group.of("visible link").0, "good");

    // Nobody answers: no DNS, no relay, no site, no source.
    let ports = [house.relay.port, house.front.port, house.papers.port, house.dns.addr.port()];
    let mut text = house.config();
    for port in ports {
        text = text.replace(&format!(":{port}"), &format!(":{}", free().port()));
    }
    house.configure(&text);
    let told = house.doctor(&[]).await;
    assert_eq!((told.code, &told.document["network"]), (69, &Value::from("silent")));
    assert!(told.says("reachable").contains("Connection refused"), "{}", told.says("reachable"));
    assert_eq!(told.of("one-click").0, "bad", "of senders, as nobody answered the site's");
    told.good("integrity");

    // A broken configuration is none of its business.
    house.configure("[site]\nurl = 5\n");
    let done = house.command().arg("doctor").output().await.unwrap();
    assert_eq!(done.status.code(), Some(78));
    let done = house.command().args(["doctor", "--only", "weather"]).output().await.unwrap();
    assert_eq!(done.status.code(), Some(2));
}
