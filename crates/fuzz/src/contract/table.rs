//! A counterexample for the eye: the calls, one a line, with their statuses.
//!
//! ```text
//!   1  create token 1 with {"ttl": 60}  200
//!      the clock advances by 65 s
//!   2  list tokens                      200  <-
//! ```

use std::fmt::Write as _;

use super::case::{ContractCase, ContractStep};
use super::describe;
use crate::mismatch::Mismatch;

/// The table.
pub(crate) fn table(case: &ContractCase, statuses: &[Option<u16>], mismatch: &Mismatch) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    let mut count = 0;
    for (at, step) in case.steps.iter().enumerate() {
        for (one, call) in step.calls().into_iter().enumerate() {
            let status = match statuses.get(count) {
                None => "not sent".to_owned(),
                Some(None) => "no response".to_owned(),
                Some(Some(status)) => status.to_string(),
            };
            count += 1;
            let how = match step {
                ContractStep::AtOnce(_) => ", at once",
                ContractStep::During { .. } if one == 0 => ", last byte held back",
                ContractStep::During { .. } => ", meanwhile",
                ContractStep::Call(_) | ContractStep::Advance(_) => "",
            };
            let is_marked = at == mismatch.step && mismatch.segment.is_none_or(|marked| marked == one);
            let mark = if is_marked { "<-".to_owned() } else { String::new() };
            rows.push([count.to_string(), format!("{}{how}", describe::call(call)), status, mark]);
        }
        if let ContractStep::Advance(seconds) | ContractStep::During { advance: seconds @ 1.., .. } = step {
            let text = format!("the clock advances by {}", crate::describe::duration(*seconds));
            rows.push([String::new(), text, String::new(), String::new()]);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (width(0), width(1), width(2));
    let mut text = String::new();
    for [number, call, status, mark] in &rows {
        let row = format!("  {number:>first$}  {call:<second$}  {status:<third$}  {mark}");
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}
