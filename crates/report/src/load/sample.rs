//! One load run that has some of everything, for the tests of all formats.

use std::collections::BTreeMap;

use uptake_outcome::load::{
    ErrorCount, Generator, IntervalHistogram, LOAD_FORMAT, LoadEnding, LoadRun, LoadSummary, LoadTarget,
    Micros, Offered, Phase, PhaseResult, Second, ServerOwner, ThresholdResult, empty, encode,
};

fn histogram(samples: &[(u64, u64)]) -> Micros {
    let mut histogram = empty();
    for (micros, count) in samples {
        histogram.record_n(*micros, *count).expect("in bounds");
    }
    histogram
}

/// The run.
pub(crate) fn run() -> LoadRun {
    let (first, second) = (histogram(&[(4_000, 98)]), histogram(&[(5_000, 90), (2_500_000, 10)]));
    let mut upload = first.clone();
    upload.add(&second).expect("of the same kind");
    let phases = BTreeMap::from([
        (Phase::Connect, PhaseResult::of(&histogram(&[(120, 8)]), 0)),
        (Phase::Upload, PhaseResult::of(&upload, 0)),
        (Phase::Service, PhaseResult::of(&histogram(&[(3_900, 197), (1_000_000, 1)]), 0)),
    ]);
    let interval = |start, samples: &Micros| IntervalHistogram {
        phase: Phase::Upload,
        start,
        length: 1.0,
        histogram: encode(samples),
    };
    let row = |second, uploads, errors| Second {
        second,
        started: 100,
        uploads,
        errors,
        goodput_bytes: uploads << 20,
        ..Second::default()
    };
    LoadRun {
        format: LOAD_FORMAT,
        uptake: "0.0.0".to_owned(),
        name: "steady".to_owned(),
        target: LoadTarget {
            name: "staging".to_owned(),
            base_url: "https://staging.example.test/".to_owned(),
            proxy: None,
            owner: ServerOwner::Named,
        },
        offered: Offered::Open {
            rate: "100/s".to_owned(),
            arrivals: "poisson".to_owned(),
            max_in_flight: 16,
            arrivals_due: 200,
        },
        plan: BTreeMap::from([("size".to_owned(), "1048576".to_owned())]),
        seed: 7,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        took_seconds: 2.0,
        ending: LoadEnding::Completed,
        summary: summary(),
        phases,
        errors: vec![ErrorCount {
            step: "segment".to_owned(),
            class: "status".to_owned(),
            status: Some(503),
            count: 2,
            text: "the status was not 2xx".to_owned(),
        }],
        series: vec![row(0, 98, 2), row(1, 100, 0)],
        generator: Generator {
            threads: 2,
            cpu_seconds: 0.4,
            cpu_busiest: 0.12,
            cpu_occupied: 0.13,
            cpu_waited: 0.01,
            resident_bytes: 20 << 20,
        },
        saturation: Vec::new(),
        saturation_allowed: false,
        thresholds: thresholds(),
        warnings: vec![
            "1 requests were repeated on a new connection, because the kept one had been closed".to_owned(),
        ],
        intervals: vec![interval(0.0, &first), interval(1.0, &second)],
    }
}

fn summary() -> LoadSummary {
    LoadSummary {
        uploads: 198,
        uploads_per_second: 99.0,
        goodput_bytes_per_second: 99.0 * 1_048_576.0,
        errors: 2,
        error_share: 0.01,
        started: 200,
        segments: 198,
        goodput_bytes: 198 << 20,
        bytes_sent: 200 << 20,
        bytes_on_wire: 201 << 20,
        requests: 200,
        retries: 1,
        connections: 8,
        connections_peak: 8,
        ..LoadSummary::default()
    }
}

fn thresholds() -> Vec<ThresholdResult> {
    vec![
        ThresholdResult {
            expression: "upload.p99 > 2s".to_owned(),
            value: Some("2.500 s".to_owned()),
            broken: true,
        },
        ThresholdResult {
            expression: "errors > 5%".to_owned(),
            value: Some("1.000%".to_owned()),
            broken: false,
        },
    ]
}
