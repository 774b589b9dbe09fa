//! The command line: arguments in, exit code out. Each command is a small file; none holds
//! any of the house's rules.

mod admin;
mod alarm;
mod backup;
mod config;
mod context;
mod database;
mod demo;
mod doctor;
mod enrol;
mod health;
mod init;
mod kept;
mod key;
mod look;
mod noted;
mod pass;
mod queue;
mod reader;
mod receive;
mod resend;
mod roll;
mod serve;
mod service;
mod source;
mod suppression;
mod system;
mod template;
mod topic;
mod ui;
mod why;
mod wish;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::telemetry::Volume;
use context::Context;
use service::Handed;
use ui::Ui;

/// Where the help of each command has what goes with all of them: after its own.
const EVERYWHERE: &str = "With every command";

/// Mails the day's trending research papers to everyone who asked, once.
#[derive(Parser, Debug)]
#[command(name = "paperround", version, arg_required_else_help = true)]
#[command(after_help = "Start with `paperround demo`, then `paperround init`.")]
struct Cli {
    /// The configuration [default: $PAPERROUND_CONFIG, ./config/paperround.toml,
    /// /etc/paperround/paperround.toml]
    #[arg(short, long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    config: Option<PathBuf>,
    /// Act as of this time: RFC 3339, or a date for its first minute in UTC
    #[arg(long, global = true, value_name = "TIME", value_parser = moment,
          help_heading = EVERYWHERE)]
    at: Option<Timestamp>,
    /// One JSON document on standard output; of streams one a line
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    json: bool,
    /// Log errors only, and show no progress
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = EVERYWHERE)]
    quiet: bool,
    /// Log more
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// The whole product with nothing set up: a sample page, a reader, an inbox
    Demo(demo::DemoArgs),
    /// Set a service up: three questions, the configuration, the keys, the DNS records
    Init(init::InitArgs),
    /// The daemon: fetches, plans, sends and serves the site
    Serve,
    /// Ask the running daemon whether it is well
    Health {
        /// Where it listens, such as 127.0.0.1:8080; no configuration is read then, so that a
        /// broken file does not make it ill [default: server.listen]
        address: Option<std::net::SocketAddr>,
    },
    /// One pass: fetch what is due, plan who is due, send what is due
    Run(pass::RunArgs),
    /// Fetch a source now, or read a saved page
    Fetch(pass::FetchArgs),
    /// Exactly the mail that a reader would get
    Preview(look::PreviewArgs),
    /// Send that mail through the real relay
    SendTest(look::SendTestArgs),
    /// One mail on standard input, from a mail server's pipe
    Receive(receive::ReceiveArgs),
    /// Who gets mail, and when
    #[command(subcommand)]
    Subscriber(reader::SubscriberCommand),
    /// A person's timeline, with reasons
    Why(why::WhyArgs),
    /// What waits and what is stuck
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// A day's digest once more, to one person or to all who missed it
    Resend(resend::ResendArgs),
    /// What needs a person, and whether they would be told
    #[command(subcommand)]
    Alarm(alarm::AlarmCommand),
    /// Who must not be mailed
    #[command(subcommand)]
    Suppression(suppression::SuppressionCommand),
    /// Where papers come from, and how that goes
    #[command(subcommand)]
    Source(source::SourceCommand),
    /// Check, show or change the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Who may use the admin pages
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Check everything between the configuration and an inbox, and say what mends it
    Doctor(doctor::DoctorArgs),
    /// Try a topic on the recent papers
    #[command(subcommand)]
    Topic(topic::TopicCommand),
    /// Check the templates, or copy them out for changing
    #[command(subcommand)]
    Template(template::TemplateCommand),
    /// The processes that share the database
    #[command(subcommand)]
    Node(database::NodeCommand),
    /// Bring the database's schema up to date
    Migrate(database::MigrateArgs),
    /// Copy everything from one database into another, empty one
    Copy(database::CopyArgs),
    /// Write the database, the keys and the configuration into one file, while all goes on
    Backup(backup::BackupArgs),
    /// Put a backup back, into a database of either kind
    Restore(backup::RestoreArgs),
    /// Keys that sign the mail
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Shell completions
    Completions(system::CompletionsArgs),
    /// The manual page, in roff
    Man(system::ManArgs),
}

