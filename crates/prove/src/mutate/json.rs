//! Members of a JSON body: which there are, and the body without one or with another value of one.

use serde_json::Value;

use super::text::altered_text;

/// The most members of one body that mutations speak of.
const MOST_MEMBERS: usize = 40;

/// What is done to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    Drop,
    /// Another value of the same type.
    Alter,
    /// A value of another type.
    Retype,
}

/// The JSON pointers ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) of the members of `body`, outermost first; of a list
/// the first item stands for all.
pub(super) fn members(body: &[u8]) -> Vec<String> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let mut found = Vec::new();
    let mut level = vec![(String::new(), &value)];
    while !level.is_empty() && found.len() < MOST_MEMBERS {
        let mut next = Vec::new();
        for (path, value) in level {
            match value {
                Value::Object(members) => next.extend(members.iter().map(|(name, value)| {
                    (format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), value)
                })),
                Value::Array(items) => next.extend(items.first().map(|first| (format!("{path}/0"), first))),
                _ => {}
            }
        }
        found.extend(next.iter().map(|(path, _)| path.clone()));
        level = next;
    }
    found.truncate(MOST_MEMBERS);
    found
}

/// `body` with this edit of one member; none where there is no such member.
pub(super) fn edited(body: &[u8], pointer: &str, edit: Edit) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    let member = value.pointer_mut(pointer)?;
    match edit {
        Edit::Alter => *member = altered(member),
        Edit::Retype => *member = retyped(member),
        Edit::Drop => {
            let (parent, name) = pointer.rsplit_once('/')?;
            match value.pointer_mut(parent)? {
                Value::Object(members) => {
                    drop(members.shift_remove(&name.replace("~1", "/").replace("~0", "~")));
                }
                Value::Array(items) => drop(items.remove(name.parse().ok()?)),
                _ => return None,
            }
        }
    }
    serde_json::to_vec(&value).ok()
}

fn altered(value: &Value) -> Value {
    match value {
        Value::Null => Value::from("x"),
        Value::Bool(is_true) => Value::from(!is_true),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Value::from(number.wrapping_add(1)),
            None => Value::from(number.as_f64().unwrap_or_default() + 1.0),
        },
        Value::String(text) => Value::from(altered_text(text)),
        Value::Array(items) if items.is_empty() => Value::from(vec![Value::Null]),
        Value::Array(_) => Value::from(Vec::<Value>::new()),
        Value::Object(_) => Value::Object(serde_json::Map::new()),
    }
}

fn retyped(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Value::from("x"),
        Value::Number(number) => Value::from(number.to_string()),
        Value::String(_) => Value::from(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"a","size":3,"parts":[{"n":1},{"n":2}],"a/b":null}"#;

    #[test]
    fn each_member_has_a_pointer_and_a_list_is_known_by_its_first_item() {
        assert_eq!(members(BODY), ["/id", "/size", "/parts", "/a~1b", "/parts/0", "/parts/0/n"]);
        assert_eq!(members(b"not JSON"), Vec::<String>::new());
    }

    #[test]
    fn every_edit_of_every_member_changes_the_body() {
        for pointer in members(BODY) {
            for edit in [Edit::Drop, Edit::Alter, Edit::Retype] {
                let body = edited(BODY, &pointer, edit).unwrap_or_else(|| panic!("{pointer} {edit:?}"));
                assert_ne!(body, BODY, "{pointer} {edit:?}");
            }
        }
        assert_eq!(edited(BODY, "/nothing", Edit::Drop), None);
    }
}
