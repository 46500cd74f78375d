//! What recording costs, and how fast it is read again: the release binary with and without it, in
//! one run. `docs/performance.md` says what is promised and what came out.

#[cfg(target_os = "linux")]
mod device;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod stock;

#[cfg(target_os = "linux")]
#[path = "../live/client.rs"]
#[allow(dead_code, reason = "the other bench also writes")]
mod client;
#[cfg(target_os = "linux")]
#[path = "../live/program.rs"]
mod program;
#[cfg(target_os = "linux")]
#[path = "../live/pty.rs"]
#[allow(dead_code, reason = "the other bench also reads")]
mod pty;

fn main() -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    return report::report();
    #[cfg(not(target_os = "linux"))]
    {
        println!("recording is measured on Linux only");
        Ok(())
    }
}
