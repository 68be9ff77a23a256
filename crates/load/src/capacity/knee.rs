//! The knee of a curve of load against latency: where the latency begins to rise steeply.

/// Fewer loads make no curve.
const MIN_POINTS: usize = 4;
/// A curve that bends by less has no knee.
const MIN_BEND: f64 = 0.1;

/// The load at the knee. Both axes are scaled to one; the knee is the point that lies farthest below the diagonal (the Kneedle
/// algorithm of Satopaa et al., 2011, for a curve that is convex and rises).
pub(super) fn knee(points: &[(f64, f64)]) -> Option<f64> {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    if points.len() < MIN_POINTS {
        return None;
    }
    let (first, last) = (points.first()?.0, points.last()?.0);
    let lowest = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let highest = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    if last <= first || highest <= lowest {
        return None;
    }
    let bend =
        |point: &(f64, f64)| (point.0 - first) / (last - first) - (point.1 - lowest) / (highest - lowest);
    let at = points.iter().max_by(|a, b| bend(a).total_cmp(&bend(b)))?;
    (bend(at) >= MIN_BEND).then_some(at.0)
}

#[cfg(test)]
mod tests {
    use super::knee;

    #[test]
    fn the_knee_of_a_single_queue_lies_where_its_latency_begins_to_rise() {
        // M/M/1: the response time is 1 / (1 - load).
        let curve: Vec<(f64, f64)> =
            (1..=19).map(|step| f64::from(step) * 0.05).map(|load| (load, 1.0 / (1.0 - load))).collect();
        let at = knee(&curve).expect("a knee");
        assert!((0.7..0.9).contains(&at), "{at}");
    }

    #[test]
    fn a_straight_line_and_a_few_points_have_none() {
        let line: Vec<(f64, f64)> = (1..=9).map(|step| (f64::from(step), 2.0 * f64::from(step))).collect();
        assert_eq!(knee(&line), None);
        assert_eq!(knee(&[(1.0, 1.0), (2.0, 1.0), (3.0, 9.0)]), None);
        assert_eq!(knee(&[(1.0, 1.0); 5]), None);
    }
}
