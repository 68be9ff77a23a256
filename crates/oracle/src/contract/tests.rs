//! The model against tables taken from the contract. Nothing is sent here; `tests/fuzz.rs` checks the model against the
//! reference server.

use serde_json::{Value as Json, json};

use super::*;
use crate::state::{ContractLimits, Span};

const MIN: u64 = 1024;
const LIMITS: ContractLimits = ContractLimits {
    min_segment: MIN,
    max_segment: 8 * MIN,
    max_request: 8 * MIN,
    max_total: 52_428_800_000,
    max_parts: 10_000,
    grace: 86_400_000,
    margin: 2000,
};
const HOUR: u64 = 3600;

/// A model, with the server's clock at zero in 1970.
struct Server {
    model: ContractModel,
    now: u64,
}

impl Server {
    fn new() -> Self {
        Self { model: ContractModel::new(LIMITS, true, false), now: 0 }
    }

    fn call(&self, operation: Operation, credential: Credential) -> Call {
        let at = Span::at(self.now * 1000);
        Call { operation, credential, origin: None, began: at, arrived: at }
    }

    /// The rule that this answer breaks, or nothing.
    fn answers(&mut self, operation: Operation, reply: Reply) -> Result<(), &'static str> {
        self.answers_to(Credential::Key, operation, reply)
    }

    fn answers_to(
        &mut self,
        credential: Credential,
        operation: Operation,
        reply: Reply,
    ) -> Result<(), &'static str> {
        let call = self.call(operation, credential);
        let exchange = Exchange { call, reply, from: self.now, to: self.now };
        self.model.take(&[exchange]).map_err(|breach| breach.rule)
    }

    fn time(&self) -> String {
        let (day, second) = (self.now / 86_400 + 1, self.now % 86_400);
        let (hour, minute) = (second / 3600, second % 3600 / 60);
        format!("1970-01-{day:02}T{hour:02}:{minute:02}:{:02}+00:00", second % 60)
    }

    fn token(&self, name: &str, ttl: u64) -> Json {
        let expires = Self { now: self.now + ttl, model: self.model.clone() }.time();
        let expires = if ttl == 0 { Json::Null } else { json!(expires) };
        json!({ "token": name, "ttl": ttl, "createdAt": self.time(), "expiresAt": expires })
    }

    /// Creates a token, and gives how it was shown.
    fn create(&mut self, name: &str, ttl: u64) -> Json {
        let shown = self.token(name, ttl);
        let given = TtlGiven::Seconds(i64::try_from(ttl).expect("a small number"));
        self.answers(Operation::CreateToken(given), ok(200, shown.clone())).expect("it is allowed");
        shown
    }

    fn video(&self, id: &str) -> Json {
        let asset = format!("https://videos.example/{id}");
        json!({
            "videoId": id,
            "title": "movie.mp4",
            "createdAt": self.time(),
            "assets": { "player": asset, "iframe": format!("<iframe src={asset}>") },
        })
    }
}

fn headers() -> Vec<(String, String)> {
    let names = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Retry-After"];
    let mut headers: Vec<_> = names.iter().map(|name| ((*name).to_owned(), "10".to_owned())).collect();
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    headers
}

fn ok(status: u16, body: Json) -> Reply {
    let length = body.to_string().len();
    Reply { status: Some(status), headers: headers(), json: Some(body), length, shows_key: false }
}

fn no_content() -> Reply {
    let mut headers = headers();
    headers.pop();
    Reply { status: Some(204), headers, ..Reply::default() }
}

fn refused(status: u16, slug: &str) -> Reply {
    ok(status, json!({ "type": format!("https://docs.example/{slug}"), "title": "No.", "status": status }))
}

/// A refusal that names a parameter.
fn refused_for(status: u16, slug: &str, name: &str) -> Reply {
    let mut reply = refused(status, slug);
    if let Some(body) = &mut reply.json {
        body["name"] = json!(name);
    }
    reply
}

fn list(query: ListQuery, tokens: &[&Json]) -> (Operation, Json) {
    let (page, size) = (query.page.unwrap_or(1), query.size.unwrap_or(25));
    let total = i64::try_from(tokens.len()).expect("a few");
    let pages = (total + size - 1) / size;
    let at = |number: i64| usize::try_from(number).expect("not negative");
    let data: Vec<_> = tokens.iter().skip(at((page - 1) * size)).take(at(size)).collect();
    let mut rels = vec!["self", "first", "last"];
    rels.extend((page > 1).then_some("previous"));
    rels.extend((page < pages).then_some("next"));
    let links: Vec<_> = rels.iter().map(|rel| json!({ "rel": rel, "uri": "/" })).collect();
    let pagination = json!({
        "currentPage": page, "currentPageItems": data.len(), "pageSize": size,
        "pagesTotal": pages.max(1), "itemsTotal": total, "links": links,
    });
    (Operation::ListTokens(query), json!({ "data": data, "pagination": pagination }))
}

