//! `init`: sets a service up. Asks three things where somebody sits at a terminal, tries each
//! answer at once, writes the configuration and the keys, and says which DNS records to add and
//! what to do next. Never writes over anything.

use std::io::{IsTerminal as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde_json::json;
use url::{Host, Url};

use super::context::load;
use super::key;
use super::ui::Ui;
use crate::clock::Clock;
use crate::config::{Answers, Config, Faults, RelayTarget};
use crate::delivery::{Step, knock};
use crate::model::txt_line;
use crate::store::own;
use crate::token::Key;

/// The file, and the data folder, of a service of the system.
const FILE: &str = "/etc/paperround/paperround.toml";
const DATA: &str = "/var/lib/paperround";
/// What the file with the relay's password is called.
const PASSWORD: &str = "relay-password";
/// How long a relay is tried.
const PATIENCE: Duration = Duration::from_secs(5);

/// `paperround init`
#[derive(clap::Args, Debug)]
pub(super) struct InitArgs {
    /// Where to: the configuration goes into its folder config
    #[arg(default_value = ".", conflicts_with = "system")]
    dir: PathBuf,
    /// For the service of this machine: /etc/paperround and /var/lib/paperround
    #[arg(long)]
    system: bool,
    /// The public address of the site, such as https://papers.example.org
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The sender, such as "Paper Round <papers@example.org>"
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Where mail goes out, such as smtp://127.0.0.1 or smtps://user@mail.example.org
    #[arg(long, value_name = "URL")]
    relay: Option<String>,
    /// A file with the password of the user in the relay's URL
    #[arg(long, value_name = "FILE", requires = "relay")]
    relay_password_file: Option<PathBuf>,
    /// Make no keys that sign the mail (DKIM)
    #[arg(long)]
    no_dkim: bool,
}

/// Sets up.
pub(super) async fn run(ui: &Ui, clock: &Clock, args: &InitArgs) -> anyhow::Result<ExitCode> {
    let file = match args.system {
        true => PathBuf::from(FILE),
        false => args.dir.join("config/paperround.toml"),
    };
    // Before anybody is asked anything.
    if file.symlink_metadata().is_ok() {
        return Err(crate::config::InitError::Exists(file).into());
    }
    let absolute = std::path::absolute(&file)?;
    let folder = absolute.parent().unwrap_or(&absolute).to_owned();
    let given = [&args.url, &args.from, &args.relay].map(Option::is_some);
    let asks = !ui.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !asks && given.contains(&true) && given.contains(&false) {
        bail!("--url, --from and --relay go together where nobody can be asked");
    }
    let mut answers = Answers {
        url: args.url.clone(),
        from: args.from.clone(),
        relay: args.relay.clone(),
        password_file: match &args.relay_password_file {
            Some(file) => Some(std::path::absolute(file)?.display().to_string()),
            None => None,
        },
        data_dir: args.system.then(|| DATA.to_owned()),
        listen: None,
        dkim: String::new(),
    };
    // The relay that is given is tried below; one that is asked for, with its question.
    let tried = answers.relay.is_none();
    let mut password = None;
    if asks && given.contains(&false) {
        password = ask(&mut answers, &absolute).await?;
    }
    let config = match try_out(&answers, password.as_deref(), &absolute) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("paperround: nothing was written: {}", misanswered(&faults));
            if ui.json {
                ui.line(&serde_json::to_string(&faults)?)?;
            }
            return Ok(ExitCode::from(2));
        }
    };
    // It may be down today, or be set up later: that is no reason to set nothing up.
    if !tried && let Some(wrong) = refused(&config).await {
        eprintln!(
            "warning: --relay: {wrong}. It is written all the same; `paperround doctor --only relay` \
             says more"
        );
    }
    answers.listen = listens(&config.site.url).map(|at| at.to_string());
    let data = config.site.data_dir.clone();
    crate::app::private_folder(&data)
        .with_context(|| format!("cannot make the data folder {}", data.display()))?;
    let mut written = Vec::new();
    let key = data.join("paperround.key");
    let is_new = !key.exists();
    Key::load_or_make(&key)?;
    if is_new {
        own(&key, &data)?;
        written.push(key);
    }
    let domain = config.mail.from.domain().to_owned();
    let is_public = matches!(Host::parse(&domain), Ok(Host::Domain(name)) if name.contains('.'));
    let mut records = Vec::new();
    if is_public && !args.no_dkim {
        let keys = key::pair(&domain, &data, clock)?;
        for made in &keys {
            own(&made.file, &data)?;
            written.push(made.file.clone());
        }
        (records, answers.dkim) = key::said(&keys, &folder)?;
    }
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    if let Some(password) = &password {
        let path = folder.join(PASSWORD);
        write_password(&path, password)
            .with_context(|| format!("cannot write {}", path.display()))?;
        own(&path, &folder)?;
        written.push(path);
    }
    crate::config::init(&file, &answers.text())?;
    own(&file, &folder)?;
    written.insert(0, file.clone());
    // What was written is what will be read.
    let config = load(Some(&file))?.config;
    if is_public {
        records.extend(mail_records(&config, &domain));
    }
    let names: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
    let records: Vec<_> = records
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "type": "TXT", "value": value }))
        .collect();
    ui.document(&json!({ "written": names, "records": records }), || {
        let mut text = format!("Wrote {}.\n", names.join(", "));
        if !records.is_empty() {
            text.push_str("\nAdd these records to the DNS, each a TXT:\n\n");
            for record in &records {
                let part = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
                text.push_str(&format!("  {}\n    {}\n\n", part("name"), part("value")));
            }
            text.push_str("The same as lines of a zone file:\n\n");
            for record in &records {
                let part = |name: &str| record[name].as_str().unwrap_or_default();
                text.push_str(&txt_line(part("name"), part("value")));
                text.push('\n');
            }
            text.push_str(
                "\nWhere the domain has an SPF or DMARC record already, keep that one, and add to \
                 the SPF what `paperround doctor` says.\n",
            );
        }
        text.push_str(&next_steps(args, answers.relay.is_some(), &file));
        text
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Where the site listens, if its address leads straight to it: one of this machine, with a port.
/// Before any other there is a web server.
fn listens(url: &Url) -> Option<SocketAddr> {
    let port = url.port()?;
    let ip = match url.host()? {
        Host::Ipv4(ip) => ip.into(),
        Host::Ipv6(ip) => ip.into(),
        Host::Domain("localhost") => IpAddr::from(Ipv4Addr::LOCALHOST),
        Host::Domain(_) => return None,
    };
    ip.is_loopback().then(|| SocketAddr::new(ip, port))
}

/// SPF and DMARC (RFC 7208, RFC 7489), to begin with.
fn mail_records(config: &Config, domain: &str) -> Vec<(String, String)> {
    let site = host(config.site.address());
    let hosts = config.mail.relays.iter().filter_map(|relay| host(&relay.name));
    let mut spf = vec!["v=spf1".to_owned()];
    spf.extend(hosts.chain(site).map(|host| format!("a:{host}")));
    spf.dedup();
    spf.extend(["mx".to_owned(), "~all".to_owned()]);
    vec![
        (domain.to_owned(), spf.join(" ")),
        (format!("_dmarc.{domain}"), format!("v=DMARC1; p=none; rua=mailto:{}", config.mail.from)),
    ]
}

/// The public host in a URL.
fn host(url: &str) -> Option<String> {
    match Url::parse(url).ok()?.host_str()? {
        name if name.contains('.') && name.parse::<std::net::IpAddr>().is_err() => {
            Some(name.to_owned())
        }
        _ => None,
    }
}

fn next_steps(args: &InitArgs, answered: bool, file: &Path) -> String {
    let (program, start) = match args.system {
        true => ("sudo -u paperround paperround".to_owned(), "systemctl enable --now paperround"),
        false => (format!("paperround -c {}", file.display()), ""),
    };
    let serve = if start.is_empty() { format!("{program} serve") } else { start.to_owned() };
    let look = match (answered, args.system) {
        (false, false) => format!("edit {}: site.url, mail.from and the relay", file.display()),
        _ => format!("{program} doctor   says what is missing yet, with the line that mends it"),
    };
    format!(
        "\nNext:\n  1. {look}\n  2. {program} config check\n  \
         3. {program} subscriber add you@example.org --confirmed, then {serve}"
    )
}

/// Asks for what is not given, until each answer can be used. Gives the relay's password.
async fn ask(answers: &mut Answers, file: &Path) -> anyhow::Result<Option<String>> {
    eprintln!("Three questions; Enter takes what stands in brackets.\n");
    type Place = fn(&mut Answers) -> &mut Option<String>;
    let questions: [(&str, &str, Place); 3] = [
        (
            "1. The public address of the site, as readers will type it",
            "http://127.0.0.1:8080",
            |answers| &mut answers.url,
        ),
        ("2. The sender of the mails", "Paper Round <papers@localhost>", |answers| {
            &mut answers.from
        }),
        (
            "3. The mail server that takes the mails: smtp://host, smtps://user@host, \
             sendmail: or folder:path",
            "folder:../outbox",
            |answers| &mut answers.relay,
        ),
    ];
    let mut password = None;
    for (at, (question, usual, place)) in questions.into_iter().enumerate() {
        if place(answers).is_some() {
            continue;
        }
        loop {
            let answer = line(&format!("{question} [{usual}]: "))?.trim().to_owned();
            let answer = if answer.is_empty() { usual.to_owned() } else { answer };
            let wants = Url::parse(&answer)
                .is_ok_and(|url| url.scheme().starts_with("smtp") && !url.username().is_empty());
            *place(answers) = Some(answer);
            password = None;
            if wants && answers.password_file.is_none() {
                password = Some(secret("   Its password: ")?);
            }
            let config = match try_out(answers, password.as_deref(), file) {
                Ok(config) => config,
                Err(faults) => {
                    eprintln!("{}\n", misanswered(&faults));
                    continue;
                }
            };
            if at + 1 < questions.len() {
                break;
            }
            let Some(wrong) = refused(&config).await else { break };
            eprintln!("   {wrong}.");
            let keep = line("   Keep it all the same? [y/N] ")?;
            if matches!(keep.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
                break;
            }
        }
    }
    if password.is_some() {
        answers.password_file = Some(PASSWORD.to_owned());
    }
    Ok(password)
}

/// What is wrong with the relay now; none where it answers, encrypts and lets us in, or is no
/// server.
async fn refused(config: &Config) -> Option<String> {
    let relay = config.mail.relays.first()?;
    let RelayTarget::Smtp { host, port, user, .. } = &relay.target else { return None };
    let (step, words) = knock(relay, PATIENCE).await.stopped?;
    let words = words.trim_end_matches('.');
    Some(match step {
        Step::Tls => format!("{host} does not encrypt as it should: {words}"),
        Step::Login => {
            format!("{host} does not let {} in: {words}", user.as_deref().unwrap_or("us"))
        }
        _ => format!("{host} does not answer at port {port}: {words}"),
    })
}

fn line(question: &str) -> anyhow::Result<String> {
    eprint!("{question}");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    if std::io::stdin().read_line(&mut answer)? == 0 {
        bail!("nothing was written: the answers ended early");
    }
    Ok(answer.trim_end_matches(['\n', '\r']).to_owned())
}

/// As [`line`], and what is typed is not shown. The terminal falls silent before the question, and
/// keeps what was typed ahead.
fn secret(question: &str) -> anyhow::Result<String> {
    let input = std::io::stdin();
    let before = tcgetattr(&input)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    silent.local_modes.insert(LocalModes::ECHONL);
    tcsetattr(&input, OptionalActions::Now, &silent)?;
    let answer = line(question);
    tcsetattr(&input, OptionalActions::Now, &before)?;
    answer
}

/// Reads the configuration that the answers make; nothing is written. The password has no file
/// yet.
fn try_out(answers: &Answers, password: Option<&str>, file: &Path) -> Result<Config, Faults> {
    let env =
        password.map(|text| ("PAPERROUND__MAIL__RELAYS__0__PASSWORD".to_owned(), text.to_owned()));
    let answers = match password {
        Some(_) => Answers { password_file: None, ..answers.clone() },
        None => answers.clone(),
    };
    Ok(Config::parse(&answers.text(), file, env.into_iter())?.config)
}

/// What is wrong with answers, by the option that each may be given by: there is no file yet that
/// a place could be quoted of.
fn misanswered(faults: &Faults) -> String {
    let lines = faults.list().iter().map(|fault| {
        let option = match fault.key.as_deref() {
            Some("site.url") => "--url: ",
            Some("mail.from") => "--from: ",
            Some("mail.relays[0].url") => "--relay: ",
            Some("mail.relays[0].password_file") => "--relay-password-file: ",
            _ => "",
        };
        format!("{option}{}", fault.sentence())
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn write_password(path: &Path, password: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o640).open(path)?;
    writeln!(file, "{password}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_sends_is_in_the_spf_record() {
        let of = |relay: &str| {
            let answers = Answers {
                url: Some("https://papers.example.org".to_owned()),
                from: Some("papers@example.org".to_owned()),
                relay: Some(relay.to_owned()),
                ..Answers::default()
            };
            let config = try_out(&answers, None, Path::new("/nowhere/paperround.toml")).unwrap();
            mail_records(&config, "example.org").remove(0).1
        };
        let both = "v=spf1 a:mail.example.org a:papers.example.org mx ~all";
        assert_eq!(of("smtp://mail.example.org"), both);
        for local in ["smtp://127.0.0.1", "folder:../outbox"] {
            assert_eq!(of(local), "v=spf1 a:papers.example.org mx ~all", "{local}");
        }
    }
}
