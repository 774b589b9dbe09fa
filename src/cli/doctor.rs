//! `doctor`: shows what was found, group by group, with what mends it. Looks at nothing itself.

use std::io::IsTerminal as _;
use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::json;

use super::context::{broken, load_or_in_force};
use super::ui::Ui;
use crate::clock::Clock;
use crate::doctor::{Doctor, Finding, Group, Scope, Verdict};
use crate::model::EmailAddress;
use crate::setup::Refused;
use crate::telemetry::{self, Volume};

/// Nobody answered at all (sysexits.h, EX_UNAVAILABLE).
const UNAVAILABLE: u8 = 69;

/// `paperround doctor`
#[derive(clap::Args, Debug)]
pub(super) struct DoctorArgs {
    /// Ask nobody over the network
    #[arg(long, conflicts_with = "send")]
    offline: bool,
    /// Only this group: dns, relay, site, loop, mail, sources, database, machine, senders
    #[arg(long, value_name = "GROUP", value_parser = group)]
    only: Option<Group>,
    /// Send a mail to ourselves by each relay, and wait for its return
    #[arg(long = "loop")]
    send: bool,
    /// Ask relays about mail to this address; with --loop the mail goes there, and a reply to it
    /// is waited for
    #[arg(long, value_name = "ADDRESS")]
    to: Option<EmailAddress>,
    /// How long a mail's return is waited for, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait: u64,
    /// The address from which mail leaves, where a relay on this machine sends it; as often as
    /// there are [default: as this machine sees it]
    #[arg(long = "from-ip", value_name = "IP")]
    from: Vec<IpAddr>,
}

fn group(word: &str) -> Result<Group, String> {
    let known = Group::ALL.map(Group::word).join(", ");
    Group::from_word(word).ok_or_else(|| format!("wanted one of {known}"))
}

/// Looks and shows. 0: nothing is bad. 1: something is. 69: nobody could be asked over the network.
pub(super) async fn doctor(
    ui: &Ui,
    file: Option<&Path>,
    args: &DoctorArgs,
    clock: Clock,
    volume: Volume,
) -> anyhow::Result<ExitCode> {
    let (loaded, refused) = load_or_in_force(file, &clock, false).await?;
    // What goes wrong is told in the findings.
    let volume = if volume == Volume::Configured { Volume::Quiet } else { volume };
    telemetry::start(&loaded.config.log, &loaded.config.telemetry, volume);
    let scope = Scope {
        offline: args.offline,
        only: args.only,
        send: args.send,
        to: args.to.clone(),
        wait: Duration::from_secs(args.wait),
        from: args.from.clone(),
    };
    let doctor = Doctor::open(loaded.config, Some(&loaded.path), clock).await;
    let bar = ui.bar("looking", None);
    bar.enable_steady_tick(Duration::from_millis(100));
    let mut findings = doctor.examine(&scope).await;
    bar.finish_and_clear();
    doctor.close().await;
    // The configuration's own warnings belong here too.
    if args.only.is_none_or(|only| only == Group::Machine) {
        let warnings = loaded.warnings.iter().map(|warning| config_warning(warning));
        findings.extend(warnings);
        findings.extend(refused.as_ref().map(config_broken));
        findings.sort_by_key(|finding| finding.group);
    } else if let Some(refused) = &refused {
        eprintln!("warning: {}", broken(refused));
    }
    let silent = doctor.heard_nothing();
    let count = |verdict: Verdict| findings.iter().filter(|one| one.verdict == verdict).count();
    let (good, warn) = (count(Verdict::Good), count(Verdict::Warn));
    let (bad, skipped) = (count(Verdict::Bad), count(Verdict::Skipped));
    let document = json!({
        "findings": findings, "good": good, "warn": warn, "bad": bad, "skipped": skipped,
        "network": if args.offline { "not asked" } else if silent { "silent" } else { "answers" },
    });
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    ui.document(&document, || {
        let mut text = shown(&findings, colours);
        text.push_str(&format!(
            "{good} good, {warn} to look at, {bad} bad, {skipped} not looked at"
        ));
        if silent {
            text.push_str("; nobody answered over the network");
        }
        text
    })?;
    Ok(match (bad, silent) {
        (_, true) => ExitCode::from(UNAVAILABLE),
        (0, _) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// The file is not what the others were looked at by.
fn config_broken(refused: &Refused) -> Finding {
    let mend = "paperround config check      # tells every fault with its line\n\
                paperround config rollback   # or: put back what is in force";
    Finding {
        group: Group::Machine,
        name: "config".to_owned(),
        verdict: Verdict::Bad,
        says: broken(refused),
        mend: Some(mend.to_owned()),
    }
}

fn config_warning(warning: &str) -> Finding {
    Finding {
        group: Group::Machine,
        name: "config".to_owned(),
        verdict: Verdict::Warn,
        says: warning.to_owned(),
        mend: Some("paperround config check   # says it again".to_owned()),
    }
}

/// Groups, marks, and what mends each below it.
fn shown(findings: &[Finding], colours: bool) -> String {
    let widest = findings.iter().map(|one| one.name.chars().count().min(NAMES)).max().unwrap_or(0);
    let mut text = String::new();
    let mut group = None;
    for finding in findings {
        if group != Some(finding.group) {
            if group.is_some() {
                text.push('\n');
            }
            let bold = if colours { Style::new().bold() } else { Style::new() };
            text.push_str(&format!("{bold}{}{bold:#}\n", finding.group.word()));
            group = Some(finding.group);
        }
        let (mark, colour) = match finding.verdict {
            Verdict::Good => ('✓', AnsiColor::Green),
            Verdict::Warn => ('!', AnsiColor::Yellow),
            Verdict::Bad => ('✗', AnsiColor::Red),
            Verdict::Skipped => ('–', AnsiColor::BrightBlack),
        };
        let style = Style::new().fg_color(Some(colour.into()).filter(|_| colours));
        let name = format!("{:<widest$}", finding.name);
        text.push_str(&format!("  {style}{mark}{style:#} {name}  {}\n", finding.says));
        if let Some(mend) = finding.mend.as_ref().filter(|_| finding.verdict != Verdict::Good) {
            for line in mend.lines() {
                text.push_str(&format!("      {line}\n"));
            }
        }
    }
    text.push('\n');
    text
}

/// Longer names push their line to the right alone.
const NAMES: usize = 24;
