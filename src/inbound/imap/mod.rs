//! A mailbox over IMAP, for those who have no mail server that hands mail over: keeps a login
//! open, comes back when it is lost, and waits longer the longer that does not succeed. Never
//! logs addresses, subjects or what the server says.

mod recipients;
mod response;
mod session;
mod wire;
mod words;

use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::session::{Failed, Session, pause};
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
    let session = opened?;
    state.up(&settings.mailbox);
    serve(session, clock, stop, state).await
}

/// Deals with what is there and what comes, until the connection breaks or all is to stop.
async fn serve<A: Accept>(
    mut session: Session<'_, A>,
    clock: &Clock,
    stop: &CancellationToken,
    state: &mut State,
) -> Result<(), Trouble> {
    let mut failures = 0;
    while !stop.is_cancelled() {
        let round = session.round(&mut state.failed, stop).await?;
        failures = if round.failures > 0 { failures + 1 } else { 0 };
        if failures == 0 && round.more && round.handled > 0 {
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
    failed: Failed,
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
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

    use super::super::{Accepted, Arrival, InboundError};
    use super::wire::Wire;
    use super::*;

    #[derive(Clone)]
    struct Nobody;

    impl Accept for Nobody {
        fn is_ours(&self, _: &str) -> bool {
            false
        }

        async fn accept_once(&self, _: Arrival<'_>) -> Result<Accepted, InboundError> {
            Ok(Accepted::Done)
        }
    }

    /// Lets a server with these abilities be watched for an hour; how often it heard what. It
    /// has no mail. `idling`: what it says to IDLE.
    async fn an_hour(abilities: &[&str], idling: &'static str) -> BTreeMap<String, usize> {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let server = tokio::spawn(async move {
            let mut heard = BTreeMap::new();
            let (read, mut write) = tokio::io::split(theirs);
            let mut lines = BufReader::new(read).lines();
            let mut idle = String::new();
            while let Ok(Some(line)) = lines.next_line().await {
                let (tag, command) = line.split_once(' ').unwrap_or((&idle, &line));
                let verb = command.trim_start_matches("UID ").split(' ').next().unwrap();
                *heard.entry(verb.to_owned()).or_default() += 1;
                let answer = match verb {
                    "IDLE" => idling.replace("TAG", tag),
                    _ => format!("{tag} OK\r\n"),
                };
                if verb == "IDLE" {
                    idle = tag.to_owned();
                }
                write.write_all(answer.as_bytes()).await.unwrap();
            }
            heard
        });
        let mailbox = Mailbox {
            host: "localhost".to_owned(),
            port: 0,
            tls: false,
            user: "ada".to_owned(),
            folder: "INBOX".to_owned(),
        };
        let settings = Settings { mailbox, password: SecretString::from("x"), done: String::new() };
        let session = Session::on(Wire::over(Box::new(ours)), &settings, &Nobody, abilities);
        let (clock, stop) = (Clock::fixed(Timestamp::UNIX_EPOCH), CancellationToken::new());
        let mut state = State::default();
        let end = async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            stop.cancel();
        };
        let (served, ()) = tokio::join!(serve(session, &clock, &stop, &mut state), end);
        served.unwrap();
        server.await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_mailbox_is_looked_at_now_and_then() {
        let idling = an_hour(&["IDLE"], "+ idling\r\n* OK still here\r\n").await;
        assert!((10..=13).contains(&idling["SEARCH"]), "{idling:?}");
        assert_eq!((idling["IDLE"], idling["LOGOUT"]), (idling["DONE"], 1));

        let polling = an_hour(&[], "TAG BAD\r\n").await;
        assert!((55..=61).contains(&polling["NOOP"]), "{polling:?}");
        assert!(!polling.contains_key("IDLE"));
        let refusing = an_hour(&["IDLE"], "TAG NO not now\r\n").await;
        assert_eq!(refusing["IDLE"], 1);
        assert!((55..=61).contains(&refusing["NOOP"]), "{refusing:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn news_that_are_none_do_no_harm() {
        let heard = an_hour(&["IDLE"], "* 1 EXPUNGE\r\n+ idling\r\n* 3 EXISTS\r\n").await;
        assert!((1000..=3601).contains(&heard["SEARCH"]), "{heard:?}");
    }

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
