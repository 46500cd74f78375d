//! The device: one open serial port of the system. Only this file's children name the serial crate.
//!
//! Reading and writing are asynchronous and may go on at the same time. Opening and dropping may
//! block in the driver and belong on a blocking thread.

#[cfg(unix)]
mod modem;
#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(unix)]
#[cfg_attr(target_os = "linux", path = "device/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "device/bsd.rs")]
mod system;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Device, Writer, is_unsupported};
#[cfg(windows)]
pub use windows::{Device, Writer, is_unsupported};
