//! One login to a mailbox: finds new mail, hands each to who takes it, and only then marks or
//! moves it. Removes nothing but what it has itself copied.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::Settings;
use super::recipients::recipients;
use super::wire::{STEP, Trouble, Wire};
use super::words::{folder, quoted};
use crate::inbound::{Accept, Accepted, Arrival};

/// A mail of more bytes is not fetched.
const MOST_BYTES: u64 = 10 << 20;

/// The slowest line on which a mail is still fetched, in bytes a second.
const SLOWEST: u64 = 50_000;

/// Mails that are dealt with before it is looked what else is there.
const BATCH: usize = 200;

/// As many that cannot be dealt with end a round: it will not be for the mails.
const MOST_FAILURES: usize = 3;

/// Tells people and other programs that a mail was dealt with here.
const KEYWORD: &str = "PaperRound";

/// Without IDLE it is looked each minute, with it also every five: news can get lost, and a
/// server may end an IDLE after half an hour (RFC 2177).
const POLL: Duration = Duration::from_secs(60);
const IDLE: Duration = Duration::from_secs(300);

/// Mails that could not be dealt with: by UID, which try in vain that was, of all. Should the
/// server number anew, they mean others, which come last once.
pub(super) type Failed = BTreeMap<u32, u64>;

/// What came of a look at the folder.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Round {
    /// Mails that were dealt with.
    pub(super) handled: usize,
    /// Mails that wait for another try.
    pub(super) failures: usize,
    /// Whether there are more.
    pub(super) more: bool,
}

/// An open folder.
pub(super) struct Session<'a, A> {
    wire: Wire,
    settings: &'a Settings,
    accept: &'a A,
    idle: bool,
    moves: bool,
    uid_plus: bool,
    keyword: bool,
}

impl<'a, A: Accept> Session<'a, A> {
    /// Connects, logs in and opens the folder.
    pub(super) async fn open(settings: &'a Settings, accept: &'a A) -> Result<Self, Trouble> {
        let (mut wire, known) = Wire::connect(&settings.mailbox).await?;
        if !known {
            log_in(&mut wire, settings).await?;
        }
        // What the server can do is often more after the login.
        let able = wire.command("CAPABILITY").await?.capabilities;
        let select = format!("SELECT {}", folder(&settings.mailbox.folder));
        let selected = match wire.command(&select).await {
            Err(error @ Trouble::Refused { .. }) if !error.passes() => {
                return Err(Trouble::Folder("there is no such folder in the mailbox"));
            }
            other => other?,
        };
        let keeps = |flag: &str| match &selected.permanent_flags {
            Some(flags) => flags.iter().any(|known| known == flag),
            None => flag == "\\seen",
        };
        if selected.code.as_deref() == Some("READ-ONLY") || !keeps("\\seen") {
            return Err(Trouble::Folder("mails in the folder cannot be marked as read"));
        }
        let keyword = keeps("\\*") || keeps(&KEYWORD.to_ascii_lowercase());
        let able: Vec<&str> = able.iter().map(String::as_str).collect();
        Ok(Self { keyword, ..Self::on(wire, settings, accept, &able) })
    }

    /// A folder that is open on a server that can do this.
    pub(super) fn on(wire: Wire, settings: &'a Settings, accept: &'a A, able: &[&str]) -> Self {
        let [idle, moves, uid_plus] = ["IDLE", "MOVE", "UIDPLUS"].map(|word| able.contains(&word));
        debug!(idle, moves, uid_plus, "the folder is open");
        Self { wire, settings, accept, idle, moves, uid_plus, keyword: false }
    }

