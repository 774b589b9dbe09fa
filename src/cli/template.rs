//! `template`: trying the templates of mails, and copying them out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use comfy_table::{Table, presets};
use serde_json::json;

use super::context::load;
use super::ui::Ui;
use crate::model::Look;
use crate::render::{Checked, Rendered, TemplateFault, Templates};

/// What the HTML of a mail may have where no configuration says.
const MAX_HTML: usize = 90_000;

/// `paperround template`
#[derive(clap::Subcommand, Debug)]
pub(super) enum TemplateCommand {
    /// Render every template with every sample, in every look and language, and look at the mails
    Check {
        /// Write the mails that were rendered there, to be looked at in a browser
        #[arg(long, value_name = "FOLDER")]
        write: Option<PathBuf>,
    },
    /// Copy the built-in templates and words out, for changing
    Eject {
        /// Which look: cards or plain [default: digest.look]
        #[arg(long, value_parser = look)]
        look: Option<Look>,
        /// Where to
        #[arg(default_value = "templates")]
        folder: PathBuf,
    },
}

fn look(text: &str) -> Result<Look, String> {
    let found = Look::ALL.into_iter().find(|look| look.word() == text);
    found.ok_or_else(|| format!("wanted {}", Look::ALL.map(Look::word).join(" or ")))
}

/// What the configuration says of templates.
struct InForce {
    look: Look,
    folder: Option<PathBuf>,
    max_html: usize,
}

/// Checks the templates in force, or copies the built-in ones out.
pub(super) fn run(
    ui: &Ui,
    file: Option<&Path>,
    command: &TemplateCommand,
) -> anyhow::Result<ExitCode> {
    // Without any configuration the built-in ones are meant.
    let in_force = match load(file) {
        Ok(loaded) => InForce {
            look: loaded.config.digest.look,
            folder: loaded.config.digest.templates,
            max_html: usize::try_from(loaded.config.digest.max_html.bytes()).unwrap_or(MAX_HTML),
        },
        Err(faults) if file.is_some() => return Ok(super::config::refuse(&faults, ui)),
        Err(_) => InForce { look: Look::default(), folder: None, max_html: MAX_HTML },
    };
    match command {
        TemplateCommand::Eject { look, folder } => {
            let look = look.unwrap_or(in_force.look);
            let written = eject(look, folder)
                .with_context(|| format!("cannot write in {}", folder.display()))?;
            ui.document(&json!({"folder": folder, "look": look.word(), "written": written}), || {
                let folder = folder.display();
                match written.len() {
                    0 => format!("{folder}: every template is there already; none was touched"),
                    _ => format!(
                        "{folder}: wrote {}\nset digest.templates to this folder, change what you \
                         like, delete what you do not change, and run `paperround template check`",
                        written.join(", ")
                    ),
                }
            })?;
            Ok(ExitCode::SUCCESS)
        }
        TemplateCommand::Check { write } => check(ui, &in_force, write.as_deref()),
    }
}

/// Every look as it is built in; the one in force with the administrator's files.
fn check(ui: &Ui, in_force: &InForce, write: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut all: Vec<(Look, Checked)> = Vec::new();
    for look in Look::ALL {
        let folder = in_force.folder.as_deref().filter(|_| look == in_force.look);
        let checked = match Templates::in_look(look, folder) {
            Ok(templates) => {
                let mut failed = None;
                let checked = templates.check(in_force.max_html, |kind, sample, language, mail| {
                    let Some(folder) = write else { return };
                    let name = format!("{kind} {sample}").replace(' ', "-");
                    let folder = folder.join(look.word()).join(language.tag());
                    failed = failed.take().or(keep(&folder, &name, mail).err());
                });
                if let (Some(error), Some(folder)) = (failed, write) {
                    let what = format!("cannot write in {}", folder.display());
                    return Err(anyhow::Error::new(error).context(what));
                }
                checked
            }
            Err(fault) => Checked { faults: vec![fault], ..Checked::default() },
        };
        all.push((look, checked));
    }
    let faults: Vec<&TemplateFault> = all.iter().flat_map(|(_, one)| &one.faults).collect();
    for fault in &faults {
        eprintln!("{fault}");
    }
    let told: Vec<_> = faults
        .iter()
        .map(|fault| json!({"file": fault.file, "line": fault.line, "reason": fault.what}))
        .collect();
    let measured: Vec<_> = all
        .iter()
        .flat_map(|(look, checked)| checked.measured.iter().map(move |one| (look, one)))
        .map(|(look, one)| {
            json!({
                "look": look.word(), "language": one.language, "ordinary_bytes": one.ordinary,
                "sixty_bytes": one.sixty, "sixty_listed": one.fit.0, "sixty_in_full": one.fit.1,
                "contrast_light": round(one.light), "contrast_dark": round(one.dark),
                "contrast_turned": round(one.turned),
            })
        })
        .collect();
    let mails: usize = all.iter().map(|(_, checked)| checked.mails).sum();
    let report = json!({
        "ok": faults.is_empty(), "mails": mails, "faults": told, "measured": measured,
    });
    ui.document(&report, || {
        let end = match faults.len() {
            0 => format!("{mails} mails rendered: every template with every sample is sound"),
            1 => "1 fault".to_owned(),
            n => format!("{n} faults"),
        };
        format!("{}\n\n{end}", table(&all))
    })?;
    Ok(ExitCode::from(if faults.is_empty() { 0 } else { 78 }))
}

fn table(all: &[(Look, Checked)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "look",
        "language",
        "22 papers",
        "60 papers",
        "in full",
        "contrast",
        "in the dark",
        "turned round",
    ]);
    for (look, checked) in all {
        for one in &checked.measured {
            table.add_row([
                look.to_string(),
                one.language.to_owned(),
                format!("{} B", one.ordinary),
                format!("{} B", one.sixty),
                format!("{} of {}", one.fit.1, one.fit.0),
                format!("{:.1}", one.light),
                format!("{:.1}", one.dark),
                format!("{:.1}", one.turned),
            ]);
        }
    }
    table.trim_fmt()
}

/// Writes both parts of a mail, the subject in front of the text.
fn keep(folder: &Path, name: &str, mail: &Rendered) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("{name}.html")), &mail.html)?;
    std::fs::write(folder.join(format!("{name}.txt")), format!("{}\n\n{}", mail.subject, mail.text))
}

fn round(contrast: f64) -> f64 {
    (contrast * 10.0).round() / 10.0
}

/// Copies the built-in templates of a look into `folder`; files that are there stay. Returns the
/// names of those written.
fn eject(look: Look, folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut written = Vec::new();
    for (name, source) in Templates::built_in(look)? {
        let target = folder.join(&name);
        if target.exists() {
            continue;
        }
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&target, source)?;
        written.push(name);
    }
    Ok(written)
}
