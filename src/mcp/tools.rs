//! The tools that an agent is offered, as it reads of them, and the way from a call to what it does.

use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::loans::Loans;
use super::message::{Code, Refusal};
use super::protocol::Era;
use super::{acting, reading, searching};
use crate::client::{Client, ClientError};
use crate::config::is_port_name;

/// Who does something where the agent has not said its name.
const NAME: &str = "mcp";

/// Why a tool did not do what was asked: for the agent, with the way out.
#[derive(Debug)]
pub struct Failure(pub String);

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let mut text = error.to_string();
        if let ClientError::Refused { told, .. } = &error
            && let Some(came) = told["text"].as_str()
        {
            let came = reading::clean(came.as_bytes());
            text.push_str(&format!("\nWhat came instead:\n{came}"));
        }
        Self(text)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// What came of a call.
pub type Outcome = Result<Value, Failure>;

/// What all calls share.
pub struct Tools {
    client: Client,
    name: Mutex<String>,
    /// What this agent has borrowed.
    pub loans: Loans,
}

impl Tools {
    /// The tools on a server.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            name: Mutex::new(NAME.to_owned()),
            loans: Loans::default(),
        }
    }

    /// From here on what is done is done by this agent.
    pub fn serve_as(&self, agent: &str) {
        let mut name = self.name.lock().unwrap_or_else(PoisonError::into_inner);
        *name = format!("{agent} ({NAME})");
    }

    /// The way to the server, under the agent's name.
    pub fn client(&self) -> Client {
        let name = self.name.lock().unwrap_or_else(PoisonError::into_inner);
        self.client.clone().named(name.clone())
    }

    /// Does what a call asks for. What goes wrong on the way is a result too, so that the agent reads it.
    ///
    /// # Errors
    /// If there is no such tool.
    pub async fn call(&self, params: &Value) -> Result<Value, Refusal> {
        let wish = match &params["arguments"] {
            Value::Null => json!({}),
            wish => wish.clone(),
        };
        let name = params["name"].as_str().unwrap_or_default();
        let outcome = match name {
            "list_ports" => reading::list(self).await,
            "read" => self.with(wish, reading::read).await,
            "tail" => self.with(wish, reading::tail).await,
            "search" => self.with(wish, searching::search).await,
            "send" => self.with(wish, acting::send).await,
            "expect" => self.with(wish, acting::expect).await,
            "reset" => self.with(wish, acting::reset).await,
            "configure" => self.with(wish, acting::configure).await,
            "mark" => self.with(wish, acting::mark).await,
            "lend" => self.with(wish, Loans::lend).await,
            "give_back" => self.with(wish, Loans::give_back).await,
            _ => {
                let text = format!("there is no tool {name:?}; tools/list names those that are");
                return Err(Refusal::new(Code::Params, text));
            }
        };
        Ok(match outcome {
            Ok(done) => json!({
                "content": [{"type": "text", "text": done.to_string()}],
                "structuredContent": done,
                "isError": false,
            }),
            Err(Failure(text)) => json!({
                "content": [{"type": "text", "text": text}],
                "isError": true,
            }),
        })
    }

    async fn with<'a, W: DeserializeOwned>(
        &'a self,
        wish: Value,
        act: impl AsyncFnOnce(&'a Self, W) -> Outcome,
    ) -> Outcome {
        let wish = serde_json::from_value(wish);
        let wish = wish.map_err(|error| format!("these arguments are not possible: {error}"))?;
        act(self, wish).await
    }
}

/// The path of something of a port.
///
/// # Errors
/// If that can be no port's name.
pub fn path(port: &str, what: &str) -> Result<String, Failure> {
    if !is_port_name(port) {
        let text = format!("{port:?} cannot be a port's name; list_ports tells those that are");
        return Err(Failure(text));
    }
    Ok(format!("api/v1/ports/{port}{what}"))
}

