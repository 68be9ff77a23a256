//! Results as JSON: how they are written, described and read again, the same for every command.

use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;

use uptake_outcome::json_mistake_with_place;

/// `result` as JSON, indented, with a line end.
pub(crate) fn pretty<T: Serialize>(result: &T) -> String {
    let mut text =
        serde_json::to_string_pretty(result).expect("a result is plain data whose keys are strings");
    text.push('\n');
    text
}

/// The JSON Schema of a result.
pub(crate) fn schema_of<T: JsonSchema>() -> String {
    pretty(&schema_for!(T))
}

/// Reads a result of `command` in the one format that this uptake reads; what is wrong with it is told in words.
pub(crate) fn read<T: DeserializeOwned>(
    text: &str,
    command: &str,
    (format_of, known): (fn(&T) -> u32, u32),
) -> Result<T, String> {
    let result: T = serde_json::from_str(text).map_err(|error| {
        format!("this is not a result of `uptake {command}`: {}", json_mistake_with_place(&error))
    })?;
    match format_of(&result) {
        format if format == known => Ok(result),
        format => Err(format!("its format is {format}, and this uptake reads {known}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{pretty, read};

    #[test]
    fn a_number_is_read_as_it_was_written() {
        // Numbers that are read one unit in the last place off where they are not read exactly.
        let written = [1.167_853_873_f64, 0.001_979_196, 7.038_531e-26];
        let again: [f64; 3] = read(&pretty(&written), "check", (|_| 1, 1)).expect("it is a result");
        assert_eq!(again.map(f64::to_bits), written.map(f64::to_bits));
    }
}
