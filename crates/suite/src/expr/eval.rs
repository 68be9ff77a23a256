//! What an expression comes to.

use serde_json::Value;

use super::ast::{Expr, Operator};
use super::scope::Scope;
use super::value::{EvalError, integer, overflow, same, truth};

impl Expr {
    /// The expression's value.
    pub fn eval(&self, scope: &dyn Scope) -> Result<Value, EvalError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Name(name) => lookup(name, scope),
            Self::Not(inner) => Ok(Value::Bool(!truth(&inner.eval(scope)?)?)),
            Self::Negative(inner) => {
                let number = integer(&inner.eval(scope)?)?;
                number.checked_neg().map(Value::from).ok_or_else(overflow)
            }
            Self::Binary(Operator::And, left, right) => {
                Ok(Value::Bool(truth(&left.eval(scope)?)? && truth(&right.eval(scope)?)?))
            }
            Self::Binary(Operator::Or, left, right) => {
                Ok(Value::Bool(truth(&left.eval(scope)?)? || truth(&right.eval(scope)?)?))
            }
            Self::Binary(operator, left, right) => binary(*operator, &left.eval(scope)?, &right.eval(scope)?),
            Self::List(items) => items.iter().map(|item| item.eval(scope)).collect(),
            Self::Call(function, items) => {
                let values: Vec<_> = items.iter().map(|item| item.eval(scope)).collect::<Result<_, _>>()?;
                function.call(&values, scope)
            }
        }
    }

    /// The value as a truth.
    pub fn holds(&self, scope: &dyn Scope) -> Result<bool, EvalError> {
        truth(&self.eval(scope)?)
    }

    /// The value as an integer.
    pub fn integer(&self, scope: &dyn Scope) -> Result<i64, EvalError> {
        integer(&self.eval(scope)?)
    }
}

