//! What a new reader without wishes would get now, for the page that shows it to who thinks about
//! subscribing: chosen and put in order as for their mail. Renders nothing, and stores nothing.

use std::collections::HashSet;

use super::rank::{self, Fit, Standard};
use super::select::{Wanted, choose};
use super::shelf::Shelf;
use super::{DigestError, Planner};
use crate::model::{Paper, Preferences, Timing};
use crate::store::StoreError;

impl Planner {
    /// The papers, in the order of the mail.
    ///
    /// # Errors
    ///
    /// The database did not answer.
    pub async fn for_anybody(&self) -> Result<Vec<Paper>, StoreError> {
        let now = self.clock.now();
        let mut memory = match self.memory().await {
            Err(DigestError::Store(error)) => return Err(error),
            memory => memory.unwrap_or_default(),
        };
        memory.learn(now, &self.defaults());
        let preferences = Preferences::default();
        let timing = Timing::of(&preferences, &self.digest.schedule, &self.zone);
        let since =
            timing.candidates_since(now, self.digest.look_back).max(memory.floor(&preferences));
        let mut shelf = Shelf::default();
        shelf.reach(&self.store, since, now).await?;
        let (candidates, nothing) = (shelf.candidates(), HashSet::new());
        let min_votes = self.digest.min_votes;
        let wanted = Wanted { since, min_votes, on_topic: None, hidden: &nothing };
        let mut fresh = choose(&candidates, wanted, &nothing).fresh;
        if !fresh.is_empty() {
            let vectors = shelf.vectors(&self.store, &self.library, now).await?;
            let standard = Standard { now, gains: &shelf.gains(), taste: None };
            rank::order(&mut fresh, &standard, |_| Fit::default(), &vectors);
        }
        Ok(fresh.into_iter().map(|one| one.paper.clone()).collect())
    }
}
