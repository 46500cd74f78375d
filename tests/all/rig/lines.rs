//! Modem lines for a device on a pty, which has none, and a log of how they moved.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// The lines of a server's device.
pub struct Lines {
    log: PathBuf,
}

/// How the lines stood from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Since the system was started.
    pub at: Duration,
    pub dtr: bool,
    pub rts: bool,
}

impl Lines {
    /// Gives lines to the device of the server that this command starts. Nothing where there is no
    /// C compiler.
    pub fn given_to(command: &mut Command, log: PathBuf) -> Option<Self> {
        command.env("LD_PRELOAD", library()?);
        command.env("SERIAL_LINES", &log);
        Some(Self { log })
    }

    /// How they moved so far; at first both are on.
    pub fn moved(&self) -> Vec<Moved> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let moved = text.lines().map(|line| {
            let fields: Vec<u64> = line
                .split(' ')
                .map(|field| field.parse().unwrap())
                .collect();
            Moved {
                at: Duration::from_micros(fields[0]),
                dtr: fields[1] == 1,
                rts: fields[2] == 1,
            }
        });
        moved.collect()
    }

    /// Whether an ESP32, whose reset and boot pins hang on RTS and DTR as on the usual boards, was let go from its
    /// last reset with the boot pin low.
    pub fn let_go_into_loader(&self) -> bool {
        let moved = self.moved();
        let reset = moved.iter().rposition(|line| !line.dtr && line.rts);
        let next = reset.and_then(|reset| moved.get(reset + 1));
        next.is_some_and(|line| line.dtr && !line.rts)
    }
}

/// The library that gives them, made once.
fn library() -> Option<&'static Path> {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lines.so");
        // Another run of the tests may be using what is there.
        let new = library.with_extension(std::process::id().to_string());
        let compiler = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .arg(&new)
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/all/rig/lines.c"
            ))
            .arg("-ldl")
            .status();
        match compiler {
            Ok(status) => assert!(status.success(), "lines.c compiles"),
            Err(error) => {
                eprintln!("skipped: no C compiler: {error}");
                return None;
            }
        }
        fs::rename(&new, &library).expect("a folder of our own");
        Some(library)
    });
    library.as_deref()
}
