//! Every route of the REST interface, as its own document lists them: each fails in the same way. A
//! route that is added is tried without a word here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::rig::http::{Answer, ask, begin, get};

/// A route of the document.
struct Route {
    method: String,
    path: String,
    operation: Value,
}

impl Route {
    /// The route with a name that is there in the place of `{name}`, or one that is not.
    fn at(&self, name: &str) -> String {
        match (self.path.find('{'), self.path.find('}')) {
            (Some(begin), Some(end)) => {
                format!("{}{name}{}", &self.path[..begin], &self.path[end + 1..])
            }
            _ => self.path.clone(),
        }
    }

    fn is_at_port(&self) -> bool {
        self.path.starts_with("/api/v1/ports/{name}")
    }

    fn takes_json(&self) -> bool {
        let content = &self.operation["requestBody"]["content"];
        content["application/json"].is_object()
    }

    fn has_query(&self) -> bool {
        let parameters = self.operation["parameters"].as_array();
        let mut parameters = parameters.into_iter().flatten();
        parameters.any(|parameter| parameter["in"] == "query")
    }

    /// It makes what is not there, and takes any text.
    fn keeps_a_panel(&self) -> bool {
        self.operation["operationId"] == "keepPanel"
    }

    fn is_for_everybody(&self) -> bool {
        self.operation["security"] == json!([{}])
    }
}

async fn routes(rig: &Rig) -> Vec<Route> {
    let document = get(rig.server.address(), "/api/v1/openapi.json").await;
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method != "parameters" {
                routes.push(Route {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    operation: operation.clone(),
                });
            }
        }
    }
    assert!(routes.len() > 30);
    routes
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// What is asked on the socket, and the operations that do the same. What is about a connection itself needs none: over HTTP
/// each request is one, has its name in a header, and is ended by breaking it off.
const ALSO: [(&str, &[&str]); 27] = [
    (
        "subscribe",
        &["openRaw", "saveHistory", "readValues", "followEvents"],
    ),
    ("unsubscribe", &[]),
    ("credit", &[]),
    ("write", &["write"]),
    ("cancel", &[]),
    ("open", &["changePort"]),
    ("release", &["changePort"]),
    ("set", &["changePort"]),
    ("lines", &["changePort"]),
    ("doors", &["changeDoors"]),
    ("break", &["sendBreak"]),
    ("pulse", &["pulse"]),
    ("mark", &["mark"]),
    ("moment", &["findMoment"]),
    ("request", &["expect"]),
    ("abort", &[]),
    ("run", &["run"]),
    ("use", &["use"]),
    ("stop", &["stop"]),
    ("halt", &["halt"]),
    ("sent", &["listSent"]),
    ("answer", &[]),
    ("turn", &["changeTurn"]),
    ("say", &["say"]),
    ("key", &[]),
    ("name", &[]),
    ("ping", &["checkHealth"]),
];

#[track_caller]
fn is_problem(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{what}"
    );
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}");
    for field in ["title", "detail", "code"] {
        let text = problem[field].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{what}: {problem}");
    }
}

#[tokio::test]
async fn without_the_token_every_route_but_the_public_ones_is_refused() {
    let here = Rig::start(&["dev"]).await;
    let elsewhere = Rig::with(&[], &["--listen", "0.0.0.0:0"]).await;
    let mut public = Vec::new();
    for route in routes(&here).await {
        let path = route.at("dev");
        let what = format!("{} {path}", route.method);
        let asked = ask(elsewhere.server.address(), &route.method, &path, &[], b"").await;
        if route.is_for_everybody() {
            public.push(what);
        } else {
            is_problem(&asked, 401, &what);
        }
    }
    let session = ["GET /api/v1/session", "POST /api/v1/session"];
    let oidc = [
        "GET /api/v1/session/oidc",
        "GET /api/v1/session/oidc/callback",
    ];
    assert_eq!(
        public,
        [session[0], session[1], oidc[0], oidc[1], "GET /healthz"]
    );
}

#[tokio::test]
async fn a_name_that_is_not_there_is_answered_with_those_that_are() {
    let rig = Rig::start(&["dev"]).await;
    for route in routes(&rig).await {
        if !route.path.contains('{') || route.keeps_a_panel() {
            continue;
        }
        let what = format!("{} {}", route.method, route.path);
        let address = rig.server.address();
        let asked = ask(address, &route.method, &route.at("gsp"), &[JSON], b"{}").await;
        is_problem(&asked, 404, &what);
        if route.is_at_port() {
            assert_eq!(asked.json()["code"], "unknown-port", "{what}");
            assert!(asked.text().contains("there are: dev"), "{what}");
        }
        let broken = ask(address, &route.method, &route.at("%ff"), &[JSON], b"{}").await;
        is_problem(&broken, 400, &what);
    }
}

