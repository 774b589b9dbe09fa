//! `subscriber add`: who is new, who is known, and who must not be mailed.

use std::process::ExitCode;

use serde_json::json;

use super::context::Context;
use super::ui::when;
use super::wish::WishArgs;
use crate::model::{EmailAddress, SubscriberState};
use crate::store::{Added, Granted};
use crate::subscription::{Origin, Subscriptions};

/// `paperround subscriber add`
#[derive(clap::Args, Debug)]
pub(super) struct AddArgs {
    /// Whom
    #[arg(required = true, value_name = "EMAIL")]
    emails: Vec<EmailAddress>,
    /// They have asked for it: active at once
    #[arg(long)]
    confirmed: bool,
    /// Mail them to ask whether they want it
    #[arg(long, conflicts_with = "confirmed")]
    ask: bool,
    #[command(flatten)]
    wishes: WishArgs,
}

/// Adds them; 1 where one of them must not be mailed.
pub(super) async fn add(
    context: &Context,
    verbs: &Subscriptions,
    args: &AddArgs,
) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for email in &args.emails {
        let how = if args.confirmed { "added by an admin, confirmed" } else { "added by an admin" };
        let added = verbs.add(email, &args.wishes.preferences(), args.confirmed, how).await?;
        let result = if added == Added::New { "added" } else { "known" };
        let now = context.app.store.subscriber(email).await?;
        let state = now.as_ref().map_or(SubscriberState::Suppressed, |reader| reader.state);
        if state == SubscriberState::Suppressed {
            code = ExitCode::FAILURE;
            not_added(context, verbs, email).await?;
            continue;
        }
        let mut asked = None;
        if args.ask && state == SubscriberState::Pending {
            let origin = Origin { how: "admin", from: None, quick: false };
            let granted = verbs.subscribe(email, &args.wishes.preferences(), origin).await?;
            asked = Some(granted == Granted::Mail);
        }
        context.changed.add(u64::from(added == Added::New || asked == Some(true)));
        let next = now.and_then(|now| now.next_due_at);
        let mut line = json!({"email": email, "state": state.word(), "result": result});
        if let Some(asked) = asked {
            line["asked"] = asked.into();
        }
        context.ui.document(&line, || match (added, asked) {
            (_, Some(true)) => {
                format!("{email}: pending; the mail that asks them goes out with the next run")
            }
            (_, Some(false)) => format!(
                "{email}: pending; no mail asks them: sign-ups are closed (subscriptions.open), or \
                 they were asked within a day; `why {email}` says more"
            ),
            (Added::Known(SubscriberState::Unsubscribed), _) if args.confirmed => format!(
                "{email}: known already, and left unsubscribed; `subscriber resume {email}` \
                 brings them back"
            ),
            (Added::Known(_), _) => {
                format!("{email}: known already, and left as it is: {}", state.word())
            }
            (Added::New, _) if args.confirmed => {
                format!("{email}: active, next digest {}", next.map_or("never".to_owned(), when))
            }
            (Added::New, _) => format!(
                "{email}: pending; no mail asks them, and none is sent until `subscriber add {email} \
                 --confirmed` (they have asked for it) or `--ask` (a mail asks them)"
            ),
        })?;
    }
    Ok(code)
}

/// Says why an address was not added: it must not be mailed.
async fn not_added(
    context: &Context,
    verbs: &Subscriptions,
    email: &EmailAddress,
) -> anyhow::Result<()> {
    let found = context.app.store.suppression(&verbs.mark_of(email)).await?;
    let why = found.as_ref().map_or_else(String::new, |found| {
        format!(" since {}: {}: {}", when(found.since), found.reason, found.detail)
    });
    eprintln!(
        "paperround: {email}: not added: it is suppressed{why}; once it may be mailed again, \
         `suppression remove {email}` comes first"
    );
    if context.ui.json {
        let line = json!({
            "email": email, "state": "suppressed", "result": "suppressed", "suppression": found,
        });
        context.ui.line(&line.to_string())?;
    }
    Ok(())
}
