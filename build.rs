//! Finds or builds the web console that goes into the binary, and names its folder in SERIALD_UI.
//!
//! In order: the folder that WEB_DIST names; `web/dist`, as published crates have it; in a checkout,
//! `npm ci` where the lockfile asks for it, and `npm run build` into Cargo's own folder. Without the
//! feature `ui`, a placeholder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the console is built from. Named one by one: watching all of `web` would watch what npm
/// writes there.
const SOURCES: [&str; 9] = [
    "build",
    "console",
    "index.html",
    "package-lock.json",
    "package.json",
    "sdk/src",
    "svelte.config.js",
    "tsconfig.json",
    "vite.config.ts",
];

const PLACEHOLDER: &str = "<!doctype html><title>seriald</title><p>This seriald was built without its console \
    (feature \"ui\"). The ports are at <a href=\"../api/v1/ports\">/api/v1/ports</a>.";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=WEB_DIST");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo gives it")).join("ui");
    let web = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("Cargo gives it")).join("web");
    let ui = match env::var_os("WEB_DIST").map(PathBuf::from) {
        _ if env::var_os("CARGO_FEATURE_UI").is_none() => placeholder(&out),
        Some(dist) => {
            assert!(
                dist.join("index.html").is_file(),
                "WEB_DIST={} has no index.html",
                dist.display()
            );
            println!("cargo::rerun-if-changed={}", dist.display());
            dist
        }
        None if web.join("dist/index.html").is_file() => {
            println!("cargo::rerun-if-changed={}", web.join("dist").display());
            web.join("dist")
        }
        None => built(&web, &out),
    };
    println!("cargo::rustc-env=SERIALD_UI={}", ui.display());
}

fn placeholder(out: &Path) -> PathBuf {
    fs::create_dir_all(out).expect("Cargo's own folder is writable");
    fs::write(out.join("index.html"), PLACEHOLDER).expect("Cargo's own folder is writable");
    out.to_owned()
}

fn built(web: &Path, out: &Path) -> PathBuf {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", web.join(source).display());
    }
    let written = |file: &str| {
        fs::metadata(web.join(file))
            .and_then(|file| file.modified())
            .ok()
    };
    if written("node_modules/.package-lock.json") < written("package-lock.json") {
        npm(web, &["ci"]);
    }
    let out_dir = out.to_str().expect("Cargo's own folder has a plain name");
    npm(
        web,
        &["run", "build", "--", "--outDir", out_dir, "--emptyOutDir"],
    );
    out.to_owned()
}

fn npm(web: &Path, arguments: &[&str]) {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    match Command::new(program)
        .args(arguments)
        .current_dir(web)
        .output()
    {
        Ok(output) if output.status.success() => {}
        Ok(output) => fail(&format!(
            "`npm {}` failed in {}:\n{}{}",
            arguments.join(" "),
            web.display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
        Err(error) => fail(&format!(
            "the web console needs npm, which did not start ({error}): install Node.js 20 or newer, or build \
             without the console: cargo build --no-default-features"
        )),
    }
}

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    std::process::exit(1)
}
