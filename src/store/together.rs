//! What many ask for at one moment, done in one unit of writing: one commit, and a few statements
//! for all of them. Who comes while a unit is under way is in the next. Knows no table.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::StoreError;

/// As many are done in one unit, so that none waits long for the others.
const MOST: usize = 64;

/// After a unit of several the next waits so long for more of them: those whose answer has just
/// gone out would otherwise find that the first of them has begun a unit of its own.
const GATHER: Duration = Duration::from_millis(1);

type Answer<R> = Result<R, StoreError>;

type Waiting<J, R> = Vec<(J, oneshot::Sender<Answer<R>>)>;

/// Jobs of one kind that wait for their unit.
#[derive(Debug)]
pub(super) struct Together<J, R> {
    waiting: Mutex<Waiting<J, R>>,
    turn: tokio::sync::Mutex<()>,
    several: AtomicBool,
}

impl<J, R> Default for Together<J, R> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turn: Default::default(), several: Default::default() }
    }
}

impl<J: Clone + Send + 'static, R: Send + 'static> Together<J, R> {
    /// Has `job` done with others by `work`, which gives an answer for each of its jobs, in
    /// their order. Done even if the caller goes away.
    pub(super) async fn run<F, Work>(self: &Arc<Self>, job: J, work: F) -> Answer<R>
    where
        F: Fn(Vec<J>) -> Work + Send + Sync + 'static,
        Work: Future<Output = Answer<Vec<R>>> + Send,
    {
        let (done, answer) = oneshot::channel();
        self.waiting().push((job, done));
        let this = Arc::clone(self);
        tokio::spawn(async move { this.take_turn(work).await });
        answer.await.unwrap_or_else(|_| Err(sqlx::Error::WorkerCrashed.into()))
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting<J, R>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take_turn<F, Work>(&self, work: F)
    where
        F: Fn(Vec<J>) -> Work,
        Work: Future<Output = Answer<Vec<R>>>,
    {
        let _turn = self.turn.lock().await;
        if self.waiting().is_empty() {
            return;
        }
        if self.several.load(Ordering::Relaxed) {
            tokio::time::sleep(GATHER).await;
        }
        let (jobs, answers): (Vec<J>, Vec<_>) = {
            let mut waiting = self.waiting();
            let most = waiting.len().min(MOST);
            waiting.drain(..most).unzip()
        };
        let alone = jobs.len() == 1;
        self.several.store(!alone, Ordering::Relaxed);
        let mut answers = answers.into_iter();
        match work(jobs.clone()).await {
            Ok(done) => {
                // Who has gone away misses its answer and nothing else.
                done.into_iter().zip(answers).for_each(|(one, to)| drop(to.send(Ok(one))));
                return;
            }
            Err(error) if alone => {
                if let Some(to) = answers.next() {
                    drop(to.send(Err(error)));
                }
                return;
            }
            Err(error) => {
                tracing::debug!(%error, jobs = jobs.len(), "a unit failed: each by itself");
            }
        }
        // One that cannot be done must not spoil the others. Where the database is what fails,
        // not all of them wait for it in turn.
        let mut failed = 0;
        for job in jobs {
            let Some(to) = answers.next() else { return };
            let done = work(vec![job])
                .await
                .and_then(|mut done| done.pop().ok_or_else(|| sqlx::Error::WorkerCrashed.into()));
            failed += usize::from(done.is_err());
            drop(to.send(done));
            if failed > 2 {
                return;
            }
        }
    }
}
