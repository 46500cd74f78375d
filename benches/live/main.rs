//! The live path under load: the release binary beside a bare loop from terminals to sockets, in one
//! run, with every byte checked. `docs/performance.md` says what is promised and what came out.

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

/// The argument with which this program is the bare loop.
#[cfg(target_os = "linux")]
const FLOOR: &str = "--floor";
/// The argument with which seriald records nothing.
#[cfg(target_os = "linux")]
const NO_RECORD: &str = "--no-record";

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(FLOOR) {
        let address = arguments.next().and_then(|address| address.parse().ok());
        let address = address.ok_or(std::io::ErrorKind::InvalidInput)?;
        return floor::serve(address, &arguments.collect::<Vec<_>>());
    }
    report::report()
}

#[cfg(target_os = "linux")]
fn is_unrecorded() -> bool {
    std::env::args().any(|argument| argument == NO_RECORD)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the live path is measured on Linux only");
}
