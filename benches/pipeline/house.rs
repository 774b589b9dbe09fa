//! The product as it is configured for a bench, and what a process may read of itself.

use std::path::Path;

use paperround::app::App;
use paperround::clock::Clock;
use paperround::config::Config;

/// What signs the mails.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Dkim {
    None,
    Ed25519,
    /// RSA-2048 and Ed25519.
    Both,
}

/// A configuration in the making.
pub(crate) struct House {
    top: String,
    relay: String,
    keys: String,
}

impl House {
    pub(crate) fn new(db: &str, data: &Path) -> Self {
        let data = quoted(&data.display().to_string());
        let top = format!(
            "[site]\nurl = \"https://digest.example\"\ndata_dir = {data}\n\
             [database]\nurl = {}\n[digest]\nmax_papers = 9\n[mail]\nfrom = \"Paper Round <papers@digest.example>\"\n",
            quoted(db)
        );
        let relay = "[[mail.relays]]\nurl = \"folder:outbox\"\n".to_owned();
        Self { top, relay, keys: String::new() }
    }

    pub(crate) fn sends_to(mut self, relay: &str, connections: u32) -> Self {
        self.relay =
            format!("[[mail.relays]]\nurl = {}\nconnections = {connections}\n", quoted(relay));
        self
    }

    /// Reports go to a mailbox that the program reads.
    pub(crate) fn hears(mut self) -> Self {
        self.top.push_str("[inbound]\naddress = \"papers@digest.example\"\n");
        self
    }

    pub(crate) fn signs(mut self, dkim: Dkim, keys: &Path) -> Self {
        let names: &[&str] = match dkim {
            Dkim::None => &[],
            Dkim::Ed25519 => &["ed25519"],
            Dkim::Both => &["rsa", "ed25519"],
        };
        for name in names {
            let file = quoted(&keys.join(format!("{name}.pem")).display().to_string());
            self.keys.push_str(&format!(
                "[[mail.dkim]]\ndomain = \"digest.example\"\nselector = \"{name}\"\n\
                 key_file = {file}\n"
            ));
        }
        self
    }

    /// Opens it as the product does. What the configuration says without effect is an error:
    /// a bench of what is not there would measure something else.
    pub(crate) async fn open(&self, clock: Clock) -> anyhow::Result<App> {
        let text = format!("{}{}{}", self.top, self.relay, self.keys);
        let path = std::env::current_dir()?.join("bench.toml");
        let loaded = Config::parse(&text, &path, std::iter::empty())?;
        if let Some(warning) = loaded.warnings.first() {
            anyhow::bail!("{warning}");
        }
        Ok(App::open(loaded.config, clock).await?)
    }
}

/// As a TOML string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// CPU seconds of this process, all its threads, user and system. In hundredths: the kernel
/// counts in ticks (proc(5)).
pub(crate) fn cpu_s() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name, in parentheses, may hold spaces.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u32>);
    let (Some(Ok(user)), Some(Ok(system))) = (ticks.next(), ticks.next()) else {
        anyhow::bail!("/proc/self/stat has another form");
    };
    Ok(f64::from(user + system) / 100.0)
}

/// Starts the peak of memory afresh.
pub(crate) fn reset_peak() -> anyhow::Result<()> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

/// A field of /proc/self/status, in MiB.
pub(crate) fn memory_mib(field: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.split_whitespace().next()?.parse::<u32>().ok());
    kib.map(|kib| f64::from(kib) / 1024.0)
        .ok_or_else(|| anyhow::anyhow!("/proc/self/status has no {field}"))
}
