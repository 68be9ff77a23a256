//! What suites for storage services need: XML, signatures, bodies made of lists, and content that is read back.

use std::process::Output;

use super::peer::{Request, empty, json};
use super::primitives::{asked_of, play_in};
use super::printed;

const SUITE: &str = r#"
suite: storage
areas: { x: what the language can say }
problem: { xml: /Error/Code }
credentials:
  key:
    from: api-key
    sign: { sigv4: header, access-key: ID, secret-key: "${value}", region: here, service: s3 }
  url:
    from: [api-key]
    sign: { sigv4: query, access-key: ID, secret-key: "${credential.api_key}", region: here, service: s3, expires: int(value), at: "0" }
  spare: { from: no-such-key, optional: true, header: { X-Spare: "${value}" } }
auth: key
resources:
  upload:
    made-by: [ "POST /*" ]
    id: { xml: //Id }
    address: "${path}?id=${percent(id)}"
    remove: DELETE ${id}
    gone: [204]
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test], refusal: { conforms: [ { status: 4xx, problem: Gone } ] } }
  - { id: X-02, area: x, level: must, text: It holds too, source: [test] }
every-answer:
  X-02: { when: { method: DELETE }, status: 204 }
"#;

const MADE: &str = "<Made xmlns=\"urn:x\"><Id>a b</Id><Part><N>1</N></Part><Part><N>2</N></Part></Made>";

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// Runs a request with an expectation of X-01 against a server that gives `answer`.
async fn judged(expect: &str, answer: String) -> (Option<i32>, String) {
    let steps = format!(
        "content: {{ movie: {{ size: 100 }} }}\nsteps:\n  - ask: {{ get: /, expect: {{ X-01: {expect} }} }}\n"
    );
    let (output, _) = play_in(SUITE, &steps, move |_: &Request| answer.clone()).await;
    (code(&output), printed(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_an_xml_body_are_held_against_matchers() {
    for (expect, ends) in [
        ("{ xml: { /Made/Id: a b, \"//Part[*]/N\": { equals: [\"1\", \"2\"] }, \"//Part[2]/N\": 2 } }", 0),
        ("{ xml: { //Id: another } }", 1),
        ("{ xml: { //Gone: present } }", 1),
    ] {
        let (ended, text) = judged(expect, json("200 OK", "", MADE)).await;
        assert_eq!(ended, Some(ends), "{expect}: {text}");
    }
    let (ended, text) = judged("{ xml: { //Id: present } }", json("200 OK", "", "{}")).await;
    assert_eq!(ended, Some(1), "{text}");
    assert!(text.contains("expected  an XML body"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_its_code_where_the_suite_says() {
    for (status, body, ends) in [
        ("404 Not Found", "<Error><Code>Gone</Code></Error>", 0),
        ("410 Gone", "<Error><Code>Gone</Code></Error>", 0),
        ("404 Not Found", "<Error><Code>Other</Code></Error>", 1),
        ("500 No", "<Error><Code>Gone</Code></Error>", 1),
    ] {
        let (ended, text) = judged("refused", json(status, "", body)).await;
        assert_eq!(ended, Some(ends), "{status} {body}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_the_content_is_told() {
    let (ended, text) =
        judged("{ body: { of: movie, from: 10, length: 20 } }", json("200 OK", "", MADE)).await;
    assert_eq!(ended, Some(1), "{text}");
    assert!(text.contains("20 bytes of `movie` from byte 10"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_signed_and_what_they_make_is_removed_by_its_address() {
    let steps = r#"
let: { parts: "[[1, 'a<b'], [2, 'c']]" }
steps:
  - make it:
      post: /film
      text: [ "<List>", { for-each: { part: parts }, text: "<N>${item(part, 0)}</N><E>${xml_escape(item(part, 1))}</E>" }, "</List>" ]
      expect: { status: 200 }
      save: { id: { xml: //Id }, film: { url: true } }
  - ask without: { get: "/${id}", auth: spare, expect: { X-01: { status: 204, that: "ends(film, '/film')" } } }
  - ask by a URL: { get: "${film}?x=1", auth: { url: 60 }, expect: { status: 204 } }
"#;
    let answer = |request: &Request| match request.method() {
        "POST" => json("200 OK", "", MADE),
        _ => empty("204 No Content", ""),
    };
    let (output, asked) = play_in(SUITE, steps, answer).await;
    let text = printed(&output);
    assert_eq!(code(&output), Some(0), "{text}");
    let made = &asked[0];
    assert_eq!(String::from_utf8_lossy(&made.body), "<List><N>1</N><E>a&lt;b</E><N>2</N><E>c</E></List>");
    let authorization = made.header("authorization");
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=ID/"), "{authorization}");
    assert!(
        authorization.contains("/here/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date,")
    );
    assert_eq!((asked[1].header("authorization"), asked[1].header("x-spare")), ("", ""));
    let lines = asked_of(&asked);
    assert!(
        lines[2].starts_with(
            "GET /film?x=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ID%2F19700101%2Fhere"
        ) && lines[2].contains("&X-Amz-Expires=60&"),
        "{}",
        lines[2]
    );
    assert_eq!(lines[3], "DELETE /film?id=a%20b HTTP/1.1");
    assert!(!text.contains("the-key-of-the-test"), "{text}");
}

const SIGNERS: &str = r#"
suite: signed
areas: { x: what is signed }
vars: { library: "12345", account: uptaketest }
credentials:
  url:
    from: [api-key]
    sign: { gcs-v4: query, access-key: GOOGID, secret-key: "${value}", expires: "60", at: "0" }
  head:
    from: [api-key]
    sign: { gcs-v4: header, access-key: GOOGID, secret-key: "${value}" }
  sas:
    from: []
    sign: { azure-sas: query, account: "${account}", account-key: "${value}", permissions: cw, expires: "60", at: "0" }
  bunny:
    from: [api-key]
    header: { AuthorizationSignature: "${digest_of('sha256', 'hex', 'text', library + credential.api_key + value)}" }
rules:
  - { id: X-01, area: x, level: must, text: It holds, source: [test] }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn other_services_signatures_are_sent_and_masked() {
    let steps = r#"
steps:
  - by a URL: { put: /bucket/a, auth: url, expect: { X-01: { status: 204 } } }
  - by a header: { put: /bucket/a, auth: head, text: abc, expect: { X-01: { status: 204 } } }
  - by what a URL allows: { put: /uptaketest/media/a, auth: { sas: "a2V5" }, expect: { X-01: { status: 204 } } }
  - by a digest: { post: /tusupload, auth: { bunny: "1700000000film" }, headers: { VideoId: film }, expect: { X-01: { status: 200 } } }
"#;
    let (output, asked) = play_in(SIGNERS, steps, |_: &Request| empty("204 No Content", "")).await;
    let text = printed(&output);
    assert_eq!(code(&output), Some(1), "{text}");
    let lines = asked_of(&asked);
    let start = "PUT /bucket/a?X-Goog-Algorithm=GOOG4-HMAC-SHA256&X-Goog-Credential=GOOGID%2F19700101%2Fauto%2Fstorage%2Fgoog4_request";
    assert!(lines[0].starts_with(start) && lines[0].contains("&X-Goog-Expires=60&"), "{}", lines[0]);
    let authorization = asked[1].header("authorization");
    assert!(authorization.starts_with("GOOG4-HMAC-SHA256 Credential=GOOGID/"), "{authorization}");
    let start = "PUT /uptaketest/media/a?sv=2020-12-06&st=1970-01-01T00%3A00%3A00Z&se=1970-01-01T00%3A01%3A00Z&sr=b&sp=cw&sig=";
    assert!(lines[2].starts_with(start), "{}", lines[2]);
    // SHA-256 of the library's id, the key, the time and the video's id, one after the other.
    let signature = "daa300d8cb296775b73fec885a6fd0b990a863baaafaeed5108f9881688940d8";
    assert_eq!(asked[3].header("authorizationsignature"), signature);
    assert!(text.contains("AuthorizationSignature: $BUNNY"), "{text}");
    assert!(!text.contains(signature), "{text}");
}

/// Runs a check with a key that cannot sign, and gives what it says.
async fn refused_key(sign: &str) -> String {
    let suite = format!(
        "suite: signed\nareas: {{ x: all }}\ncredentials: {{ key: {{ from: [api-key], sign: {{ {sign} }} }} }}\nauth: key\n\
         rules: [ {{ id: X-01, area: x, level: must, text: It holds, source: [test] }} ]\n"
    );
    let steps = "steps: [ ask: { get: /, expect: { X-01: { status: 204 } } } ]\n";
    let (output, asked) = play_in(&suite, steps, |_: &Request| empty("204 No Content", "")).await;
    assert_eq!((code(&output), asked.len()), (Some(2), 0), "{}", printed(&output));
    let text = printed(&output);
    assert!(!text.contains("the-key-of-the-test"), "{text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_cannot_sign_is_named_before_anything_is_sent() {
    let text = refused_key("gcs-v4: header, access-key: me, private-key: '${value}'").await;
    let said = "the credential `key` of the suite `signed` cannot sign: `private-key`, which is the credential `api-key` of ";
    assert!(text.contains(said), "{text}");
    assert!(
        text.contains("target.yaml, is not an unencrypted private key in PEM: give the whole text"),
        "{text}"
    );
    let text = refused_key("gcs-v4: header, access-key: '', secret-key: '${value}'").await;
    assert!(text.contains("cannot sign: `access-key` is empty"), "{text}");
    let text =
        refused_key("azure-sas: query, account: me, account-key: '${value}', permissions: r, expires: 60")
            .await;
    assert!(text.contains("`account-key`, which is the credential `api-key` of "), "{text}");
    assert!(text.contains("is not base64: copy the account's key"), "{text}");
}
