//! `completions` and `man`: what a package brings beside the program.

use std::path::PathBuf;
use std::process::ExitCode;

use super::ui::Ui;
use anyhow::Context as _;

/// `paperround completions`
#[derive(clap::Args, Debug)]
pub(super) struct CompletionsArgs {
    shell: clap_complete::Shell,
}

/// `paperround man`
#[derive(clap::Args, Debug)]
pub(super) struct ManArgs {
    /// Write a page for each command into this folder instead
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
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

/// Prints the manual page, all commands in it; or writes a page for each.
pub(super) fn man(ui: &Ui, args: &ManArgs, command: clap::Command) -> anyhow::Result<ExitCode> {
    // No page tells of `help`.
    let mut command = command.disable_help_subcommand(true);
    command.build();
    if let Some(folder) = &args.dir {
        std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(command.clone(), folder))
            .with_context(|| format!("cannot write manual pages into {}", folder.display()))?;
        let mut page = Vec::new();
        front(&command, &mut page)?;
        let file = folder.join("paperround.1");
        std::fs::write(&file, page).with_context(|| format!("cannot write {}", file.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut page = Vec::new();
    render(&command, &mut page)?;
    ui.line(String::from_utf8(page)?.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// The page of the program itself: with what holds for all commands.
fn front(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let man = clap_mangen::Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    man.render_subcommands_section(page)?;
    page.extend_from_slice(MORE.as_bytes());
    man.render_version_section(page)
}

/// Of paperround(1).
const MORE: &str = r#".SH "EXIT STATUS"
0 good; 1 failed; 2 wrong use; 65 bad data; 69 unavailable; 75 try again later (receive);
78 bad configuration.
.SH FILES
.TP
/etc/paperround/paperround.toml
The configuration, where neither \fB\-c\fR nor the environment names another and there is no
config/paperround.toml.
.TP
/var/lib/paperround
Database, keys and kept pages of the service.
.SH ENVIRONMENT
.TP
PAPERROUND_CONFIG
The configuration's file.
.TP
PAPERROUND__SECTION__KEY
Goes before the key of that name in the file.
.TP
CREDENTIALS_DIRECTORY
Where "credential:NAME" in the configuration is found; set by systemd.
.SH "SEE ALSO"
/usr/share/doc/paperround
"#;

/// A command, then those below it.
fn render(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(page)?;
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        render(sub, page)?;
    }
    Ok(())
}
