use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::collection::vec;
use proptest::prelude::*;

use super::Secrets;

fn knowing(secrets: &[(&str, &str)]) -> Secrets {
    let known = Secrets::new();
    for (label, value) in secrets {
        known.taint(label, value);
    }
    known
}

#[test]
fn each_form_is_replaced_by_the_secrets_name() {
    let known = knowing(&[("api key", "s3cr/t key+1")]);
    for (text, masked) in [
        ("it is s3cr/t key+1.", "it is $API_KEY."),
        ("/upload?token=s3cr%2Ft%20key%2b1&x=1", "/upload?token=$API_KEY&x=1"),
        ("/upload?token=s3cr%2Ft+key%2B1&x=1", "/upload?token=$API_KEY&x=1"),
        ("/upload?token=%73%33cr%2Ft%20key%2b1&x=1", "/upload?token=$API_KEY&x=1"),
        (r#"{"token":"s3cr\/t key+1"}"#, r#"{"token":"$API_KEY"}"#),
        (r#"{"token":"\u0073\u0033cr\u002Ft key\u002b1"}"#, r#"{"token":"$API_KEY"}"#),
        (r#"{"uri":"https:\/\/h\/s3cr%2Ft%20key\u00252B1\/"}"#, r#"{"uri":"https:\/\/h\/$API_KEY\/"}"#),
        ("hex 733363722f74206b65792b31", "hex $API_KEY"),
        ("HEX 733363722F74206B65792B31", "HEX $API_KEY"),
        ("Basic czNjci90IGtleSsx", "Basic $API_KEY"),
        ("Basic czNjci90IGtleSsxOg==", "Basic $API_KEYOg=="),
    ] {
        assert_eq!(known.mask(text), masked, "of {text}");
    }
}

#[test]
fn the_longest_secret_names_the_place_and_nothing_of_either_stays() {
    let known = knowing(&[("short", "abcd"), ("long", "cdefghij")]);
    assert_eq!(known.mask("xabcdefghijx"), "x$LONGx");
    assert_eq!(known.mask("xabcdxcdefghijx"), "x$SHORTx$LONGx");
}

#[test]
fn a_value_too_short_to_be_a_secret_is_shown() {
    assert_eq!(knowing(&[("key", "abc"), ("empty", "")]).mask("abc"), "abc");
}

#[test]
fn the_first_name_of_a_value_stays() {
    assert_eq!(knowing(&[("token", "abcdef"), ("other", "abcdef")]).mask("abcdef"), "$TOKEN");
}

#[test]
fn a_name_that_makes_a_secret_anew_is_left_out() {
    let known = knowing(&[("token", "OKEN"), ("loop", "$LOOP")]);
    assert_eq!(known.mask("xOKENx"), "x$Tx", "the name holds the value itself");
    assert_eq!(known.mask("a$LOOPb"), "ab");
}

#[test]
fn what_is_no_secret_stays_as_it_is() {
    let known = knowing(&[("key", "abcdef")]);
    for text in ["", "abcde", "100 % of \\ and %zz \\u12 \\", "ünïcödé ☃", "%61%62%63"] {
        assert_eq!(known.mask(text), text);
    }
}

#[test]
fn the_debug_form_tells_nothing() {
    assert_eq!(format!("{:?}", knowing(&[("key", "abcdef")])), "Secrets(1)");
}

#[test]
fn thousands_of_secrets_are_found_in_one_pass() {
    let known = Secrets::new();
    for number in 0..3000_u32 {
        known.taint("token", &format!("to{:022}", number.wrapping_mul(2_654_435_761)));
    }
    let line = "a line of a report in which nothing is to be hidden, and 100 % of \"it\" is shown\n";
    let text = line.repeat(2000) + "token=to0000000000002654435761";
    assert_eq!(known.mask(&text), line.repeat(2000) + "token=$TOKEN");
}

/// One of the forms in which a secret may leave, made by encoders that the masking knows nothing of.
#[derive(Debug, Clone)]
enum Disguise {
    Plain,
    Percent(Vec<bool>),
    Json(Vec<u8>),
    Hex(Vec<bool>),
    Base64 { before: Vec<u8>, after: Vec<u8>, engine: usize },
}

impl Disguise {
    /// What stands in the text, and what of it must not stay.
    fn of(&self, secret: &str) -> (String, String) {
        let whole = |text: String| (text.clone(), text);
        match self {
            Disguise::Plain => whole(secret.to_owned()),
            Disguise::Percent(choices) => whole(percent(secret, choices)),
            Disguise::Json(choices) => whole(json(secret, choices)),
            Disguise::Hex(choices) => {
                let upper = choices.iter().cycle();
                let digits = secret
                    .bytes()
                    .zip(upper)
                    .map(|(byte, upper)| if *upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
                whole(digits.collect())
            }
            Disguise::Base64 { before, after, engine } => {
                let bytes = [before, secret.as_bytes(), after].concat();
                let encoded = match engine {
                    0 => STANDARD.encode(bytes),
                    1 => STANDARD_NO_PAD.encode(bytes),
                    2 => URL_SAFE.encode(bytes),
                    _ => URL_SAFE_NO_PAD.encode(bytes),
                };
                let first = (before.len() * 8).div_ceil(6);
                let last = (before.len() + secret.len()) * 8 / 6;
                let core = encoded[first..last].to_owned();
                (encoded, core)
            }
        }
    }
}

fn percent(secret: &str, choices: &[bool]) -> String {
    let mut choice = choices.iter().copied().cycle();
    let mut next = move || choice.next().unwrap_or(true);
    let encode = |byte: u8| {
        let must = !(byte.is_ascii_alphanumeric() || b"-._~/:@!$&'()*,;=".contains(&byte));
        match (byte, next(), next()) {
            (b' ', true, _) => "+".to_owned(),
            (_, over, true) if must || over => format!("%{byte:02X}"),
            (_, over, false) if must || over => format!("%{byte:02x}"),
            _ => char::from(byte).to_string(),
        }
    };
    secret.bytes().map(encode).collect()
}

fn json(secret: &str, choices: &[u8]) -> String {
    let mut choice = choices.iter().copied().cycle();
    let escape = |character: char| match choice.next().unwrap_or(0) % 4 {
        0 => escaped_units(character),
        1 if character == '/' => "\\/".to_owned(),
        2 if character.is_ascii() => format!("\\u{:04X}", u32::from(character)),
        _ => {
            let quoted = serde_json::to_string(&character).expect("a character is JSON");
            quoted[1..quoted.len() - 1].to_owned()
        }
    };
    secret.chars().map(escape).collect()
}

fn escaped_units(character: char) -> String {
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units).iter();
    units.fold(String::new(), |text, unit| format!("{text}\\u{unit:04x}"))
}

fn disguise() -> impl Strategy<Value = Disguise> {
    prop_oneof![
        Just(Disguise::Plain),
        vec(any::<bool>(), 1..20).prop_map(Disguise::Percent),
        vec(any::<u8>(), 1..20).prop_map(Disguise::Json),
        vec(any::<bool>(), 1..8).prop_map(Disguise::Hex),
        (vec(any::<u8>(), 0..5), vec(any::<u8>(), 0..5), 0..4_usize)
            .prop_map(|(before, after, engine)| Disguise::Base64 { before, after, engine }),
    ]
}

/// Secrets of all kinds, those made of the signs of escapes among them.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-z0-9]{4,30}",
        2 => r#"[a-f0-9%\\"/u +=-]{4,12}"#,
        1 => r#"[aé☃𝄞% \\"\n]{4,8}"#,
        1 => "[$A-Z_]{4,6}",
    ]
}

/// What stands around a secret: signs that could be taken for a part of an escape.
fn surrounding() -> impl Strategy<Value = String> {
    prop_oneof![r#"[%\\u0-9a-fA-F+/=" $_]{0,6}"#, "[A-Za-z0-9é☃]{0,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_form_of_a_secret_is_left_whatever_surrounds_it(
        secrets in vec((secret(), vec(disguise(), 1..4)), 1..4),
        around in vec(surrounding(), 13),
    ) {
        let known = Secrets::new();
        for (index, (secret, _)) in secrets.iter().enumerate() {
            known.taint(["api key", "token", "t"][index % 3], secret);
        }
        let mut around = around.iter();
        let mut text = around.next().cloned().unwrap_or_default();
        let mut hidden = Vec::new();
        for (secret, disguises) in &secrets {
            for disguise in disguises {
                let (written, secret_part) = disguise.of(secret);
                text += &written;
                text += around.next().map_or("", String::as_str);
                hidden.push(secret_part);
            }
        }
        let masked = known.mask(&text);
        for form in hidden {
            prop_assert!(!masked.contains(&form), "{form} is left of {text}: {masked}");
        }
        prop_assert_eq!(known.mask(&masked), masked.clone());
    }

    #[test]
    fn any_text_can_be_masked(secret in secret(), text in any::<String>()) {
        let masked = knowing(&[("key", &secret)]).mask(&text);
        prop_assert!(!masked.contains(&secret));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What is left of a base64 text tells nothing of the secret in it: another secret leaves the same.
    #[test]
    fn no_bit_of_a_secret_is_left_in_base64(
        (one, other) in (12..24_usize).prop_flat_map(|length| {
            let secret = vec(prop::char::range('a', 'z'), length);
            (secret.clone(), secret)
        }),
        before in "[A-Z]{0,4}",
        behind in "[:A-Z]{0,4}",
    ) {
        let masked = |secret: Vec<char>| {
            let secret: String = secret.into_iter().collect();
            knowing(&[("key", &secret)]).mask(&STANDARD.encode(format!("{before}{secret}{behind}")))
        };
        prop_assert_eq!(masked(one), masked(other));
    }

    /// The beginning of a long text is masked as the whole of it is.
    #[test]
    fn the_beginning_is_masked_as_the_whole_is(
        pieces in vec(prop_oneof![Just("s3cr/t key+1"), Just("s3cr%2Ft%20key%2b1"), Just("czNjci90IGtleSsx"), Just("plain é ")], 1..60),
        longest in 0..400_usize,
    ) {
        let known = knowing(&[("api key", "s3cr/t key+1")]);
        let text = pieces.concat();
        let start = known.mask_start(&text, longest);
        prop_assert!(known.mask(&text).starts_with(&start), "{start}");
        prop_assert!(text.len() <= longest || start.len() + 20 > longest / 4, "{start}");
    }
}
