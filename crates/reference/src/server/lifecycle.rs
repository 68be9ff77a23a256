//! The server's life: it binds its addresses, takes connections, and stops without breaking off what runs. What
//! travels on a connection is `connection`'s.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::service::TowerToHyperService;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::listener::{ListenerOptions, accept, bind, origin_of};
use super::middleware;
use super::tls::ServerCertificate;
use crate::api::routes;
use crate::app::App;
use crate::config::{Config, Storage};
use crate::control;
use crate::database::writer::Recorded;
use crate::defects::plant;
use crate::error::ReferenceError;

/// How often what is over goes.
const SWEEP: Duration = Duration::from_secs(5);

/// A reference server that runs until it is shut down or dropped.
pub struct Server {
    origin: String,
    control: Option<String>,
    certificates: Option<String>,
    app: Arc<App>,
    stop: watch::Sender<()>,
    listeners: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("origin", &self.origin)
            .field("control", &self.control)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Binds the addresses and serves them in the background; callers may connect as soon as this returns.
    pub async fn start(config: Config) -> Result<Self, ReferenceError> {
        let (api_listener, api_address) = bind(config.listen).await?;
        let control_listener = match config.control {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let certificate =
            config.tls.as_ref().map(|tls| ServerCertificate::of(tls, api_address.ip())).transpose()?;
        let origin = origin_of(if certificate.is_some() { "https" } else { "http" }, api_address);
        let app = open(&config, &origin).await?;
        let stop = watch::Sender::new(());
        let options =
            |acceptor| ListenerOptions { acceptor, timeout: config.patience, stop: stop.subscribe() };

        let router = TowerToHyperService::new(routes::router(Arc::clone(&app)));
        let api_app = Arc::clone(&app);
        let api_service =
            service_fn(move |request| middleware::serve(Arc::clone(&api_app), router.clone(), request));
        let api_options = options(certificate.as_ref().map(|certificate| certificate.acceptor.clone()));
        let mut listeners = vec![tokio::spawn(accept(api_listener, api_service, api_options))];

        let mut control = None;
        if let Some((listener, address)) = control_listener {
            control = Some(origin_of("http", address));
            let service = TowerToHyperService::new(control::router(Arc::clone(&app)));
            listeners.push(tokio::spawn(accept(listener, service, options(None))));
        }
        listeners.push(tokio::spawn(sweep(Arc::downgrade(&app), stop.subscribe())));
        let certificates = certificate.map(|certificate| certificate.certificates);
        Ok(Self { origin, control, certificates, app, stop, listeners })
    }

    /// Where the API is, without a slash at the end.
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// Where the control surface is, if there is one.
    pub fn control(&self) -> Option<String> {
        self.control.clone()
    }

    /// The certificates that the API shows, as PEM, if it is secured. The control surface never is: it has an address of its
    /// own, which is nobody else's business.
    pub fn certificates(&self) -> Option<&str> {
        self.certificates.as_deref()
    }

    /// Stops taking calls, lets those that run finish within a limit, and returns when all is quiet.
    pub async fn shutdown(self) {
        let Self { app, stop, listeners, .. } = self;
        drop(stop);
        for listener in listeners {
            // A listener that failed has stopped as well.
            drop(listener.await);
        }
        // The folder is free for another server when this returns, whoever still holds the memory.
        drop(tokio::task::spawn_blocking(move || app.close()).await);
    }
}

/// What takes as long as a disk does, away from those who serve.
async fn open(config: &Config, origin: &str) -> Result<Arc<App>, ReferenceError> {
    let folder = match &config.storage {
        Storage::Directory(folder) => folder.clone(),
        _ => PathBuf::new(),
    };
    let (config, origin) = (config.clone(), origin.to_owned());
    let opened = tokio::task::spawn_blocking(move || App::new(&config, plant::policy(&config), origin)).await;
    let (app, complete) = opened.map_err(|error| {
        // A store that is damaged beyond what can be told makes its reader panic.
        ReferenceError::StoreDamaged { folder: folder.clone(), why: error.to_string() }
    })??;
    let mut complete = complete.into_iter();
    loop {
        let done = match complete.next() {
            Some(complete) => app.assemble(Recorded::at_once(), complete).await,
            None => match app.tidy().await {
                Ok(()) => return Ok(Arc::new(app)),
                Err(problem) => Err(problem),
            },
        };
        if let Err(problem) = done {
            // What is left is there for the next server.
            app.close();
            drop(complete);
            return Err(ReferenceError::Unfinished { folder, why: problem.detail });
        }
    }
}

/// What is over goes from memory and disk now and then, though nobody calls.
async fn sweep(app: Weak<App>, mut stop: watch::Receiver<()>) {
    let mut now_and_then = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            _ = now_and_then.tick() => {}
            _ = stop.changed() => return,
        }
        let Some(app) = app.upgrade() else { return };
        // A ledger that cannot be written to is told to whoever calls.
        drop(app.tidy().await);
    }
}
