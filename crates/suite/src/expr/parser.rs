//! From tokens to a tree, by precedence climbing.

use serde_json::Value;

use super::ast::{Expr, Operator};
use super::functions::Function;
use super::lexer::{Token, tokens};
use super::syntax::SyntaxError;
use uptake_yaml::advice;

/// Deeper than anything a person writes, and far from the end of the stack.
const DEEPEST: usize = 64;

/// Reads an expression.
pub fn parse(text: &str) -> Result<Expr, SyntaxError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expr = parser.expression(0)?;
    match parser.next() {
        None => Ok(expr),
        Some(token) => {
            Err(SyntaxError::new(format!("unexpected {} after the end of the expression", name(&token))))
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn expression(&mut self, least: u8) -> Result<Expr, SyntaxError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SyntaxError::new("the expression is nested too deeply"));
        }
        let mut left = self.operand()?;
        while let Some(operator) = self.operator(least) {
            let right = self.expression(operator.binding() + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&mut self, least: u8) -> Option<Operator> {
        match self.peek() {
            Some(Token::Operator(operator)) if operator.binding() >= least => {
                let operator = *operator;
                self.at += 1;
                Some(operator)
            }
            _ => None,
        }
    }

    fn operand(&mut self) -> Result<Expr, SyntaxError> {
        match self.next() {
            Some(Token::Integer(number)) => Ok(Expr::Literal(number.into())),
            Some(Token::Text(text)) => Ok(Expr::Literal(text.into())),
            Some(Token::Name(name)) => self.named(name),
            Some(Token::Not) => Ok(Expr::Not(Box::new(self.expression(Operator::Equal.binding())?))),
            Some(Token::Operator(Operator::Subtract)) => {
                Ok(Expr::Negative(Box::new(self.expression(Operator::Multiply.binding())?)))
            }
            Some(Token::Open) => {
                let inner = self.expression(0)?;
                self.close(&Token::Close, ")")?;
                Ok(inner)
            }
            Some(Token::OpenList) => Ok(Expr::List(self.items(&Token::CloseList, "]")?)),
            Some(token) => Err(SyntaxError::new(format!("unexpected {}", name(&token)))),
            None => Err(SyntaxError::new("the expression ends too early")),
        }
    }

    fn named(&mut self, name: String) -> Result<Expr, SyntaxError> {
        match name.as_str() {
            "true" => return Ok(Expr::Literal(Value::Bool(true))),
            "false" => return Ok(Expr::Literal(Value::Bool(false))),
            "null" => return Ok(Expr::Literal(Value::Null)),
            _ => {}
        }
        if self.peek() != Some(&Token::Open) {
            return Ok(Expr::Name(name));
        }
        self.at += 1;
        let function = Function::named(&name).ok_or_else(|| {
            let known = Function::known();
            let known: Vec<&str> = known.split(", ").collect();
            SyntaxError::new(format!("unknown function `{name}`")).with_help(advice(&name, &known))
        })?;
        let items = self.items(&Token::Close, ")")?;
        let arity = function.arity();
        if !arity.contains(&items.len()) {
            let (least, most) = (arity.start(), arity.end());
            let wants = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return Err(SyntaxError::new(format!("`{name}` takes {wants} arguments, not {}", items.len())));
        }
        Ok(Expr::Call(function, items))
    }

    fn items(&mut self, end: &Token, written: &str) -> Result<Vec<Expr>, SyntaxError> {
        let mut items = Vec::new();
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(items);
        }
        loop {
            items.push(self.expression(0)?);
            if self.peek() != Some(&Token::Comma) {
                self.close(end, written)?;
                return Ok(items);
            }
            self.at += 1;
        }
    }

    fn close(&mut self, end: &Token, written: &str) -> Result<(), SyntaxError> {
        match self.next() {
            Some(token) if token == *end => Ok(()),
            _ => Err(SyntaxError::new(format!("`{written}` is missing"))),
        }
    }
}

fn name(token: &Token) -> String {
    match token {
        Token::Integer(number) => format!("`{number}`"),
        Token::Text(text) => format!("`'{text}'`"),
        Token::Name(name) => format!("`{name}`"),
        Token::Operator(_) => "an operator".to_owned(),
        Token::Not => "`not`".to_owned(),
        Token::Open => "`(`".to_owned(),
        Token::Close => "`)`".to_owned(),
        Token::OpenList => "`[`".to_owned(),
        Token::CloseList => "`]`".to_owned(),
        Token::Comma => "`,`".to_owned(),
    }
}
