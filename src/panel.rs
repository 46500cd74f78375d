//! A panel: a board of controls and pictures for a port or a device, as it stands in a file.

mod fault;
mod hex;
pub mod steps;
mod template;

pub use fault::Fault;
pub use hex::Hex;
pub use steps::{Otherwise, Step, Times, read_steps};
pub use template::SENT;
