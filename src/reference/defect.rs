//! The planted defects: deviations as real servers have them, each one small place in this room that asks
//! `has(Defect::…)`. All off by default, and then each costs the test of one bit.

use std::fmt;
use std::str::FromStr;

use super::error::ReferenceError;

/// How many defects fit.
const WORDS: usize = 4;

/// The defects that a server is started with.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Defects([u64; WORDS]);

impl Defects {
    /// A faithful server.
    pub const fn none() -> Self {
        Self([0; WORDS])
    }

    /// Adds one.
    #[must_use]
    pub const fn with(mut self, defect: Defect) -> Self {
        let index = defect as usize;
        self.0[index / 64] |= 1 << (index % 64);
        self
    }

    /// Whether one is planted.
    #[inline]
    pub const fn has(self, defect: Defect) -> bool {
        let index = defect as usize;
        self.0[index / 64] & (1 << (index % 64)) != 0
    }
}

impl FromIterator<Defect> for Defects {
    fn from_iter<I: IntoIterator<Item = Defect>>(defects: I) -> Self {
        defects.into_iter().fold(Self::none(), Self::with)
    }
}

impl FromStr for Defects {
    type Err = ReferenceError;

    /// Names with commas between them; an empty text is a faithful server.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::parse::<Defect>).collect()
    }
}

impl fmt::Debug for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Defect::all().iter().filter(|defect| self.has(**defect))).finish()
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Defect {
    type Err = ReferenceError;

    fn from_str(name: &str) -> Result<Self, ReferenceError> {
        Self::all()
            .iter()
            .copied()
            .find(|defect| defect.name() == name)
            .ok_or_else(|| ReferenceError::UnknownDefect(name.to_owned()))
    }
}

macro_rules! defects {
    ($($area:literal { $($variant:ident $name:literal $description:literal)* })*) => {
        /// One planted defect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Defect {
            $($(#[doc = $description] $variant,)*)*
        }

        impl Defect {
            /// Every one, area by area.
            pub const fn all() -> &'static [Self] {
                &[$($(Self::$variant,)*)*]
            }

            /// What it is called on the command line.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)*)* }
            }

            /// The area of the catalogue that it deviates in.
            pub const fn area(self) -> &'static str {
                match self { $($(Self::$variant => $area,)*)* }
            }

            /// What the server does wrong, in one line.
            pub const fn description(self) -> &'static str {
                match self { $($(Self::$variant => $description,)*)* }
            }
        }
    };
}

defects! {
    "ttl" {
        ExpiredTokenAccepted "expired-token-accepted" "An expired token begins uploads as if it had not expired."
    }
}