#[tokio::test]
async fn a_body_or_a_query_that_is_none_is_refused_and_nothing_is_done() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let before = rig.state("dev").await["journal"]["head"].clone();
    for route in routes(&rig).await {
        let (method, path) = (route.method.as_str(), route.at("dev"));
        let what = format!("{method} {path}");
        if route.takes_json() {
            for body in ["[", "", "[]", "[1]", "7", r#"{"nothing": 1}"#, "\u{0}"] {
                let asked = ask(address, method, &path, &[JSON], body.as_bytes()).await;
                is_problem(&asked, 400, &format!("{what} {body}"));
            }
            let large = vec![b' '; (1 << 20) + 1];
            let asked = ask(address, method, &path, &[JSON], &large).await;
            is_problem(&asked, 413, &what);
            assert_eq!(asked.json()["limit"], 1 << 20, "{what}");
            if !route.keeps_a_panel() {
                let asked = ask(address, method, &path, &[], b"{}").await;
                is_problem(&asked, 415, &what);
            }
        }
        if route.has_query() {
            let asked = format!("{path}?=%zz&from=ever&port=%ff");
            let asked = ask(address, method, &asked, &[], b"").await;
            let status = asked.status;
            assert!([400, 404].contains(&status), "{what}: {status}");
        }
    }
    let after = rig.state("dev").await["journal"]["head"].clone();
    assert_eq!(after, before, "nothing was written or noted");
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn every_example_is_understood() {
    let rig = Rig::start(&["dev"]).await;
    let mut tried = 0;
    for route in routes(&rig).await {
        let example = &route.operation["requestBody"]["content"]["application/json"]["example"];
        if example.is_object() {
            let (path, body) = (route.at("dev"), example.to_string());
            let address = rig.server.address();
            let asked = begin(address, &route.method, &path, &[JSON], body.as_bytes()).await;
            assert_ne!(asked.status, 400, "{path} {body}: {}", asked.text());
            tried += 1;
        }
    }
    assert!(tried > 15);
}

