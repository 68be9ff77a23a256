//! The histograms as an interval log of `HdrHistogram`, which its own tools read: one line for each interval and phase, the
//! phase as its tag, values in microseconds, the greatest of each line in milliseconds.
//!
//! ```text
//! #[Histogram log format version 1.3]
//! #[StartTime: 1764000000.000 (seconds since epoch)]
//! "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
//! Tag=upload,0.000,1.000,12.345,HISTFAAAAC94nJNpmSzMwMDA…
//! ```

use std::fmt::Write as _;

use uptake_outcome::load::{IntervalHistogram, LoadRun, Micros, decode};

/// The intervals of a run where they were kept, and else the whole run as one.
pub fn hlog(run: &LoadRun) -> String {
    let started: f64 = run.started_at.parse::<jiff::Timestamp>().map_or(0.0, seconds);
    let mut text = "#[Histogram log format version 1.3]\n".to_owned();
    writeln!(
        text,
        "#[uptake {}: {}; values in microseconds]",
        run.uptake,
        run.name.replace(['\n', '\r'], " ")
    )
    .expect("writing to a String cannot fail");
    writeln!(text, "#[StartTime: {started:.3} (seconds since epoch)]")
        .expect("writing to a String cannot fail");
    text.push_str(
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
    );
    if run.intervals.is_empty() {
        for (phase, result) in &run.phases {
            let whole = IntervalHistogram {
                phase: *phase,
                start: 0.0,
                length: run.took_seconds,
                histogram: result.histogram.clone(),
            };
            line(&mut text, &whole);
        }
    }
    for interval in &run.intervals {
        line(&mut text, interval);
    }
    text
}

fn line(text: &mut String, interval: &IntervalHistogram) {
    let IntervalHistogram { phase, start, length, histogram } = interval;
    let max = decode(histogram).map_or(0, |samples: Micros| samples.max());
    #[expect(clippy::cast_precision_loss, reason = "less than an hour in microseconds")]
    let max = max as f64 / 1_000.0;
    writeln!(text, "Tag={},{start:.3},{length:.3},{max:.3},{histogram}", phase.word())
        .expect("writing to a String cannot fail");
}

fn seconds(at: jiff::Timestamp) -> f64 {
    at.duration_since(jiff::Timestamp::UNIX_EPOCH).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::hlog;
    use crate::load::sample;
    use uptake_outcome::load::Phase;

    /// What `HdrHistogram`'s reader makes of a log: tag, start and length in milliseconds, and the samples.
    fn read(text: &str) -> Vec<(String, u128, u128, Histogram<u64>)> {
        IntervalLogIterator::new(text.as_bytes())
            .filter_map(|entry| match entry.expect("a line of a log") {
                LogEntry::Interval(interval) => {
                    let bytes = base64::Engine::decode(
                        &base64::engine::general_purpose::STANDARD,
                        interval.encoded_histogram(),
                    );
                    let samples = Deserializer::new()
                        .deserialize(&mut bytes.expect("base64").as_slice())
                        .expect("a histogram");
                    let tag = interval.tag().expect("a tag").as_str().to_owned();
                    let (start, length) = (interval.start_timestamp(), interval.duration());
                    Some((tag, start.as_millis(), length.as_millis(), samples))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn the_reader_of_hdr_histogram_reads_every_interval() {
        let run = sample::run();
        let read = read(&hlog(&run));
        let lines: Vec<_> =
            read.iter().map(|(tag, start, length, _)| (tag.as_str(), *start, *length)).collect();
        assert_eq!(lines, [("upload", 0, 1_000), ("upload", 1_000, 1_000)]);
        let mut sum = uptake_outcome::load::empty();
        for (_, _, _, samples) in &read {
            sum.add(samples).expect("of the same kind");
        }
        assert_eq!(
            sum,
            run.phases[&Phase::Upload].samples().expect("a histogram"),
            "the intervals make up the whole"
        );
    }

    #[test]
    fn without_intervals_the_whole_run_is_one() {
        let run = uptake_outcome::load::LoadRun { intervals: Vec::new(), ..sample::run() };
        let read = read(&hlog(&run));
        assert_eq!(read.len(), run.phases.len());
        assert!(read.iter().all(|(_, start, length, _)| (*start, *length) == (0, 2_000)));
    }
}