    /// Deals with the new mail that is there. Those that failed before come last, in turn.
    pub(super) async fn round(
        &mut self,
        failed: &mut Failed,
        stop: &CancellationToken,
    ) -> Result<Round, Trouble> {
        self.wire.news = false;
        let search = match self.keyword {
            true => format!("UID SEARCH UNSEEN UNDELETED UNKEYWORD {KEYWORD}"),
            false => "UID SEARCH UNSEEN UNDELETED".to_owned(),
        };
        let mut uids = self.wire.command(&search).await?.found;
        uids.sort_unstable();
        uids.dedup();
        failed.retain(|uid, _| uids.binary_search(uid).is_ok());
        uids.sort_by_key(|uid| failed.get(uid).copied());
        let mut round = Round { more: uids.len() > BATCH, ..Round::default() };
        uids.truncate(BATCH);
        for (uid, size) in self.sizes(&uids).await? {
            if stop.is_cancelled() || round.failures >= MOST_FAILURES {
                break;
            }
            // Until it is dealt with: also when the connection breaks at it.
            let turn = failed.values().max().map_or(0, |last| last + 1);
            let again = failed.insert(uid, turn).is_some();
            match self.handle(uid, size).await? {
                Ok(()) => {
                    failed.remove(&uid);
                    round.handled += 1;
                    continue;
                }
                Err(reason) if again => debug!(uid, reason, "a mail waits for another try"),
                Err(reason) => warn!(uid, reason, "a mail waits for another try"),
            }
            round.failures += 1;
        }
        Ok(round)
    }

    /// The sizes of those that are still there, in the order of `uids`.
    async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<(u32, u64)>, Trouble> {
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let set: Vec<String> = uids.iter().map(u32::to_string).collect();
        let fetch = format!("UID FETCH {} (UID RFC822.SIZE)", set.join(","));
        let fetched = self.wire.command(&fetch).await?.fetched;
        let sizes: BTreeMap<u32, u64> =
            fetched.iter().filter_map(|mail| mail.uid.zip(mail.size)).collect();
        Ok(uids.iter().filter_map(|uid| Some((*uid, *sizes.get(uid)?))).collect())
    }

    /// Deals with one mail, or says why not.
    async fn handle(&mut self, uid: u32, size: u64) -> Result<Result<(), String>, Trouble> {
        if size > MOST_BYTES {
            warn!(uid, size, "a mail is too large to be read: it is flagged and stays");
            return self.mark(uid, "\\Seen \\Flagged").await;
        }
        let time = STEP + Duration::from_secs(size / SLOWEST);
        let fetched = match self.wire.fetch(uid, time).await {
            Err(error @ Trouble::Refused { .. }) => return Ok(Err(error.to_string())),
            other => other?.fetched,
        };
        let body = fetched.into_iter().filter(|mail| mail.uid == Some(uid));
        let Some(body) = body.filter_map(|mail| mail.body).next_back() else {
            // Gone meanwhile, or broken on the server.
            warn!(uid, "a mail has no content: it is flagged and stays");
            return self.mark(uid, "\\Seen \\Flagged").await;
        };
        let to = recipients(&body, |address| self.accept.is_ours(address));
        let arrival = Arrival { from: None, to: &to, bytes: &body };
        // One mail on which the code for it fails must not end the door for all others.
        let accept = AssertUnwindSafe(self.accept.accept_once(arrival)).catch_unwind().await;
        let Ok(accepted) = accept else {
            return Ok(Err("dealing with it ended in a panic".into()));
        };
        match accepted {
            Ok(Accepted::Done) => {}
            Ok(Accepted::Refused(_)) => {
                info!(uid, "a mail is nothing that is taken here: it is flagged and stays");
                return self.mark(uid, "\\Seen \\Flagged").await;
            }
            Err(error) => return Ok(Err(error.to_string())),
        }
        if let Err(reason) = self.mark(uid, "\\Seen").await? {
            return Ok(Err(reason));
        }
        if let Some(done) = self.settings.done_folder() {
            match self.put_away(uid, &folder(done)).await {
                Err(error @ Trouble::Refused { .. }) => {
                    warn!(uid, %error, "a mail cannot be moved: it stays, marked as read");
                }
                other => other?,
            }
        }
        Ok(Ok(()))
    }

