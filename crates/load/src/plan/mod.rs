//! What is offered: a plan, read from YAML and overruled by flags.
//!
//! Both speak one grammar: a key of the file is the flag's name, and its value is what would stand behind the flag. A
//! [`Draft`] holds what was said, a [`Plan`] what it means. Nothing here sends anything.

mod choice;
mod draft;
mod fate;
mod file;
mod meaning;
mod model;
mod rate;
mod spread;
mod think;
mod words;

pub use choice::Choice;
pub use draft::{Draft, KEYS};
pub use fate::{Fate, Fates};
pub use file::{is_plan, read};
pub use meaning::{Order, Plan, Protocol, Saturation, Shape, TokenPolicy, VerifyBy};
pub use model::{Arrivals, Model, OpenModel};
pub use rate::{Offer, Stage, WorkUnit};
pub use spread::Spread;
pub use think::Think;
