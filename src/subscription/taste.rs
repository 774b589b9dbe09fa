//! What a reader wants more like, less, or not: said of one paper, taken back, forgotten as a
//! whole. It counts from the next planning on.

use super::Subscriptions;
use crate::model::Feedback;
use crate::store::{StoreError, Subscriber};

impl Subscriptions {
    /// Notes what `reader` says of the paper in this row; none: takes back what they said. Said
    /// twice is said once.
    pub async fn rate(
        &self,
        reader: &Subscriber,
        paper: i64,
        feedback: Option<Feedback>,
    ) -> Result<(), StoreError> {
        self.store.rate(reader.id, paper, feedback, self.clock.now()).await?;
        Ok(())
    }

    /// Forgets all that `reader` has said of papers, and what was learned from it.
    pub async fn reset_taste(&self, reader: &Subscriber) -> Result<(), StoreError> {
        self.store.reset_taste(reader.id, self.clock.now()).await?;
        Ok(())
    }
}
