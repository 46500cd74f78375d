//! Attacks: what strangers, pages and devices try, and the tests that hold the server to its word. Those
//! that fit nowhere else are here.
//!
//! | what is tried | what shows that it fails |
//! |---|---|
//! | a foreign page opens a socket, or calls the interface | `origins::no_route_serves_a_foreign_page_or_answers_to_a_foreign_name` |
//! | a foreign name is rebound to this machine | `origins::no_route_serves_a_foreign_page_or_answers_to_a_foreign_name` |
//! | a form of a foreign page is sent; something is changed by GET | `origins::a_form_of_a_foreign_page_changes_nothing_even_without_an_origin`, `origins::nothing_is_changed_by_looking` |
//! | a stranger reads or types | `token::from_elsewhere_nothing_is_served_without_the_token`, `telnet::only_this_machine_is_let_in_unless_nobody_is_asked_for_a_token` |
//! | a route or a door that was forgotten | `rights::every_route_asks_for_its_least_right_and_lets_in_who_has_it`, `rights::every_request_of_the_socket_asks_for_its_least_right`, `rights::every_door_but_the_routes_asks_who_comes_too` |
//! | a session goes on after its end | `access::another_password_ends_all_sessions_but_the_one_that_changed_it`, `ending::sockets_answers_and_loans_end_with_the_rights_that_they_were_given_for` |
//! | device bytes or names as HTML | `origins::every_answer_has_the_security_headers` |
//! | a device makes terminals type | `viewers::only_the_answerers_answers_reach_the_device`, `rights::who_may_only_look_does_not_answer_for_a_terminal`, `attach::a_query_is_answered_once_by_the_terminal_and_never_from_the_past` |
//! | names of devices and files as commands, or as more than a line of text | `flash::the_file_is_gone_afterwards_and_its_name_leads_nowhere`, `descriptors::what_a_device_says_of_itself_is_shown_as_text_and_names_nothing` |
//! | requests that two programs read differently; headers out of names | `requests::what_two_could_read_differently_is_the_last_on_its_connection`, `requests::nothing_of_an_address_becomes_a_header` |
//! | a path that leads out of a folder, or names a file instead of a port | `attacks::no_name_in_an_address_leads_to_a_file`, `open_errors::a_file_that_is_no_terminal_is_named_as_such` |
//! | links planted in the data folder; files that others can read | `attacks::planted_links_are_not_followed`, `attacks::what_is_kept_is_for_its_owner_alone` |
//! | passwords and links are guessed, accounts are found out | `access::whoever_guesses_waits_and_nobody_else_does`, `floods::whoever_names_other_addresses_waits_all_the_same`, `floods::links_are_not_guessed_and_who_has_one_comes_in` |
//! | much that begins and never ends; people who say and book without end | `oidc/hostile::attempts_without_number_cost_nothing`, `bookings::nobody_books_so_much_that_nothing_is_left_for_others`, `turns::what_is_said_stands_in_the_journal_and_nobody_floods_it` |
//! | files of accounts that are too long | `floods::files_of_accounts_that_are_too_long_are_told_and_change_nothing` |
//! | secrets in logs, processes and metrics | `access::secrets_stand_nowhere_but_with_those_who_have_them`, `audit::people_are_told_by_their_accounts_and_so_is_what_they_may_not` |
//! | headers, bodies and handshakes that never end | `attacks::people_sign_in_while_strangers_hold_what_they_can`, `limits::a_header_that_never_ends_is_not_waited_for`, `limits::a_body_that_trickles_is_not_waited_for`, `requests::no_route_waits_for_a_body_that_never_comes`, `tls::half_a_handshake_holds_up_nobody_and_not_for_ever` |
//! | giant headers, frames and messages | `limits::a_giant_header_is_refused`, `limits::a_frame_that_claims_to_be_giant_is_refused_before_it_is_there`, `attacks::a_message_of_endless_pieces_is_refused_and_costs_no_memory` |
//! | what is small on the wire and large in memory | `attacks::nothing_compressed_is_taken` |
//! | readers that do not read | `attacks::a_crowd_that_never_reads_costs_bounded_memory_and_nobody_else_notices`, `stalled::one_that_stops_reading_is_told_what_it_missed_and_nobody_else_notices` |
//! | a broker that talks and never listens, or gives orders unasked | `mqtt/hostile::a_broker_that_talks_and_never_listens_is_left_and_costs_nobody_anything`, `mqtt/hostile::a_broker_that_was_asked_for_no_commands_cannot_give_any` |
//! | telnet that never ends | `hostile::hostile_telnet_harms_nobody` |
//! | more connections than there are descriptors | `attacks::without_descriptors_those_who_are_there_go_on` |
//! | more connections or bytes than somebody may have | `limits::one_address_has_as_many_connections_as_the_configuration_says`, `limits::a_socket_has_its_seat_for_as_long_as_it_is_open`, `limits::an_account_has_as_many_connections_as_the_configuration_says`, `limits::an_address_gets_and_sends_no_more_than_its_bandwidth_and_nobody_else_waits` |
//! | plain HTTP where TLS is spoken, old versions, another certificate | `tls::whoever_comes_without_tls_is_sent_to_the_same_place_with_it`, `tls::tls_1_2_and_1_3_are_spoken_and_nothing_older`, `tls::what_is_of_no_use_is_told_with_its_file_and_the_way_out` |
//! | the console in a frame | `origins::every_answer_has_the_security_headers` |
//! | lines forged in the log and the audit | `attacks::nobody_forges_a_line_of_the_log` |

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::client::Client;
use crate::rig::device::Device;
use crate::rig::http::{UPGRADE, ask, begin, exchange, get};
use crate::rig::people::House;
use crate::rig::random::patterns;
use crate::rig::server::Server;
use crate::rig::{Rig, soon, until};

