//! `admin`: who may use the admin pages. Passwords are never typed here: each account's owner
//! chooses one by a one-time link.

use std::process::ExitCode;

use comfy_table::{Table, presets};
use serde_json::json;

use super::context::Context;
use super::ui::when;
use crate::admins::{AdminError, By, Link};
use crate::model::Role;
use crate::store::AccountError;

/// `paperround admin`
#[derive(clap::Subcommand, Debug)]
pub(super) enum AdminCommand {
    /// Add an account; prints the one-time link by which its owner chooses a password
    Add {
        /// What its owner types to log in
        name: String,
        /// admin may look and change; reader may look
        #[arg(long, default_value = "admin", value_parser = role)]
        role: Role,
    },
    /// A new one-time link for an account; its sessions end
    Password {
        /// The account
        name: String,
    },
    /// The accounts, and when they last logged in
    List,
    /// Change what an account may do; its sessions end
    Role {
        /// The account
        name: String,
        /// admin or reader
        #[arg(value_parser = role)]
        role: Role,
        /// Even if nobody is left who may change anything
        #[arg(long)]
        last: bool,
    },
    /// Remove an account; its sessions end
    Remove {
        /// The account
        name: String,
        /// Even if nobody is left who may change anything
        #[arg(long)]
        last: bool,
    },
    /// The codes of six digits that an account asks for beside the password
    Totp {
        /// The account
        name: String,
        /// Ask for none any more: telephone and recovery codes are lost
        #[arg(long, required = true)]
        reset: bool,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_word(text).ok_or_else(|| "wanted admin or reader".to_owned())
}

/// Does what was asked of accounts.
pub(super) async fn run(context: &Context, command: &AdminCommand) -> anyhow::Result<ExitCode> {
    match act(context, command).await {
        // What a person can mend is said plainly, and nothing was changed.
        Err(error) => match error.downcast_ref::<AdminError>() {
            Some(AdminError::Account(AccountError::Last(name))) => {
                eprintln!(
                    "paperround: {name} is the last account that may change anything; add --last \
                     if that is meant, `paperround admin add` makes another"
                );
                Ok(ExitCode::FAILURE)
            }
            Some(AdminError::Account(AccountError::Taken(name))) => {
                eprintln!(
                    "paperround: there is an account {name} already; \
                     `paperround admin password {name}` gives it a new link"
                );
                Ok(ExitCode::FAILURE)
            }
            Some(AdminError::Name(_)) => {
                eprintln!("paperround: {error}");
                Ok(ExitCode::from(2))
            }
            _ => Err(error),
        },
        done => done,
    }
}

async fn act(context: &Context, command: &AdminCommand) -> anyhow::Result<ExitCode> {
    let admins = context.app.admins();
    let by = By::command_line();
    match command {
        AdminCommand::Add { name, role } => show(context, &admins.add(name, *role, &by).await?)?,
        AdminCommand::Password { name } => show(context, &admins.new_link(name, &by).await?)?,
        AdminCommand::List => list(context).await?,
        AdminCommand::Role { name, role, last } => {
            let account = admins.set_role(name, *role, *last, &by).await?;
            let report = json!({"name": account.name, "role": account.role});
            context.ui.document(&report, || format!("{}: {} now", account.name, role.word()))?;
        }
        AdminCommand::Remove { name, last } => {
            let account = admins.remove(name, *last, &by).await?;
            let report = json!({"name": account.name, "removed": true});
            context.ui.document(&report, || format!("{}: removed", account.name))?;
        }
        AdminCommand::Totp { name, .. } => {
            admins.reset_codes(name, &by).await?;
            let report = json!({"name": name, "totp": false});
            context.ui.document(&report, || format!("{name}: no codes are asked for any more"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(context: &Context, link: &Link) -> anyhow::Result<()> {
    let report = json!({
        "name": link.name, "role": link.role, "link": link.address, "until": link.until,
    });
    context.ui.document(&report, || {
        let mut text = format!(
            "{} ({}) chooses a password here, once, until {}:\n  {}",
            link.name,
            link.role.word(),
            link.until,
            link.address
        );
        if !context.app.config.admin.pages {
            text.push_str("\nThe admin pages are off: admin.pages = false in the configuration.");
        }
        text
    })
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let accounts = context.app.admins().list().await?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["name", "role", "codes", "last login"]);
    for account in &accounts {
        let state = match (&account.password, &account.totp) {
            (None, _) => "no password yet",
            (_, Some(_)) => "yes",
            _ => "no",
        };
        if context.ui.json {
            let line = json!({
                "name": account.name, "role": account.role, "password": account.password.is_some(),
                "totp": account.totp.is_some(), "created_at": account.created_at,
                "last_login_at": account.last_login_at,
            });
            context.ui.line(&line.to_string())?;
        }
        let last = account.last_login_at.map_or("never".to_owned(), when);
        table.add_row([&account.name, account.role.word(), state, &last]);
    }
    if context.ui.json {
        return Ok(());
    }
    if accounts.is_empty() {
        return context.ui.line("none yet; `paperround admin add NAME` makes the first");
    }
    context.ui.line(&table.trim_fmt())
}
