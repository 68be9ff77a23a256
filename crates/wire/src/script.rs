//! The exchanges of a scenario as a shell script that repeats them: what an answer gives away and a later request uses, such as a
//! token, is read from the answer when the script runs.

use serde_json::Value;

use super::curl::command;
use super::shell::word;
use super::{BodySummary, Exchange, Secrets, Sent};

/// A script for a POSIX shell that repeats `exchanges`, with their labels, in order. `pauses` are commands that let time pass, as
/// words, each with the number of the exchange that it comes before. Secrets that no response gave away are variables that the script asks for.
/// It needs curl, jq and uptake.
pub fn script(
    exchanges: &[(String, Exchange)],
    pauses: &[(usize, Vec<String>)],
    secrets: &Secrets,
) -> String {
    let mut names = Names { secrets: Secrets::new(), given: Vec::new() };
    let learnt: Vec<Vec<Learnt>> =
        (0..exchanges.len()).map(|at| learnt(&exchanges[at].1, &exchanges[at + 1..])).collect();
    let is_learnt = |value: &str| learnt.iter().flatten().any(|found| found.value == value);
    for (label, value) in secrets.all() {
        if !is_learnt(&value) {
            names.add(&label, &value);
        }
    }
    let asked = names.given.clone();
    let mut steps = Vec::new();
    for (at, (label, exchange)) in exchanges.iter().enumerate() {
        steps.extend(
            pauses.iter().filter(|(before, _)| *before == at).map(|(_, pause)| passes(pause, &names.secrets)),
        );
        let command = silent(&command(&exchange.request, &names.secrets));
        let status = match &exchange.outcome {
            Ok(answer) => answer.status.to_string(),
            Err(fault) => fault.to_string(),
        };
        steps.push(format!("\n# {}. {}: {}\n", at + 1, one_line(label), one_line(&secrets.mask(&status))));
        if learnt[at].is_empty() {
            let last = if at + 1 == exchanges.len() { "-i " } else { "" };
            steps.push(command.replacen("curl -sS ", &format!("curl -sS {last}"), 1));
            steps.push("\necho\n".to_owned());
            continue;
        }
        let (before, request) = command.rsplit_once('\n').unwrap_or(("", &command));
        let before = if before.is_empty() { String::new() } else { format!("{before}\n") };
        steps.push(format!("{before}answer=$({request})\nprintf '%s\\n' \"$answer\"\n"));
        for Learnt { member, path, value } in &learnt[at] {
            let name = names.add(member, value);
            steps.push(format!("{name}=$(printf '%s' \"$answer\" | jq -r '{path}')\n"));
        }
    }
    let steps = steps.concat();
    let uses =
        |name: &&String| [format!("${name}"), format!("${{{name}")].iter().any(|form| steps.contains(form));
    let asked: Vec<String> =
        asked.iter().filter(uses).map(|name| format!(": \"${{{name}:?set it first}}\"\n")).collect();
    let asked = asked.concat();
    format!("#!/bin/sh\n# Repeats what uptake sent. Needs curl, jq and uptake.\nset -eu\n{asked}{steps}")
}

/// A command that lets time pass.
fn passes(command: &[String], secrets: &Secrets) -> String {
    let words: Vec<String> = command.iter().map(|text| word(text, secrets)).collect();
    format!("\n# Time passes.\n{}\n", words.join(" "))
}

/// The command without curl's progress meter.
fn silent(command: &str) -> String {
    let command = command.replace("\ncurl ", "\ncurl -sS ");
    match command.strip_prefix("curl ") {
        Some(rest) => format!("curl -sS {rest}"),
        None => command,
    }
}

/// A value that an answer gives away, and that a later request uses.
struct Learnt {
    /// The last member's name.
    member: String,
    /// Where it stands, for jq.
    path: String,
    value: String,
}

/// Variables: each value has one, and each its own name.
struct Names {
    secrets: Secrets,
    given: Vec<String>,
}

impl Names {
    /// The variable of a value, named after `label` where that is free.
    fn add(&mut self, label: &str, value: &str) -> String {
        let wanted = Secrets::variable(label);
        let free =
            (1..).map(|number| if number == 1 { wanted.clone() } else { format!("{wanted}_{number}") });
        let name = free.into_iter().find(|name| !self.given.contains(name)).unwrap_or(wanted);
        self.secrets.taint(&name, value);
        self.given.push(name.clone());
        name
    }
}

/// What an answer gives away to the exchanges behind it.
fn learnt(exchange: &Exchange, later: &[(String, Exchange)]) -> Vec<Learnt> {
    let Some(body) = exchange.outcome.as_ref().ok().and_then(|answer| answer.json().ok()) else {
        return Vec::new();
    };
    let mut leaves = Vec::new();
    walk(&body, String::new(), "value", &mut leaves);
    let mut found: Vec<Learnt> = Vec::new();
    for leaf in leaves {
        let is_new = found.iter().all(|known| known.value != leaf.value);
        if is_new && later.iter().any(|(_, exchange)| uses(&exchange.request, &leaf.value)) {
            found.push(leaf);
        }
    }
    found
}