fn segment(range: &str, offset: u64, length: u64) -> Segment {
    Segment {
        range: Some(range.to_owned()),
        offset,
        files: vec![length],
        file_name: "movie.mp4".to_owned(),
        broken_off: false,
        chunked: false,
    }
}

fn upload(token: &str, video: Option<&str>, segment: Segment) -> Operation {
    Operation::Upload { token: Some(token.to_owned()), video: video.map(str::to_owned), segment }
}

#[test]
fn a_ttl_is_accepted_or_refused_as_the_rules_say() {
    let invalid = || refused_for(400, "invalid-attribute", "ttl");
    for (given, reply, rule) in [
        (TtlGiven::Seconds(-1), invalid(), Ok(())),
        (TtlGiven::Seconds(2_147_483_648), invalid(), Ok(())),
        (TtlGiven::Invalid("1.5"), invalid(), Ok(())),
        (TtlGiven::NotJson, refused(400, "invalid-payload"), Ok(())),
        (TtlGiven::Seconds(-1), refused(400, "invalid-attribute"), Err("SCHEMA-08")),
        (TtlGiven::Seconds(-1), refused_for(422, "invalid-attribute", "ttl"), Err("TOKEN-04")),
        (TtlGiven::Seconds(2_147_483_648), refused(400, "invalid-payload"), Err("TOKEN-06")),
        (TtlGiven::Seconds(60), invalid(), Err("TOKEN-01")),
        (TtlGiven::Seconds(2_147_483_647), invalid(), Err("TOKEN-05")),
        (TtlGiven::Missing, ok(200, Server::new().token("to1", 0)), Ok(())),
        (TtlGiven::Missing, ok(200, Server::new().token("to1", 60)), Err("TOKEN-02")),
        (TtlGiven::Seconds(0), ok(201, Server::new().token("to1", 0)), Err("TOKEN-03")),
    ] {
        let answered = Server::new().answers(Operation::CreateToken(given.clone()), reply.clone());
        assert_eq!(answered, rule, "{given:?} {reply}");
    }
}

#[test]
fn a_callers_credential_is_judged_before_anything_else() {
    let missing = || refused(401, "authentication-missing-authorization-header");
    let unknown = || refused(401, "authentication-invalid-access-token");
    let empty = || ok(200, list(ListQuery::default(), &[]).1);
    for (credential, reply, rule) in [
        (Credential::Key, empty(), Ok(())),
        (Credential::Key, missing(), Err("AUTH-06")),
        (Credential::None, missing(), Ok(())),
        (Credential::None, empty(), Err("AUTH-07")),
        (Credential::None, refused(403, "authentication-missing-authorization-header"), Err("AUTH-07")),
        (Credential::Malformed, missing(), Err("AUTH-08")),
        (Credential::Bearer("nobody".to_owned()), unknown(), Ok(())),
        (Credential::Bearer("nobody".to_owned()), empty(), Err("AUTH-09")),
        (Credential::Bearer("to1".to_owned()), unknown(), Ok(())),
        (Credential::Bearer("to1".to_owned()), empty(), Err("AUTH-13")),
        (Credential::Basic("to1".to_owned()), empty(), Err("AUTH-13")),
    ] {
        let mut server = Server::new();
        server.create("to1", 1);
        server.now = HOUR * 48;
        let operation = Operation::ListTokens(ListQuery::default());
        let answered = server.answers_to(credential.clone(), operation, reply.clone());
        assert_eq!(answered, rule, "{credential:?} {reply}");
    }
}

