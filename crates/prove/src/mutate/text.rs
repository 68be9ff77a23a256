//! Another value for a text, of the same form as far as that is possible.

/// Text that differs, and has the same shape as far as that is possible.
pub(super) fn altered_text(text: &str) -> String {
    if let Ok(number) = text.parse::<i64>() {
        return number.wrapping_add(1).to_string();
    }
    if let Ok(time) = httpdate::parse_http_date(text) {
        return httpdate::fmt_http_date(time + std::time::Duration::from_secs(24 * 60 * 60));
    }
    // The last letter or digit is another one, so that URLs, quoted tags, dates and base64 keep their form.
    let mut chars: Vec<char> = text.chars().collect();
    match chars.iter_mut().rev().find(|char| char.is_ascii_alphanumeric()) {
        Some(last) => {
            *last = match *last {
                '9' => '8',
                'z' => 'y',
                'Z' => 'Y',
                other => char::from(other as u8 + 1),
            };
        }
        None => chars.push('x'),
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn altered_text_differs_and_keeps_its_form() {
        for (text, wanted) in [
            ("7", "8"),
            ("/files/a9", "/files/a8"),
            ("\"tag\"", "\"tah\""),
            ("sha1 abc=", "sha1 abd="),
            ("", "x"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 02 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(altered_text(text), wanted);
        }
    }
}
