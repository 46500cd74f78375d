//! Rights: every way in, tried by everybody who may do more or less. A route or a request that is
//! added has to be put into the tables here.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::mcp::Agent;
use crate::rig::client::{Client, open};
use crate::rig::http::{Answer, UPGRADE, ask, begin, exchange};
use crate::rig::people::{House, bearer};
use crate::rig::soon;

/// The least that somebody must be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Least {
    /// Nothing: everybody may.
    Public,
    /// Nothing but to be let in.
    Visit,
    /// These on the port.
    See,
    Type,
    Control,
    Administer,
    /// The last on all ports.
    Server,
}

use Least::{Administer, Control, Public, See, Server, Type, Visit};

/// Each operation of the document.
const ROUTES: &[(&str, Least)] = &[
    ("listPorts", Visit),
    ("showPort", See),
    ("changePort", Control),
    ("showDoors", See),
    ("changeDoors", Administer),
    ("followEvents", Visit),
    ("write", Type),
    ("listSent", Type),
    ("expect", Type),
    ("sendBreak", Control),
    ("pulse", Control),
    ("lend", Control),
    ("listFlashers", See),
    ("followFlash", See),
    ("flash", Control),
    ("endFlash", Control),
    ("run", Type),
    ("stop", Type),
    ("halt", Type),
    ("use", Type),
    ("changeTurn", Type),
    ("say", Type),
    ("saveHistory", See),
    ("findMoment", See),
    ("showTimeline", See),
    ("readValues", See),
    ("listMarks", See),
    ("mark", Type),
    ("search", Visit),
    ("listRecordings", Visit),
    ("readBridge", Visit),
    ("listPanels", Visit),
    ("showPanel", See),
    ("exportPanel", See),
    ("keepPanel", Server),
    ("deletePanel", Server),
    ("tryTrigger", Server),
    ("listPages", Visit),
    ("followPages", Visit),
    ("openSocket", Visit),
    ("openRaw", See),
    ("openLines", Visit),
    ("describe", Visit),
    ("showSession", Public),
    ("signIn", Public),
    ("signOut", Visit),
    ("changePassword", Visit),
    ("beginSignIn", Public),
    ("endSignIn", Public),
    ("listUsers", Server),
    ("addUser", Server),
    ("changeUser", Server),
    ("removeUser", Server),
    ("listTokens", Visit),
    ("makeToken", Visit),
    ("revokeToken", Visit),
    ("listShares", Visit),
    ("makeShare", See),
    ("revokeShare", Visit),
    ("checkHealth", Public),
    ("readMetrics", Visit),
    ("listAudit", Server),
    ("listBookings", Visit),
    ("book", Type),
    // Of which there is none.
    ("changeBooking", Visit),
    ("endBooking", Visit),
];

/// Each request of the socket.
fn requests() -> Vec<(Value, Least)> {
    let steps = json!([{"send": "x"}]);
    vec![
        (json!({"type": "ping"}), Visit),
        (json!({"type": "name", "name": "bench"}), Visit),
        (json!({"type": "unsubscribe", "channel": 4000}), Visit),
        (json!({"type": "abort", "request": 4000}), Visit),
        (json!({"type": "subscribe", "from": "now"}), See),
        (json!({"type": "moment", "time": 1}), See),
        (json!({"type": "request", "timeout": 1}), See),
        (json!({"type": "cancel"}), See),
        (json!({"type": "request", "text": "x", "timeout": 1}), Type),
        (json!({"type": "write", "text": "x"}), Type),
        (json!({"type": "write", "text": "", "remember": "x"}), Type),
        (json!({"type": "sent"}), Type),
        (json!({"type": "answer"}), Type),
        (json!({"type": "mark", "text": "x"}), Type),
        (json!({"type": "run", "steps": steps}), Type),
        (
            json!({"type": "use", "panel": "board", "widget": "on"}),
            Type,
        ),
        (json!({"type": "stop", "run": 4711}), Type),
        (json!({"type": "key", "key": "0123456789abcdef"}), Visit),
        (json!({"type": "turn", "act": "leave"}), Type),
        (json!({"type": "turn", "act": "force"}), Control),
        (json!({"type": "say", "text": "x"}), Type),
        (json!({"type": "halt"}), Type),
        (json!({"type": "set", "settings": {"baud": 9600}}), Control),
        (json!({"type": "lines", "dtr": true}), Control),
        (json!({"type": "break", "ms": 1}), Control),
        (json!({"type": "pulse", "sequence": "dtr=0"}), Control),
        (json!({"type": "release"}), Control),
        // Whoever may not release it finds it open.
        (json!({"type": "open"}), Type),
        (json!({"type": "doors", "tcp": null}), Administer),
    ]
}

