//! One measured process for `scripts/bench`: it seeds a database, sends what is queued in it
//! by the product's own engine, asks a running site, hands reports over, claims and records
//! without sending, or is the sink that takes the mails. Every mode prints one JSON object on a
//! line of its own. Measures only itself, compares nothing and starts nothing.

mod house;
mod papers;
mod report;
mod seed;
mod send;
mod sign;
mod sink;
mod web;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(name = "pipeline")]
struct Words {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// Makes a database with one cohort, one planned digest and a queued delivery for each.
    Seed {
        #[command(flatten)]
        house: HouseWords,
        /// Active readers.
        #[arg(long)]
        readers: u64,
        /// Papers of the digest.
        #[arg(long, default_value_t = 30)]
        papers: u32,
        /// Writes here what the templates are given, for others to render the same mail.
        #[arg(long)]
        context: Option<PathBuf>,
    },
    /// Sends what is queued, once, and says what that took.
    Send {
        #[command(flatten)]
        house: HouseWords,
        /// The relay, such as smtp://127.0.0.1:2525?tls=none
        #[arg(long)]
        relay: String,
        /// Connections to it.
        #[arg(long, default_value_t = 8)]
        connections: u32,
        /// What signs: none, ed25519, or both that and RSA-2048.
        #[arg(long, value_enum, default_value_t = house::Dkim::None)]
        dkim: house::Dkim,
        /// The folder of the keys rsa.pem and ed25519.pem.
        #[arg(long, default_value = ".")]
        keys: PathBuf,
    },
    /// Claims and records what is queued as the engine would, but sends nothing.
    Claim {
        #[command(flatten)]
        house: HouseWords,
        /// Claims and groups are as large as they are with so many connections.
        #[arg(long, default_value_t = 8)]
        connections: u32,
    },
    /// Asks a running site for each of its routes, so many times each.
    Web {
        #[command(flatten)]
        house: HouseWords,
        /// Where the site listens.
        #[arg(long)]
        site: std::net::SocketAddr,
        /// Connections to it.
        #[arg(long, default_value_t = 32)]
        connections: usize,
        /// Requests of each route; there must be as many readers.
        #[arg(long)]
        requests: usize,
    },
    /// The tokens by which these readers leave.
    Tokens {
        #[command(flatten)]
        house: HouseWords,
        /// Their rows.
        #[arg(long, value_delimiter = ',')]
        readers: Vec<i64>,
    },
    /// Hands over a report of each of so many sent digests, and says what that took.
    Report {
        #[command(flatten)]
        house: HouseWords,
        /// Who takes them, by SMTP.
        #[arg(long)]
        to: std::net::SocketAddr,
        /// Connections to it.
        #[arg(long, default_value_t = 8)]
        connections: usize,
        /// How many; there must be as many sent digests.
        #[arg(long)]
        reports: usize,
    },
    /// How many signatures a second one core makes, with nothing around them.
    Sign {
        /// The folder of the keys rsa.pem and ed25519.pem.
        #[arg(long)]
        keys: PathBuf,
    },
    /// Takes mails and counts them. A line on standard input asks for the counts and begins
    /// anew; its end ends the sink.
    Sink(sink::Sink),
}

#[derive(Args)]
struct HouseWords {
    /// sqlite:FILE or postgres://…
    #[arg(long)]
    db: String,
    /// The data folder: key and nodes.
    #[arg(long)]
    data: PathBuf,
}

fn main() -> anyhow::Result<()> {
    // cargo adds its own word.
    let words = Words::parse_from(std::env::args().filter(|word| word != "--bench"));
    if let Mode::Sink(sink) = words.mode {
        return sink.run();
    }
    if let Mode::Sign { keys } = &words.mode {
        println!("{}", sign::sign(keys)?);
        return Ok(());
    }
    // The product's own runtime.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let said = runtime.block_on(async {
        match words.mode {
            Mode::Seed { house, readers, papers, context } => {
                seed::seed(&house.house(), readers, papers, context.as_deref()).await
            }
            Mode::Send { house, relay, connections, dkim, keys } => {
                let house = house.house().sends_to(&relay, connections).signs(dkim, &keys);
                send::send(&house).await
            }
            Mode::Claim { house, connections } => send::claim(&house.house(), connections).await,
            Mode::Web { house, site, connections, requests } => {
                web::web(&house.house(), site, connections, requests).await
            }
            Mode::Tokens { house, readers } => web::tokens(&house.house(), &readers).await,
            Mode::Report { house, to, connections, reports } => {
                let house = house.house().hears();
                report::report(&house, to, connections, reports).await
            }
            Mode::Sink(_) | Mode::Sign { .. } => unreachable!("they ran above"),
        }
    })?;
    println!("{said}");
    Ok(())
}

impl HouseWords {
    fn house(self) -> house::House {
        house::House::new(&self.db, &self.data)
    }
}
