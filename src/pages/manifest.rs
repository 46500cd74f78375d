//! Manifest: the `page.json` that says what a page is called and whom it is for.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::panel::Binding;
use crate::state::PortState;

/// The file's name.
pub const FILE: &str = "page.json";
/// It is not longer than this, in bytes.
const LONGEST: u64 = 64 * 1024;
/// A title is not longer than this, in characters.
const TITLE: usize = 64;

/// A page that has a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its folder, below that of all pages; empty for that itself.
    pub folder: PathBuf,
    /// What people call it; the name of its folder unless told.
    pub title: String,
    /// Whom it is for.
    pub bound: Option<Binding>,
    /// What is wrong with the manifest. What is right with it holds all the same.
    pub problem: Option<String>,
}

impl Page {
    /// Where it is, as a reference relative to the root of the server.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for part in &self.folder {
            for byte in part.as_encoded_bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                        path.push(char::from(*byte));
                    }
                    byte => path.push_str(&format!("%{byte:02X}")),
                }
            }
            path.push('/');
        }
        if path.is_empty() {
            "./".to_owned()
        } else {
            path
        }
    }

    /// Whether it is for a port.
    pub fn is_for(&self, port: &PortState) -> bool {
        let bound = self.bound.as_ref();
        bound.is_some_and(|bound| bound.is_for(&port.name, port.identity.as_ref()))
    }
}

/// Reads the manifest in the folder `below` that of all pages. Whatever is wrong, there is a page.
pub fn read(folder: &Path, below: &Path) -> Page {
    let name = below.file_name().unwrap_or_default().to_string_lossy();
    let mut page = Page {
        folder: below.to_owned(),
        title: if name.is_empty() {
            "page".into()
        } else {
            name.into_owned()
        },
        bound: None,
        problem: None,
    };
    let folder = folder.join(below);
    let mut problems = Vec::new();
    match fields(&folder.join(FILE)) {
        Ok(fields) => {
            for (name, value) in fields {
                if let Err(problem) = page.take(&name, value) {
                    problems.push(format!("{name}: {problem}"));
                }
            }
        }
        Err(problem) => problems.push(problem),
    }
    if !folder.join("index.html").is_file() {
        problems.push("there is no index.html beside it".to_owned());
    }
    page.problem = (!problems.is_empty()).then(|| problems.join("; "));
    page
}

impl Page {
    fn take(&mut self, name: &str, value: Value) -> Result<(), String> {
        match name {
            "title" => {
                let title: String = typed(value)?;
                let length = title.chars().count();
                if !(1..=TITLE).contains(&length) || title.contains(char::is_control) {
                    return Err(format!("give 1 to {TITLE} characters on one line"));
                }
                self.title = title;
            }
            "for" => self.bound = typed(value)?,
            _ => return Err("there is no such field; there are title and for".to_owned()),
        }
        Ok(())
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn fields(file: &Path) -> Result<Map<String, Value>, String> {
    let text = text(file).map_err(|error| error.to_string())?;
    let text = text.ok_or_else(|| format!("it is longer than {} KiB", LONGEST >> 10))?;
    serde_json::from_slice(&text).map_err(|error| {
        format!("{error}; give a title and whom it is for: {{\"title\": \"Robot arm\", \"for\": {{\"port\": \"arm\"}}}}")
    })
}

/// What is in a file; none if it is too long.
fn text(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut text = Vec::new();
    File::open(file)?.take(LONGEST + 1).read_to_end(&mut text)?;
    Ok((text.len() as u64 <= LONGEST).then_some(text))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn page(manifest: &str) -> Page {
        let www = tempfile::tempdir().unwrap();
        let below = Path::new("a b/ü");
        fs::create_dir_all(www.path().join(below)).unwrap();
        fs::write(www.path().join(below).join(FILE), manifest).unwrap();
        fs::write(www.path().join(below).join("index.html"), "").unwrap();
        read(www.path(), below)
    }

    #[test]
    fn a_manifest_names_the_page_and_its_port() {
        let page = page(r#"{"title": "Robot arm", "for": {"port": "arm*"}}"#);
        assert_eq!((&*page.title, &page.problem), ("Robot arm", &None));
        assert_eq!(page.path(), "a%20b/%C3%BC/");
        let port = |name: &str| PortState {
            name: name.to_owned(),
            ..PortState::default()
        };
        assert!(page.is_for(&port("arm2")) && !page.is_for(&port("leg")));
    }

    #[test]
    fn whatever_is_wrong_there_is_a_page_with_what_is_right() {
        for (manifest, title, problem) in [
            ("{", "ü", "EOF"),
            ("[]", "ü", "invalid type"),
            ("{\"title\": 7}", "ü", "title: invalid type"),
            ("{\"title\": \"\"}", "ü", "title: give 1 to 64"),
            ("{\"title\": \"a\\nb\"}", "ü", "title: give 1 to 64"),
            (
                "{\"title\": \"x\", \"for\": {}}",
                "x",
                "for: this is for nobody",
            ),
            (
                "{\"title\": \"x\", \"fro\": {}}",
                "x",
                "fro: there is no such field",
            ),
        ] {
            let page = page(manifest);
            assert_eq!((&*page.title, &page.bound), (title, &None), "{manifest}");
            let told = page.problem.expect(manifest);
            assert!(told.contains(problem), "{manifest}: {told}");
        }
        assert!(
            page(&" ".repeat(70_000))
                .problem
                .unwrap()
                .contains("64 KiB")
        );
        assert_eq!(
            page("{\"fro\": 1, \"for\": {\"port\": \"a\"}}").bound,
            Some(Binding::Port("a".into()))
        );
    }

    #[test]
    fn a_manifest_without_a_page_is_told() {
        let www = tempfile::tempdir().unwrap();
        fs::write(www.path().join(FILE), "{}").unwrap();
        let page = read(www.path(), Path::new(""));
        assert_eq!((&*page.path(), &*page.title), ("./", "page"));
        assert!(page.problem.unwrap().contains("no index.html"));
    }
}
