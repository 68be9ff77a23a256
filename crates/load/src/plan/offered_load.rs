//! An offered rate: `50/s`, `200 segments/s`, `500MiB/s`; and stages: `10/s..50/s for 20s, 50/s for 1m`.

use std::sync::Arc;
use std::time::Duration;

use super::values;
use crate::trace::Trace;

/// What a rate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkUnit {
    /// Whole uploads.
    Uploads,
    /// Segments: an upload counts as many as it has.
    Segments,
    /// Bytes: an upload counts its size.
    Bytes,
}

/// A time with a rate that is constant or changes linearly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stage {
    /// The rate at its start, per second.
    pub from: f64,
    /// The rate at its end.
    pub to: f64,
    /// Its length; `None` has no end.
    pub length: Option<Duration>,
}

/// The stages, and the unit of their rates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfferedLoad {
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// The unit of the rates.
    pub unit: WorkUnit,
    /// As it was written.
    pub written: String,
    /// The recording that decides when uploads arrive, in place of the rates of the stages.
    pub trace: Option<Arc<Trace>>,
}

impl OfferedLoad {
    /// A single rate.
    pub(crate) fn steady(text: &str, length: Option<Duration>) -> Result<Self, String> {
        let (rate, unit) = rate(text)?;
        Ok(Self {
            stages: vec![Stage { from: rate, to: rate, length }],
            unit,
            written: text.trim().to_owned(),
            trace: None,
        })
    }

    /// Stages, separated by commas.
    pub(crate) fn staged(text: &str) -> Result<Self, String> {
        let mut stages = Vec::new();
        let mut counted = None;
        for part in text.split(',').map(str::trim) {
            let (rates, length) = part.split_once(" for ").ok_or_else(|| {
                format!("invalid stage `{part}`: write RATE for TIME, or RATE..RATE for TIME")
            })?;
            let (from, to) = match rates.split_once("..") {
                Some((from, to)) => (from.trim(), to.trim()),
                None => (rates.trim(), rates.trim()),
            };
            let ((from, unit), (to, other)) = (rate_or_none(from)?, rate_or_none(to)?);
            for unit in [unit, other].into_iter().flatten() {
                if *counted.get_or_insert(unit) != unit {
                    return Err(format!("invalid stage `{part}`: all stages must count the same unit"));
                }
            }
            let length = values::duration(length.trim())?;
            if length.is_zero() {
                return Err(format!("invalid stage `{part}`: its duration is zero"));
            }
            stages.push(Stage { from, to, length: Some(length) });
        }
        let unit =
            counted.ok_or_else(|| format!("invalid stages `{text}`: no stage has a rate above 0/s"))?;
        Ok(Self { stages, unit, written: text.trim().to_owned(), trace: None })
    }

    /// The length of all stages together; `None` if one has no end.
    pub(crate) fn length(&self) -> Option<Duration> {
        self.stages.iter().map(|stage| stage.length).sum()
    }
}

/// A rate, or `0/s`, which goes with any unit.
fn rate_or_none(text: &str) -> Result<(f64, Option<WorkUnit>), String> {
    if matches!(text, "0" | "0/s") {
        return Ok((0.0, None));
    }
    rate(text).map(|(rate, unit)| (rate, Some(unit)))
}

#[expect(clippy::cast_precision_loss, reason = "rates need no exact integers")]
fn rate(text: &str) -> Result<(f64, WorkUnit), String> {
    let wrong = || format!("invalid rate `{text}`: write 50/s, 200 segments/s or 500MiB/s");
    let text = text.trim();
    let (number, per) = if let Some(number) = text.strip_suffix("/s") {
        (number.trim(), 1.0)
    } else if let Some(number) = text.strip_suffix("/m") {
        (number.trim(), 60.0)
    } else {
        return Err(wrong());
    };
    let counted = [
        ("uploads", WorkUnit::Uploads),
        ("upload", WorkUnit::Uploads),
        ("segments", WorkUnit::Segments),
        ("segment", WorkUnit::Segments),
    ];
    let named = counted.iter().find_map(|(word, unit)| Some((number.strip_suffix(word)?.trim(), *unit)));
    let (number, unit) = match named {
        Some((number, unit)) => (number.parse().map_err(|_| wrong())?, unit),
        None => match number.parse::<f64>() {
            Ok(number) => (number, WorkUnit::Uploads),
            Err(_) => (values::size(number).map_err(|_| wrong())? as f64, WorkUnit::Bytes),
        },
    };
    let rate = number / per;
    if rate.is_finite() && rate > 0.0 { Ok((rate, unit)) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_counts_uploads_segments_or_bytes() {
        for (text, wanted) in [
            ("50/s", (50.0, WorkUnit::Uploads)),
            ("0.5/s", (0.5, WorkUnit::Uploads)),
            ("30 uploads/m", (0.5, WorkUnit::Uploads)),
            ("200 segments/s", (200.0, WorkUnit::Segments)),
            ("2MiB/s", (2_097_152.0, WorkUnit::Bytes)),
        ] {
            assert_eq!(rate(text), Ok(wanted), "{text}");
        }
        for text in ["50", "0/s", "-1/s", "MiB/s", "5 apples/s", "inf/s"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn stages_hold_or_ramp() {
        let offered = OfferedLoad::staged("0/s..50/s for 10s, 50/s for 1m").expect("stages");
        assert_eq!(offered.length(), Some(Duration::from_secs(70)));
        assert_eq!((offered.stages[0].from, offered.stages[0].to, offered.stages[1].to), (0.0, 50.0, 50.0));
        for text in ["50/s", "50/s for 0s", "0/s for 5s", "50/s for 1s, 5MiB/s for 1s", "50/s for ever"] {
            assert!(OfferedLoad::staged(text).is_err(), "{text}");
        }
    }
}