/// A tool for the list: what it does, whether it changes nothing, and its arguments with those that it needs.
fn tool(
    name: &str,
    title: &str,
    what: &str,
    only_reads: bool,
    arguments: Value,
    needs: &[&str],
) -> Value {
    json!({
        "name": name,
        "title": title,
        "description": what,
        "inputSchema": {
            "type": "object",
            "properties": arguments,
            "required": needs,
            "additionalProperties": false,
        },
        "annotations": {
            "readOnlyHint": only_reads,
            "destructiveHint": !only_reads && name != "mark",
            "idempotentHint": only_reads,
            "openWorldHint": !only_reads,
        },
    })
}

/// Arguments, those of all tools for one port before the others.
fn of_port(more: Value) -> Value {
    let mut all = Map::new();
    let port = json!({"type": "string", "description": "The port's name, as list_ports tells it."});
    all.insert("port".to_owned(), port);
    if let Value::Object(more) = more {
        all.extend(more);
    }
    Value::Object(all)
}

/// Arguments of what is written.
fn payload() -> Value {
    json!({
        "text": {"type": "string", "description": "What to write, as UTF-8. At most 64 KiB."},
        "hex": {"type": "string", "description": "Instead of text: bytes as pairs of hex digits, such as \"00 ff 0a\". Nothing is added."},
        "end": {"type": "string", "enum": ["none", "lf", "cr", "crlf"], "description": "What is added to text. Default lf; most consoles and AT modems want cr."},
    })
}

