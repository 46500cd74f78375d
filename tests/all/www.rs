//! `--www`: the user's own page, and nothing outside its folder.

use std::fs;
use std::os::unix::fs::symlink;

use crate::rig::Rig;
use crate::rig::http::{ask, get};

#[tokio::test]
async fn the_users_page_is_served_at_the_root_and_the_console_beside_it() {
    let site = tempfile::tempdir().unwrap();
    let www = site.path().join("www");
    fs::create_dir_all(www.join("static")).unwrap();
    fs::write(www.join("index.html"), "<!doctype html>mine").unwrap();
    fs::write(
        www.join("static/main.js"),
        "new WebSocket(\"ws://localhost:8080/ws\")",
    )
    .unwrap();
    fs::write(www.join("a b ü.txt"), "named").unwrap();
    fs::write(site.path().join("secret"), "secret").unwrap();
    symlink("../secret", www.join("leak")).unwrap();
    symlink("/etc", www.join("etc")).unwrap();
    let rig = Rig::with(&["dev"], &["--www", www.to_str().unwrap()]).await;
    let address = rig.server.address();
    for (path, body, kind) in [
        ("/", "<!doctype html>mine", "text/html; charset=utf-8"),
        (
            "/static/main.js",
            "new WebSocket(\"ws://localhost:8080/ws\")",
            "text/javascript; charset=utf-8",
        ),
        ("/a%20b%20%c3%bc.txt", "named", "text/plain; charset=utf-8"),
    ] {
        let answer = get(address, path).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, body),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some(kind));
        assert!(
            answer
                .header("content-security-policy")
                .unwrap()
                .contains("frame-ancestors 'none'")
        );
        let head = ask(address, "HEAD", path, &[], b"").await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
    let console = get(address, "/console/").await;
    assert!(console.status == 200 && console.text().contains("seriald"));
    assert_eq!(
        get(address, "/static").await.header("location"),
        Some("/static/")
    );
    for path in [
        "/../secret",
        "/static/../../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/static/..%2f..%2fsecret",
        "/%2e%2e%2fsecret",
        "/..%5csecret",
        "//secret",
        "/leak",
        "/etc/passwd",
        "/etc%2fpasswd",
        "//etc/passwd",
        "/index.html%00.js",
        "/static/",
        "/%",
        "/%ff",
    ] {
        let answer = get(address, path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert!(!answer.text().contains("root:"), "{path}");
    }
    let elsewhere = get(address, "http://evil.example/").await;
    assert_eq!(elsewhere.status, 421);
}