#[test]
fn an_access_token_lives_an_hour() {
    let granted =
        json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": "a", "refresh_token": "r" });
    let expired = || refused(401, "authentication-invalid-access-token");
    for (second, reply, rule) in [
        (HOUR - 10, ok(200, list(ListQuery::default(), &[]).1), Ok(())),
        (HOUR - 10, expired(), Err("AUTH-05")),
        // Within the margin both are allowed.
        (HOUR, ok(200, list(ListQuery::default(), &[]).1), Ok(())),
        (HOUR, expired(), Ok(())),
        (HOUR + 10, ok(200, list(ListQuery::default(), &[]).1), Err("AUTH-12")),
        (HOUR + 10, expired(), Ok(())),
    ] {
        let mut server = Server::new();
        let exchange = Operation::Exchange(Given::Known("key".to_owned()));
        server.answers_to(Credential::None, exchange, ok(200, granted.clone())).expect("it is allowed");
        server.now = second;
        let bearer = Credential::Bearer("a".to_owned());
        let answered = server.answers_to(bearer, Operation::ListTokens(ListQuery::default()), reply);
        assert_eq!(answered, rule, "{second}");
    }
}

/// What is changed in the body of a list that is right.
type Change = fn(&mut Json);

#[test]
fn a_list_has_the_active_tokens_in_order_and_numbers_that_agree() {
    let changes: [(Change, Result<(), &'static str>); 9] = [
        (|_| {}, Ok(())),
        (|body| body["pagination"]["itemsTotal"] = json!(4), Err("TOKEN-12")),
        (|body| body["pagination"]["pagesTotal"] = json!(3), Err("TOKEN-12")),
        (|body| body["pagination"]["currentPageItems"] = json!(3), Err("TOKEN-12")),
        (|body| body["pagination"]["links"][0]["rel"] = json!("next"), Err("TOKEN-12")),
        (|body| body["data"][0]["ttl"] = json!(61), Err("TOKEN-09")),
        (|body| body["data"][1] = body["data"][0].clone(), Err("TOKEN-10")),
        (|body| body["data"].as_array_mut().expect("a list").reverse(), Err("TOKEN-13")),
        (|body| body["data"] = json!([]), Err("TOKEN-10")),
    ];
    for (change, rule) in changes {
        let mut server = Server::new();
        let first = server.create("to1", 60);
        server.now = 5;
        let second = server.create("to2", 600);
        let query = ListQuery { sort_by: Some("createdAt"), sort_order: Some("asc"), ..ListQuery::default() };
        let (operation, mut body) = list(query, &[&first, &second]);
        change(&mut body);
        assert_eq!(server.answers(operation, ok(200, body.clone())), rule, "{body}");
    }
}

#[test]
fn expired_and_deleted_tokens_are_not_listed() {
    let mut server = Server::new();
    let expires = server.create("to1", 60);
    let deleted = server.create("to2", 0);
    let stays = server.create("to3", 0);
    server.answers(Operation::DeleteToken("to2".to_owned()), no_content()).expect("it is allowed");
    server.now = 100;
    let mut answers = |tokens: &[&Json]| {
        let (operation, body) = list(ListQuery::default(), tokens);
        server.answers(operation, ok(200, body))
    };
    assert_eq!(answers(&[&expires, &stays]), Err("TTL-06"));
    assert_eq!(answers(&[&deleted, &stays]), Err("REVOKE-03"));
    assert_eq!(answers(&[]), Err("TOKEN-10"));
    assert_eq!(answers(&[&stays]), Ok(()));
}

#[test]
fn pages_of_one_list_do_not_overlap() {
    let mut server = Server::new();
    let tokens: Vec<_> = ["to1", "to2", "to3"].map(|name| server.create(name, 60)).to_vec();
    let page = |number: i64, order: [usize; 3]| {
        let query = ListQuery { page: Some(number), size: Some(1), ..ListQuery::default() };
        list(query, &order.map(|at| &tokens[at]))
    };
    let (first, body) = page(1, [0, 1, 2]);
    assert_eq!(server.answers(first, ok(200, body)), Ok(()));
    let (second, overlapping) = page(2, [1, 0, 2]);
    assert_eq!(server.answers(second.clone(), ok(200, overlapping)), Err("TOKEN-12"));
    let (_, body) = page(2, [0, 1, 2]);
    assert_eq!(server.answers(second, ok(200, body)), Ok(()));
}

#[test]
fn a_container_takes_one_source_and_a_tokens_video_takes_none() {
    let mut server = Server::new();
    server.create("to1", 60);
    let whole = || Segment { range: None, ..segment("", 0, 10) };
    let source = |id: &str| Operation::UploadSource { video: id.to_owned(), segment: whole() };
    let begun = ok(201, server.video("vi1"));
    server.answers(upload("to1", None, segment("part 1/2", 0, MIN)), begun).expect("it is allowed");
    let mut container = server.video("vi2");
    container["title"] = json!("a title");
    let created = Operation::CreateVideo(Given::Known("a title".to_owned()));
    server.answers(created, ok(201, container.clone())).expect("it is allowed");
    let initiated = || refused(400, "video-content-range-already-initiated");
    assert_eq!(server.answers(source("vi1"), ok(201, container.clone())), Err("BYTES-22"));
    assert_eq!(server.answers(source("vi1"), initiated()), Ok(()));
    assert_eq!(server.answers(source("vi3"), refused(404, "resource-not-found")), Ok(()));
    assert_eq!(server.answers(source("vi2"), ok(201, container.clone())), Ok(()));
    assert_eq!(server.answers(source("vi2"), ok(201, container)), Err("UPLOAD-12"));
    assert_eq!(server.answers(source("vi2"), refused(400, "video-source-already-uploaded")), Ok(()));
    // A container is not the token's, whatever it holds.
    let theirs = || upload("to1", Some("vi2"), segment("part 1/2", 0, MIN));
    assert_eq!(server.answers(theirs(), refused(404, "resource-not-found")), Ok(()));
}

#[test]
fn a_segment_does_not_bring_a_deleted_video_back() {
    let mut server = Server::new();
    server.create("to1", 600);
    let shown = server.video("vi1");
    let first = upload("to1", None, segment("part 1/2", 0, MIN));
    server.answers(first, ok(201, shown.clone())).expect("it is allowed");
    server.answers(Operation::DeleteVideo("vi1".to_owned()), no_content()).expect("it is allowed");
    let second = || upload("to1", Some("vi1"), segment("part 2/2", MIN, 1));
    assert_eq!(server.answers(second(), ok(201, shown)), Err("UPLOAD-13"));
    assert_eq!(server.answers(second(), refused(404, "resource-not-found")), Ok(()));
    let show = Operation::ShowVideo("vi1".to_owned());
    assert_eq!(server.answers(show, refused(404, "resource-not-found")), Ok(()));
}

#[test]
fn every_error_is_a_problem_and_no_answer_shows_the_key() {
    let unknown = || Operation::ShowToken("toNobody".to_owned());
    let change = |change: fn(&mut Reply)| {
        let mut reply = refused(404, "resource-not-found");
        change(&mut reply);
        Server::new().answers(unknown(), reply)
    };
    assert_eq!(change(|_| {}), Ok(()));
    assert_eq!(change(|reply| reply.json = None), Err("SCHEMA-06"));
    assert_eq!(change(|reply| reply.shows_key = true), Err("HTTP-07"));
    assert_eq!(change(|reply| reply.headers.retain(|(name, _)| name != "X-RateLimit-Limit")), Err("HTTP-04"));
    let mislabelled = |reply: &mut Reply| reply.headers.retain(|(name, _)| name != "Content-Type");
    assert_eq!(change(mislabelled), Err("HTTP-01"));
    let contradicting = |reply: &mut Reply| {
        if let Some(body) = &mut reply.json {
            body["status"] = json!(400);
        }
    };
    assert_eq!(change(contradicting), Err("SCHEMA-06"));
}

/// Two deletions of one token that were made at once, with these answers and at these times.
fn two_deletions(replies: [Reply; 2], times: [(u64, u64); 2]) -> Result<(), Box<Breach>> {
    let mut server = Server::new();
    server.create("to1", 0);
    let call = server.call(Operation::DeleteToken("to1".to_owned()), Credential::Key);
    let [one, other] = replies;
    let exchange = |reply, (from, to)| Exchange { call: call.clone(), reply, from, to };
    server.model.take(&[exchange(one, times[0]), exchange(other, times[1])])
}

#[test]
fn calls_made_at_once_fit_an_order_or_none() {
    let gone = || refused(404, "resource-not-found");
    let at_once = [(0, 10), (0, 10)];
    assert!(two_deletions([no_content(), gone()], at_once).is_ok());
    assert!(two_deletions([gone(), no_content()], at_once).is_ok());
    let breach = two_deletions([no_content(), no_content()], at_once).expect_err("one must be refused");
    assert_eq!((breach.rule, breach.joint, breach.by_status), ("REVOKE-04", true, true));
    assert_eq!(breach.order.len(), 1, "one of them is allowed");
    // The second was made when the first had been answered.
    let one_by_one = [(0, 10), (11, 20)];
    assert!(two_deletions([no_content(), gone()], one_by_one).is_ok());
    let breach = two_deletions([gone(), no_content()], one_by_one).expect_err("the first must succeed");
    assert_eq!((breach.rule, breach.exchange, breach.order.len()), ("REVOKE-01", 0, 0));
}
