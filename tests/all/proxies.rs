//! Reverse proxies: what one says of whom it speaks for counts if the operator has named it.

use serde_json::json;

use crate::rig::Rig;
use crate::rig::client::Client;
use crate::rig::http::{ask, get};
use crate::rig::people::bearer;
use crate::rig::server::{Server, run};

const SAID: [(&str, &str); 2] = [
    ("x-forwarded-for", "6.6.6.6, 192.0.2.7"),
    ("x-forwarded-proto", "https"),
];

/// Where a client is seen to come from that says so.
async fn seen(rig: &Rig) -> String {
    // Through a known proxy strangers come, who are asked for the token.
    let secret = rig.server.printed().split_once("#token=");
    let secret = bearer(secret.map_or("", |(_, secret)| secret.trim()));
    let headers = [&SAID[..], &[("authorization", &secret)]].concat();
    let mut client = Client::connect_with(&rig.server, &headers).await;
    client.subscribe("dev", "now").await;
    let so = |port: &serde_json::Value| port["viewers"][0]["from"].is_string();
    let state = client.state("dev", "it is seen", so).await;
    state["viewers"][0]["from"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whom_a_known_proxy_speaks_for_is_seen_and_a_stranger_is_not_believed() {
    for (flags, from) in [
        (&[][..], "127.0.0.1"),
        (
            &["--trusted-proxies", "10.0.0.0/8,192.0.2.0/24"],
            "127.0.0.1",
        ),
        (&["--trusted-proxies", "127.0.0.1"], "192.0.2.7"),
        (
            &["--trusted-proxies", "127.0.0.0/8,192.0.2.0/24"],
            "6.6.6.6",
        ),
    ] {
        let rig = Rig::with(&["dev"], flags).await;
        assert_eq!(seen(&rig).await, from, "{flags:?}");
    }
}

#[tokio::test]
async fn a_cookie_is_for_tls_alone_where_a_known_proxy_speaks_it() {
    for (flags, secure) in [
        (&[][..], false),
        (&["--trusted-proxies", "127.0.0.1"], true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let flags = [&["--listen", "0.0.0.0:0"][..], flags].concat();
        let server = Server::start(folder.path(), &flags);
        let (_, secret) = server.printed().split_once("#token=").expect("a token");
        let body = json!({"token": secret.trim()}).to_string();
        let json = ("Content-Type", "application/json");
        let headers = [&SAID[..], &[json]].concat();
        let path = "/api/v1/session";
        let answer = ask(server.address(), "POST", path, &headers, body.as_bytes()).await;
        let cookie = answer.header("set-cookie").expect("a cookie");
        assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
    }
}

#[tokio::test]
async fn who_comes_through_a_known_proxy_is_not_at_home_because_the_proxy_is() {
    for (flags, status) in [
        (&["--trusted-proxies", "127.0.0.1"][..], 401),
        (&["--trusted-proxies", "127.0.0.1", "--no-auth"], 200),
        (&["--trusted-proxies", "10.0.0.0/8"], 200),
    ] {
        let rig = Rig::with(&["dev"], flags).await;
        let (address, path) = (rig.server.address(), "/api/v1/ports");
        for said in [
            &SAID[..],
            &SAID[..1],
            &SAID[1..],
            &[("forwarded", "for=unknown")],
        ] {
            let answer = ask(address, "GET", path, said, b"").await;
            assert_eq!(answer.status, status, "{flags:?} {said:?}");
        }
        // A program of this machine, and one that comes from it the long way round, are.
        assert_eq!(get(address, path).await.status, 200);
        let here = [("x-forwarded-for", "127.0.0.1"), SAID[1]];
        assert_eq!(ask(address, "GET", path, &here, b"").await.status, 200);
    }
}

#[tokio::test]
async fn what_is_no_network_is_refused_by_name() {
    let ended = run(&["--trusted-proxies", "lab"]).await;
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("10.0.0.0/8"), "{}", ended.stderr);
}