#[tokio::test]
async fn the_least_and_the_most_that_the_document_names_are_those_that_count() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let document = get(address, "/api/v1/openapi.json").await.json();
    let mut tried = 0;
    for route in routes(&rig).await {
        let parameters = route.operation["parameters"].as_array();
        for parameter in parameters.into_iter().flatten() {
            let (name, schema) = (&parameter["name"], &parameter["schema"]);
            for number in beyond(schema) {
                let path = format!(
                    "{}?q=x&{}={number}",
                    route.at("dev"),
                    name.as_str().unwrap()
                );
                let path = if path.contains("/search") {
                    path
                } else {
                    path.replace("q=x&", "")
                };
                let asked = get(address, &path).await;
                is_problem(&asked, 400, &path);
                assert!(
                    asked.text().contains(&schema["maximum"].to_string()),
                    "{}",
                    asked.text()
                );
                tried += 1;
            }
        }
        let content = &route.operation["requestBody"]["content"]["application/json"];
        let Some(reference) = content["schema"]["$ref"].as_str() else {
            continue;
        };
        let body = document.pointer(&reference[1..]).unwrap();
        for (field, schema) in body["properties"].as_object().into_iter().flatten() {
            for number in beyond(schema) {
                let mut wish = content["example"].clone();
                wish[field] = number.into();
                let what = format!("{} {wish}", route.path);
                let wish = wish.to_string();
                let path = route.at("dev");
                let asked = ask(address, &route.method, &path, &[JSON], wish.as_bytes()).await;
                is_problem(&asked, 400, &what);
                assert!(
                    asked.text().contains(&schema["maximum"].to_string()),
                    "{}",
                    asked.text()
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "{tried}");
}

/// Numbers that are just too small or too large.
fn beyond(schema: &Value) -> Vec<u64> {
    let least = schema["minimum"]
        .as_u64()
        .and_then(|least| least.checked_sub(1));
    let most = schema["maximum"].as_u64().map(|most| most + 1);
    least
        .filter(|_| most.is_some())
        .into_iter()
        .chain(most)
        .collect()
}

#[tokio::test]
async fn a_socket_that_is_asked_for_without_one_is_a_problem() {
    let rig = Rig::start(&["dev"]).await;
    let mut sockets = 0;
    for route in routes(&rig).await {
        if route.operation["responses"]["101"].is_object() {
            let asked = get(rig.server.address(), &route.at("dev")).await;
            is_problem(&asked, 400, &route.path);
            sockets += 1;
        }
    }
    assert_eq!(sockets, 3);
}

#[tokio::test]
async fn what_no_route_knows_is_a_problem_and_another_method_is_told_which_there_are() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let routes = routes(&rig).await;
    for route in &routes {
        let knows = |method: &str| {
            let mut others = routes.iter();
            others.any(|other| other.path == route.path && other.method == method)
        };
        let Some(unknown) = ["POST", "PUT", "DELETE"]
            .into_iter()
            .find(|method| !knows(method))
        else {
            continue;
        };
        let what = format!("{unknown} {}", route.path);
        let asked = ask(address, unknown, &route.at("dev"), &[JSON], b"{}").await;
        is_problem(&asked, 405, &what);
        let allowed = asked.header("allow").unwrap_or_default().to_owned();
        assert!(allowed.contains(&route.method), "{what}: {allowed:?}");
    }
    for path in [
        "/api",
        "/api/v1",
        "/api/v1/gsp",
        "/api/v2/ports",
        "/api/v1/ports/dev/gsp",
    ] {
        for method in ["GET", "POST"] {
            let asked = ask(address, method, path, &[], b"").await;
            is_problem(&asked, 404, path);
        }
    }
}

#[tokio::test]
async fn a_caller_has_the_name_that_it_gives_itself() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let path = "/api/v1/ports/dev/marks";
    let mark = br#"{"text": "begins"}"#;
    let made = ask(
        address,
        "POST",
        path,
        &[JSON, ("Seriald-Name", "job 7")],
        mark,
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(get(address, path).await.json()[0]["by"], "job 7");
    for name in ["", "a\tb", &"x".repeat(65)] {
        let refused = ask(address, "POST", path, &[JSON, ("Seriald-Name", name)], mark).await;
        is_problem(&refused, 400, name);
    }
}

#[tokio::test]
async fn whatever_is_asked_on_the_socket_has_its_route() {
    let rig = Rig::start(&["dev"]).await;
    let golden: Value = serde_json::from_str(include_str!("../wire/talk.json")).unwrap();
    let asked = golden["client"].as_array().unwrap().iter();
    let asked: BTreeSet<_> = asked.map(|asked| asked["type"].as_str().unwrap()).collect();
    let known: BTreeSet<_> = ALSO.iter().map(|(asked, _)| *asked).collect();
    assert_eq!(asked, known);
    let routes = routes(&rig).await;
    for (asked, operations) in ALSO {
        for operation in operations {
            let is_it = |route: &Route| route.operation["operationId"] == *operation;
            assert!(routes.iter().any(is_it), "{asked}: {operation}");
        }
    }
}

#[tokio::test]
async fn what_the_socket_can_do_with_a_port_rest_can_too() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let post = async |what: &str, body: Value| {
        let path = format!("/api/v1/ports/dev/{what}");
        ask(address, "POST", &path, &[JSON], body.to_string().as_bytes()).await
    };
    // A pty has neither modem lines nor a BREAK that could be seen; what counts is who answers.
    let pulsed = post("pulse", json!({"sequence": "dtr=0,1ms,dtr=1"})).await;
    is_problem(&pulsed, 409, "pulse");
    assert_eq!(pulsed.json()["code"], "not-supported");
    let sent = post("break", json!({"ms": 1})).await;
    assert_eq!(sent.status, 204, "{}", sent.text());
    is_problem(&post("break", json!({"ms": 5001})).await, 400, "break");
    is_problem(
        &post("pulse", json!({"sequence": "dtr"})).await,
        400,
        "pulse",
    );
    assert_eq!(post("stop", json!({"run": 4711})).await.status, 204);
    let lines = json!({"lines": {"dtr": true}}).to_string();
    let set = ask(
        address,
        "PATCH",
        "/api/v1/ports/dev",
        &[JSON],
        lines.as_bytes(),
    )
    .await;
    is_problem(&set, 409, "lines");

    let path = "/api/v1/ports/dev/write?remember=led%20on";
    let written = ask(address, "POST", path, &[], b"led on\r\n").await;
    assert_eq!(written.status, 200, "{}", written.text());
    assert_eq!(rig.device("dev").read(8).await, b"led on\r\n");
    let sent = get(address, "/api/v1/ports/dev/sent").await;
    assert_eq!(sent.json(), json!(["led on"]));
}

#[tokio::test]
async fn the_page_about_the_interface_lies_with_the_console() {
    let rig = Rig::start(&["dev"]).await;
    for (path, place) in [
        ("/api/", "../console/api.html"),
        ("/api/v1/", "../../console/api.html"),
    ] {
        let answer = get(rig.server.address(), path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some(place))
        );
    }
}
