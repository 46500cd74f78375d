//! The live path under load: the release binary beside a bare loop from terminals to sockets, in one
//! run, with every byte checked. `docs/performance.md` says what is promised and what came out.

#[cfg(target_os = "linux")]
mod awake;
#[cfg(target_os = "linux")]
mod client;
#[cfg(target_os = "linux")]
mod floor;
#[cfg(target_os = "linux")]
mod load;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod pty;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod server;

/// The arguments with which this program is the bare loop: for browsers, and for programs.
#[cfg(target_os = "linux")]
const FLOOR: &str = "--floor";
#[cfg(target_os = "linux")]
const BARE_FLOOR: &str = "--bare-floor";
/// The words that choose what is measured; both without.
#[cfg(target_os = "linux")]
const CHOICES: [&str; 2] = ["browsers", "programs"];
/// The argument with which seriald records nothing.
#[cfg(target_os = "linux")]
const NO_RECORD: &str = "--no-record";
/// The argument with which the processor's cores may sleep while nothing happens.
#[cfg(target_os = "linux")]
const MAY_SLEEP: &str = "--may-sleep";

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if let Some(floor @ (FLOOR | BARE_FLOOR)) = first.as_deref() {
        let address = arguments.next().and_then(|address| address.parse().ok());
        let address = address.ok_or(std::io::ErrorKind::InvalidInput)?;
        return floor::serve(address, floor == FLOOR, &arguments.collect::<Vec<_>>());
    }
    let [browsers, programs] = CHOICES.map(is_asked_for);
    report::report(browsers || !programs, programs || !browsers)
}

#[cfg(target_os = "linux")]
fn is_asked_for(word: &str) -> bool {
    std::env::args().any(|argument| argument == word)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the live path is measured on Linux only");
}
