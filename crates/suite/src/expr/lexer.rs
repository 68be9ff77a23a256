//! Cuts an expression into tokens.

use super::ast::Operator;
use super::syntax::SyntaxError;
use uptake_yaml::parse_integer;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Integer(i64),
    Text(String),
    Name(String),
    Operator(Operator),
    Not,
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
}

const SYMBOLS: [(&str, Token); 16] = [
    ("==", Token::Operator(Operator::Equal)),
    ("!=", Token::Operator(Operator::Unequal)),
    ("<=", Token::Operator(Operator::AtMost)),
    (">=", Token::Operator(Operator::AtLeast)),
    ("<", Token::Operator(Operator::Less)),
    (">", Token::Operator(Operator::More)),
    ("+", Token::Operator(Operator::Add)),
    ("-", Token::Operator(Operator::Subtract)),
    ("*", Token::Operator(Operator::Multiply)),
    ("/", Token::Operator(Operator::Divide)),
    ("%", Token::Operator(Operator::Remainder)),
    ("(", Token::Open),
    (")", Token::Close),
    ("[", Token::OpenList),
    ("]", Token::CloseList),
    (",", Token::Comma),
];

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, used) = if first.is_ascii_digit() {
            number(rest)?
        } else if first == '\'' {
            let end = rest[1..].find('\'').ok_or_else(|| {
                SyntaxError::new("unterminated string: `'` is missing")
                    .with_help("strings in expressions have single quotes")
            })?;
            (Token::Text(rest[1..=end].to_owned()), end + 2)
        } else if first.is_alphabetic() || first == '_' {
            word(rest)?
        } else {
            let found = SYMBOLS.iter().find(|(symbol, _)| rest.starts_with(symbol));
            let (symbol, token) = found.ok_or_else(|| SyntaxError::new(format!("unexpected `{first}`")))?;
            (token.clone(), symbol.len())
        };
        tokens.push(token);
        rest = rest[used..].trim_start();
    }
    Ok(tokens)
}

fn number(rest: &str) -> Result<(Token, usize), SyntaxError> {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let written = &rest[..end];
    let number = parse_integer(written).ok_or_else(|| {
        SyntaxError::new(format!("`{written}` is not a number"))
            .with_help("write a number such as 60, 5MiB or 24h, with one of the units B, KiB, MiB, GiB, TiB, kB, MB, GB and s, m, h, d")
    })?;
    Ok((Token::Integer(number), end))
}

fn word(rest: &str) -> Result<(Token, usize), SyntaxError> {
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
    // `limits.max-size` is a subtraction by the letter, and nobody means one.
    if rest[end..].strip_prefix('-').is_some_and(|behind| behind.starts_with(char::is_alphabetic)) {
        return Err(dash(rest, end));
    }
    let token = match &rest[..end] {
        "and" => Token::Operator(Operator::And),
        "or" => Token::Operator(Operator::Or),
        "not" => Token::Not,
        name => Token::Name(name.to_owned()),
    };
    Ok((token, end))
}

/// A name with a `-` in it.
fn dash(rest: &str, end: usize) -> SyntaxError {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let behind = &rest[end..];
    let whole = &rest[..end + behind.find(|c| !is_part(c)).unwrap_or(behind.len())];
    let help = match rest[..end].rsplit_once('.') {
        Some((object, member)) => format!(
            "write `item({object}, '{member}{}')` for the member, or spaces around the `-` for a subtraction",
            &whole[end..]
        ),
        None => {
            "a name has letters, digits and `_`; write spaces around the `-` for a subtraction".to_owned()
        }
    };
    SyntaxError::new(format!("`{whole}` has a `-` in it, which is a subtraction")).with_help(help)
}