/// People, what each may do, and what that is on `dev`.
const PEOPLE: [(&str, &str, Least); 6] = [
    ("root", "administer", Server),
    ("stranger", "administer:other", Visit),
    ("viewer", "see:dev", See),
    ("typist", "type:d*", Type),
    ("controller", "control:dev", Control),
    ("keeper", "administer:dev", Administer),
];

/// Guests, the links that they came by, and what that gives on `dev`.
const GUESTS: [(&str, &str, Least); 4] = [
    ("onlooker", r#"{"port": "dev"}"#, See),
    ("writer", r#"{"port": "dev", "may": "type"}"#, Type),
    ("user", r#"{"port": "dev", "panel": "board"}"#, See),
    ("reader", r#"{"port": "dev", "from": 0}"#, See),
];
/// What is no guest's: it tells of the whole server, or gives others a way in.
const NO_GUESTS: [&str; 10] = [
    "book",
    "listRecordings",
    "readBridge",
    "readMetrics",
    "listTokens",
    "makeToken",
    "revokeToken",
    "listShares",
    "makeShare",
    "revokeShare",
];
/// What a guest may who uses a panel, besides seeing.
const BY_PANEL: [&str; 3] = ["use", "stop", "halt"];

/// What a guest of an excerpt may, and nothing that is not here.
const OF_EXCERPT: [&str; 14] = [
    "listPorts",
    "showPort",
    "saveHistory",
    "findMoment",
    "showTimeline",
    "readValues",
    "listMarks",
    "search",
    "openSocket",
    "describe",
    "showSession",
    "signIn",
    "signOut",
    "checkHealth",
];

/// The secret of a new link.
async fn link(house: &House, wish: &str) -> (String, String) {
    let path = "/api/v1/shares";
    let made = house.ask("root", ("POST", path), &[], wish.as_bytes());
    let made = made.await.json();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

const BOARD: &str = r#"{"seriald": 1, "title": "Board", "for": {"port": "dev"},
    "widgets": [{"id": "on", "type": "button", "at": [0, 0, 2, 1], "title": "On", "send": "x"}]}"#;

/// A proxy that vouches for people.
const LOGIN: &str = "trusted_proxies = [\"127.0.0.1\"]\n[login.proxy]\nuser = \"X-User\"\ngroups = \"X-Groups\"\n\
    [[allow]]\nwho = [\"@staff\"]\nright = \"type\"\nports = [\"dev\"]\n";

/// The people with their tokens, and one of somebody whom only the proxy knows.
async fn everybody(house: &House) -> Vec<(&'static str, String, Least)> {
    let of_accounts = PEOPLE.map(|(name, _, has)| (name, house.secret(name).to_owned(), has));
    let headers = [
        ("X-User", "zoe"),
        ("X-Groups", "staff"),
        ("Content-Type", "application/json"),
    ];
    // Long enough for links of its own.
    let expires = tomorrow() + 7 * 24 * 3600 * 1_000_000;
    let wish = json!({"title": "x", "expires": expires}).to_string();
    let (address, path) = (house.rig.server.address(), "/api/v1/tokens");
    let made = ask(address, "POST", path, &headers, wish.as_bytes())
        .await
        .json();
    let secret = made["secret"].as_str().unwrap().to_owned();
    of_accounts
        .into_iter()
        .chain([("zoe", secret, Type)])
        .collect()
}

async fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let panels = folder.path().join("panels");
    fs::create_dir(&panels).unwrap();
    for name in ["board", "spare"] {
        fs::write(panels.join(name).with_extension("json"), BOARD).unwrap();
    }
    let panels = panels.to_str().unwrap().to_owned();
    let people = PEOPLE.map(|(name, may, _)| (name, may));
    let flags = ["--panels", &panels, "--tcp", "dev=0", "--rfc2217", "dev=0"];
    House::within(folder, &["dev", "other"], &people, LOGIN, &flags).await
}

/// A route of the document, and how it is asked.
struct Route {
    id: String,
    method: String,
    path: String,
    body: Vec<u8>,
    is_socket: bool,
    is_json: bool,
}

impl Route {
    fn of(path: &str, method: &str, operation: &Value) -> Self {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        let content = &operation["requestBody"]["content"];
        let example = &content["application/json"]["example"];
        let body = match id.as_str() {
            // A wrong password is refused like somebody who is not let in.
            "signIn" | "changePassword" => "{}".to_owned(),
            // A port that is free, and not more than one panel.
            "changeDoors" => json!({"tcp": "127.0.0.1:0"}).to_string(),
            "keepPanel" => BOARD.to_owned(),
            "expect" => json!({"text": "x", "timeout": 1}).to_string(),
            "lend" => json!({"to": "flasher"}).to_string(),
            // None outlives the token that makes it.
            "makeToken" => json!({"title": "x", "expires": tomorrow()}).to_string(),
            "use" => json!({"panel": "board", "widget": "on"}).to_string(),
            "changePort" => json!({"settings": {"baud": 9600}}).to_string(),
            // Not now, when others are still to be tried.
            "book" => json!({"ports": ["dev"], "from": tomorrow(), "for": "1h"}).to_string(),
            _ if example.is_object() => example.to_string(),
            _ if content.is_object() => "x".to_owned(),
            _ => String::new(),
        };
        Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            body: body.into_bytes(),
            is_socket: operation["responses"]["101"].is_object(),
            is_json: content["application/json"].is_object(),
            id,
        }
    }

    fn is_at_port(&self) -> bool {
        self.path.starts_with("/api/v1/ports/{name}")
    }

    /// The least of the table.
    fn least(&self) -> Least {
        let listed = ROUTES.iter().find(|(id, _)| *id == self.id);
        let missing = || panic!("{} {} is not in the table", self.method, self.path);
        listed.unwrap_or_else(missing).1
    }

    async fn ask(&self, address: SocketAddr, port: &str, secret: Option<&str>) -> Answer {
        let name = match self.id.as_str() {
            _ if self.is_at_port() => port,
            // The others are asked for the one that stays.
            "deletePanel" => "spare",
            _ => "board",
        };
        let query = match self.id.as_str() {
            "search" => "?q=x",
            "findMoment" => "?offset=0",
            "flash" => "?file=x",
            _ => "",
        };
        let path = self.path.replace("{name}", name) + query;
        let path = path.replace("{command}", "none");
        let path = path.replace("{user}", "nobody").replace("{token}", "none");
        let path = path.replace("{booking}", "4711");
        let path = path.replace("{share}", "none");
        let bearer = secret.map(bearer);
        let mut headers = Vec::new();
        if let Some(bearer) = &bearer {
            headers.push(("Authorization", bearer.as_str()));
        }
        if self.is_json {
            headers.push(("Content-Type", "application/json"));
        }
        if self.is_socket {
            headers.extend(UPGRADE);
        }
        begin(address, &self.method, &path, &headers, &self.body).await
    }
}

/// In microseconds since 1970.
fn tomorrow() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    (now + Duration::from_secs(24 * 3600)).as_micros() as u64
}

async fn routes(house: &House) -> Vec<Route> {
    let document = house.get("root", "/api/v1/openapi.json").await.json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method != "parameters" {
                routes.push(Route::of(path, method, operation));
            }
        }
    }
    let there: BTreeSet<_> = routes.iter().map(|route| route.id.as_str()).collect();
    for (id, _) in ROUTES {
        assert!(there.contains(id), "{id} is in the table and nowhere else");
    }
    routes
}