#[test]
fn each_test_that_is_named_above_is_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all");
    let table = include_str!("attacks.rs").lines();
    let table = table.take_while(|line| line.starts_with("//!"));
    let mut named = 0;
    for name in table
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|name| name.contains("::"))
    {
        let (file, test) = name.split_once("::").unwrap();
        let text = fs::read_to_string(folder.join(file).with_extension("rs")).unwrap();
        assert!(text.contains(&format!("fn {test}()")), "{name}");
        named += 1;
    }
    assert!(named > 30, "{named}");
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Holds connections that begin with these bytes.
async fn hold(to: std::net::SocketAddr, count: usize, bytes: &[u8]) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        held.push(stream);
    }
    held
}

#[tokio::test]
async fn people_sign_in_while_strangers_hold_what_they_can() {
    let house = House::open(&["dev"], &[("root", "administer")], "").await;
    let address = house.rig.server.address();
    let head =
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let body = format!("{head}Content-Length: 100\r\n\r\n{{");
    let mut held = Vec::new();
    for half in ["", "POST /", head, &body] {
        held.extend(hold(address, 100, half.as_bytes()).await);
    }
    let wish = json!({"name": "root", "password": "correct horse"}).to_string();
    let answer = ask(address, "POST", "/api/v1/session", &[JSON], wish.as_bytes()).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert_eq!(house.get("root", "/api/v1/ports").await.status, 200);
    drop(held);
}

/// A WebSocket by hand, and what it was answered with.
async fn socket(rig: &Rig, more: &str) -> (TcpStream, String) {
    let mut request = "GET /api/v1/socket HTTP/1.1\r\nHost: localhost\r\n".to_owned();
    for (name, value) in UPGRADE {
        request += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(rig.server.address()).await.unwrap();
    let request = format!("{request}{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon("it is answered", stream.read_u8()).await.unwrap());
    }
    (stream, String::from_utf8(head).unwrap().to_lowercase())
}

/// A frame with this first byte, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_be_bytes();
    [&[first, 0xff][..], &length, &[0; 4], payload].concat()
}

/// The code with which the server closed a socket.
async fn closed(stream: &mut TcpStream) -> u16 {
    let mut all = Vec::new();
    // What was not read any more may reset the connection.
    let _: io::Result<_> = soon("it is closed", stream.read_to_end(&mut all)).await;
    let codes = all.windows(4).filter(|four| four[0] == 0x88);
    let mut codes = codes.map(|four| u16::from_be_bytes([four[2], four[3]]));
    codes
        .find(|code| (1000..5000).contains(code))
        .expect("a goodbye")
}

#[tokio::test]
async fn a_message_of_endless_pieces_is_refused_and_costs_no_memory() {
    let rig = Rig::start(&["dev"]).await;
    let before = rig.server.process().memory("VmRSS");
    let (stream, _) = socket(&rig, "").await;
    let (mut read, mut write) = stream.into_split();
    let sending = async {
        let mut piece = frame(0x01, &[b'x'; 64 << 10]);
        let mut sent = 0;
        while write.write_all(&piece).await.is_ok() {
            piece = frame(0x00, &[b'x'; 64 << 10]);
            sent += 1;
            assert!(sent < 1024, "64 MiB were taken");
        }
    };
    let mut all = Vec::new();
    let reading = async {
        let _: io::Result<_> = read.read_to_end(&mut all).await;
    };
    soon("it is closed", async { tokio::join!(sending, reading) }).await;
    let told = String::from_utf8_lossy(&all);
    assert!(told.contains("a message may have 1048576 bytes"), "{told}");
    let grown = rig.server.process().memory("VmHWM").saturating_sub(before);
    assert!(grown < 16 << 20, "the server grew by {} KiB", grown >> 10);
}