impl Command {
    /// Whether it only looks at what is stored. Where the file is broken, the daemon goes on by
    /// what is in force, and so does who looks at what it does.
    fn only_looks(&self) -> bool {
        use queue::QueueCommand as Queue;
        use reader::SubscriberCommand as Subscriber;
        use source::SourceCommand as Source;
        use suppression::SuppressionCommand as Suppression;
        match self {
            Self::Why(_) | Self::Node(_) => true,
            Self::Alarm(command) => matches!(command, alarm::AlarmCommand::List { .. }),
            Self::Queue(command) => matches!(command, Queue::List(_) | Queue::Show { .. }),
            Self::Source(command) => !matches!(command, Source::Replay { .. }),
            Self::Suppression(command) => {
                matches!(command, Suppression::List(_) | Suppression::Check { .. })
            }
            Self::Subscriber(command) => {
                matches!(
                    command,
                    Subscriber::List(_) | Subscriber::Show { .. } | Subscriber::Export(_)
                )
            }
            Self::Admin(command) => matches!(command, admin::AdminCommand::List),
            _ => false,
        }
    }
}

/// Runs the command line given to the process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; usage is 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let ui = Ui { json: cli.json, quiet: cli.quiet };
    // Before there is a second thread.
    let handed = match cli.command {
        Command::Serve => Handed::take(),
        _ => Handed::default(),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("paperround: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A mail server is to keep what nobody has dealt with.
    let broken = match cli.command {
        Command::Receive(_) => ExitCode::from(receive::AGAIN),
        _ => ExitCode::FAILURE,
    };
    // In a task: it then runs on the thread that waits for the network, and need not be woken
    // from there for each answer of a relay.
    let task = runtime
        .spawn(async move { dispatch(&cli, &ui, handed).await.map_err(|error| (error, ui)) });
    let done = runtime.block_on(task);
    // A blocking look at a hostile page must not hold the exit up.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match done {
        Ok(Ok(code)) => code,
        Ok(Err((error, ui))) => context::explain(&error, &ui),
        // The panic has told itself.
        Err(_) => broken,
    }
}

