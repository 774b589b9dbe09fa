//! Who takes mail at present: a door keeps open while what is behind it changes.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{Accept, Accepted, Arrival, InboundError};

/// Hands each mail to the latest of those who take it. All copies share it.
#[derive(Debug)]
pub struct Latest<A>(Arc<ArcSwap<A>>);

impl<A> Latest<A> {
    /// Who takes mail for now.
    pub fn new(accept: A) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(accept)))
    }

    /// Who takes it from now on; a mail that is being dealt with stays where it is.
    pub fn replace(&self, accept: A) {
        self.0.store(Arc::new(accept));
    }
}

impl<A> Clone for Latest<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Accept> Accept for Latest<A> {
    fn is_ours(&self, recipient: &str) -> bool {
        self.0.load().is_ours(recipient)
    }

    async fn accept_once(&self, arrival: Arrival<'_>) -> Result<Accepted, InboundError> {
        let now = self.0.load_full();
        now.accept_once(arrival).await
    }
}
