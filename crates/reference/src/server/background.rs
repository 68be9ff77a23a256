//! A listener that runs in the background until its server is shut down or dropped.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::listener::{bind, origin_of};
use crate::error::ReferenceError;

/// A listener in the background.
#[derive(Debug)]
pub(crate) struct BackgroundListener {
    origin: String,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl BackgroundListener {
    /// Binds an address and runs `serve`, which is to end when the other end of its receiver is dropped.
    pub(crate) async fn start<F>(
        address: SocketAddr,
        serve: impl FnOnce(TcpListener, watch::Receiver<()>) -> F,
    ) -> Result<Self, ReferenceError>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (listener, address) = bind(address).await?;
        let stop = watch::Sender::new(());
        let task = tokio::spawn(serve(listener, stop.subscribe()));
        Ok(Self { origin: origin_of("http", address), stop, task })
    }

    /// Where it is, without a slash at the end.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Stops taking connections, lets requests that run finish within a limit, and returns when all is quiet.
    pub(crate) async fn shutdown(self) {
        let Self { stop, task, .. } = self;
        drop(stop);
        // A listener that failed has stopped as well.
        drop(task.await);
    }
}