#[tokio::test]
async fn nothing_compressed_is_taken() {
    let rig = Rig::start(&["dev"]).await;
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let (mut stream, answered) = socket(&rig, offer).await;
    assert!(answered.starts_with("http/1.1 101"), "{answered}");
    assert!(!answered.contains("extensions"), "{answered}");
    // A text whose first reserved bit says that it is compressed.
    stream
        .write_all(&frame(0xc1, &[0xaa, 0x56, 0]).to_vec())
        .await
        .unwrap();
    assert_eq!(closed(&mut stream).await, 1002);
    // A mark, as gzip has it.
    let gzip = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56, 0x2a, 0x49, 0xad, 0x28, 0x51, 0xb2, 0x52,
        0xaa, 0x50, 0xaa, 5, 0, 0xb1, 0xc6, 0x7e, 0x1f, 0x0c, 0, 0, 0,
    ];
    let headers = [JSON, ("Content-Encoding", "gzip")];
    for (method, path) in [
        ("POST", "/api/v1/ports/dev/marks"),
        ("POST", "/api/v1/ports/dev/write"),
        ("PATCH", "/api/v1/ports/dev"),
        ("PUT", "/api/v1/panels/x"),
        ("POST", "/api/v1/session"),
    ] {
        let answer = ask(rig.server.address(), method, path, &headers, &gzip).await;
        let told = (answer.status, &*answer.code());
        assert_eq!(told, (415, "bad-message"), "{method} {path}");
    }
    assert_eq!(rig.device("dev").unread(), b"");
    let encodings = [("Accept-Encoding", "gzip, deflate, br")];
    let answer = ask(
        rig.server.address(),
        "GET",
        "/api/v1/ports",
        &encodings,
        b"",
    )
    .await;
    assert_eq!(answer.header("content-encoding"), None);
    // HTTP/2 has ways of its own to be large.
    let answer = exchange(rig.server.address(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    let is_refused = answer.is_empty() || answer.starts_with(b"HTTP/1.1 4");
    assert!(is_refused, "{}", answer.escape_ascii());
}

#[tokio::test]
async fn a_crowd_that_never_reads_costs_bounded_memory_and_nobody_else_notices() {
    // About as many as one address may have, and one process descriptors.
    const CROWD: usize = 900;
    /// Each that comes is told to all who are there, so that takes a while: it is waited for so many at a time.
    const PART: usize = 50;
    const FLOOD: usize = 16 << 20;
    let rig = Rig::with(&["dev"], &["--no-record"]).await;
    let mut healthy = rig.client().await;
    let mut crowd = Vec::new();
    let subscribe = json!({"type": "subscribe", "id": 1, "port": "dev", "from": "now"}).to_string();
    for _ in 0..CROWD / PART {
        for _ in 0..PART {
            let (mut stream, _) = socket(&rig, "").await;
            stream
                .write_all(&frame(0x81, subscribe.as_bytes()))
                .await
                .unwrap();
            crowd.push(stream);
        }
        healthy
            .state("dev", "all that came watch", |port| {
                port["viewers"].as_array().unwrap().len() == crowd.len()
            })
            .await;
    }
    let channel = healthy.subscribe("dev", "now").await;
    let start = healthy.on(channel).next;
    let before = rig.server.process().memory("VmRSS");
    for from in (0..FLOOD).step_by(1 << 20) {
        let piece = patterns(from as u64, 1 << 20);
        let end = start + (from as u64) + (1 << 20);
        tokio::join!(rig.device("dev").send(&piece), healthy.reach(channel, end));
        assert!(healthy.on(channel).gaps().is_empty());
        healthy.channels.get_mut(&channel).unwrap().records.clear();
    }
    // A batch each, and the ring.
    let grown = rig.server.process().memory("VmHWM") - before;
    assert!(grown < 200 << 20, "the server grew by {} KiB", grown >> 10);
    drop(crowd);
    healthy
        .state("dev", "they are gone", |port| {
            port["viewers"].as_array().unwrap().len() == 1
        })
        .await;
}

#[tokio::test]
async fn without_descriptors_those_who_are_there_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::plugged(folder.path().join("dev"));
    let spec = format!("dev={}@4000000", device.link().display());
    let server = Server::start_with(folder.path(), &[&spec], |command| {
        let few = libc::rlimit {
            rlim_cur: 64,
            rlim_max: 64,
        };
        // SAFETY: it calls nothing else between fork and exec.
        unsafe {
            command.pre_exec(move || match libc::setrlimit(libc::RLIMIT_NOFILE, &few) {
                0 => Ok(()),
                _ => Err(io::Error::last_os_error()),
            });
        }
    })
    .expect("the program starts");
    let mut early = Client::connect(&server).await;
    early
        .state("dev", "it is open", |port| port["state"] == "open")
        .await;
    let channel = early.subscribe("dev", "now").await;
    let crowd = hold(server.address(), 100, b"").await;
    let full = || server.log().contains("no connection can be accepted");
    until("there are none left", full).await;

    let work = server.process().work();
    for round in 0..10u8 {
        device.send(&[round; 100]).await;
        early.rx(channel, 100 * (usize::from(round) + 1)).await;
        early.write(channel, b"typed").await;
        assert_eq!(device.read(5).await, b"typed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let used = server.process().work() - work;
    assert!(used < 40, "{used} hundredths of a second in half a one");
    drop(crowd);
    soon("others come in again", async {
        while get(server.address(), "/healthz").await.status != 200 {}
    })
    .await;
}

#[tokio::test]
async fn no_name_in_an_address_leads_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let www = folder.path().join("www");
    fs::create_dir(&www).unwrap();
    fs::write(www.join("index.html"), "mine").unwrap();
    fs::write(folder.path().join("secret"), "a secret of mine").unwrap();
    symlink(folder.path().join("secret"), www.join("link")).unwrap();
    let www = www.to_str().unwrap().to_owned();
    let rig = Rig::within(folder, &["dev"], &["--www", &www]).await;
    let address = rig.server.address();
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/..%5csecret",
        "/link",
        "/console/../../secret",
        "/console/..%2f..%2fsecret",
        "/index.html%00.txt",
    ] {
        let answer = get(address, path).await;
        assert!(
            [400, 404].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        assert!(!answer.text().contains("a secret of mine"), "{path}");
    }
    let secret = format!("{}/secret", rig.folder.path().display());
    for name in [
        "/etc/shadow",
        "/dev/mem",
        "/dev/tty1",
        "..",
        "../dev",
        &secret,
    ] {
        let name = name.replace('/', "%2F");
        for (method, more) in [
            ("GET", ""),
            ("PATCH", ""),
            ("GET", "/history?format=raw"),
            ("POST", "/write"),
            ("POST", "/marks"),
        ] {
            let path = format!("/api/v1/ports/{name}{more}");
            let answer = begin(address, method, &path, &[JSON], b"{}").await;
            assert!([400, 404, 405].contains(&answer.status), "{method} {path}");
        }
        let path = format!("/api/v1/panels/{name}");
        for method in ["GET", "PUT", "DELETE"] {
            let panel = br#"{"seriald": 1, "title": "x", "widgets": []}"#;
            let answer = ask(address, method, &path, &[JSON], panel).await;
            assert!([400, 404].contains(&answer.status), "{method} {path}");
        }
    }
    let mut client = rig.client().await;
    for request in ["open", "sent", "write", "release", "subscribe"] {
        let question = json!({"type": request, "port": secret, "from": "now", "text": "x"});
        client.refused(question, "unknown-port").await;
    }
    assert_eq!(fs::read_to_string(secret).unwrap(), "a secret of mine");
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        }
        all.push(path);
    }
    all
}

