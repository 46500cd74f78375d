//! The Model Context Protocol: coding agents use the ports of a server, by JSON-RPC over stdin and stdout.
//!
//! One message a line. Each call of a tool is a task of its own, so that a long wait holds up nobody and can be
//! cancelled. The server is asked over HTTP with the rights of whoever started this.

mod acting;
mod loans;
pub(crate) mod message;
pub(crate) mod protocol;
mod reading;
mod searching;
mod tools;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use crate::client::Client;
use message::{Code, Incoming, Refusal};
use protocol::Era;
use tools::Tools;

/// The longest message, in bytes.
const LENGTH: usize = 1 << 20;
/// So many calls are at work at the same time.
const CALLS: usize = 16;
/// How long calls that are at work have to end when the agent has said everything.
const GRACE: Duration = Duration::from_secs(2);

/// Serves an agent until it has said everything.
///
/// # Errors
/// If it cannot be read from, or does not take its answers.
pub async fn serve(
    client: Client,
    mut input: impl AsyncBufRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
) -> std::io::Result<()> {
    // Answers wait here for an agent that does not read; then calls wait, and then messages are not read.
    let (answers, mut ready) = mpsc::channel::<Value>(CALLS);
    let mut session = Session {
        tools: Arc::new(Tools::new(client)),
        calls: JoinSet::new(),
        running: HashMap::new(),
        answers,
    };
    let mut line = Vec::new();
    loop {
        tokio::select! {
            answer = ready.recv() => {
                if let Some(answer) = answer {
                    write(&mut output, &answer).await?;
                }
            }
            read = read_line(&mut input, &mut line) => {
                let more = read?;
                let answer = match line.len() > LENGTH {
                    true => Some(Refusal::new(Code::Parse, format!("a message has at most {LENGTH} bytes")).answer(&Value::Null)),
                    false => session.take(&line),
                };
                line.clear();
                if let Some(answer) = answer {
                    write(&mut output, &answer).await?;
                }
                if !more {
                    break;
                }
            }
        }
    }
    let Session {
        answers, mut calls, ..
    } = session;
    drop(answers);
    let last = async {
        while let Some(answer) = ready.recv().await {
            write(&mut output, &answer).await?;
        }
        Ok(())
    };
    let ended = timeout(GRACE, last).await;
    calls.shutdown().await;
    ended.unwrap_or(Ok(()))
}

