//! What is built into the program may be given away with it: every dependency has a licence that is
//! on the list. `deny.toml` has the same list with reasons.

use std::process::Command;

use serde_json::Value;

const ALLOWED: [&str; 8] = [
    "0BSD",
    "Apache-2.0",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// Whether one may choose allowed licences only. `A OR (B AND C)` is read more strictly than it is
/// meant, never less.
fn is_allowed(expression: &str) -> bool {
    expression.replace('/', " OR ").split(" AND ").all(|part| {
        part.split(" OR ")
            .any(|licence| ALLOWED.contains(&licence.trim_matches(['(', ')', ' '])))
    })
}

fn assert_allowed(packages: impl Iterator<Item = (String, Option<String>)>) {
    let wrong: Vec<_> = packages
        .filter(|(_, licence)| !licence.as_deref().is_some_and(is_allowed))
        .collect();
    assert!(wrong.is_empty(), "not on the list: {wrong:?}");
}

#[test]
fn every_crate_has_an_allowed_licence() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    assert_allowed(packages.iter().map(|package| {
        let licence = package["license"].as_str();
        (package["name"].to_string(), licence.map(str::to_owned))
    }));
}

#[test]
fn every_npm_package_has_an_allowed_licence() {
    let lock: Value = serde_json::from_str(include_str!("../web/package-lock.json")).unwrap();
    let packages = lock["packages"].as_object().unwrap();
    assert!(packages.len() > 20);
    assert_allowed(packages.iter().map(|(name, package)| {
        let licence = package["license"].as_str();
        (name.clone(), licence.map(str::to_owned))
    }));
}

#[test]
fn a_choice_needs_one_allowed_licence_and_a_sum_all() {
    for (expression, allowed) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0 OR MIT", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }
}
