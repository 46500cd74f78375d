//! Templates: texts in which something stands for a value.

/// What is sent at once has at most so many bytes.
pub const SENT: usize = 4096;