/// The answer to `tools/list`.
pub fn list(era: Era) -> Value {
    let number = |what: &str, least: i64, most: i64| json!({"type": "integer", "minimum": least, "maximum": most, "description": what});
    let with_payload = |more: Value| {
        let (Value::Object(mut all), Value::Object(more)) = (payload(), more) else {
            return payload();
        };
        all.extend(more);
        of_port(Value::Object(all))
    };
    let tools = json!([
        tool(
            "list_ports",
            "List ports",
            "Lists all serial ports: name, state (open, closed, waiting, released), device, line settings, what is wrong with it if anything, \
             and oldest and head, the offsets between which its journal can be read.",
            true,
            json!({}),
            &[]
        ),
        tool(
            "read",
            "Read from an offset",
            "Reads what the device sent, from an offset on. Answers with text (terminal escape sequences and control characters taken out, \
             invalid UTF-8 as U+FFFD), next (give it as from of the next call: nothing is missed or comes twice), head, and gaps: stretches \
             that are not kept any more. more is true if there is more to read at once. With wait_ms it waits for something new where there is \
             nothing yet; an empty text after that is no error.",
            true,
            of_port(json!({
                "from": number("An offset, such as next of the last answer; a negative number -N begins N bytes before the head. Default -4096.", i64::MIN >> 11, 1 << 53),
                "max_bytes": number("At most so many bytes of the journal. Default 16384.", 1, 65536),
                "wait_ms": number("Wait so long, in milliseconds, where nothing is there yet. Default 0.", 0, 60000),
                "typed": {"type": "boolean", "description": "Also tell what was typed, by whom, and what happened (notes), with offsets. Default false."},
                "hex": {"type": "boolean", "description": "Also give the bytes exactly, as hex digits. Default false."},
            })),
            &["port"]
        ),
        tool(
            "tail",
            "Last lines",
            "The last lines of a port for reading, each with its time in UTC: what the device sent, what was typed (\"> author: ...\") and what \
             happened (\"* ...\"). For following what comes use read.",
            true,
            of_port(json!({
                "lines": number("So many lines. Default 50.", 1, 1000),
            })),
            &["port"]
        ),
        tool(
            "search",
            "Search recordings",
            "Looks for a text in everything that is kept, newest first. Each match has port, offset (for read), time (microseconds since 1970), \
             text (the line) and start and end in it. complete is false if there are more matches than limit or it took too long: narrow it, \
             or raise limit.",
            true,
            json!({
                "query": {"type": "string", "description": "A text, or with regex a regular expression over bytes (Rust's syntax: no look-around)."},
                "regex": {"type": "boolean", "description": "Default false."},
                "case": {"type": "boolean", "description": "Whether large and small letters differ. Default false."},
                "ports": {"type": "array", "items": {"type": "string"}, "description": "Only these. Default all."},
                "kind": {"type": "string", "enum": ["rx", "tx", "note"], "description": "What came in, was typed, or happened. Default rx."},
                "from": {"type": "string", "description": "Not before this: a time such as 2026-11-22T10:00:00Z, or -10m, -2h, -3d."},
                "to": {"type": "string", "description": "Not after this."},
                "limit": number("At most so many matches. Default 20.", 1, 200),
                "context": number("So many lines before and after each. Default 0.", 0, 20),
            }),
            &["query"]
        ),
        tool(
            "send",
            "Send",
            "Writes to the device, and answers when its driver has it, with the offset where it stands in the journal. To see the reply use \
             expect instead. Refused if the port is not open.",
            false,
            with_payload(json!({})),
            &["port"]
        ),
        tool(
            "expect",
            "Send and expect",
            "Writes (or, with neither text nor hex, only listens), then waits until what comes in matches a regular expression, and answers \
             with text, what came up to the end of the match, and match: the match and its groups. However fast the reply is, nothing of it \
             is missed. If it does not come in time, that is an error that tells what came instead.",
            false,
            with_payload(json!({
                "until": {"type": "string", "description": "The regular expression (Rust's syntax, over bytes). Default: one whole line in which something stands."},
                "timeout_ms": number("Wait so long. Default 5000.", 1, 300_000),
            })),
            &["port"]
        ),
        tool(
            "reset",
            "Reset a board",
            "Plays a sequence on DTR and RTS that resets a board: arduino-reset, esp-reset (run), esp-bootloader (into its loader), or steps of \
             your own such as \"dtr=0,rts=1,100ms,rts=0\" (at most 10 s). Answers when it was played; then read what the board says.",
            false,
            of_port(json!({
                "sequence": {"type": "string", "description": "The name, or the steps; 1 asserts."},
            })),
            &["port", "sequence"]
        ),
        tool(
            "configure",
            "Configure a port",
            "Changes line settings, what is not named stays; or opens a port that is closed or released, or releases it for another program on \
             its machine. Others who use the port are affected.",
            false,
            of_port(json!({
                "baud": number("Bits per second.", 1, 4_000_000_000),
                "data_bits": number("", 5, 8),
                "parity": {"type": "string", "enum": ["none", "even", "odd", "mark", "space"]},
                "stop_bits": {"type": "string", "enum": ["1", "1.5", "2"]},
                "flow": {"type": "string", "enum": ["none", "rtscts", "xonxoff"]},
                "state": {"type": "string", "enum": ["open", "released"]},
            })),
            &["port"]
        ),
        tool(
            "mark",
            "Mark a moment",
            "Pins a text to this moment, or to an offset, for people who look later. Answers with the mark's offset.",
            false,
            of_port(json!({
                "text": {"type": "string", "description": "One line of at most 1000 characters."},
                "at": number("The offset. Default now.", 0, 1 << 53),
            })),
            &["port", "text"]
        ),
        tool(
            "lend",
            "Borrow the device",
            "Has the server let go of the device, so that a program on the server's machine (a flasher such as esptool) can open path, which is \
             in the answer. Reading and typing are not possible meanwhile. Give it back with give_back; it comes back by itself when the time \
             is over or this session ends.",
            false,
            of_port(json!({
                "to": {"type": "string", "description": "Which program it is for, in at most 64 characters. Others see it."},
                "seconds": number("For at most so long. Default 600.", 1, 86_400),
            })),
            &["port", "to"]
        ),
        tool(
            "give_back",
            "Give the device back",
            "Ends what lend began; the server opens the device again.",
            false,
            of_port(json!({})),
            &["port"]
        ),
    ]);
    let mut list = json!({"tools": tools});
    if era == Era::Standalone {
        list["ttlMs"] = json!(3_600_000);
        list["cacheScope"] = json!("public");
    }
    list
}
