//! Suggestions for a word that is not known.

/// What may have been meant, or what there is.
pub fn advice(written: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|word| (likeness(written, word), *word))
        .filter(|(likeness, word)| *likeness > 0.7 || strsim::jaro_winkler(written, word) > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, word)) => format!("did you mean `{word}`?"),
        None if known.is_empty() => "there are none".to_owned(),
        None => format!("choose from: {}", known.join(", ")),
    }
}

/// How alike two names are, from 0 to 1: as a whole, or word by word where hyphens join several.
fn likeness(written: &str, name: &str) -> f64 {
    let whole = strsim::normalized_damerau_levenshtein(written, name);
    let parts: Vec<&str> = written.split('-').filter(|part| !part.is_empty()).collect();
    if parts.len() < 2 {
        return whole;
    }
    let nearest = |part: &str| {
        name.split('-').map(|word| strsim::normalized_damerau_levenshtein(part, word)).fold(0.0, f64::max)
    };
    // Weighted by their letters: a short word is in many names.
    let letters: usize = parts.iter().map(|part| part.chars().count()).sum();
    #[expect(clippy::cast_precision_loss, reason = "names are short")]
    let by_words =
        parts.iter().map(|part| nearest(part) * part.chars().count() as f64).sum::<f64>() / letters as f64;
    whole.max(0.9 * by_words + 0.1 * whole)
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn the_nearest_name_is_suggested_whatever_it_begins_with() {
        let names = [
            "expired-token-listed",
            "expires-at-two-seconds-late",
            "expires-in-a-day",
            "ttl-in-milliseconds",
            "grace-of-25-hours",
            "status",
        ];
        for (written, meant) in [
            ("expires-to-latee", "expires-at-two-seconds-late"),
            ("ttl-in-miliseconds", "ttl-in-milliseconds"),
            ("ttlin-milliseconds", "ttl-in-milliseconds"),
            ("token-listed-expired", "expired-token-listed"),
            ("statsu", "status"),
        ] {
            assert_eq!(advice(written, &names), format!("did you mean `{meant}`?"), "{written}");
        }
        for strange in ["something-else-entirely", "no-such-defect", ""] {
            assert!(advice(strange, &names).starts_with("choose from: "), "{strange}");
        }
        assert_eq!(advice("anything", &[]), "there are none");
    }
}