#[tokio::test]
async fn every_route_asks_for_its_least_right_and_lets_in_who_has_it() {
    let house = house().await;
    let address = house.rig.server.address();
    let everybody = everybody(&house).await;
    let [expired, revoked] = house.void_tokens("root").await;
    let (id, ended) = link(&house, r#"{"port": "dev", "may": "type"}"#).await;
    let one = format!("/api/v1/shares/{id}");
    house.ask("root", ("DELETE", &one), &[], b"").await;
    let mut guests = Vec::new();
    for (name, wish, has) in GUESTS {
        guests.push((name, link(&house, wish).await.1, has));
    }
    for route in routes(&house).await {
        let least = route.least();
        for secret in [
            None,
            Some("sd_forged"),
            Some(&*expired),
            Some(&*revoked),
            Some("sh_forged"),
            Some(&*ended),
        ] {
            let asked = route.ask(address, "dev", secret).await;
            let what = format!("{} by {secret:?}: {}", route.id, asked.text());
            assert_eq!(asked.status == 401, least != Public, "{what}");
        }
        for (name, secret, has) in &everybody {
            let asked = route.ask(address, "dev", Some(secret)).await;
            let what = format!("{} by {name}: {}", route.id, asked.text());
            let code = asked.code();
            let is_hidden = *has < See && (route.is_at_port() || least < Server);
            if *has >= least {
                assert!(![401, 403].contains(&asked.status), "{what}");
                assert!(code != "unknown-port" && code != "unknown-panel", "{what}");
            } else if is_hidden {
                assert_eq!(asked.status, 404, "{what}");
            } else {
                assert_eq!((asked.status, code.as_str()), (403, "forbidden"), "{what}");
            }
        }
        for (name, secret, has) in &guests {
            let asked = route.ask(address, "dev", Some(secret)).await;
            let what = format!("{} by {name}: {}", route.id, asked.text());
            let id = route.id.as_str();
            let uses = *name == "user" && BY_PANEL.contains(&id);
            let reads = *name != "reader" || OF_EXCERPT.contains(&id) || least == Public;
            let may = (*has >= least || uses) && !NO_GUESTS.contains(&id) && reads;
            let is_refused = [401, 403].contains(&asked.status);
            assert_eq!(is_refused, !may, "{what}");
            let others = route.ask(address, "other", Some(secret)).await;
            let hidden = if reads { 404 } else { 403 };
            assert!(
                !route.is_at_port() || others.status == hidden,
                "{what} elsewhere"
            );
        }
    }
}

#[tokio::test]
async fn a_port_that_may_not_be_seen_is_answered_for_like_one_that_does_not_exist() {
    let house = house().await;
    let (address, secret) = (house.rig.server.address(), house.secret("stranger"));
    let mut asked = 0;
    for route in routes(&house)
        .await
        .iter()
        .filter(|route| route.is_at_port())
    {
        let answers = [
            route.ask(address, "dev", Some(secret)).await,
            route.ask(address, "gsp", Some(secret)).await,
        ];
        let [hidden, unknown] = answers.map(|answer| (answer.status, answer.text()));
        assert_eq!(hidden.1.replace("dev", "gsp"), unknown.1, "{}", route.id);
        assert_eq!((hidden.0, unknown.0), (404, 404), "{}", route.id);
        assert!(hidden.1.contains("there are: other"), "{}", hidden.1);
        asked += 1;
    }
    assert!(asked > 20);
    for path in [
        "/api/v1/events?port=dev",
        "/api/v1/search?q=x&port=other,dev",
    ] {
        let answer = house.get("stranger", path).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "unknown-port")
        );
    }
    let lines = open(
        &house.rig.server,
        "/ws?port=dev",
        &[("authorization", &bearer(secret))],
    )
    .await;
    assert_eq!(lines.err().map(|status| status.as_u16()), Some(404));
}