#[tokio::test]
async fn what_is_kept_is_for_its_owner_alone() {
    let house = House::open(&["dev"], &[("root", "administer")], "[audit]\n").await;
    house.rig.device("dev").send(b"a password, say").await;
    let data = house.rig.folder.path().join("data");
    let is_recorded = || {
        let wal = |path: &Path| path.to_string_lossy().ends_with("-wal");
        files(&data).iter().any(|path| wal(path))
    };
    until("it is recorded", is_recorded).await;
    let open: Vec<_> = files(&data)
        .into_iter()
        .filter(|path| {
            let mut above = path.ancestors().take_while(|path| *path != data);
            let mode = |path: &Path| path.metadata().map_or(0, |file| file.permissions().mode());
            // In a folder that nobody else may enter, or for nobody else's eyes.
            !above.any(|path| mode(path) & 0o077 == 0)
        })
        .collect();
    assert!(open.is_empty(), "others can read {open:?}");
}

#[tokio::test]
async fn planted_links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let planted = [
        "journal/dev/head",
        "audit/000001-2026-11-01.jsonl",
        "people.lock",
    ];
    for (at, name) in planted.iter().enumerate() {
        let (link, victim) = (data.join(name), folder.path().join(format!("victim{at}")));
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        fs::write(&victim, "mine").unwrap();
        symlink(victim, link).unwrap();
    }
    let config = folder.path().join("seriald.toml");
    fs::write(&config, "[audit]\n").unwrap();
    let config = config.to_str().unwrap().to_owned();
    let rig = Rig::within(folder, &["dev"], &["--config", &config]).await;
    rig.device("dev").send(b"hello").await;
    let told = || {
        let log = rig.server.log();
        ["head", "audit"].iter().all(|name| log.contains(name))
    };
    until("it is told", told).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "oldest").await;
    assert_eq!(client.rx(channel, 5).await, b"hello", "it goes on");
    let data = data.to_str().unwrap();
    let add = [
        "user",
        "add",
        "eve",
        "--may",
        "see",
        "--no-password",
        "--data",
        data,
    ];
    let refused = crate::rig::server::run(&add).await;
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("people.json"), "{}", refused.stderr);
    for (at, name) in planted.iter().enumerate() {
        let victim = rig.folder.path().join(format!("victim{at}"));
        assert_eq!(fs::read_to_string(victim).unwrap(), "mine", "{name}");
    }
}

