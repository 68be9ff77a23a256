//! Structured fields (RFC 9651) as JSON: an item is its bare value, a list an array, a dictionary an object. Parameters are left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sfv::{BareItem, Dictionary, Item, List, ListEntry, Parser};

/// An item is its bare value, a list an array, a dictionary an object (RFC 9651).
pub fn structured(text: &str) -> Option<Value> {
    if let Ok(item) = Parser::new(text).parse::<Item>() {
        return Some(bare(&item.bare_item));
    }
    // A list of tokens reads as a dictionary of flags too; only one with `=` is meant as one.
    if text.contains('=')
        && let Some(dictionary) = dictionary(text)
    {
        return Some(dictionary);
    }
    Parser::new(text).parse::<List>().ok().map(|list| list.iter().map(entry).collect())
}

/// A dictionary with at least one member.
pub fn dictionary(text: &str) -> Option<Value> {
    let found = Parser::new(text).parse::<Dictionary>().ok().filter(|members| !members.is_empty())?;
    Some(found.iter().map(|(key, value)| (key.to_string(), entry(value))).collect())
}

fn entry(entry: &ListEntry) -> Value {
    match entry {
        ListEntry::Item(item) => bare(&item.bare_item),
        ListEntry::InnerList(list) => list.items.iter().map(|item| bare(&item.bare_item)).collect(),
    }
}

fn bare(item: &sfv::BareItem) -> Value {
    match item {
        BareItem::Boolean(truth) => (*truth).into(),
        BareItem::Integer(number) => i64::from(*number).into(),
        BareItem::Decimal(number) => f64::from(*number).into(),
        BareItem::String(text) => text.as_str().into(),
        BareItem::Token(token) => token.as_str().into(),
        BareItem::ByteSequence(bytes) => STANDARD.encode(bytes).into(),
        other => format!("{other:?}").into(),
    }
}
