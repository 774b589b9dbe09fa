//! `init`, `completions` and `man`: what a system needs before the first run.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::context::load;
use super::ui::Ui;
use crate::token::Key;

/// `paperround init`
#[derive(clap::Args, Debug)]
pub(super) struct InitArgs {
    /// Where to
    #[arg(default_value = ".")]
    dir: PathBuf,
}

/// `paperround completions`
#[derive(clap::Args, Debug)]
pub(super) struct CompletionsArgs {
    shell: clap_complete::Shell,
}

/// Writes a commented configuration and the key, and says the next three steps.
pub(super) fn init(ui: &Ui, args: &InitArgs) -> anyhow::Result<ExitCode> {
    let mut written = crate::config::init(&args.dir)?;
    let file = written.first().cloned().context("init writes a configuration")?;
    let loaded = load(Some(&file))?;
    let folder = &loaded.config.site.data_dir;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the data folder {}", folder.display()))?;
    let key = folder.join("paperround.key");
    Key::load_or_make(&key)?;
    written.push(key);
    let names: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
    ui.document(&json!({ "written": names }), || {
        let config = file.display();
        format!(
            "Wrote {}.\n\nNext:\n  1. edit {config}: site.url, mail.from and the relay\n  \
             2. paperround -c {config} config check\n  \
             3. paperround -c {config} subscriber add you@example.org --confirmed, \
             then paperround -c {config} serve",
            names.join(" and ")
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Prints completions.
pub(super) fn completions(
    ui: &Ui,
    args: &CompletionsArgs,
    command: &mut clap::Command,
) -> anyhow::Result<ExitCode> {
    // Into memory first: clap panics where the reader of a pipe has gone.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "paperround", &mut script);
    ui.line(String::from_utf8(script)?.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page, all commands in it.
pub(super) fn man(ui: &Ui, mut command: clap::Command) -> anyhow::Result<ExitCode> {
    command.build();
    let mut page = Vec::new();
    render(&command, &mut page)?;
    ui.line(String::from_utf8(page)?.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// A command, then those below it.
fn render(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(page)?;
    let below = command.get_subcommands();
    for sub in below.filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        render(sub, page)?;
    }
    Ok(())
}
