//! The search against a model of a target whose capacity is known: a queue with `c` servers, Poisson arrivals and exponential
//! service times (M/M/c). The time is computed, not waited for. The distribution of its response time is known in closed form,
//! and is the oracle.

use std::collections::BinaryHeap;
use std::time::Duration;

use super::figures::{StepFigures, WINDOW_SHARE, WINDOWS, window_of};
use super::search::{Found, Next, Search, SearchSettings};
use crate::plan::{Arrivals, OfferedLoad, Stage, WorkUnit};
use crate::random::RandomStream;
use crate::schedule::Schedule;
use crate::threshold::Collected;
use crate::threshold::Conjunction;
use uptake_outcome::load::{CapacityBound, Phase, empty};
use uptake_payload::Seed;

/// A queue with several servers.
#[derive(Debug, Clone, Copy)]
struct Queue {
    servers: u32,
    /// The mean service time, in seconds.
    service: f64,
}

impl Queue {
    /// The probability that a response takes longer than `time` seconds at an arrival rate below the capacity (Erlang C, and the
    /// sum of an exponential wait and an exponential service time).
    fn tail(self, rate: f64, time: f64) -> f64 {
        let (c, mu) = (f64::from(self.servers), 1.0 / self.service);
        let offered = rate / mu;
        // Erlang B by its recursion, then Erlang C.
        let blocked =
            (1..=self.servers).fold(1.0, |blocked, n| offered * blocked / (f64::from(n) + offered * blocked));
        let waits = blocked / (1.0 - offered / c * (1.0 - blocked));
        let drain = c * mu - rate;
        let served = (-mu * time).exp();
        if (drain - mu).abs() < 1e-9 {
            return served * (1.0 + waits * mu * time);
        }
        served + waits * mu * (served - (-drain * time).exp()) / (drain - mu)
    }

    /// The highest rate at which no more than a share of responses takes longer than `time`.
    fn capacity(self, share: f64, time: f64) -> f64 {
        let (mut low, mut high) = (0.0, f64::from(self.servers) / self.service * 0.999_999);
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if self.tail(middle, time) <= share { low = middle } else { high = middle }
        }
        low
    }

    /// What is measured at a rate: a warm-up, then four windows of this length together, in seconds.
    fn measure(self, rate: f64, length: f64, seed: Seed) -> (Collected, Vec<Collected>) {
        let warm_up = Duration::from_secs_f64(length / 5.0);
        let stage = Stage { from: rate, to: rate, length: Some(Duration::from_secs_f64(length)) };
        let offered =
            OfferedLoad { stages: vec![stage], unit: WorkUnit::Uploads, written: String::new(), trace: None };
        let mut cursor = Schedule::new(&offered, Arrivals::Poisson, warm_up, seed).cursor();
        let services = RandomStream::new(seed, "services");
        // When each server is free, the earliest on top.
        let mut free: BinaryHeap<std::cmp::Reverse<Duration>> =
            (0..self.servers).map(|_| std::cmp::Reverse(Duration::ZERO)).collect();
        let mut windows: Vec<Collected> = (0..WINDOWS).map(|_| Collected::default()).collect();
        let mut samples: Vec<_> = (0..WINDOWS).map(|_| empty()).collect();
        for number in 0.. {
            let Some(due) = cursor.due(number, |_| 1.0) else { break };
            let std::cmp::Reverse(server) = free.pop().expect("there are servers");
            let service = Duration::from_secs_f64(services.at(number).exponential() * self.service);
            let finished = due.max(server) + service;
            free.push(std::cmp::Reverse(finished));
            if due >= warm_up {
                let second = finished.saturating_sub(warm_up).as_secs_f64().floor();
                let window = window_of(second, length * WINDOW_SHARE);
                samples[window].saturating_record(
                    u64::try_from(finished.saturating_sub(due).as_micros()).expect("small").max(1),
                );
                windows[window].counts.uploads += 1;
            }
        }
        let mut whole = Collected::default();
        for (window, samples) in windows.iter_mut().zip(&samples) {
            window.record(Phase::Upload, samples);
            window.counts.seconds = length * WINDOW_SHARE;
            whole.record(Phase::Upload, samples);
            whole.counts.add(&window.counts);
        }
        (whole, windows)
    }
}

