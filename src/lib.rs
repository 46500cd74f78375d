//! Serial ports on the web.

#[cfg(unix)]
pub mod demo;