#[tokio::test]
async fn lists_name_only_what_may_be_seen() {
    let house = house().await;
    let recorded = async || house.get("root", "/api/v1/recording").await.json()["ports"].clone();
    soon("both are recorded", async {
        while recorded().await.as_array().unwrap().len() < 2 {}
    })
    .await;
    for path in [
        "/api/v1/ports",
        "/api/v1/recording",
        "/api/v1/panels",
        "/metrics",
    ] {
        for (name, sees) in [("viewer", true), ("stranger", false)] {
            let answer = house.get(name, path).await;
            assert_eq!(answer.status, 200, "{path} by {name}");
            let names = |port: &str| answer.text().contains(&format!("\"{port}\""));
            assert_eq!(names("dev"), sees, "{path} by {name}: {}", answer.text());
            let is_panels = path.ends_with("panels");
            assert_eq!(names("other"), !sees && !is_panels, "{path} by {name}");
        }
    }
    let mut stranger = house.client("stranger").await;
    assert_eq!(stranger.order, ["other"]);
    stranger
        .until("panels are told", |client| client.panels.is_some())
        .await;
    assert_eq!(stranger.panels, Some(vec![]));
    let mut viewer = house.client("viewer").await;
    assert_eq!(viewer.order, ["dev"]);
    viewer
        .until("panels are told", |client| client.panels.is_some())
        .await;
    assert_eq!(viewer.panels.as_ref().unwrap()[0]["ports"], json!(["dev"]));
    // What passes on one is no news for those who see the other.
    house.rig.device("dev").send(b"x").await;
    let heard = |port: &Value| port["total"]["rx"] == 1;
    viewer.state("dev", "it came in", heard).await;
    stranger.done(json!({"type": "ping"})).await;
    assert!(!stranger.ports.contains_key("dev"));
}

