//! A mailbox over IMAP, for those who have no mail server that hands mail over: keeps a login
//! open, comes back when it is lost, and waits longer the longer that does not succeed. Never
//! logs addresses, subjects or what the server says.

mod recipients;
mod response;
mod session;
mod wire;
mod words;

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::session::{Session, pause};
use self::wire::Trouble;
use super::Accept;
use crate::clock::Clock;
use crate::config::{Inbound, Mailbox};

/// Before the second try; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// After a login that was refused: servers lock accounts after a few. A person has to help.
const REFUSED_PAUSE: Duration = Duration::from_secs(900);

/// How long the end may take.
const GRACE: Duration = Duration::from_secs(2);

/// Which mailbox is read, and what becomes of its mail.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Its user's password.
    pub password: SecretString,
    /// The folder for mail that is dealt with; empty: it stays, marked as read.
    pub done: String,
}

impl Settings {
    /// What the config says; none where no mailbox is to be read.
    pub fn of(inbound: &Inbound) -> Option<Self> {
        let (mailbox, password) = inbound.imap.clone()?;
        Some(Self { mailbox, password, done: inbound.imap_done.clone() })
    }

    fn done_folder(&self) -> Option<&str> {
        let stays = self.done.is_empty() || self.done == self.mailbox.folder;
        (!stays).then_some(self.done.as_str())
    }
}

/// Reads the mailbox until `stop`, and then takes its leave within two seconds.
///
/// Each mail that is neither read nor deleted is handed over; when its effect is stored, it is
/// marked as read and moved to the folder for such mail. Whatever ends this in between, the mail
/// is handed over again, which has no second effect.
pub async fn watch(settings: Settings, accept: impl Accept, clock: Clock, stop: CancellationToken) {
    let watching = async {
        let mut state = State::default();
        while !stop.is_cancelled() {
            let trouble = match read(&settings, &accept, &clock, &stop, &mut state).await {
                Ok(()) => return,
                Err(trouble) => trouble,
            };
            state.lost(&settings.mailbox, &trouble);
            pause(state.pause(&trouble, &clock), &stop).await;
        }
    };
    tokio::select! {
        () = watching => {}
        () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => {
            debug!("the mailbox is left without a word: the server is slow");
        }
    }
}

/// One login, until it breaks or all is to stop.
async fn read(
    settings: &Settings,
    accept: &impl Accept,
    clock: &Clock,
    stop: &CancellationToken,
    state: &mut State,
) -> Result<(), Trouble> {
    let opened = tokio::select! {
        opened = Session::open(settings, accept) => opened,
        () = stop.cancelled() => return Ok(()),
    };
    let mut session = opened?;
    state.up(&settings.mailbox);
    let mut failures = 0;
    while !stop.is_cancelled() {
        let round = session.round(&mut state.failed, stop).await?;
        failures = if round.failures > 0 { failures + 1 } else { 0 };
        if failures == 0 && round.more {
            continue;
        }
        if round.handled == 0 {
            // Servers tell of news that is none, and one could do so without end.
            pause(FIRST_PAUSE, stop).await;
        }
        let most = match failures {
            0 => LONGEST_PAUSE,
            _ => back_off(failures, clock),
        };
        session.rest(most, stop).await?;
        state.tries = 0;
    }
    session.leave().await;
    Ok(())
}

/// What is wrong: told once, however it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Server,
    Login,
    Folder,
}

impl Wrong {
    fn of(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::Login(_) => Self::Login,
            Trouble::Folder(_) => Self::Folder,
            Trouble::Io(_) | Trouble::Lost(_) | Trouble::Refused { .. } => Self::Server,
        }
    }
}

/// How it stands with the mailbox.
#[derive(Debug, Default)]
struct State {
    /// Whether it was ever read.
    met: bool,
    /// What is wrong, if something is.
    trouble: Option<Wrong>,
    /// Tries in vain since all was well.
    tries: u32,
    /// UIDs that could not be dealt with. Should the server number anew, they mean others, which
    /// then come last once.
    failed: BTreeSet<u32>,
}

impl State {
    fn up(&mut self, mailbox: &Mailbox) {
        let Mailbox { host, folder, .. } = mailbox;
        if self.trouble.take().is_some() && self.met {
            info!(%host, %folder, "the mailbox is read again");
        } else if !self.met {
            info!(%host, %folder, "the mailbox is read");
        }
        self.met = true;
    }

    fn lost(&mut self, mailbox: &Mailbox, trouble: &Trouble) {
        let (host, wrong) = (&mailbox.host, Wrong::of(trouble));
        if self.trouble.replace(wrong) == Some(wrong) {
            debug!(%host, error = %trouble, "the mailbox is still not read");
        } else {
            warn!(%host, error = %trouble, "the mailbox is not read: it is tried again");
        }
    }

    fn pause(&mut self, trouble: &Trouble, clock: &Clock) -> Duration {
        self.tries = self.tries.saturating_add(1);
        match Wrong::of(trouble) {
            Wrong::Login | Wrong::Folder => REFUSED_PAUSE,
            Wrong::Server => back_off(self.tries, clock),
        }
    }
}

/// The pause after so many tries in vain: twice as long each time, and up to a quarter longer,
/// so that many do not come back at once.
fn back_off(tries: u32, clock: &Clock) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let jitter = clock.now().subsec_microsecond().unsigned_abs() % 1000;
    (doubled + doubled.mul_f64(f64::from(jitter) / 4000.0)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let clock = Clock::fixed(Timestamp::from_microsecond(1_700_000_000_000_000).unwrap());
        let mut state = State::default();
        let seconds: Vec<u64> =
            (0..12).map(|_| state.pause(&Trouble::Lost("x"), &clock).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        clock.set(Timestamp::from_microsecond(1_700_000_000_000_800).unwrap());
        assert_eq!(back_off(3, &clock), Duration::from_millis(4800));
        assert!(back_off(u32::MAX, &clock) <= LONGEST_PAUSE);
    }

    #[test]
    fn a_refused_login_is_not_soon_repeated() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let mut state = State::default();
        for trouble in [Trouble::Login(None), Trouble::Folder("x")] {
            assert_eq!(state.pause(&trouble, &clock), Duration::from_secs(900));
        }
    }
}
