//! What a single part of a response must be.

use std::fmt;

use serde_json::Value as Json;

use super::{instant, path};

/// A part of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A value in the JSON body, by its path.
    Json(String),
    /// A header.
    Header(&'static str),
    /// The body as it is.
    Body,
    /// Everything.
    Whole,
}

/// What a part must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// This value.
    Is(Json),
    /// One of these values.
    OneOf(Vec<Json>),
    /// None of these values, and present.
    NoneOf(Vec<Json>),
    /// A value of this type.
    Type(JsonType),
    /// `null`, absent, or of this type.
    Optional(JsonType),
    /// `null`, absent, or an absolute URL with this in it.
    OptionalUrl(String),
    /// `null`, absent, or a text with this in it.
    OptionalText(String),
    /// `null`, or absent.
    NullOrAbsent,
    /// Absent.
    Absent,
    /// A list of this length.
    Count(usize),
    /// A list with this item in it.
    Contains(Json),
    /// A list without this item.
    Excludes(Json),
    /// A list of the items of one of these lists, in any order.
    Items(Vec<Vec<Json>>),
    /// A list without an item twice.
    Distinct,
    /// An ATOM date-time in UTC.
    DateTime,
    /// `null`, absent, or an ATOM date-time in UTC.
    OptionalDateTime,
    /// A date-time between these instants, in milliseconds since 1970.
    Between(i64, i64),
    /// A date-time this many seconds after the one at the path, within a second.
    SecondsAfter(String, i64),
    /// A header that allows this origin.
    AllowsOrigin(String),
    /// A header that lists this word, in any case, or `*`.
    Lists(&'static str),
    /// An integer, in a header.
    HeaderInteger,
    /// `application/json`, perhaps with parameters.
    JsonContentType,
    /// No byte.
    Empty,
    /// Nowhere the API key.
    NoKey,
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// A text that is not empty.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Wanted {
    /// Wants this or the other; false where that cannot be said.
    pub(super) fn merge(&mut self, other: Self) -> bool {
        if *self == other {
            return true;
        }
        let values = |wanted: &Self| match wanted {
            Self::Is(value) => Some(vec![value.clone()]),
            Self::OneOf(values) => Some(values.clone()),
            _ => None,
        };
        if let (Some(mut all), Some(more)) = (values(self), values(&other)) {
            all.extend(more);
            all.sort_by_key(Json::to_string);
            all.dedup();
            *self = Self::OneOf(all);
            return true;
        }
        match (self, other) {
            (Self::Items(lists), Self::Items(more)) => {
                let new: Vec<_> = more.into_iter().filter(|items| !lists.contains(items)).collect();
                lists.extend(new);
                true
            }
            _ => false,
        }
    }

    /// Whether a value is that. `body` is the whole JSON body, for what is compared with another part.
    pub(super) fn holds(&self, value: Option<&Json>, body: Option<&Json>) -> bool {
        let text = value.and_then(Json::as_str);
        let list = value.and_then(Json::as_array);
        match self {
            Self::Is(wanted) => value.is_some_and(|value| same(value, wanted)),
            Self::OneOf(wanted) => value.is_some_and(|value| wanted.iter().any(|one| same(value, one))),
            Self::NoneOf(others) => value.is_some_and(|value| !others.contains(value)),
            Self::Type(kind) => value.is_some_and(|value| kind.is_type_of(value)),
            Self::Optional(kind) => value.is_none_or(|value| value.is_null() || kind.is_type_of(value)),
            Self::OptionalUrl(part) => value.is_none_or(|value| {
                let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
                value.is_null() || text.is_some_and(|text| is_url(text) && text.contains(part))
            }),
            Self::OptionalText(part) => {
                value.is_none_or(|value| value.is_null() || text.is_some_and(|text| text.contains(part)))
            }
            Self::NullOrAbsent => value.is_none_or(Json::is_null),
            Self::Count(count) => list.is_some_and(|list| list.len() == *count),
            Self::Contains(item) => list.is_some_and(|list| list.contains(item)),
            Self::Excludes(item) => list.is_some_and(|list| !list.contains(item)),
            Self::Items(lists) => {
                list.is_some_and(|list| lists.iter().any(|items| sorted(list) == sorted(items)))
            }
            Self::Distinct => list.is_some_and(|list| {
                let items = sorted(list);
                items.windows(2).all(|pair| pair[0] != pair[1])
            }),
            Self::OptionalDateTime => value.is_none_or(|value| {
                value.is_null() || text.is_some_and(|text| instant::read(text).is_some())
            }),
            Self::DateTime => text.is_some_and(|text| instant::read(text).is_some()),
            Self::Between(from, to) => {
                text.and_then(instant::read).is_some_and(|at| (*from..=*to).contains(&at))
            }
            Self::SecondsAfter(other, seconds) => {
                let other = body.and_then(|body| path::find(body, other));
                let other = other.as_ref().and_then(Json::as_str).and_then(instant::read);
                let ends = (other, text.and_then(instant::read));
                matches!(ends, (Some(from), Some(to)) if (to - from - seconds * 1000).abs() <= 1000)
            }
            Self::AllowsOrigin(origin) => text.is_some_and(|text| text == "*" || text == origin),
            Self::Lists(word) => text.is_some_and(|text| {
                text.split(',').map(str::trim).any(|item| item == "*" || item.eq_ignore_ascii_case(word))
            }),
            Self::HeaderInteger => text.is_some_and(|text| text.trim().parse::<u64>().is_ok()),
            Self::JsonContentType => {
                text.and_then(|text| text.split(';').next()).is_some_and(is_json_media_type)
            }
            // The body and the whole response are judged apart.
            Self::Absent | Self::Empty | Self::NoKey => value.is_none(),
        }
    }
}