#[tokio::test]
async fn every_request_of_the_socket_asks_for_its_least_right() {
    let house = house().await;
    let talk: Value = serde_json::from_str(include_str!("../wire/talk.json")).unwrap();
    let golden = talk["client"].as_array().unwrap().iter();
    // It has no answer, and lets only what was subscribed go on.
    let golden = golden.filter(|message| message["type"] != "credit");
    let golden: BTreeSet<_> = golden
        .map(|message| message["type"].as_str().unwrap())
        .collect();
    let requests = requests();
    let tried = requests
        .iter()
        .map(|(request, _)| request["type"].as_str().unwrap());
    assert_eq!(tried.collect::<BTreeSet<_>>(), golden);

    for (name, secret, has) in everybody(&house).await {
        let headers = [("authorization", &*bearer(&secret))];
        let mut client = Client::connect_with(&house.rig.server, &headers).await;
        let may: Vec<_> = ["see", "type", "control", "administer"]
            .into_iter()
            .zip([See, Type, Control, Administer])
            .filter(|(_, right)| has >= *right)
            .map(|(word, _)| word)
            .collect();
        let told = client
            .ports
            .get("dev")
            .map_or(&Value::Null, |port| &port["may"]);
        assert_eq!(*told, if has >= See { json!(may) } else { Value::Null });
        for (request, least) in &requests {
            let mut request = request.clone();
            request["port"] = "dev".into();
            let answer = client.ask(request.clone()).await;
            let what = format!("{request} by {name}: {answer}");
            let code = answer["code"].as_str().unwrap_or_default();
            if has >= *least {
                assert!(!["forbidden", "unknown-port"].contains(&code), "{what}");
            } else if has >= See {
                assert_eq!(code, "forbidden", "{what}");
            } else {
                assert_eq!(code, "unknown-port", "{what}");
            }
        }
    }
    for (name, wish, has) in GUESTS {
        let secret = link(&house, wish).await.1;
        let headers = [("authorization", &*bearer(&secret))];
        let mut client = Client::connect_with(&house.rig.server, &headers).await;
        assert_eq!(client.order, ["dev"]);
        for (request, least) in &requests {
            let mut request = request.clone();
            request["port"] = "dev".into();
            let answer = client.ask(request.clone()).await;
            let uses = name == "user" && BY_PANEL.contains(&request["type"].as_str().unwrap());
            let may = has >= *least || uses;
            let what = format!("{request} by {name}: {answer}");
            assert_eq!(answer["code"] == "forbidden", !may, "{what}");
        }
    }
}

#[tokio::test]
async fn what_somebody_let_go_of_is_taken_back_only_by_who_controls_the_port() {
    let house = house().await;
    let mut controller = house.client("controller").await;
    let mut typist = house.client("typist").await;
    let (open, release) = (
        json!({"type": "open", "port": "dev"}),
        json!({"type": "release", "port": "dev"}),
    );
    controller.done(release).await;
    let is_released = |port: &Value| port["state"] == "released";
    typist.state("dev", "it is released", is_released).await;
    let refused = typist.refused(open.clone(), "forbidden").await;
    let told = refused["message"].as_str().unwrap();
    assert!(
        told.contains("may type on dev, but not control it") && told.contains("administrator"),
        "{told}"
    );
    controller.done(open).await;
}

#[tokio::test]
async fn commands_say_what_one_may_not_do() {
    let house = house().await;
    let run = async |name: &str, command: &str, more: &[&str]| {
        let secret = Some(house.secret(name));
        house
            .rig
            .shell_with(secret, command, more, b"reboot\n")
            .await
    };
    for (command, more) in [
        ("attach", &["dev"][..]),
        ("send", &["dev", "reboot"]),
        ("mark", &["dev", "here"]),
        ("lend", &["dev", "--", "true"]),
        ("book", &["dev", "--", "true"]),
    ] {
        for (name, said) in [("viewer", "you may"), ("stranger", "there are: other")] {
            let ended = run(name, command, more).await;
            let what = format!("{command} by {name}: {}", ended.stderr);
            assert!(
                ended.code != Some(0) && ended.stderr.contains(said),
                "{what}"
            );
        }
    }
    assert_eq!(house.rig.device("dev").unread(), b"");
}

