//! A run from its first look at the target to its result.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use url::Url;

use super::LoadError;
use super::desk::Shared;
use super::job::Jobs;
use super::merger::{Intervals, Listener, Merged, Merger};
use super::plan::{Model, Plan, TokenPolicy, VerifyBy};
use super::result::{Ended, result};
use super::stop::EarlyEnd;
use super::upload::{token_body, upload_path};
use super::wire::{Content, Site};
use super::worker::{Spare, Worker};
use uptake_outcome::load::{LoadRun, ServerOwner};
use uptake_stop::Stopper;
use uptake_target::Target;
use uptake_wire::{Body, Client, Request};

/// Beside the plan, what is to be known of a run.
pub struct Setting<'t> {
    /// Who is measured.
    pub target: &'t Target,
    /// Whose server that is.
    pub owner: ServerOwner,
    /// Whether the histograms of each second are kept.
    pub intervals: Intervals,
    /// Ends the run early.
    pub stopper: Stopper,
    /// Who watches.
    pub listener: Listener,
}

/// The threads need a moment to be ready.
const HEADSTART: Duration = Duration::from_millis(20);
/// The most threads that are used where nobody says how many.
const MOST_THREADS: usize = 8;

/// Runs a plan.
pub async fn run(plan: Plan, setting: Setting<'_>) -> Result<LoadRun, LoadError> {
    let Setting { target, owner, intervals, stopper, listener } = setting;
    let site = Arc::new(Site::find(target, &plan.addresses, plan.protocol).await?);
    let auth = authorization(target);
    if auth.is_none() {
        if !matches!(plan.token, TokenPolicy::Given(_)) {
            return Err(LoadError::NoKey("create tokens; --upload-token uses one as it is"));
        }
        if plan.verify == VerifyBy::Status {
            return Err(LoadError::NoKey("verify uploads by their status"));
        }
    }
    let token = match &plan.token {
        TokenPolicy::Given(token) => Some(token.clone()),
        TokenPolicy::One(ttl) => Some(create_token(target, *ttl).await?),
        TokenPolicy::Each(_) => None,
    };
    let upload_path = token.map(|token| upload_path(&site.prefix, &token));
    let (contents, sizes) = contents(&plan)?;
    let jobs = Jobs::new(plan.shape.clone(), plan.fates, sizes, plan.seed);
    let threads = threads(&plan, owner);
    let started_at = jiff::Timestamp::now() + HEADSTART + plan.warm_up;
    let start = Instant::now() + HEADSTART;
    let shared =
        Arc::new(Shared::new(plan, site, jobs, contents, auth, upload_path, EarlyEnd::new(stopper), start));
    let (merged, shared) = tokio::task::spawn_blocking(move || {
        let merged = send(&shared, threads, intervals, listener);
        merged.map(|merged| (merged, shared))
    })
    .await
    .map_err(|error| LoadError::Generator(error.to_string()))??;
    let ended =
        Ended { started_at, elapsed: shared.now(), threads, taken: shared.next.load(Ordering::Relaxed) };
    Ok(result(&shared, target, owner, merged, &ended))
}

/// Sends on some threads, and merges what they tell on this one.
fn send(
    shared: &Arc<Shared>,
    threads: usize,
    intervals: Intervals,
    listener: Listener,
) -> Result<Merged, LoadError> {
    let (reports, told) = mpsc::channel();
    let spare = Spare::default();
    let at_once = shared.plan.model.at_once();
    let mut workers = Vec::new();
    for index in 0..threads {
        // The first threads take what cannot be shared evenly.
        let uploaders = at_once / threads + usize::from(index < at_once % threads);
        let worker = Worker {
            index,
            uploaders,
            shared: Arc::clone(shared),
            reports: reports.clone(),
            spare: spare.clone(),
        };
        let thread = std::thread::Builder::new().name(format!("load-{index}"));
        workers.push(thread.spawn(move || worker.run()).map_err(LoadError::Start)?);
    }
    drop(reports);
    let merger =
        Merger { plan: &shared.plan, threads, intervals, spare, stopper: shared.stopper.clone(), listener };
    let merged = merger.run(&told);
    for worker in workers {
        worker
            .join()
            .map_err(|_| LoadError::Generator("a thread ended of itself".to_owned()))?
            .map_err(LoadError::Start)?;
    }
    Ok(merged)
}

fn threads(plan: &Plan, owner: ServerOwner) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let free = match owner {
        ServerOwner::Own => processors / 2,
        ServerOwner::Named => processors,
    };
    let at_once = plan.model.at_once();
    let wanted = plan.threads.unwrap_or_else(|| {
        // One thread serves small loads best: nothing has to be shared.
        let few = matches!(&plan.model, Model::Closed { uploaders, .. } if *uploaders < 4);
        if few { 1 } else { free.clamp(1, MOST_THREADS) }
    });
    wanted.clamp(1, at_once)
}

fn authorization(target: &Target) -> Option<String> {
    let key = target.credentials.get("api-key")?;
    Some(format!("Basic {}", STANDARD.encode(format!("{key}:"))))
}

fn contents(plan: &Plan) -> Result<(Vec<Arc<Content>>, Vec<u64>), LoadError> {
    if plan.shape.files.is_empty() {
        return Ok((vec![Arc::new(Content::seeded(plan.seed.derive("content")))], Vec::new()));
    }
    let (mut contents, mut sizes) = (Vec::new(), Vec::new());
    for path in &plan.shape.files {
        let wrong = |why: String| LoadError::File { path: path.display().to_string(), why };
        let content = Content::file(path).map_err(|error| wrong(error.to_string()))?;
        let size = content.len().filter(|size| *size > 0).ok_or_else(|| wrong("it is empty".to_owned()))?;
        contents.push(Arc::new(content));
        sizes.push(size);
    }
    Ok((contents, sizes))
}

/// The token for all uploads; it is no part of what is measured.
async fn create_token(target: &Target, ttl: Option<u64>) -> Result<String, LoadError> {
    let client = Client::new(target.settings.clone())?;
    let base = target.base_url.as_str().trim_end_matches('/');
    let url = Url::parse(&format!("{base}/upload-tokens"))
        .map_err(|error| LoadError::NoToken(error.to_string()))?;
    let mut request = Request::new(Method::POST, url);
    request.headers = vec![
        ("Authorization".to_owned(), authorization(target).unwrap_or_default()),
        ("Content-Type".to_owned(), "application/json".to_owned()),
    ];
    request.body = Body::content(uptake_payload::Content::text(token_body(ttl)).whole());
    let exchange = client.send(&request).await;
    let answer = exchange.outcome.map_err(|fault| LoadError::OutOfReach(fault.to_string()))?;
    if answer.status != 200 && answer.status != 201 {
        return Err(LoadError::NoToken(format!("the target answered {}", answer.status)));
    }
    let token = answer.json().ok().and_then(|json| json["token"].as_str().map(str::to_owned));
    token.ok_or_else(|| LoadError::NoToken("the answer names none".to_owned()))
}