    /// Sets flags, and the keyword where that is possible; or says why not.
    async fn mark(&mut self, uid: u32, flags: &str) -> Result<Result<(), String>, Trouble> {
        if self.keyword {
            let store = format!("UID STORE {uid} +FLAGS.SILENT ({flags} {KEYWORD})");
            match self.wire.command(&store).await {
                // A server can have too many keywords to keep another one.
                Err(Trouble::Refused { .. }) => self.keyword = false,
                other => return other.map(|_| Ok(())),
            }
        }
        let store = format!("UID STORE {uid} +FLAGS.SILENT ({flags})");
        match self.wire.command(&store).await {
            Err(error @ Trouble::Refused { .. }) => Ok(Err(error.to_string())),
            other => other.map(|_| Ok(())),
        }
    }

    /// Moves a mail (RFC 6851). Where the server cannot, it is copied, and the original deleted
    /// by its UID (RFC 4315); where it can delete only all at once, which would take mails that
    /// others have marked, the original stays marked as deleted.
    async fn put_away(&mut self, uid: u32, to: &str) -> Result<(), Trouble> {
        let verb = if self.moves { "MOVE" } else { "COPY" };
        let put = format!("UID {verb} {uid} {to}");
        match self.wire.command(&put).await {
            // Most say TRYCREATE, not all do.
            Err(Trouble::Refused { .. }) => {
                self.wire.command(&format!("CREATE {to}")).await?;
                self.wire.command(&put).await?;
            }
            other => drop(other?),
        }
        if !self.moves {
            self.wire.command(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)")).await?;
            if self.uid_plus {
                self.wire.command(&format!("UID EXPUNGE {uid}")).await?;
            }
        }
        Ok(())
    }

    /// Waits until there may be new mail, at most as long as given.
    pub(super) async fn rest(
        &mut self,
        most: Duration,
        stop: &CancellationToken,
    ) -> Result<(), Trouble> {
        if self.wire.news {
            return Ok(());
        }
        if !self.idle {
            pause(most.min(POLL), stop).await;
            // Only with this is a server bound to look (RFC 3501 section 6.1.2).
            self.wire.command("NOOP").await?;
            return Ok(());
        }
        let tag = match self.wire.idle().await {
            Err(Trouble::Refused { .. }) => {
                self.idle = false;
                return Ok(());
            }
            other => other?,
        };
        tokio::select! {
            news = self.wire.until_news() => news?,
            () = pause(most.min(IDLE), stop) => {}
        }
        self.wire.done(&tag).await?;
        Ok(())
    }

    /// Takes its leave.
    pub(super) async fn leave(mut self) {
        // An untagged BYE comes first (RFC 3501 section 6.1.3): it ends the command too.
        let _ = self.wire.command("LOGOUT").await;
    }
}

/// Sleeps, or until all is to stop.
pub(super) async fn pause(time: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// Logs in: by PLAIN (RFC 4616), which takes any letter, or by LOGIN.
async fn log_in(wire: &mut Wire, settings: &Settings) -> Result<(), Trouble> {
    let able = wire.command("CAPABILITY").await?.capabilities;
    let can = |what: &str| able.iter().any(|word| word == what);
    let (user, password) = (&settings.mailbox.user, settings.password.expose_secret());
    let logged_in = if can("AUTH=PLAIN") {
        let words = STANDARD.encode(format!("\0{user}\0{password}"));
        wire.command_and("AUTHENTICATE PLAIN", &words).await
    } else if can("LOGINDISABLED") {
        return Err(Trouble::Login(Some("LOGINDISABLED".to_owned())));
    } else {
        wire.command(&format!("LOGIN {} {}", quoted(user), quoted(password))).await
    };
    match logged_in {
        Err(error) if error.passes() => Err(error),
        Err(Trouble::Refused { code, .. }) => Err(Trouble::Login(code)),
        other => other.map(drop),
    }
}
