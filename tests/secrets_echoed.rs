//! A server that repeats secrets in every form and in every corner of its answers makes no report tell them.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use self::common::{Asked, Folder, Little, Reply, uptake};

/// A key and a token with letters that every encoding writes differently.
const KEY: &str = "sk_live/+?key=&of the test~";
const TOKEN: &str = "to+of/the=test?and&more ~";

const SUITE: &str = "
suite: little
areas: { x: all }
credentials:
  key: { from: api-key, header: { Authorization: \"Basic ${base64(value + ':')}\" } }
  token: { query: { token: '${value}' } }
secrets: [token]
rules:
  - { id: X-01, area: x, level: must, text: In the body, source: [test] }
  - { id: X-02, area: x, level: must, text: In a value that is compared, source: [test] }
  - { id: X-03, area: x, level: must, text: In a header, source: [test] }
  - { id: X-04, area: x, level: must, text: Behind a precondition, source: [test] }
  - { id: X-05, area: x, level: must, text: In raw bytes, source: [test] }
  - { id: X-06, area: x, level: must, text: In what the user wrote into the request, source: [test] }
";

const SCENARIO: &str = r#"
scenario: Whatever is asked, the server repeats it
steps:
  - take a token:
      post: /tokens
      auth: key
      save: { token: $.token }
  - in the body:
      get: /body
      auth: { token: "${token}" }
      expect: { X-01: { status: 200 } }
  - in a value that is compared:
      get: /body
      auth: key
      expect: { X-02: { json: { $.detail: nothing, $.forms: absent } } }
  - in a header:
      get: /headers
      auth: { token: "${token}" }
      expect: { X-03: { headers: { Location: /, X-Repeated: absent } } }
  - in raw bytes:
      raw: { send: "GET /body?token=${percent(token)} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${base64(credential.api_key + ':')}\r\n\r\n" }
      expect: { X-05: { status: 200 } }
  - in what the user wrote into the request:
      post: "/body/${percent(token)}"
      headers: { X-Token: "${token}", X-Key: "${credential.api_key}" }
      json: { key: "${credential.api_key}", token: "${token}", both: "${credential.api_key + ':' + token}" }
      expect: { X-06: { status: 200, that: "token == credential.api_key" } }
  - a precondition that does not hold:
      get: /body
      auth: { token: "${token}" }
      expect: { status: 200, body: { matches: "^nothing$" } }
  - behind it:
      get: /
      expect: { X-04: { status: 200 } }
finally:
  - what cannot be undone:
      delete: "/body/${percent(token)}"
      auth: key
"#;

/// Upper and lower case of what everything but letters and digits becomes in a URL.
fn percent(text: &str) -> [String; 2] {
    let encoded = |upper: bool| {
        let byte = |byte: u8| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte if upper => format!("%{byte:02X}"),
            byte => format!("%{byte:02x}"),
        };
        text.bytes().map(byte).collect()
    };
    [encoded(true), encoded(false)]
}

/// Every form in which the server repeats a secret.
fn repeated(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)];
    forms.extend(percent(secret));
    // Inside of longer texts, at every offset that base64 knows.
    for around in ["", "x", "xy"] {
        forms.push(STANDARD.encode(format!("{around}{secret}:{around}")));
        forms.push(URL_SAFE_NO_PAD.encode(format!("{around}{secret}:{around}")));
    }
    forms
}

/// Every form in which a secret is looked for: of base64 the letters that depend on the secret alone.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), json!(secret).to_string().trim_matches('"').to_owned()];
    // As XML writes it.
    forms.push(secret.replace('&', "&amp;"));
    forms.extend(percent(secret));
    for (offset, skipped) in [("", 0), ("x", 2), ("xy", 3)] {
        for encoded in [
            STANDARD.encode(format!("{offset}{secret}")),
            URL_SAFE_NO_PAD.encode(format!("{offset}{secret}")),
        ] {
            let whole = encoded.trim_end_matches('=');
            forms.push(whole[skipped..whole.len() - 1].to_owned());
        }
    }
    forms
}

fn echo(asked: &Asked) -> Reply {
    let all: Vec<_> = [KEY, TOKEN].into_iter().flat_map(repeated).collect();
    let what = format!(
        "you sent {} with {:?} and {}",
        asked.target,
        asked.headers,
        String::from_utf8_lossy(&asked.body)
    );
    match asked.line().as_str() {
        "POST /tokens" => Reply::status(200).json(&json!({ "token": TOKEN })),
        line if line.contains("/headers") => {
            let location = format!("/elsewhere?token={}", percent(TOKEN)[0]);
            let reply = Reply::status(302).header("Location", location);
            all.iter().fold(reply, |reply, form| reply.header("X-Repeated", form))
        }
        _ => Reply::status(418).json(&json!({ "detail": all.join(" "), "forms": all, "what": what })),
    }
}

#[test]
fn what_the_server_repeats_the_reports_do_not() {
    let server = Little::start(echo);
    let folder = Folder::new();
    folder.write("suite.yaml", SUITE);
    folder.write("x/repeats.yaml", SCENARIO);
    folder.write("api.key", KEY);
    let profile = format!(
        "target: little\nbase-url: {}\ncredentials: {{ api-key: {{ file: api.key }} }}\n",
        server.origin()
    );
    let target = folder.write("target.yaml", &profile);
    let (json, junit) =
        (format!("json={}", folder.path("run.json")), format!("junit={}", folder.path("run.xml")));
    let check = ["check", &folder.path("x"), "--target", &target, "--report", &json, "--report", &junit];
    let ended = uptake(&check).with_code(1);

    let run = folder.run("run.json");
    assert_eq!(run.summary.failed, 5, "{}", ended.stdout);
    assert_eq!((run.summary.blocked, run.causes.len(), run.leftovers.len()), (1, 1, 1), "{}", ended.stdout);
    let written = [
        ("stdout", ended.stdout),
        ("stderr", ended.stderr),
        ("the JSON", folder.read("run.json")),
        ("the JUnit", folder.read("run.xml")),
    ];
    for (place, text) in &written {
        for secret in [KEY, TOKEN] {
            for form in forms(secret) {
                assert!(!text.contains(&form), "{place} tells {secret} as {form}:\n{text}");
            }
        }
    }
    assert!(written[0].1.contains("$TOKEN"), "what is masked has a name:\n{}", written[0].1);
    let sent = server.asked().iter().any(|asked| asked.target.contains("to%2Bof%2Fthe%3Dtest"));
    assert!(sent, "the token was really on the wire");
}
