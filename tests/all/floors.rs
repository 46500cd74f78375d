//! The house: each room stands only on lower floors, and one place names each big dependency.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms and their floors, from the ground up.
const FLOORS: [&[&str]; 10] = [
    &[
        "record",
        "span",
        "settings",
        "identity",
        "state",
        "doors",
        "accept",
        "audit",
        "bind",
        "clock",
        "diagnostic",
        "hints",
        "hex",
        "pattern",
        "plain",
        "private",
        "pty",
        "pulse",
        "right",
        "terminal",
        "utf8",
        "wildcard",
    ],
    &["store", "values", "access", "tls"],
    &["journal", "config", "wire", "export", "panel"],
    &["port", "place", "search", "chart", "import"],
    &["hub", "script", "demo", "client", "pages", "flash"],
    &["panels", "entrances", "booking", "mcp", "oidc"],
    &["triggers"],
    &["web", "telnet", "mqtt"],
    &["server", "fuzzing"],
    &["cli", "main"],
];

/// A big dependency, and the files that may name it.
const PLACES: [(&str, &[&str]); 26] = [
    ("rusqlite", &["store/segment.rs"]),
    ("axum", &["web.rs", "web/"]),
    ("hyper", &["web.rs", "web/", "client.rs", "client/"]),
    ("tokio_tungstenite", &["client/socket.rs"]),
    ("tower", &["web.rs", "web/"]),
    ("rust_embed", &["web/assets.rs"]),
    ("utoipa_axum", &["web/api.rs"]),
    ("prometheus_client", &["web/metrics.rs"]),
    ("jiff", &["clock.rs"]),
    ("vte", &["plain.rs"]),
    ("regex", &["pattern.rs"]),
    ("regex_syntax", &["pattern.rs"]),
    ("argon2", &["access/password.rs"]),
    ("rpassword", &["cli/people.rs"]),
    ("clap", &["cli.rs", "cli/"]),
    ("clap_complete", &["cli/completions.rs"]),
    ("clap_mangen", &["cli/manual.rs"]),
    ("saphyr_parser", &["import/yaml.rs"]),
    ("toml", &["config/source.rs", "import/draft.rs"]),
    ("serial2", &["port/device/", "hub/discovery/other.rs"]),
    ("serial2_tokio", &["port/device/windows.rs"]),
    (
        "tokio_rustls",
        &["tls.rs", "tls/", "client/", "mqtt/link.rs"],
    ),
    ("rcgen", &["tls/self_signed.rs"]),
    ("yasna", &["tls/pair.rs"]),
    ("rustls_native_certs", &["client/trust.rs"]),
    ("ring::signature", &["oidc/keys.rs"]),
];

struct Source {
    /// Below `src`.
    path: String,
    text: String,
}

impl Source {
    fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![root.clone()];
        let mut all = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path: PathBuf = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    all.push(Self {
                        text: fs::read_to_string(&path).unwrap(),
                        path: path
                            .strip_prefix(&root)
                            .unwrap()
                            .to_str()
                            .unwrap()
                            .to_owned(),
                    });
                }
            }
        }
        assert!(all.len() > 20);
        all
    }

    fn room(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap()
    }

    /// The lines without comments and without the tests at the end.
    fn code(&self) -> impl Iterator<Item = &str> {
        let end = self.text.find("\nmod tests {").unwrap_or(self.text.len());
        self.text[..end]
            .lines()
            .map(str::trim_start)
            .filter(|line| !line.starts_with("//"))
    }

    /// The rooms that it names, as `crate::room` or, from the binary, `seriald::room`.
    fn rooms(&self) -> impl Iterator<Item = &str> {
        let named = self.code().flat_map(|line| {
            ["crate::", "seriald::"]
                .into_iter()
                .flat_map(move |prefix| line.split(prefix).skip(1))
        });
        named.map(|rest| {
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            &rest[..end.unwrap_or(rest.len())]
        })
    }

    fn names(&self, dependency: &str) -> bool {
        let used = format!("{dependency}::");
        self.code().any(|line| {
            let found = line.match_indices(&used);
            let mut before = found.map(|(at, _)| line[..at].chars().next_back());
            before.any(|letter| {
                letter.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_')
            })
        })
    }
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

#[test]
fn no_room_stands_on_a_higher_floor_or_beside_itself() {
    for source in Source::all()
        .iter()
        .filter(|source| source.path != "lib.rs")
    {
        let own = floor(source.room()).unwrap_or_else(|| panic!("{} has no floor", source.path));
        for room in source.rooms().filter(|room| *room != source.room()) {
            let Some(other) = floor(room) else { continue };
            // Plain data may be made of plain data.
            assert!(
                other < own || own == 0 && other == 0,
                "{} names {room}",
                source.path
            );
        }
    }
}

#[test]
fn one_place_names_each_big_dependency() {
    for source in Source::all() {
        for (dependency, places) in PLACES {
            let may = places.iter().any(|place| source.path.starts_with(place));
            assert!(
                may || !source.names(dependency),
                "{} names {dependency}",
                source.path
            );
        }
    }
}

#[test]
fn the_web_asks_for_ports_only_by_what_a_visitor_may_see() {
    let web = |source: &Source| source.path.starts_with("web/") && source.path != "web/sight.rs";
    for source in Source::all().iter().filter(|source| web(source)) {
        for line in source.code() {
            let asks = ["hub.", "hub::", "Hub"];
            assert!(
                !asks.iter().any(|ask| line.contains(ask)),
                "{}: {line}",
                source.path
            );
        }
    }
}

#[test]
fn the_library_names_its_rooms_and_defines_nothing() {
    let all = Source::all();
    let library = all.iter().find(|source| source.path == "lib.rs").unwrap();
    for line in library.code().filter(|line| !line.is_empty()) {
        assert!(
            line.starts_with("pub mod ") || line.starts_with("#["),
            "{line}"
        );
    }
}

#[test]
fn nothing_imports_the_server_but_the_command_line() {
    for source in Source::all() {
        let may = ["cli", "main", "server"].contains(&source.room());
        assert!(
            may || source.rooms().all(|room| room != "server"),
            "{}",
            source.path
        );
    }
}
