//! ATOM date-times in UTC, as milliseconds since 1970.

/// Reads `2026-11-26T18:15:13+00:00`, with a fraction of a second or `Z` as they come.
pub(super) fn read(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let time = time.strip_suffix('Z').or_else(|| time.strip_suffix("+00:00"))?;
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = fields(clock, ':', [2, 2, 2])?;
    let is_valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60
        && !fraction.is_empty()
        && fraction.bytes().all(|digit| digit.is_ascii_digit());
    if !is_valid {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let days = days_since_1970(year, month, day);
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + millis)
}

fn fields(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut read = [0; 3];
    for (field, width) in read.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        *field = part.parse().ok()?;
    }
    parts.next().is_none().then_some(read)
}

/// The days from 1 January 1970 to this date of the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atom_date_times_in_utc_are_read_and_nothing_else() {
        assert_eq!(read("1970-01-01T00:00:00+00:00"), Some(0));
        assert_eq!(read("2000-03-01T00:00:00Z"), Some(951_868_800_000));
        assert_eq!(read("2026-11-26T18:15:13.5+00:00"), Some(1_795_716_913_500));
        for text in
            ["2026-11-26 18:15:13Z", "2026-11-26T18:15:13", "2026-11-26T18:15:13+01:00", "now", "1795716913"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
