//! The state machine against whatever a network can deliver, and against a client that models what
//! programs do.

mod client;
mod properties;