/// What a search found, and for how many seconds it measured.
fn search(queue: Queue, condition: &str, start: f64, seed: u64) -> (Found, f64) {
    const LENGTH: f64 = 10.0;
    let condition: Conjunction = condition.parse().expect("a condition");
    let mut search = Search::new(SearchSettings { start, least: 0.4, is_whole: false });
    let mut figures = StepFigures::default();
    let mut measured = 0.0;
    for run in 0.. {
        let measurement = match search.next() {
            Next::Measure(measurement) => measurement,
            Next::Done(found) => return (found, measured),
        };
        if !measurement.is_continued {
            figures = StepFigures::default();
        }
        let length = LENGTH * f64::from(measurement.lengths);
        let seed = Seed(seed).derive(&format!("run {run}"));
        let (whole, windows) = queue.measure(measurement.load, length, seed);
        figures.add(&whole, windows);
        measured += length;
        search.record(figures.judge(&condition, true));
    }
    unreachable!("a search ends");
}

/// Searches with each of the seeds; `share` is that of the responses that may take longer than `millis`.
fn assert_found(
    queue: Queue,
    (figure, share): (&str, f64),
    millis: u32,
    seeds: std::ops::RangeInclusive<u64>,
) {
    let capacity = queue.capacity(share, f64::from(millis) / 1e3);
    let mut missed = Vec::new();
    for seed in seeds {
        let condition = format!("upload.{figure} < {millis}ms");
        let (found, seconds) = search(queue, &condition, 10.0, seed);
        let error = found.capacity.map_or(f64::NAN, |load| load / capacity - 1.0);
        let line = format!("seed {seed}: {found:?}, {:+.1} % off, after {seconds} s", error * 100.0);
        if found.bound != CapacityBound::Target || error.is_nan() || error.abs() > 0.05 {
            missed.push(line);
        }
    }
    assert_eq!(missed, [""; 0], "the capacity is {capacity:.1}/s");
}

#[test]
fn the_oracle_agrees_with_the_textbook_and_with_a_simulation() {
    // M/M/1 with a service time of 1 s: the response time is exponential with mean 1 / (1 - rate).
    let single = Queue { servers: 1, service: 1.0 };
    let expected = (-(1.0 - 0.5) * 3.0_f64).exp();
    assert!((single.tail(0.5, 3.0) - expected).abs() < 1e-9);
    let queue = Queue { servers: 4, service: 0.04 };
    let (whole, _) = queue.measure(80.0, 5_000.0, Seed(1));
    let samples = &whole.phases[&Phase::Upload];
    for quantile in [0.5, 0.9, 0.99] {
        #[expect(clippy::cast_precision_loss, reason = "microseconds")]
        let time = samples.value_at_quantile(quantile) as f64 / 1e6;
        let tail = queue.tail(80.0, time);
        assert!((tail / (1.0 - quantile) - 1.0).abs() < 0.1, "{quantile}: {time} s, {tail}");
    }
    assert!(whole.counts.uploads.abs_diff(400_000) < 3_000, "{}", whole.counts.uploads);
}

#[test]
fn the_capacity_of_a_queue_with_eight_servers_is_found_within_five_percent_in_ten_of_ten_runs() {
    // 400/s at most.
    assert_found(Queue { servers: 8, service: 0.02 }, ("p99", 0.01), 150, 1..=10);
}

#[test]
fn the_capacity_for_a_median_is_found_too() {
    assert_found(Queue { servers: 2, service: 0.01 }, ("p50", 0.5), 25, 1..=3);
}