#[tokio::test]
async fn nobody_forges_a_line_of_the_log() {
    const FORGED: &str = "2026-01-01T00:00:00.000000Z  INFO eve is let in";
    let folder = tempfile::tempdir().unwrap();
    let name = format!("\u{1b}[2J\u{9b}2J\n{FORGED}");
    let device = Device::absent(folder.path().join(&name));
    let spec = format!("dev={}", device.link().display());
    let config = folder.path().join("seriald.toml");
    let text = format!("[port.other]\ndevice = {}\n[audit]\n", json!(device.link()));
    fs::write(&config, text).unwrap();
    let flags = [
        "--listen",
        "0.0.0.0:0",
        "--config",
        config.to_str().unwrap(),
        &spec,
    ];
    let server = Server::start_with(folder.path(), &flags, |command| {
        command.env("SERIALD_LOG", "debug");
    })
    .expect("the program starts");
    let address = server.address();
    let wish = json!({"name": name, "password": name}).to_string();
    for token in ["", "wrong"] {
        let bearer = format!("Bearer {token}");
        let headers = [
            JSON,
            ("Authorization", &*bearer),
            ("Seriald-Name", "a\u{1b}[2J"),
        ];
        for (method, path) in [
            ("POST", "/api/v1/session"),
            ("GET", "/api/v1/ports/%1b%5b2J%0aeve"),
            ("GET", "/%1b%5b2J%0aeve"),
        ] {
            ask(address, method, path, &headers, wish.as_bytes()).await;
        }
    }
    exchange(address, format!("GET /\n{FORGED}\n\u{1b}[2J\n").as_bytes()).await;
    until("the device is missed", || server.log().contains("eve")).await;
    let audit = folder.path().join("data/audit");
    until("the audit is written", || {
        let has_text = |file: &Path| fs::metadata(file).is_ok_and(|file| file.len() > 0);
        audit.is_dir() && files(&audit).iter().any(|file| has_text(file))
    })
    .await;
    let audit = files(&audit);
    let audit = audit.iter().map(|file| fs::read_to_string(file).unwrap());
    for text in [server.log(), audit.collect()] {
        assert!(!text.is_empty());
        for line in text.lines() {
            assert!(!line.starts_with(FORGED), "{line}");
            assert!(!line.contains(['\u{1b}', '\u{9b}', '\r']), "{line:?}");
        }
    }
    for line in server.log().lines() {
        assert!(line.starts_with("20") && line.contains("Z "), "{line:?}");
    }
    let _: Vec<Value> = audit_lines(&folder.path().join("data/audit"));
}

/// The entries of an audit, each of them whole.
fn audit_lines(folder: &Path) -> Vec<Value> {
    let text = files(folder);
    let text = text.iter().map(|file| fs::read_to_string(file).unwrap());
    let text: String = text.collect();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}