/// Each command that speaks to a server.
const COMMANDS: &[(&str, &[&str])] = &[
    ("ports", &[]),
    ("attach", &["dev"]),
    ("send", &["dev", "reboot"]),
    ("mark", &["dev", "here"]),
    ("lend", &["dev", "--", "true"]),
    ("book", &["dev", "--", "true"]),
    ("log", &["dev"]),
    ("tail", &["dev"]),
];

#[tokio::test]
async fn every_door_but_the_routes_asks_who_comes_too() {
    let house = house().await;
    let [expired, revoked] = house.void_tokens("root").await;
    let void = [None, Some("sd_forged"), Some(&*expired), Some(&*revoked)];
    for secret in void {
        for (command, more) in COMMANDS {
            let ended = house
                .rig
                .shell_with(secret, command, more, b"reboot\n")
                .await;
            let told = ended.code != Some(0) && ended.stderr.contains("seriald token create");
            assert!(told, "{command} by {secret:?}: {}", ended.stderr);
        }
        let server = format!("http://{}", house.rig.server.address());
        let mut agent = Agent::start(&server, secret);
        for (tool, arguments) in [
            ("list_ports", json!({})),
            ("send", json!({"port": "dev", "text": "reboot"})),
        ] {
            let told = agent.refused(tool, arguments).await;
            assert!(told.contains("SERIALD_TOKEN"), "{tool}: {told}");
        }
    }
    // Those that know no secrets.
    for scheme in ["socket", "rfc2217"] {
        let told = exchange(house.rig.server.entrance(scheme), b"reboot\n").await;
        let told = String::from_utf8_lossy(&told);
        assert!(told.contains("programs are not let in"), "{scheme}: {told}");
    }
    assert_eq!(house.rig.device("dev").unread(), b"");
    let state = house.get("root", "/api/v1/ports/dev").await.json();
    assert_eq!(state["viewers"], json!([]), "somebody is there");
}

#[tokio::test]
async fn who_may_only_look_does_not_answer_for_a_terminal() {
    let house = house().await;
    let (mut typist, mut viewer) = (house.client("typist").await, house.client("viewer").await);
    let answering = json!({"port": "dev", "from": "now", "answers": true});
    typist.subscribe_with(answering.clone()).await;
    viewer.subscribe_with(answering).await;
    let both = |port: &Value| port["viewers"].as_array().unwrap().len() == 2;
    let state = typist.state("dev", "both watch", both).await;
    assert_eq!(state["answerer"], typist.client.as_str());
}

#[tokio::test]
async fn everybody_appears_under_the_name_of_the_account_whatever_they_call_themselves() {
    let house = house().await;
    let (mut typist, mut viewer) = (house.client("typist").await, house.client("viewer").await);
    assert_eq!(typist.hello["name"], "typist");
    let channel = viewer.subscribe("dev", "now").await;
    typist.subscribe("dev", "now").await;
    let named = typist.done(json!({"type": "name", "name": "root"})).await;
    assert_eq!(named["name"], "typist (root)");
    let names = |port: &Value| {
        let viewers = port["viewers"].as_array().unwrap().iter();
        viewers
            .map(|viewer| viewer["name"].clone())
            .collect::<Vec<_>>()
            == ["viewer", "typist (root)"]
    };
    viewer.state("dev", "both are named", names).await;
    typist
        .ask(json!({"type": "write", "port": "dev", "text": "x"}))
        .await;
    let own = [("Seriald-Name", "typist")];
    let posed = [("Seriald-Name", "root")];
    for (headers, by) in [(own, "typist"), (posed, "typist (root)")] {
        let path = "/api/v1/ports/dev/marks";
        let mark = json!({"text": "here"}).to_string();
        let made = house
            .ask("typist", ("POST", path), &headers, mark.as_bytes())
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
        let marks = house.get("viewer", path).await.json();
        assert_eq!(marks.as_array().unwrap().last().unwrap()["by"], by);
    }
    let end = house.get("viewer", "/api/v1/ports/dev").await.json()["journal"]["head"].as_u64();
    viewer.reach(channel, end.unwrap()).await;
    assert_eq!(viewer.on(channel).tx()[0].0, "typist (root)");
}
