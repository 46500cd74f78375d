//! Awake: the processor's cores, kept from sleeping. On a virtual machine a core that sleeps takes
//! longer to wake than a byte takes from the device to a client: what is measured then is how often
//! a program happens to let one fall asleep.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};

/// Where the system is told how long a core may take to wake, in µs. It holds while the file is open.
const LATENCY: &str = "/dev/cpu_dma_latency";

/// Keeps the cores awake until what is answered is dropped. Only root may.
pub fn keep() -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).open(LATENCY)?;
    file.write_all(&0_i32.to_ne_bytes())?;
    Ok(file)
}
