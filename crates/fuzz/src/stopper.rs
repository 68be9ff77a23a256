//! How a run is stopped from outside.

use tokio::sync::watch;

/// Stops a run; clones stop the same one.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<bool>);

impl Default for Stopper {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stopper {
    /// Stops the run: what was found is reported.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Comes back when it is stopped.
    pub(super) async fn stopped(&self) {
        let mut receiver = self.0.subscribe();
        // An error means that nobody can stop any more, and we hold a sender ourselves.
        let _ = receiver.wait_for(|stopped| *stopped).await;
    }
}