/// The texts of a document that are long enough to be told from others.
fn walk(value: &Value, path: String, member: &str, leaves: &mut Vec<Learnt>) {
    const SHORTEST: usize = 8;
    match value {
        Value::String(text) if text.len() >= SHORTEST && !text.contains(char::is_whitespace) => {
            let path = if path.is_empty() { ".".to_owned() } else { path };
            leaves.push(Learnt { member: member.to_owned(), path, value: text.clone() });
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let start = if path.is_empty() { "." } else { "" };
                walk(item, format!("{path}{start}[{index}]"), member, leaves);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && !name.starts_with(|c: char| c.is_ascii_digit());
                // A name with a quote would end the word that the shell gives to jq.
                if name.contains('\'') {
                    continue;
                }
                let step = if is_plain && !name.is_empty() {
                    format!(".{name}")
                } else {
                    format!("{}[{}]", if path.is_empty() { "." } else { "" }, Value::from(name.as_str()))
                };
                walk(item, format!("{path}{step}"), name, leaves);
            }
        }
        _ => {}
    }
}

/// Whether a request holds this text.
fn uses(sent: &Sent, text: &str) -> bool {
    sent.url.as_str().contains(text)
        || sent.headers.iter().any(|(_, value)| {
            value.contains(text) || super::curl::basic(value).is_some_and(|pair| pair.contains(text))
        })
        || holds(&sent.body, text)
}

fn holds(body: &BodySummary, text: &str) -> bool {
    match body {
        BodySummary::Bytes(bytes) | BodySummary::Raw(bytes) => {
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        }
        BodySummary::Form { fields, .. } => fields.iter().any(|field| holds(&field.content, text)),
        BodySummary::Empty | BodySummary::Seeded { .. } | BodySummary::File { .. } => false,
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::Method;
    use url::Url;

    use super::script;
    use crate::connection::Route;
    use crate::message::Head;
    use crate::{Answer, Body, Exchange, FilePart, Form, Request, Secrets, Sent, Version};
    use uptake_payload::{Content, Seed};

    fn exchange(request: &Request, status: u16, body: &str) -> Exchange {
        Exchange {
            request: Sent::of(request, Version::Http1, Head::of(request, &[], &Route::Direct).headers),
            outcome: Ok(Answer {
                status,
                headers: Vec::new(),
                interim: Vec::new(),
                body: body.to_owned().into_bytes().into(),
            }),
            interim: Vec::new(),
            started: SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
        }
    }

    fn request(method: Method, url: &str) -> Request {
        Request::new(method, Url::parse(url).expect("a URL"))
    }

    #[test]
    fn a_token_is_minted_when_the_script_runs() {
        let secrets = Secrets::new();
        secrets.taint("api key", "the-secret-key");
        secrets.taint("token", "toFIRST12345");
        let mut mint = request(Method::POST, "http://127.0.0.1:1/upload-tokens");
        mint.headers = vec![("Authorization".to_owned(), "Basic dGhlLXNlY3JldC1rZXk6".to_owned())];
        let mut upload = request(Method::POST, "http://127.0.0.1:1/upload?token=toFIRST12345");
        let (kind, form) = Form::new("b")
            .file(FilePart {
                field: "file".to_owned(),
                file_name: Some("film.mp4".to_owned()),
                content_type: None,
                slice: Content::seeded(Seed(7), 100).slice(10, 50),
            })
            .finish();
        upload.headers = vec![("Content-Type".to_owned(), kind)];
        upload.body = form;
        let ask = request(Method::GET, "http://127.0.0.1:1/videos/vi12345678/status");
        let mut other = request(Method::POST, "http://127.0.0.1:1/x");
        other.body = Body::from(r#"{"video": "vi12345678"}"#.to_owned());
        let exchanges = [
            ("mint".to_owned(), exchange(&mint, 201, r#"{"token": "toFIRST12345", "ttl": 60}"#)),
            ("upload".to_owned(), exchange(&upload, 201, r#"{"data": [{"videoId": "vi12345678"}]}"#)),
            ("other".to_owned(), exchange(&other, 404, "")),
            ("ask".to_owned(), exchange(&ask, 200, "{}")),
        ];
        insta::assert_snapshot!(script(&exchanges, &[(1, ["sleep", "2"].map(str::to_owned).to_vec())], &secrets), @r#"
        #!/bin/sh
        # Repeats what uptake sent. Needs curl, jq and uptake.
        set -eu
        : "${API_KEY:?set it first}"

        # 1. mint: 201
        answer=$(curl -sS -X POST -u "$API_KEY:" http://127.0.0.1:1/upload-tokens)
        printf '%s\n' "$answer"
        TOKEN=$(printf '%s' "$answer" | jq -r '.token')

        # Time passes.
        sleep 2

        # 2. upload: 201
        uptake content --seed 7 --size 50 --from 10 > 50B.bin
        answer=$(curl -sS -X POST -F 'file=@50B.bin;filename=film.mp4' "http://127.0.0.1:1/upload?token=$TOKEN")
        printf '%s\n' "$answer"
        VIDEOID=$(printf '%s' "$answer" | jq -r '.data[0].videoId')

        # 3. other: 404
        curl -sS -X POST -H Content-Type: --data-raw "{\"video\": \"$VIDEOID\"}" http://127.0.0.1:1/x
        echo

        # 4. ask: 200
        curl -sS -i "http://127.0.0.1:1/videos/$VIDEOID/status"
        echo
        "#);
    }
}