/// Adds to the line up to its end, and tells whether more may come. Of a line that is too long only so much is kept
/// as shows it. What was read stays when this is dropped.
async fn read_line(
    input: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
) -> std::io::Result<bool> {
    loop {
        let buffer = input.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let piece = &buffer[..end.unwrap_or(buffer.len())];
        let room = (LENGTH + 1).saturating_sub(line.len());
        line.extend_from_slice(&piece[..piece.len().min(room)]);
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

async fn write(output: &mut (impl AsyncWrite + Unpin), answer: &Value) -> std::io::Result<()> {
    let mut line = answer.to_string();
    line.push('\n');
    output.write_all(line.as_bytes()).await?;
    output.flush().await
}

/// What goes on with one agent.
struct Session {
    tools: Arc<Tools>,
    calls: JoinSet<()>,
    /// The calls that can be cancelled, by the text of their ids.
    running: HashMap<String, AbortHandle>,
    answers: mpsc::Sender<Value>,
}

impl Session {
    /// Takes a message, and gives the answer where it needs no waiting.
    fn take(&mut self, line: &[u8]) -> Option<Value> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let Incoming { id, method, params } = match Incoming::read(line) {
            Ok(Some(incoming)) => incoming,
            Ok(None) => return None,
            Err(refusal) => return Some(refusal.answer(&Value::Null)),
        };
        let Some(id) = id else {
            if method == "notifications/cancelled" {
                self.cancel(&params);
            }
            return None;
        };
        let era = match Era::of(&params) {
            Ok(era) => era,
            Err(refusal) => return Some(refusal.answer(&id)),
        };
        if let Some(name) = protocol::client_name(&params) {
            self.tools.serve_as(&name);
        }
        let result = match method.as_str() {
            "initialize" => Ok(protocol::initialize(&params)),
            "server/discover" => Ok(protocol::discover()),
            "ping" => Ok(json!({})),
            "tools/list" => Ok(tools::list(era)),
            "tools/call" => return self.call(id, params, era),
            _ => {
                let text = format!("there is no method {method:?} here; there is tools/list");
                Err(Refusal::new(Code::Method, text))
            }
        };
        Some(match result {
            Ok(result) => message::result(&id, era.complete(result)),
            Err(refusal) => refusal.answer(&id),
        })
    }

    /// Begins a call; its answer comes when it has one.
    fn call(&mut self, id: Value, params: Value, era: Era) -> Option<Value> {
        self.running.retain(|_, call| !call.is_finished());
        while self.calls.try_join_next().is_some() {}
        if self.running.len() >= CALLS {
            let text = format!(
                "{CALLS} calls are at work, which is as many as may be; wait for one, or cancel one"
            );
            return Some(Refusal::new(Code::Internal, text).answer(&id));
        }
        let key = id.to_string();
        if self.running.contains_key(&key) {
            let text = "a call of that id is at work; give each request an id of its own";
            return Some(Refusal::new(Code::Request, text).answer(&id));
        }
        let (tools, answers) = (Arc::clone(&self.tools), self.answers.clone());
        let call = self.calls.spawn(async move {
            let answer = match tools.call(&params).await {
                Ok(result) => message::result(&id, era.complete(result)),
                Err(refusal) => refusal.answer(&id),
            };
            // The agent may have gone.
            let _: Result<(), _> = answers.send(answer).await;
        });
        self.running.insert(key, call);
        None
    }

    /// Ends a call. A cancelled one is not answered.
    fn cancel(&mut self, params: &Value) {
        if let Some(call) = self.running.remove(&params["requestId"].to_string()) {
            call.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn said(lines: &[u8]) -> Vec<Value> {
        let client = Client::new("http://127.0.0.1:1", None).unwrap();
        let mut output = Vec::new();
        serve(client, lines, &mut output).await.unwrap();
        let lines = output
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_refused_and_the_next_one_is_read() {
        let mut lines = vec![b'x'; LENGTH + 5];
        lines.extend_from_slice(b"\n{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}\n");
        let said = said(&lines).await;
        assert_eq!(said[0]["error"]["code"], -32700);
        assert_eq!(said[1], json!({"jsonrpc": "2.0", "id": 7, "result": {}}));
    }

    #[tokio::test]
    async fn nonsense_is_refused_and_notifications_are_not_answered() {
        for (line, code) in [
            (&b"{"[..], -32700),
            (b"\xff", -32700),
            (b"[]", -32600),
            (b"{\"jsonrpc\":\"2.0\",\"id\":1}", -32600),
            (b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", -32600),
            (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nope\"}", -32601),
            (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"nope\"}}", -32602),
        ] {
            let said = said(line).await;
            assert_eq!(said.len(), 1, "{}", line.escape_ascii());
            assert_eq!(said[0]["error"]["code"], code, "{}", said[0]);
        }
        for line in [
            &b"\n \n"[..],
            b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
            b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":9}}",
            b"{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}",
        ] {
            assert_eq!(said(line).await, [Value::Null; 0], "{}", line.escape_ascii());
        }
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_an_error_of_the_tool_with_the_way_out() {
        let call = b"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\",\"params\":{\"name\":\"list_ports\"}}";
        let said = said(call).await;
        assert_eq!(
            (&said[0]["id"], &said[0]["result"]["isError"]),
            (&json!("a"), &json!(true))
        );
        let text = said[0]["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("is seriald running there?"), "{text}");
    }
}
