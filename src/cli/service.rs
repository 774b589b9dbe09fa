//! The side that faces the service manager (systemd): sockets that it hands over, and what it is
//! told (sd_notify(3)): ready, reloading, stopping, how things stand, and that we are alive. Does
//! nothing where no manager listens.

use std::net::TcpListener;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::app::{Phase, Sockets};
use crate::clock::Clock;
use crate::scheduler::Pulse;
use crate::store::{Store, StoreError};

/// A loop that has not got on for so long hangs: longer than any time-out of a relay, a source or
/// a database.
const SILENCE: Duration = Duration::from_secs(15 * 60);
/// How long the database may take over a look at it before it hangs.
const LOOK: Duration = Duration::from_secs(60);
/// How often the manager hears how things stand where it does not say.
const EVERY: Duration = Duration::from_secs(30);
/// How much time is asked for at once while the start takes longer.
const MORE: Duration = Duration::from_secs(60);
/// And for how long in all: a schema of a large database may take its time.
const LONGEST_START: Duration = Duration::from_secs(3_600);

/// Sockets that the service manager holds, so that a restart refuses nobody.
#[derive(Debug, Default)]
pub(super) struct Handed {
    /// The site's.
    web: Vec<TcpListener>,
    /// The mail servers' (LMTP and SMTP).
    inbound: Option<TcpListener>,
    /// What cannot be used, in words.
    odd: Vec<String>,
}

impl Handed {
    /// Takes what was handed over. Only before there is a second thread: it changes the
    /// environment, so that no child takes the sockets for its own.
    pub(super) fn take() -> Self {
        // Read before listenfd forgets them.
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':').map(str::to_owned);
        let mut given = listenfd::ListenFd::from_env();
        let mut handed = Self::default();
        for at in 0..given.len() {
            let name = names.next().unwrap_or_default();
            match given.take_tcp_listener(at) {
                Ok(Some(listener)) => handed.sort(&name, listener),
                Ok(None) => {}
                Err(error) => {
                    let word = format!("the socket {name:?} is not one for TCP: {error}");
                    handed.odd.push(word);
                }
            }
        }
        handed
    }

    /// As the daemon wants them.
    pub(super) fn sockets(self) -> std::io::Result<Sockets> {
        for word in &self.odd {
            tracing::warn!("of the service manager's sockets one is of no use: {word}");
        }
        if let Some(first) = self.web.first() {
            let listen = first.local_addr()?;
            tracing::info!(%listen, "the site's socket is the service manager's");
        }
        Ok(Sockets {
            web: self.web.into_iter().map(adopt).collect::<std::io::Result<_>>()?,
            mail: self.inbound.map(adopt).transpose()?,
        })
    }

    fn sort(&mut self, name: &str, listener: TcpListener) {
        match name {
            // One that has no FileDescriptorName= has its unit's name.
            "web" | "paperround.socket" | "" | "unknown" => self.web.push(listener),
            "inbound" | "paperround-inbound.socket" if self.inbound.is_none() => {
                self.inbound = Some(listener);
            }
            _ => self.odd.push(format!(
                "the socket {name:?} is not known; FileDescriptorName= is \"web\" or \"inbound\""
            )),
        }
    }
}

/// A listener of the service manager as tokio has it.
fn adopt(listener: TcpListener) -> std::io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

/// Asks for more time while the start goes on, until it is dropped or an hour is over.
pub(super) fn starting() -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async {
        let begun = tokio::time::Instant::now();
        tell(&[NotifyState::Status("opening the database")]);
        while begun.elapsed() < LONGEST_START {
            tell(&[NotifyState::ExtendTimeoutUsec(micros(MORE))]);
            tokio::time::sleep(MORE / 3).await;
        }
    }))
}

/// Says what the daemon is about.
pub(super) fn tell_phase(phase: Phase) {
    match phase {
        Phase::Ready => tell(&[NotifyState::Ready]),
        Phase::Reloading => {
            let mut states = vec![NotifyState::Reloading];
            states.extend(NotifyState::monotonic_usec_now());
            tell(&states);
        }
        Phase::Stopping => tell(&[
            NotifyState::Stopping,
            NotifyState::Status("stopping: mails in flight are finished"),
        ]),
    }
}

/// Says how things stand, and that we are alive, until `stop`: as long as each loop gets on and
/// the database answers, be it with an error. A server that is down is not mended by a restart
/// of this process; one that hangs is not waited for.
pub(super) async fn watch(store: Store, clock: Clock, pulse: Pulse, stop: CancellationToken) {
    let asked = sd_notify::watchdog_enabled();
    let every = asked.map_or(EVERY, |most| (most / 3).min(EVERY));
    loop {
        let alive = match pulse.weakest() {
            Some((name, silent)) if silent > SILENCE => {
                let minutes = silent.as_secs() / 60;
                tracing::error!(step = name, minutes, "a loop hangs; the watchdog is not fed");
                tell(&[NotifyState::Status(&format!("the loop \"{name}\" hangs"))]);
                false
            }
            _ => match tokio::time::timeout(LOOK, standing(&store, &clock)).await {
                Ok(words) => {
                    tell(&[NotifyState::Status(&words)]);
                    true
                }
                Err(_) => {
                    tracing::error!("the database hangs; the watchdog is not fed");
                    tell(&[NotifyState::Status("the database hangs")]);
                    false
                }
            },
        };
        if alive && asked.is_some() {
            tell(&[NotifyState::Watchdog]);
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// One line for `systemctl status`.
async fn standing(store: &Store, clock: &Clock) -> String {
    let look = async {
        let waiting = store.count_due(clock.now()).await?;
        Ok::<_, StoreError>((waiting, store.next_due().await?))
    };
    match look.await {
        Err(error) => format!("no database: {error}").replace('\n', " "),
        Ok((waiting, next)) => {
            let mails = match waiting {
                0 => "no mail is due".to_owned(),
                1 => "1 mail is due".to_owned(),
                many => format!("{many} mails are due"),
            };
            let next = match next {
                Some(at) => format!("the next digest at {}", at.strftime("%Y-%m-%d %H:%M UTC")),
                None => "nobody waits for a digest".to_owned(),
            };
            format!("up; {mails}; {next}")
        }
    }
}

/// A manager that does not hear us changes nothing.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

fn micros(span: Duration) -> u32 {
    u32::try_from(span.as_micros()).unwrap_or(u32::MAX)
}