fn is_json_media_type(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    text == "application/json" || (text.starts_with("application/") && text.ends_with("+json"))
}

/// Numbers are the same whether they are written as 1 or as 1.0.
fn same(one: &Json, other: &Json) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() < 0.5,
        _ => one == other,
    }
}

fn sorted(items: &[Json]) -> Vec<String> {
    let mut items: Vec<_> = items.iter().map(Json::to_string).collect();
    items.sort_unstable();
    items
}

impl JsonType {
    fn is_type_of(self, value: &Json) -> bool {
        match self {
            Self::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    /// Its name in JSON Schema.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(path) => f.write_str(path),
            Self::Header(name) => f.write_str(name),
            Self::Body => f.write_str("the body"),
            Self::Whole => f.write_str("the response"),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |items: &[Json]| items.iter().map(Json::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Is(value) => write!(f, "{value}"),
            Self::OneOf(values) => write!(f, "one of {}", list(values)),
            Self::NoneOf(values) => write!(f, "other than {}", list(values)),
            Self::Type(kind) => write!(f, "of type {}", kind.name()),
            Self::Optional(kind) => write!(f, "of type {} or null", kind.name()),
            Self::OptionalUrl(part) => write!(f, "an absolute URL with {part}"),
            Self::OptionalText(part) => write!(f, "a string containing {part}"),
            Self::NullOrAbsent => f.write_str("null or absent"),
            Self::Absent => f.write_str("absent"),
            Self::Count(count) => write!(f, "a list of {count}"),
            Self::Contains(item) => write!(f, "a list with {item}"),
            Self::Excludes(item) => write!(f, "a list without {item}"),
            Self::Items(lists) => {
                let lists: Vec<_> = lists.iter().map(|items| format!("[{}]", list(items))).collect();
                write!(f, "{} in any order", lists.join(" or "))
            }
            Self::Distinct => f.write_str("a list without duplicates"),
            Self::DateTime | Self::OptionalDateTime => f.write_str("an ATOM date-time in UTC"),
            Self::Between(..) => f.write_str("the time of the call"),
            Self::SecondsAfter(path, seconds) => write!(f, "{seconds} s after {path}"),
            Self::AllowsOrigin(origin) => write!(f, "{origin} or *"),
            Self::Lists(word) => write!(f, "a list with {word}"),
            Self::HeaderInteger => f.write_str("an integer"),
            Self::JsonContentType => f.write_str("application/json"),
            Self::Empty => f.write_str("empty"),
            Self::NoKey => f.write_str("without the API key"),
        }
    }
}
