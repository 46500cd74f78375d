//! Floods: what strangers and people do again and again, and what it costs.

use std::fs;
use std::net::IpAddr;

use serde_json::{Value, json};

use crate::rig::http::{Answer, ask, ask_from};
use crate::rig::people::House;
use crate::rig::server::run;
use crate::rig::{Rig, until};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const SESSION: &str = "/api/v1/session";
const ELSEWHERE: [u8; 4] = [127, 0, 0, 2];

/// Tries that are free for one address, and for links from one.
const FREE: usize = 20;
const FREE_LINKS: usize = 3;

async fn house(config: &str) -> House {
    let people = [("root", "administer"), ("bob", "type")];
    House::open(&["dev"], &people, config).await
}

async fn enter(rig: &Rig, wish: &Value, more: &[(&str, &str)]) -> Answer {
    let headers = [&[JSON], more].concat();
    let body = wish.to_string();
    ask(
        rig.server.address(),
        "POST",
        SESSION,
        &headers,
        body.as_bytes(),
    )
    .await
}

#[tokio::test]
async fn whoever_names_other_addresses_waits_all_the_same() {
    // A proxy is known, but it is not this one.
    let house = house("trusted_proxies = [\"192.0.2.1\"]\n").await;
    let mut tried = 0;
    for number in 0..200 {
        let from = format!("10.0.{}.{}", number / 250, number % 250);
        let forwarded = format!("for={from}");
        let wish = json!({"name": format!("user{number}"), "password": "12345678"});
        let headers = [("X-Forwarded-For", &*from), ("Forwarded", &*forwarded)];
        match enter(&house.rig, &wish, &headers).await.status {
            401 => tried += 1,
            status => assert_eq!(status, 429),
        }
    }
    // Those that came when they had waited may have been more, on a slow machine.
    assert!((FREE..FREE + 10).contains(&tried), "{tried}");
    let root = json!({"name": "root", "password": "correct horse"}).to_string();
    let (to, from) = (house.rig.server.address(), IpAddr::from(ELSEWHERE));
    let signed_in = ask_from(from, to, "POST", SESSION, &[JSON], root.as_bytes()).await;
    assert_eq!(signed_in.status, 204, "{}", signed_in.text());
}

#[tokio::test]
async fn links_are_not_guessed_and_who_has_one_comes_in() {
    let house = house("").await;
    let wish = json!({"port": "dev"}).to_string();
    let shares = ("POST", "/api/v1/shares");
    let made = house.ask("bob", shares, &[], wish.as_bytes()).await.json();
    let secret = made["secret"].as_str().unwrap();
    let (kind, random) = secret.split_once('_').unwrap_or(("", secret));
    let before = house.rig.server.process().memory("VmRSS");
    let mut tried = 0;
    for number in 0..300 {
        let guess = format!("{kind}_{number:0>width$}", width = random.len());
        match enter(&house.rig, &json!({"share": guess}), &[])
            .await
            .status
        {
            401 => tried += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert!((FREE_LINKS..FREE_LINKS + 10).contains(&tried), "{tried}");
    let grown = house
        .rig
        .server
        .process()
        .memory("VmRSS")
        .saturating_sub(before);
    assert!(grown < 4 << 20, "it grew by {} KiB", grown >> 10);
    let opened = enter(&house.rig, &json!({"share": secret}), &[]).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
}

#[tokio::test]
async fn files_of_accounts_that_are_too_long_are_told_and_change_nothing() {
    let mut house = house("").await;
    let data = house.rig.folder.path().join("data");
    let (people, sessions) = (data.join("people.json"), data.join("sessions.json"));
    let whole = fs::read(&people).unwrap();
    let process = house.rig.server.process();
    let before = process.memory("VmRSS");
    for giant in [" ".repeat(40 << 20), "[".repeat(1 << 20)] {
        let told = house.rig.server.log().matches("people.json").count();
        fs::write(&people, giant).unwrap();
        let is_told = || house.rig.server.log().matches("people.json").count() > told;
        until("it is told", is_told).await;
        assert_eq!(house.get("root", "/api/v1/users").await.status, 200);
        let listed = run(&["user", "list", "--data", data.to_str().unwrap()]).await;
        assert_eq!(listed.code, Some(1), "{}", listed.stdout);
        assert!(listed.stderr.contains("people.json"), "{}", listed.stderr);
    }
    let grown = process.memory("VmHWM").saturating_sub(before);
    assert!(grown < 64 << 20, "it grew by {} KiB", grown >> 10);
    // Nobody comes in by a file that cannot be read.
    assert!(house.rig.server.stop().await.success());
    fs::write(&people, whole).unwrap();
    fs::write(&sessions, " ".repeat(40 << 20)).unwrap();
    house.rig.restart_closed();
    assert_eq!(house.get("root", "/api/v1/users").await.status, 200);
    assert!(
        house.rig.server.log().contains("sessions.json"),
        "{}",
        house.rig.server.log()
    );
}
