//! Results as HTML: one file each, which loads nothing from elsewhere and reads well on paper and on a phone.
//!
//! The templates stand in `templates/`; they escape every value. Their scripts only filter, copy and unfold: without them the
//! page shows everything. A content security policy allows this one script, so that markup in a response cannot become another.

mod capacity;
mod chart;
mod check;
mod comparison;
mod exchange;
mod fuzz;
mod load;
mod load_charts;
mod matrix;
mod page;
mod rules;
mod servers;
#[cfg(test)]
mod tests;

pub use capacity::capacity_html;
pub use check::check_html;
pub use comparison::{Compared, ComparedGroup, comparison_html};
pub use fuzz::fuzz_html;
pub use load::load_html;
pub use matrix::matrix_html;
pub use servers::servers_html;
