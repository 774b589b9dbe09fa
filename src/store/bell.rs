//! Who waits for work is woken here by who stores some. Tells nothing else, and only within one
//! process: others look for themselves now and then.

use tokio::sync::Notify;

/// The store's bell.
#[derive(Debug, Default)]
pub struct Bell {
    planning: Notify,
    sending: Notify,
    judging: Notify,
    watching: Notify,
}

impl Bell {
    /// Somebody may be due.
    pub fn plan(&self) {
        self.planning.notify_one();
    }

    /// There may be mail to send.
    pub fn send(&self) {
        self.sending.notify_one();
    }

    /// Something may have come back.
    pub fn judge(&self) {
        self.judging.notify_one();
    }

    /// There may be something to tell a webhook.
    pub fn watch(&self) {
        self.watching.notify_one();
    }

    /// Heard when somebody may be due.
    pub fn planning(&self) -> &Notify {
        &self.planning
    }

    /// Heard when there may be mail to send.
    pub fn sending(&self) -> &Notify {
        &self.sending
    }

    /// Heard when there may be something to tell a webhook.
    pub fn watching(&self) -> &Notify {
        &self.watching
    }

    /// Heard when something may have come back.
    pub fn judging(&self) -> &Notify {
        &self.judging
    }
}
