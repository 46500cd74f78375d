//! `seriald mcp`: an agent that speaks JSON-RPC to the real program.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::rig::server::{Server, program};
use crate::rig::{Rig, soon};

/// An agent, by its end of the pipes.
pub struct Agent {
    child: Child,
    say: Option<ChildStdin>,
    hear: Lines<BufReader<ChildStdout>>,
    asked: u64,
}

impl Agent {
    /// One that speaks to a server, with the secret of a token.
    pub fn start(server: &str, token: Option<&str>) -> Self {
        let mut command = Command::from(program());
        command.args(["mcp", "--server", server]);
        if let Some(token) = token {
            command.env("SERIALD_TOKEN", token);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let hear = child.stdout.take().expect("a pipe");
        Self {
            say: child.stdin.take(),
            hear: BufReader::new(hear).lines(),
            child,
            asked: 0,
        }
    }

    fn of(rig: &Rig) -> Self {
        Self::start(&format!("http://{}", rig.server.address()), None)
    }

    async fn say(&mut self, line: &str) {
        let say = self.say.as_mut().expect("it has not said everything");
        say.write_all(line.as_bytes()).await.unwrap();
        say.write_all(b"\n").await.unwrap();
    }

    async fn hear(&mut self) -> Value {
        let line = soon("it answers", self.hear.next_line()).await.unwrap();
        serde_json::from_str(&line.expect("it runs")).unwrap()
    }

    async fn begin(&mut self, method: &str, params: Value) -> u64 {
        self.asked += 1;
        let message =
            json!({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params});
        self.say(&message.to_string()).await;
        self.asked
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        let answer = self.hear().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// What a tool answers.
    pub async fn done(&mut self, name: &str, arguments: Value) -> Value {
        let answer = self
            .ask("tools/call", json!({"name": name, "arguments": arguments}))
            .await;
        let result = &answer["result"];
        assert_eq!(result["isError"], false, "{name}: {answer}");
        let text = result["content"][0]["text"].as_str().unwrap();
        let told: Value = serde_json::from_str(text).unwrap();
        assert_eq!(told, result["structuredContent"]);
        told
    }

    /// What a tool says that does not do it.
    pub async fn refused(&mut self, name: &str, arguments: Value) -> String {
        let answer = self
            .ask("tools/call", json!({"name": name, "arguments": arguments}))
            .await;
        assert_eq!(answer["result"]["isError"], true, "{name}: {answer}");
        answer["result"]["content"][0]["text"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

#[tokio::test]
async fn every_version_of_the_protocol_gets_its_handshake() {
    let rig = Rig::start(&["dev"]).await;
    for (asked, spoken) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2020-01-01", "2025-11-25"),
    ] {
        let mut agent = Agent::of(&rig);
        let wish = json!({"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
        let begun = agent.ask("initialize", wish).await;
        assert_eq!(begun["result"]["protocolVersion"], spoken);
        assert_eq!(begun["result"]["serverInfo"]["name"], "seriald");
        agent
            .say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
            .await;
        assert_eq!(agent.ask("ping", json!({})).await["result"], json!({}));
        let list = agent.ask("tools/list", json!({})).await;
        assert!(list["result"]["resultType"].is_null());
    }
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let mut agent = Agent::of(&rig);
    let found = agent.ask("server/discover", json!({"_meta": meta})).await;
    assert_eq!(found["result"]["supportedVersions"][0], "2026-07-28");
    let called = agent
        .ask(
            "tools/call",
            json!({"_meta": meta, "name": "list_ports", "arguments": {}}),
        )
        .await;
    assert_eq!(called["result"]["resultType"], "complete");
    let other = json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2031-01-01"}});
    let refused = agent.ask("tools/list", other).await;
    assert_eq!(refused["error"]["code"], -32022);
}

#[tokio::test]
async fn every_tool_has_a_schema_and_says_what_it_does() {
    let rig = Rig::start(&["dev"]).await;
    let mut agent = Agent::of(&rig);
    let list = agent.ask("tools/list", json!({})).await;
    let tools = list["result"]["tools"].as_array().unwrap();
    let names: Vec<_> = tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "list_ports",
            "read",
            "tail",
            "search",
            "send",
            "expect",
            "reset",
            "configure",
            "mark",
            "lend",
            "give_back"
        ]
    );
    for tool in tools {
        assert!(tool["description"].as_str().unwrap().len() > 40, "{tool}");
        assert_eq!(tool["inputSchema"]["type"], "object");
        for needed in tool["inputSchema"]["required"].as_array().unwrap() {
            assert!(
                tool["inputSchema"]["properties"][needed.as_str().unwrap()].is_object(),
                "{tool}"
            );
        }
    }
}

#[tokio::test]
async fn an_agent_that_goes_on_at_next_misses_nothing() {
    let rig = Rig::start(&["dev"]).await;
    let mut agent = Agent::of(&rig);
    let start = agent.done("list_ports", json!({})).await;
    let mut from = start["ports"][0]["head"].as_u64().unwrap();
    assert_eq!(start["ports"][0]["settings"], "4000000 8N1");
    let device = rig.device("dev");
    let mut all = String::new();
    let mut expected = String::new();
    for number in 0..40 {
        let line = format!("line {number}\n");
        device.send(line.as_bytes()).await;
        expected.push_str(&line);
    }
    while all.len() < expected.len() {
        let read = agent
            .done(
                "read",
                json!({"port": "dev", "from": from, "max_bytes": 100, "wait_ms": 10000}),
            )
            .await;
        assert_eq!(read["gaps"], json!([]));
        assert_eq!(read["from"], from);
        all.push_str(read["text"].as_str().unwrap());
        from = read["next"].as_u64().unwrap();
    }
    assert_eq!(all, expected);
    let tail = agent.done("tail", json!({"port": "dev", "lines": 2})).await;
    let lines = tail["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    assert!(lines[1].as_str().unwrap().ends_with("Z line 39"), "{tail}");
    let none = agent
        .done("read", json!({"port": "dev", "from": from, "wait_ms": 1}))
        .await;
    assert_eq!((&none["text"], &none["more"]), (&json!(""), &json!(false)));
}

#[tokio::test]
async fn hostile_bytes_are_made_harmless_and_can_be_had_exactly() {
    let rig = Rig::start(&["dev"]).await;
    let mut agent = Agent::of(&rig);
    let head = agent.done("list_ports", json!({})).await["ports"][0]["head"].clone();
    let bytes = b"\x1b]0;owned\x07\x1b[2J\xff\x00ok\x1b[6n\n";
    rig.device("dev").send(bytes).await;
    let mut read = Value::Null;
    soon("all of it came", async {
        while read["hex"]
            .as_str()
            .is_none_or(|hex| hex.len() < 2 * bytes.len())
        {
            let wish = json!({"port": "dev", "from": head, "hex": true, "wait_ms": 1000});
            read = agent.done("read", wish).await;
        }
    })
    .await;
    assert_eq!(read["text"], "\u{fffd}ok\n");
    assert_eq!(
        read["hex"],
        "1b5d303b6f776e6564071b5b324aff006f6b1b5b366e0a"
    );
}

#[tokio::test]
async fn what_is_sent_is_expected_and_marked_and_seen_by_others() {
    let rig = Rig::start(&["dev"]).await;
    let device = rig.device("dev");
    let mut agent = Agent::of(&rig);
    let sent = agent
        .done("send", json!({"port": "dev", "text": "led on"}))
        .await;
    assert_eq!(sent["length"], 7);
    assert_eq!(device.read(7).await, b"led on\n");
    let answers = async {
        device.read(3).await;
        device.send(b"\x1b[1mv = 4.8 V\r\n").await;
    };
    let wish = json!({"port": "dev", "text": "v?", "end": "cr", "until": "([0-9.]+) V"});
    let (reply, ()) = tokio::join!(agent.done("expect", wish), answers);
    assert_eq!(
        (&reply["text"], &reply["match"]),
        (&json!("v = 4.8 V"), &json!(["4.8 V", "4.8"]))
    );
    let mark = agent
        .done("mark", json!({"port": "dev", "text": "measured"}))
        .await;
    assert!(mark["offset"].is_u64());
    let read = agent
        .done(
            "read",
            json!({"port": "dev", "from": sent["offset"], "typed": true}),
        )
        .await;
    let typed: Vec<_> = read["typed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["text"])
        .collect();
    assert_eq!(typed[..2], [&json!("led on\n"), &json!("v?")]);
    let found = agent
        .done(
            "search",
            json!({"query": "4.8", "ports": ["dev"], "limit": 5}),
        )
        .await;
    assert_eq!(found["matches"][0]["port"], "dev", "{found}");
    assert_eq!(found["complete"], true);
}

#[tokio::test]
async fn a_port_is_configured_lent_and_given_back() {
    let rig = Rig::start(&["dev"]).await;
    let mut agent = Agent::of(&rig);
    let set = agent
        .done(
            "configure",
            json!({"port": "dev", "baud": 9600, "parity": "even"}),
        )
        .await;
    assert_eq!(
        (&set["settings"]["baud"], &set["settings"]["parity"]),
        (&json!(9600), &json!("even"))
    );
    let lent = agent
        .done("lend", json!({"port": "dev", "to": "esptool"}))
        .await;
    assert_eq!(lent["path"], rig.device("dev").path().to_str().unwrap());
    assert_eq!(rig.state("dev").await["lent"]["to"], "esptool");
    let busy = agent
        .refused("send", json!({"port": "dev", "text": "x"}))
        .await;
    assert!(busy.contains("released"), "{busy}");
    assert_eq!(
        agent.done("give_back", json!({"port": "dev"})).await["given_back"],
        true
    );
    soon("it is back", async {
        while rig.state("dev").await["state"] != "open" {}
    })
    .await;
    agent
        .done("lend", json!({"port": "dev", "to": "esptool"}))
        .await;
    agent.say = None;
    soon("it ends", agent.child.wait()).await.unwrap();
    soon("it is back", async {
        while rig.state("dev").await["state"] != "open" {}
    })
    .await;
}

#[tokio::test]
async fn a_board_is_reset_by_its_lines_and_the_journal_says_by_whom() {
    let folder = tempfile::tempdir().unwrap();
    let Some((rig, lines)) = Rig::with_lines(folder, "dev", &[]).await else {
        return;
    };
    let mut agent = Agent::of(&rig);
    let wish = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench-agent", "version": "1"}});
    agent.ask("initialize", wish).await;
    let reset = json!({"port": "dev", "sequence": "dtr=0,rts=0,50ms,dtr=1"});
    let played = agent.done("reset", reset.clone()).await;
    assert_eq!(played, json!({"played": reset["sequence"]}));
    let moved = lines.moved();
    let moved: Vec<_> = moved.iter().map(|line| (line.dtr, line.rts)).collect();
    assert_eq!(moved, [(false, false), (true, false)]);
    agent
        .done("send", json!({"port": "dev", "text": "go"}))
        .await;
    let told = agent
        .done("read", json!({"port": "dev", "typed": true}))
        .await;
    let by: Vec<_> = told["typed"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["by"] == "bench-agent (mcp)")
        .map(|one| (one["note"].as_str(), one["text"].as_str()))
        .collect();
    assert_eq!(by.last(), Some(&(None, Some("go\n"))), "{told}");
    assert!(
        by.iter()
            .any(|(note, _)| note.is_some_and(|note| note.contains("dtr=0,rts=0,50ms,dtr=1"))),
        "{told}"
    );
}

#[tokio::test]
async fn a_long_wait_holds_up_nobody_and_can_be_cancelled() {
    let rig = Rig::start(&["dev"]).await;
    let mut agent = Agent::of(&rig);
    let wish = json!({"name": "expect", "arguments": {"port": "dev", "until": "never", "timeout_ms": 300_000}});
    let waiting = agent.begin("tools/call", wish).await;
    assert_eq!(agent.ask("ping", json!({})).await["result"], json!({}));
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": waiting}});
    agent.say(&cancel.to_string()).await;
    // Each of these comes before an answer to the one that was cancelled could.
    for _ in 0..5 {
        agent.done("list_ports", json!({})).await;
    }
    let late = agent
        .refused(
            "expect",
            json!({"port": "dev", "until": "never", "timeout_ms": 50}),
        )
        .await;
    assert!(late.contains("50 ms"), "{late}");
    for number in 0..16 {
        let wish = json!({"name": "expect", "arguments": {"port": "dev", "until": "never", "timeout_ms": 60_000 + number}});
        agent.begin("tools/call", wish).await;
    }
    let too_many = agent.ask("tools/call", json!({"name": "list_ports"})).await;
    assert!(
        too_many["error"]["message"]
            .as_str()
            .unwrap()
            .contains("16 calls"),
        "{too_many}"
    );
    agent.say = None;
    let ended = soon("it ends", agent.child.wait()).await.unwrap();
    assert!(ended.success());
}

#[tokio::test]
async fn bad_arguments_are_errors_that_say_what_is_possible() {
    let rig = Rig::start(&["dev"]).await;
    let mut agent = Agent::of(&rig);
    for (name, arguments, named) in [
        ("read", json!({}), "`port`"),
        ("read", json!({"port": "dev", "form": 1}), "`from`"),
        ("read", json!({"port": "../x"}), "list_ports"),
        ("read", json!({"port": "gps"}), "there are: dev"),
        ("read", json!({"port": "dev", "max_bytes": 0}), "1 to 65536"),
        (
            "read",
            json!({"port": "dev", "wait_ms": 99_999_999}),
            "0 to 60000",
        ),
        (
            "read",
            json!({"port": "dev", "from": 1_u64 << 50}),
            "which reaches from 0 to",
        ),
        ("tail", json!({"port": "dev", "lines": 0}), "1 to 1000"),
        (
            "search",
            json!({"query": "(", "regex": true}),
            "unclosed group",
        ),
        (
            "search",
            json!({"query": "x", "limit": 100_000}),
            "1 to 200",
        ),
        ("send", json!({"port": "dev"}), "give text or hex"),
        (
            "send",
            json!({"port": "dev", "text": "x", "hex": "00"}),
            "not both",
        ),
        (
            "send",
            json!({"port": "dev", "hex": "0x"}),
            "is not a hex digit",
        ),
        (
            "send",
            json!({"port": "dev", "text": "x", "end": "nl"}),
            "`crlf`",
        ),
        (
            "expect",
            json!({"port": "dev", "until": "("}),
            "unclosed group",
        ),
        (
            "expect",
            json!({"port": "dev", "timeout_ms": 0}),
            "1 to 300000",
        ),
        (
            "reset",
            json!({"port": "dev", "sequence": "boot"}),
            "esp-reset",
        ),
        (
            "configure",
            json!({"port": "dev", "baud": 0}),
            "baud rate of 0",
        ),
        ("configure", json!({"port": "dev", "speed": 1}), "`baud`"),
        ("mark", json!({"port": "dev", "text": ""}), "1000"),
        (
            "lend",
            json!({"port": "dev", "to": "x", "seconds": 0}),
            "1 to 86400",
        ),
        ("give_back", json!({"port": "dev"}), "lend begins"),
    ] {
        let text = agent.refused(name, arguments.clone()).await;
        assert!(text.contains(named), "{name} {arguments}: {text}");
    }
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn a_wait_ends_with_what_comes_or_with_the_server_and_goes_on_when_that_is_back() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut agent = Agent::of(&rig);
    let mut from = agent.done("list_ports", json!({})).await["ports"][0]["head"].clone();
    let waits = async |rig: &Rig, agent: &mut Agent, from: &Value| {
        let nobody = json!([]);
        let reading = json!({"port": "dev", "from": from, "wait_ms": 60_000});
        soon("nobody waits", async {
            while rig.state("dev").await["viewers"] != nobody {}
        })
        .await;
        let call = json!({"name": "read", "arguments": reading});
        agent.begin("tools/call", call).await;
        soon("it waits", async {
            while rig.state("dev").await["viewers"] == nobody {}
        })
        .await;
    };
    waits(&rig, &mut agent, &from).await;
    rig.device("dev").send(b"!").await;
    let came = agent.hear().await["result"]["structuredContent"].clone();
    assert_eq!(came["text"], "!", "{came}");
    from = came["next"].clone();
    waits(&rig, &mut agent, &from).await;
    let address = rig.server.address().to_string();
    rig.server.kill();
    let away = agent.hear().await["result"]["content"][0]["text"].clone();
    let away = away.as_str().unwrap();
    assert!(away.contains("is seriald running there?"), "{away}");
    rig.restart_at(&address).await;
    let ports = agent.done("list_ports", json!({})).await;
    assert_eq!(ports["ports"][0]["state"], "open");
}

#[tokio::test]
async fn a_server_that_is_away_is_told_with_the_way_out() {
    let mut agent = Agent::start("http://127.0.0.1:1", None);
    let text = agent.refused("list_ports", json!({})).await;
    assert!(text.contains("is seriald running there?"), "{text}");
    let ran = crate::rig::server::run(&["mcp", "--server", "nowhere"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("http://127.0.0.1:8080"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn an_agent_has_the_rights_of_the_token_that_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    // Not a loopback address, so that it asks for the token.
    let server = Server::start(folder.path(), &["--listen", "0.0.0.0:0"]);
    let secret = server.printed().split_once("#token=").unwrap().1.trim();
    let address = format!("http://{}", server.address());
    for wrong in [None, Some("wrong")] {
        let text = Agent::start(&address, wrong)
            .refused("list_ports", json!({}))
            .await;
        assert!(text.contains("SERIALD_TOKEN"), "{text}");
    }
    let ports = Agent::start(&address, Some(secret))
        .done("list_ports", json!({}))
        .await;
    assert_eq!(ports, json!({"ports": []}));
}
