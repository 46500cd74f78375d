//! What a programmer waits: avrdude writes 32 kB to an Arduino's boot loader over raw TCP, and esptool
//! as much to an ESP32's over RFC 2217, and both verify them; through seriald and through ser2net, by
//! turns in one run. `docs/performance.md` says what came out.

#[cfg(target_os = "linux")]
mod board;
#[cfg(target_os = "linux")]
#[path = "../../tests/all/rig/bootloader.rs"]
mod bootloader;
#[cfg(target_os = "linux")]
#[path = "../../tests/all/rig/chip.rs"]
mod chip;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/all/rig/device.rs"]
mod device;
#[cfg(target_os = "linux")]
mod report;

#[cfg(target_os = "linux")]
pub use report::soon;

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    report::report()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("flashing is measured on Linux only");
}