async fn dispatch(cli: &Cli, ui: &Ui, handed: Handed) -> anyhow::Result<ExitCode> {
    let clock = cli.at.map_or_else(Clock::system, Clock::fixed);
    let volume = match (cli.quiet, cli.verbose) {
        (true, _) => Volume::Quiet,
        (_, true) => Volume::Loud,
        _ => Volume::Configured,
    };
    // These need no configuration, or must work with a broken one.
    match &cli.command {
        Command::Demo(args) => return demo::demo(ui, args, clock, volume).await,
        Command::Init(args) => return init::run(ui, &clock, args).await,
        Command::Completions(args) => {
            return system::completions(ui, args, &mut Cli::command());
        }
        Command::Man(args) => return system::man(ui, args, Cli::command()),
        Command::Config(command) => {
            return config::run(ui, cli.config.as_deref(), command, clock).await;
        }
        Command::Migrate(args) => return database::migrate(ui, cli.config.as_deref(), args).await,
        Command::Copy(args) => return database::copy(ui, args).await,
        Command::Health { address } => {
            return health::health(ui, cli.config.as_deref(), *address, &clock).await;
        }
        Command::Backup(args) => {
            return backup::backup(ui, cli.config.as_deref(), &clock, args).await;
        }
        Command::Restore(args) => {
            return backup::restore(ui, cli.config.as_deref(), &clock, args).await;
        }
        Command::Key(command) => return key::run(ui, cli.config.as_deref(), &clock, command),
        Command::Template(command) => return template::run(ui, cli.config.as_deref(), command),
        Command::Doctor(args) => {
            return doctor::doctor(ui, cli.config.as_deref(), args, clock, volume).await;
        }
        Command::Receive(args) if args.explain => {
            return receive::explained(ui, cli.config.as_deref(), args, &clock);
        }
        Command::Receive(args) => {
            return receive::receive(ui, cli.config.as_deref(), args, clock, volume).await;
        }
        _ => {}
    }
    let deed = noted::Deed::asked();
    let starting = matches!(cli.command, Command::Serve).then(service::starting);
    let file = cli.config.as_deref();
    let context = match cli.command.only_looks() {
        true => Context::open_to_look(file, *ui, clock, volume).await?,
        false => Context::open(file, *ui, clock, volume).await?,
    };
    let done = match &cli.command {
        Command::Serve => serve::serve(&context, handed, starting).await,
        Command::Run(args) => pass::run(&context, args).await,
        Command::Fetch(args) => pass::fetch(&context, args).await,
        Command::Preview(args) => look::preview(&context, args).await,
        Command::SendTest(args) => look::send_test(&context, args).await,
        Command::Subscriber(command) => reader::run(&context, command).await,
        Command::Why(args) => why::why(&context, args).await,
        Command::Alarm(command) => alarm::run(&context, command).await,
        Command::Queue(command) => queue::run(&context, command).await,
        Command::Resend(args) => resend::resend(&context, args).await,
        Command::Node(database::NodeCommand::List) => database::nodes(&context).await,
        Command::Suppression(command) => suppression::run(&context, command).await,
        Command::Admin(command) => admin::run(&context, command).await,
        Command::Topic(command) => topic::run(&context, command).await,
        Command::Source(command) => source::run(&context, command).await,
        Command::Demo(_)
        | Command::Init(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Config(_)
        | Command::Doctor(_)
        | Command::Key(_)
        | Command::Migrate(_)
        | Command::Copy(_)
        | Command::Health { .. }
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Receive(_)
        | Command::Template(_) => Ok(ExitCode::SUCCESS),
    };
    let whole = matches!(&done, Ok(code) if *code == ExitCode::SUCCESS);
    let noted = match deed {
        Some(deed) => deed.note(&context, whole).await,
        None => Ok(()),
    };
    context.app.close().await;
    crate::telemetry::end();
    noted?;
    done
}

/// Who does something by hand, for timelines: an administrator, by the name of their account here,
/// and why.
fn by_admin(why: Option<&str>) -> String {
    let why = why.map(str::trim).filter(|why| !why.is_empty()).map(|why| format!(": {why}"));
    format!("by an admin ({}){}", user(), why.unwrap_or_default())
}

/// The user of the system that runs this command: who has become another, as they were before.
fn user() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| {
        std::env::var(name).ok().filter(|value| !value.is_empty() && value.len() <= 64)
    });
    // A service, or a shell of `su`, may have none of these.
    named.unwrap_or_else(|| {
        let uid = rustix::process::getuid().as_raw();
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        name_of(uid, &users).unwrap_or_else(|| format!("uid {uid}"))
    })
}

/// The name of a user, by the lines of passwd(5).
fn name_of(uid: u32, users: &str) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(uid) && !name.is_empty()).then(|| name.to_owned())
    })
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    let minutes = text.strip_suffix('Z').filter(|rest| rest.len() == "2026-02-23T08:15".len());
    text.parse()
        .or_else(|_| format!("{}:00Z", minutes.unwrap_or(text)).parse())
        .or_else(|_| format!("{text}T00:00:00Z").parse())
        .map_err(|_: jiff::Error| {
            "wanted a time such as 2026-02-23T08:15:00Z, or a date such as 2026-02-23".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn users_have_names() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(name_of(0, users).as_deref(), Some("root"));
        assert_eq!(name_of(1000, users).as_deref(), Some("ada"));
        assert_eq!(name_of(1, users), None);
    }

    #[test]
    fn times_may_be_short() {
        for (text, time) in [
            ("2026-02-23T08:15:00Z", "2026-02-23T08:15:00Z"),
            ("2026-02-23T08:15:00+01:00", "2026-02-23T07:15:00Z"),
            ("2026-02-23T08:15Z", "2026-02-23T08:15:00Z"),
            ("2026-02-23", "2026-02-23T00:00:00Z"),
        ] {
            assert_eq!(moment(text).unwrap().to_string(), time);
        }
        assert!(moment("tomorrow").is_err() && moment("2026-02-30").is_err());
    }
}
