//! `seriald new-page`: a folder to begin with, for a page of one's own.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::json;
use seriald::config::{NotAPort, is_port_name};

/// What every such page begins with.
const FILES: [(&str, &str); 4] = [
    ("index.html", include_str!("new_page/index.html")),
    ("main.js", include_str!("new_page/main.js")),
    ("style.css", include_str!("new_page/style.css")),
    ("README.md", include_str!("new_page/README.md")),
];

/// The page to make.
#[derive(Args)]
pub struct NewPage {
    /// The folder; it is made unless it is there, and must be empty.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The port that the page is for: it will be a tab of that port in the console.
    #[arg(long, value_name = "NAME")]
    port: Option<String>,
}

impl NewPage {
    /// Makes the folder and says what to run next.
    pub fn run(self) -> anyhow::Result<()> {
        if let Some(port) = self.port.as_ref().filter(|port| !is_port_name(port)) {
            bail!("--port: {}", NotAPort::Name(port.clone()));
        }
        let shown = self.folder.display();
        ensure_empty(&self.folder)?;
        let manifest = serde_json::to_string_pretty(&self.manifest())? + "\n";
        let all = FILES.into_iter().chain([("page.json", &*manifest)]);
        for (name, text) in all {
            let file = self.folder.join(name);
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        }
        let tab = self.port.map_or_else(String::new, |port| {
            format!(", or the console's tab of {port}")
        });
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "{shown} holds a page now. Serve it, with made-up devices or with yours:\n"
        )?;
        writeln!(out, "  seriald demo --www {shown}")?;
        writeln!(out, "  seriald --www {shown}\n")?;
        writeln!(
            out,
            "Then open http://localhost:8080/{tab}, and change {}: the page follows.",
            self.folder.join("main.js").display()
        )?;
        Ok(())
    }

    fn manifest(&self) -> serde_json::Value {
        match &self.port {
            Some(port) => json!({"title": "My page", "for": {"port": port}}),
            None => json!({"title": "My page"}),
        }
    }
}

fn ensure_empty(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    match fs::read_dir(folder) {
        Ok(mut entries) => ensure!(
            entries.next().is_none(),
            "{shown} is not empty; name a new folder, and nothing of yours is written over"
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {shown}"))?;
        }
        Err(error) => return Err(error).with_context(|| format!("{shown} cannot be used")),
    }
    Ok(())
}
