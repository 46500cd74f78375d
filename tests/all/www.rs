//! `--www`: the user's own pages, nothing outside their folder, and what is told of their changes.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rig::http::{Lines, ask, get};
use crate::rig::server::run;
use crate::rig::{Rig, until};

/// A page that is open and follows the changes of its files.
struct Changes(Lines);

impl Changes {
    async fn listen(address: SocketAddr) -> Self {
        Self(Lines::get(address, "/api/v1/pages/changes").await)
    }

    /// The next edition that is told; none when the server has said all.
    async fn next(&mut self) -> Option<String> {
        self.0.field("data: ").await
    }
}

/// A folder with one page.
fn site() -> TempDir {
    let www = tempfile::tempdir().unwrap();
    fs::write(www.path().join("index.html"), "<!doctype html>mine").unwrap();
    www
}

async fn serving(www: &Path) -> Rig {
    Rig::with(&["dev"], &["--www", www.to_str().unwrap()]).await
}

/// The edition that a page was served with, and how it finds the script that follows it.
async fn served(address: SocketAddr, path: &str) -> (String, String) {
    let page = get(address, path).await.text();
    let (_, script) = page.rsplit_once("<script src=\"").expect("a script");
    let (src, rest) = script
        .split_once("\" data-edition=\"")
        .expect("its edition");
    (rest.split('"').next().unwrap().to_owned(), src.to_owned())
}

