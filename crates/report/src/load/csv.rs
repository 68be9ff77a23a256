//! The series as CSV: one line a second.
//!
//! ```text
//! second,started,uploads,errors,segments,goodput_bytes,…
//! 0,50,49,0,49,51380224,…
//! ```

use std::fmt::Write as _;

use uptake_outcome::load::LoadRun;

/// The series of a run.
pub fn csv(run: &LoadRun) -> String {
    let mut text = "second,started,uploads,errors,segments,goodput_bytes,bytes_sent,connections,in_flight,upload_p50_us,\
                    upload_p90_us,upload_p99_us,upload_max_us,lag_max_us,cpu\n"
        .to_owned();
    for row in &run.series {
        let numbers = [
            row.second,
            row.started,
            row.uploads,
            row.errors,
            row.segments,
            row.goodput_bytes,
            row.bytes_sent,
            row.connections,
            row.in_flight,
            row.upload_p50,
            row.upload_p90,
            row.upload_p99,
            row.upload_max,
            row.lag_max,
        ];
        for number in numbers {
            write!(text, "{number},").expect("writing to a String cannot fail");
        }
        writeln!(text, "{}", row.cpu).expect("writing to a String cannot fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::load::sample;

    #[test]
    fn every_line_has_as_many_fields_as_the_first() {
        let text = super::csv(&sample::run());
        let fields: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
        assert_eq!(fields, [15, 15, 15]);
        assert!(text.lines().nth(1).is_some_and(|line| line.starts_with("0,100,98,2,")), "{text}");
    }
}
