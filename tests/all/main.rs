//! The server from outside: the real program, devices on ptys, and clients that hold it to docs/protocol.md.

#![cfg(target_os = "linux")]

mod rig;

mod check_config;
mod crash;
mod disk;
mod doors;
mod expect;
mod export;
mod flash;
mod floors;
mod golden;
mod held;
mod idle;
mod import;
mod keep;
mod lend;
mod limits;
mod live;
mod macros;
mod manual;
mod marks;
mod mcp;
mod moments;
mod mqtt;
mod open_errors;
mod origins;
mod panels;
mod past;
mod plug;
mod programs;
mod raw;
mod recording;
mod resets;
mod rest;
mod resume;
mod search;
mod send;
mod settings;
mod stalled;
mod stop;
mod subscriptions;
mod telnet;
mod timeline;
mod token;
mod triggers;
mod tutorial;
mod values;
mod viewers;
mod www;