#[tokio::test]
async fn the_users_page_is_served_at_the_root_and_the_console_beside_it() {
    let site = tempfile::tempdir().unwrap();
    let www = site.path().join("www");
    fs::create_dir_all(www.join("static")).unwrap();
    fs::write(
        www.join("plain.html"),
        "<meta name=\"seriald-reload\" content=\"off\">mine",
    )
    .unwrap();
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
        (
            "/plain.html",
            "<meta name=\"seriald-reload\" content=\"off\">mine",
            "text/html; charset=utf-8",
        ),
        (
            "/static/main.js",
            "new WebSocket(\"ws://localhost:8080/ws\")",
            "text/javascript; charset=utf-8",
        ),
        ("/a%20b%20%c3%bc.txt", "named", "text/plain; charset=utf-8"),
    ] {
        let safe = [("Sec-Fetch-Site", "none")];
        let answer = ask(address, "GET", path, &safe, b"").await;
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
                .contains("frame-ancestors 'self'")
        );
        assert_eq!(answer.header("x-frame-options"), Some("SAMEORIGIN"));
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            Some("unsafe-none")
        );
        let head = ask(address, "HEAD", path, &[], b"").await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
    let console = get(address, "/console/").await;
    assert!(console.status == 200 && console.text().contains("seriald"));
    for (path, folder) in [
        ("/static", "./static/"),
        ("/static?port=a", "./static/?port=a"),
        // Another server of that name is not meant.
        ("//static", "./static/"),
    ] {
        assert_eq!(get(address, path).await.header("location"), Some(folder));
    }
    for path in [
        "/../secret",
        "/static/../../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/static/..%2f..%2fsecret",
        "/%2e%2e%2fsecret",
        "/..%5csecret",
        "/%252e%252e/secret",
        "/.%2e/secret",
        "/....//secret",
        "/..;/secret",
        "/..%00/secret",
        "/..%c0%afsecret",
        "/%c0%ae%c0%ae/secret",
        "/static/%2e%2e/%2e%2e/secret",
        "/%2fetc/passwd",
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

#[tokio::test]
async fn a_page_learns_of_a_change_that_came_before_it_listened_and_of_those_after() {
    let www = site();
    let style = www.path().join("style.css");
    fs::write(&style, "").unwrap();
    let rig = serving(www.path()).await;
    let address = rig.server.address();
    let (edition, src) = served(address, "/").await;
    assert_eq!(src, "reload.js");
    let script = get(address, "/reload.js").await;
    let kind = script.header("content-type");
    assert_eq!(kind, Some("text/javascript; charset=utf-8"));
    assert!(script.text().contains("api/v1/pages/changes"));

    let mut changes = Changes::listen(address).await;
    assert_eq!(changes.next().await.as_ref(), Some(&edition));
    let (rest, styles) = edition.split_once('-').unwrap();
    fs::write(&style, "p { color: red }").unwrap();
    let restyled = changes.next().await.expect("a change");
    let (same, others) = restyled.split_once('-').unwrap();
    assert!(same == rest && others != styles, "{restyled}");
    drop(changes);

    // Nobody listens now.
    fs::write(www.path().join("main.js"), "more").unwrap();
    let mut late = Changes::listen(address).await;
    let changed = late.next().await.expect("an edition");
    assert_ne!(changed.split_once('-').unwrap().0, rest);
}

#[tokio::test]
async fn files_that_editors_write_by_renaming_are_told_to_the_last() {
    let www = site();
    let rig = serving(www.path()).await;
    let address = rig.server.address();
    let mut changes = Changes::listen(address).await;
    changes.next().await.expect("an edition");
    for number in 0..30 {
        let file = www.path().join(format!("{number}.js"));
        fs::write(file.with_extension("tmp"), "x").unwrap();
        fs::rename(file.with_extension("tmp"), &file).unwrap();
    }
    // Nothing is watched there, so that this is looked up anew.
    let other = serving(www.path()).await;
    let (last, _) = served(other.server.address(), "/").await;
    while changes.next().await.expect("a change") != last {}
}

#[tokio::test]
async fn a_page_below_a_folder_finds_the_script_and_what_scripts_fetch_is_left_alone() {
    let www = site();
    fs::create_dir_all(www.path().join("a/b")).unwrap();
    fs::write(www.path().join("a/b/index.html"), "deep").unwrap();
    let rig = serving(www.path()).await;
    let address = rig.server.address();
    assert_eq!(served(address, "/a/b/").await.1, "../../reload.js");
    let fetched = |dest| {
        let headers = [("Sec-Fetch-Dest", dest)];
        async move { ask(address, "GET", "/a/b/", &headers, b"").await.text() }
    };
    assert_eq!(fetched("empty").await, "deep");
    assert!(fetched("iframe").await.contains("reload.js"));
}

#[tokio::test]
async fn who_follows_changes_does_not_keep_the_server_from_ending() {
    let www = site();
    let mut rig = serving(www.path()).await;
    let mut changes = Changes::listen(rig.server.address()).await;
    changes.next().await.expect("an edition");
    assert!(rig.server.stop().await.success());
    assert_eq!(changes.next().await, None);
}

#[tokio::test]
async fn a_page_is_told_with_the_ports_that_it_is_for_and_with_what_is_wrong() {
    let www = site();
    let page = |folder: &str, manifest: &str| {
        let folder = www.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("index.html"), folder.to_str().unwrap()).unwrap();
        fs::write(folder.join("page.json"), manifest).unwrap();
    };
    page("arm", r#"{"title": "Robot arm", "for": {"port": "d*"}}"#);
    let rig = serving(www.path()).await;
    let arm = json!({
        "path": "arm/", "title": "Robot arm", "for": {"port": "d*"}, "ports": ["dev"], "problem": null,
    });
    let address = rig.server.address();
    assert_eq!(get(address, "/api/v1/pages").await.json(), json!([arm]));
    let mut client = rig.client().await;
    client
        .until("pages are told", |client| client.pages == json!([arm]))
        .await;

    // Whoever comes without a port is sent to the first, and keeps what else was asked for.
    for (path, place) in [
        ("/arm/", Some("?port=dev")),
        ("/arm/?dark&x=1", Some("?dark&x=1&port=dev")),
        ("/arm/?port=other", None),
        ("/arm/index.html", None),
        ("/", None),
    ] {
        assert_eq!(get(address, path).await.header("location"), place, "{path}");
    }

    page("other", r#"{"title": "Other", "fro": {"port": "dev"}}"#);
    let is_listed = |pages: &Value| pages[1]["title"] == "Other";
    client
        .until("a page that comes is told", |client| {
            is_listed(&client.pages)
        })
        .await;
    let problem = client.pages[1]["problem"].as_str().expect("a problem");
    assert!(
        problem.starts_with("fro: there is no such field"),
        "{problem}"
    );
    assert_eq!(get(address, "/api/v1/pages").await.json(), client.pages);
    assert_eq!(get(address, "/other/").await.status, 200);
    until("the log tells it", || {
        rig.server.log().contains("other/page.json: fro: ")
    })
    .await;

    page("other", r#"{"title": "Other", "for": {"port": "dev"}}"#);
    let is_for_dev = |pages: &Value| pages[1]["ports"] == json!(["dev"]);
    client
        .until("it is mended", |client| is_for_dev(&client.pages))
        .await;
    fs::remove_dir_all(www.path().join("arm")).unwrap();
    client
        .until("a page that goes is told", |client| {
            is_for_dev(&json!([null, client.pages[0]]))
        })
        .await;
}

#[tokio::test]
async fn without_a_folder_there_are_no_pages() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    assert_eq!(get(address, "/api/v1/pages").await.json(), json!([]));
    assert_eq!(get(address, "/api/v1/pages/changes").await.status, 404);
    let mut client = rig.client().await;
    client
        .until("that is told", |client| client.pages == json!([]))
        .await;
}

#[tokio::test]
async fn a_new_page_is_served_as_it_was_made_and_nothing_is_written_over() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("pages/mine");
    let folder = folder.to_str().unwrap();
    let made = run(&["new-page", folder, "--port", "dev"]).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(
        made.stdout
            .contains(&format!("seriald demo --www {folder}\n")),
        "{}",
        made.stdout
    );
    let rig = serving(Path::new(folder)).await;
    let address = rig.server.address();
    for path in ["/?port=dev", "/main.js", "/style.css", "/README.md"] {
        assert_eq!(get(address, path).await.status, 200, "{path}");
    }
    let pages = get(address, "/api/v1/pages").await.json();
    assert_eq!(
        (&pages[0]["ports"], &pages[0]["problem"]),
        (&json!(["dev"]), &Value::Null)
    );

    for (arguments, named) in [
        (&["new-page", folder][..], "is not empty"),
        (
            &["new-page", &format!("{folder}/main.js")],
            "main.js cannot be used",
        ),
        (&["new-page", folder, "--port", "a b"], "\"a b\""),
    ] {
        let refused = run(arguments).await;
        assert_eq!(refused.code, Some(1), "{arguments:?}");
        assert!(
            refused.stderr.contains(named),
            "{arguments:?}: {}",
            refused.stderr
        );
    }
}