/// The longest beginning of `name` that has a value, and the members named behind it.
fn lookup(name: &str, scope: &dyn Scope) -> Result<Value, EvalError> {
    let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
    for end in ends.collect::<Vec<_>>().into_iter().rev() {
        let Some(value) = scope.value(&name[..end]) else { continue };
        let mut found = &value;
        for member in name[end..].split('.').skip(1) {
            found = found.get(member).ok_or_else(|| EvalError::Undefined(name.to_owned()))?;
        }
        return Ok(found.clone());
    }
    Err(EvalError::Undefined(name.to_owned()))
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Result<Value, EvalError> {
    let compare = |holds: fn(std::cmp::Ordering) -> bool| Ok(Value::Bool(holds(order(left, right)?)));
    match operator {
        Operator::Equal => Ok(Value::Bool(same(left, right))),
        Operator::Unequal => Ok(Value::Bool(!same(left, right))),
        Operator::Less => compare(std::cmp::Ordering::is_lt),
        Operator::AtMost => compare(std::cmp::Ordering::is_le),
        Operator::More => compare(std::cmp::Ordering::is_gt),
        Operator::AtLeast => compare(std::cmp::Ordering::is_ge),
        Operator::Add => match (left, right) {
            (Value::String(left), Value::String(right)) => Ok(Value::String(format!("{left}{right}"))),
            (Value::Array(left), Value::Array(right)) => Ok(left.iter().chain(right).cloned().collect()),
            _ => arithmetic(i64::checked_add, left, right),
        },
        Operator::Subtract => arithmetic(i64::checked_sub, left, right),
        Operator::Multiply => arithmetic(i64::checked_mul, left, right),
        Operator::Divide | Operator::Remainder if integer(right)? == 0 => {
            Err(EvalError::Arithmetic("a division by zero".to_owned()))
        }
        Operator::Divide => arithmetic(i64::checked_div, left, right),
        Operator::Remainder => arithmetic(i64::checked_rem, left, right),
        Operator::And | Operator::Or => unreachable!("evaluated before both sides are known"),
    }
}

fn arithmetic(with: fn(i64, i64) -> Option<i64>, left: &Value, right: &Value) -> Result<Value, EvalError> {
    with(integer(left)?, integer(right)?).map(Value::from).ok_or_else(overflow)
}

fn order(left: &Value, right: &Value) -> Result<std::cmp::Ordering, EvalError> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right)),
        }
        .ok_or_else(|| EvalError::Type(format!("`{left}` and `{right}` cannot be compared"))),
        _ => Err(EvalError::Type(format!("`{left}` and `{right}` cannot be compared"))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::parse;
    use super::super::scope::{Digests, Piece};
    use super::*;

    struct Names(Value);

    impl Scope for Names {
        fn value(&self, name: &str) -> Option<Value> {
            self.0.get(name).cloned()
        }

        fn digests(&self) -> &dyn Digests {
            &NoContent
        }

        fn unique_text(&self) -> String {
            "unique".to_owned()
        }
    }

    struct NoContent;

    impl Digests for NoContent {
        fn digest(&self, _: &str, _: Piece<'_>) -> Result<Vec<u8>, EvalError> {
            Err(EvalError::Undefined("no content".to_owned()))
        }
    }

    fn value(text: &str) -> Value {
        let names = json!({"ttl": 60, "token": "to1", "video": {"assets": {"hls": "u"}}, "a.b": 7, "list": [3, 1, 2]});
        parse(text).expect("an expression").eval(&Names(names)).expect("a value")
    }

    fn error(text: &str) -> String {
        match parse(text) {
            Err(error) => error.to_string(),
            Ok(expr) => expr.eval(&Names(json!({"ttl": 60}))).expect_err("an error").to_string(),
        }
    }

    #[test]
    fn arithmetic_follows_the_usual_order() {
        for (text, expected) in [
            ("1 + 2 * 3", json!(7)),
            ("(1 + 2) * 3", json!(9)),
            ("7 - 2 - 1", json!(4)),
            ("-2 + 5", json!(3)),
            ("ttl + 2s", json!(62)),
            ("2 * 5MiB - 1", json!(10_485_759)),
            ("7 / 2 + 7 % 2", json!(4)),
            ("not 1 == 2 and ttl >= 60", json!(true)),
            ("'a' + token", json!("ato1")),
            ("video.assets.hls", json!("u")),
            ("a.b", json!(7)),
            ("max(1, min(5, 3))", json!(3)),
            ("sorted(list) == [1, 2, 3]", json!(true)),
            ("item(list, 0)", json!(3)),
            ("item(video, 'assets')", json!({"hls": "u"})),
            ("item(list, 0)-ttl", json!(-57)),
            ("ttl -ttl", json!(0)),
            ("len('abc') + len(list)", json!(6)),
            ("epoch('2026-01-01T00:00:00+00:00')", json!(1_767_225_600)),
            ("epoch('Thu, 01 Jan 2026 00:00:00 GMT')", json!(1_767_225_600)),
            ("base64('key:')", json!("a2V5Og==")),
            ("percent('a b&c')", json!("a%20b%26c")),
            ("split('a, b', ', ')", json!(["a", "b"])),
            ("join([1, 'b'], '-')", json!("1-b")),
            ("replace('a=1&b=1', '=1', '=2')", json!("a=2&b=2")),
            ("xml_escape('<a b=\"&\">')", json!("&lt;a b=&quot;&amp;&quot;&gt;")),
            ("digest_of('md5', 'hex', 'text', '123456789')", json!("25f9e794323b453885f5181f1b624d0b")),
            (
                "digest_of('md5', 'hex', 'hex', '313233343536373839')",
                json!("25f9e794323b453885f5181f1b624d0b"),
            ),
            ("digest_of('crc32c', 'base64', 'base64', 'MTIzNDU2Nzg5')", json!("4waSgw==")),
            // RFC 2202 and RFC 4231, the second test case of each.
            (
                "hmac('sha1', 'hex', 'Jefe', 'what do ya want for nothing?')",
                json!("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            ),
            (
                "hmac('sha256', 'hex', 'Jefe', 'what do ya want for nothing?')",
                json!("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            ),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (text, part) in [
            ("9223372036854775807 + 1", "fit into 64 bits"),
            ("1 / 0", "division by zero"),
            ("video.max-size", "`video.max-size` has a `-` in it"),
            ("ttl-ttl", "`ttl-ttl` has a `-` in it"),
            ("item(ttl, 'a')", "is not a list"),
            ("gone + 1", "`gone` is not defined"),
            ("1 +", "ends too early"),
            ("(1", "`)` is missing"),
            ("1 2", "unexpected"),
            ("foo(1)", "unknown function `foo`"),
            ("min(1)", "takes 2 arguments"),
            ("digest('md5', 'hex')", "takes 3 to 5 arguments"),
            ("digest_of('md5', 'hex', 'hex', 'abc')", "is not hex"),
            ("digest_of('md6', 'hex', 'text', 'abc')", "unknown digest `md6`"),
            ("hmac('md5', 'hex', 'k', 'abc')", "unknown HMAC `md5`"),
            ("split('abc', '')", "empty string"),
            ("'a' < 1", "cannot be compared"),
            ("ttl and true", "neither true nor false"),
            ("'open", "unterminated"),
            ("5parsecs", "is not a number"),
            ("a ? b", "unexpected `?`"),
        ] {
            assert!(error(text).contains(part), "{text}: {}", error(text));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_fall(text in ".{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn deep_nesting_is_an_error_not_a_crash(depth in 60_usize..2_000) {
            let text = format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
            let _ = parse(&text);
        }
    }
}
