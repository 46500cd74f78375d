//! `seriald send`: writes to a port, and can wait for what the device replies; for scripts.

use std::borrow::Cow;
use std::io::{IsTerminal, Read, Write, stdin, stdout};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use serde_json::{Value, json};
use seriald::client::ClientError;
use seriald::search::{NotAPattern, Pattern};
use seriald::wire::talk::Payload;

use super::asking::{expect_port_name, runtime};
use super::line_end::LineEnd;
use super::server::Server;

const NOT_IN_TIME: u8 = 1;
const FAILED: u8 = 2;
/// What the server takes at once, in bytes.
const MOST: u64 = 64 * 1024;

/// What is written to which port. Exits with 0 when the device has it (and its reply came), 1 if the
/// reply did not come in time, and 2 after an error.
#[derive(Args)]
pub struct Send {
    /// The port.
    port: String,
    /// What to write; several are joined by spaces. [default: what comes in on stdin, as it is]
    text: Vec<String>,
    /// TEXT is pairs of hex digits; nothing is added to it.
    #[arg(long)]
    hex: bool,
    /// What follows TEXT.
    #[arg(long, value_enum, default_value_t = LineEnd::Lf)]
    end: LineEnd,
    /// Wait until what comes in matches this regular expression, and print what came up to there.
    #[arg(long, value_name = "PATTERN", value_parser = expression)]
    expect: Option<String>,
    /// Wait so many milliseconds for it.
    #[arg(long, value_name = "MS", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=3_600_000))]
    timeout: u32,
    /// Print what the server answers, as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

/// The server would say the same, by its own word for the flag.
fn expression(text: &str) -> Result<String, NotAPattern> {
    Pattern::regex(text, true).map(|_| text.to_owned())
}

/// Runs the command.
pub fn run(wish: &Send) -> ExitCode {
    match send(wish) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if super::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seriald: {error:#}");
            match error.downcast_ref() {
                Some(ClientError::Refused { code, told, .. }) if code == "timed-out" => {
                    // What came instead is the best hint at what went wrong.
                    eprint!("{}", ended(told["text"].as_str().unwrap_or_default()));
                    NOT_IN_TIME.into()
                }
                _ => FAILED.into(),
            }
        }
    }
}

fn send(wish: &Send) -> anyhow::Result<()> {
    expect_port_name(&wish.port)?;
    let client = wish.server.client()?;
    let path = |what: &str| format!("api/v1/ports/{}/{what}", wish.port);
    let runtime = runtime()?;
    let Some(until) = &wish.expect else {
        let bytes = bytes(wish)?;
        let answer = runtime.block_on(client.post_bytes(&path("write"), bytes))?;
        return tell(wish, &answer, "");
    };
    let hex = |bytes: &[u8]| seriald::hex::encode(bytes);
    let question = json!({"hex": hex(&bytes(wish)?), "until": until, "timeout": wish.timeout});
    let wait = std::time::Duration::from_millis(wish.timeout.into());
    let answer = runtime.block_on(client.post_within(wait, &path("expect"), &question))?;
    tell(wish, &answer, answer["text"].as_str().unwrap_or_default())
}

fn tell(wish: &Send, answer: &Value, text: &str) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if wish.json {
        writeln!(out, "{answer}")?;
    } else {
        write!(out, "{}", ended(text))?;
    }
    Ok(())
}

/// What came, with its last line ended.
fn ended(text: &str) -> Cow<'_, str> {
    match text.chars().next_back() {
        None | Some('\n') => text.into(),
        Some(_) => format!("{text}\n").into(),
    }
}

/// What is to be written.
fn bytes(wish: &Send) -> anyhow::Result<Vec<u8>> {
    let text = wish.text.join(" ");
    if wish.hex {
        let payload = Payload {
            text: None,
            hex: Some(text),
        };
        return Ok(payload.into_bytes()?);
    }
    if !wish.text.is_empty() {
        return Ok((text + wish.end.as_str()).into_bytes());
    }
    if stdin().is_terminal() {
        bail!("nothing to send: give a TEXT, or something on stdin");
    }
    let mut bytes = Vec::new();
    stdin().lock().take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        bail!(
            "stdin has more than the {MOST} bytes that go into one write; seriald attach {} sends as much as there is",
            wish.port
        );
    }
    Ok(bytes)
}
