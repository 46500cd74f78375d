//! The documents: what a link in them leads to is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All documents for readers.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.to_owned(), root.join("docs"), root.join("web/sdk")];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect()
}

/// The lines outside of fences.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_fenced = false;
    text.lines().filter(move |line| {
        let is_fence = line.starts_with("```");
        is_fenced ^= is_fence;
        !is_fenced && !is_fence
    })
}

/// By what a heading is linked, as forges make it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || "_- ".contains(*c);
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(kept)
        .collect::<String>()
        .replace(' ', "-")
}

fn anchors(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let headings = prose(&text).filter(|line| line.starts_with('#'));
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let (mut seen, mut broken) = (0, Vec::new());
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for line in prose(&text) {
            let links = line.split("](").skip(1);
            for link in links.filter_map(|rest| rest.split_once(')').map(|(link, _)| link)) {
                if link.contains("://") {
                    continue;
                }
                seen += 1;
                let (file, heading) = link.split_once('#').unwrap_or((link, ""));
                let target = match file {
                    "" => document.clone(),
                    file => document.with_file_name("").join(file),
                };
                let is_there =
                    target.exists() && (heading.is_empty() || anchors(&target).contains(heading));
                if !is_there {
                    broken.push(format!("{}: {link}", document.display()));
                }
            }
        }
    }
    assert!(seen > 100, "{seen} links are too few");
    assert!(broken.is_empty(), "{broken:#?}");
}
