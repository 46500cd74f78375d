//! What passes between a person's terminal and a device, told apart: escape sequences in what is shown, and commands in
//! what is typed.

pub mod keys;
pub mod modes;
pub mod queries;
pub mod sequences;
