//! Tools that look: the ports, what came from an offset on, the last lines.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::tools::{Failure, Outcome, Tools, path};
use crate::client::tap::{Event, Tap, Wish};
use crate::client::{Client, link::Link, socket::Socket};
use crate::plain::plain;
use crate::{hex, settings::Line};

/// Where a reading begins that does not say it, in bytes before the head.
const BEHIND: i64 = -4096;
const BYTES: u64 = 16 * 1024;
const MOST_BYTES: u64 = 64 * 1024;
const MOST_WAIT: u64 = 60_000;
const LINES: usize = 50;
const MOST_LINES: usize = 1000;
/// So many bytes of a journal are looked through for the last lines: at first, and at most.
const WINDOW: (u64, u64) = (64 * 1024, 4 << 20);
/// The most that the last lines come to, in bytes.
const MOST_TEXT: usize = 128 * 1024;

/// A text of several lines, without what it tells a terminal.
pub fn clean(bytes: &[u8]) -> String {
    let lines: Vec<_> = bytes.split(|byte| *byte == b'\n').map(plain).collect();
    lines.join("\n")
}

/// All ports, with what an agent needs of each.
pub async fn list(tools: &Tools) -> Outcome {
    let ports = json_of(&tools.client(), "api/v1/ports").await?;
    let ports = ports.as_array().into_iter().flatten().map(|port| {
        let line: Option<Line> = serde_json::from_value(port["settings"].clone()).ok();
        json!({
            "name": port["name"],
            "state": port["state"],
            "device": port["device"],
            "is": port["identity"]["usb"]["product"],
            "settings": line.map(|line| line.to_string()),
            "problem": port["error"]["message"],
            "lent_to": port["lent"]["to"],
            "oldest": port["journal"]["oldest"],
            "head": port["journal"]["head"],
        })
    });
    Ok(json!({"ports": ports.collect::<Vec<_>>()}))
}

async fn json_of(client: &Client, path: &str) -> Outcome {
    let bytes = client.get(path).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure(format!(
            "the server's answer is no JSON ({error}); is it seriald?"
        ))
    })
}

/// Waits until something stands in a port's journal from an offset on, or the port or the server is away.
async fn something(client: &Client, port: &str, from: u64) -> Result<(), Failure> {
    let wish = Wish {
        port: port.to_owned(),
        from: from.into(),
        journal: None,
        answers: false,
        name: None,
    };
    let link = Link::new(client.clone(), Socket::open(client).await?);
    let mut tap = Tap::new(link, wish);
    while !matches!(
        tap.next().await?,
        Event::Frames(_) | Event::Gone | Event::Lost(_)
    ) {}
    tap.close().await;
    Ok(())
}

/// What to read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    port: String,
    from: Option<i64>,
    max_bytes: Option<u64>,
    wait_ms: Option<u64>,
    #[serde(default)]
    typed: bool,
    #[serde(default)]
    hex: bool,
}

/// What came from an offset on.
pub async fn read(tools: &Tools, wish: Read) -> Outcome {
    let (most, wait) = (wish.max_bytes.unwrap_or(BYTES), wish.wait_ms.unwrap_or(0));
    expect("max_bytes", most, 1, MOST_BYTES)?;
    expect("wait_ms", wait, 0, MOST_WAIT)?;
    let client = tools.client();
    let state = path(&wish.port, "")?;
    let deadline = Instant::now() + Duration::from_millis(wait);
    let mut from = None;
    let (from, oldest, head, journal) = loop {
        let journal = json_of(&client, &state).await?["journal"].take();
        let number = |key: &str| journal[key].as_u64().unwrap_or_default();
        let (oldest, head) = (number("oldest"), number("head"));
        // What is said from the head on is said from the head at the time of asking.
        let from = *from.get_or_insert_with(|| match wish.from.unwrap_or(BEHIND) {
            before @ ..0 => head.saturating_sub(before.unsigned_abs()).max(oldest),
            offset => offset as u64,
        });
        if from > head {
            return Err(Failure(format!(
                "{}: there is no offset {from} in its journal, which reaches from {oldest} to {head}; if it was \
                 there before, the server was restarted: read from {oldest}",
                wish.port
            )));
        }
        if from < head || Instant::now() >= deadline {
            break (from, oldest, head, journal["id"].clone());
        }
        // Where the time is over, it is looked once more.
        if let Ok(came) = timeout_at(deadline, something(&client, &wish.port, from)).await {
            came?;
        }
    };
    // Before the oldest there is one gap, however long.
    let to = head.min(from.max(oldest).saturating_add(most));
    let mut stretch = Stretch::default();
    if from < to {
        let query = format!("/history?format=jsonl&from={from}&to={to}");
        let records = client.get(&path(&wish.port, &query)?).await?;
        for record in records
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let record = serde_json::from_slice(record)
                .map_err(|error| Failure(format!("the server's answer is broken: {error}")))?;
            stretch.take(&record)?;
        }
    }
    let next = stretch.cut(to, to < head);
    let mut answer = json!({
        "from": from,
        "next": next,
        "head": head,
        "more": next < head,
        "journal": journal,
        "text": clean(&stretch.bytes()),
        "gaps": stretch.gaps,
    });
    if wish.hex {
        answer["hex"] = json!(hex::encode(&stretch.bytes()));
    }
    if wish.typed {
        answer["typed"] = json!(stretch.others);
    }
    Ok(answer)
}

/// What was found between two offsets.
#[derive(Default)]
struct Stretch {
    /// What came in, with its offsets.
    pieces: Vec<(u64, Vec<u8>)>,
    gaps: Vec<Value>,
    others: Vec<Value>,
}

impl Stretch {
    fn take(&mut self, record: &Value) -> Result<(), Failure> {
        let offset = record["offset"].as_u64().unwrap_or_default();
        let bytes = match (&record["text"], &record["hex"]) {
            (Value::String(text), _) => text.clone().into_bytes(),
            (_, Value::String(digits)) => hex::decode(digits)
                .map_err(|error| Failure(format!("the server's answer is broken: {error}")))?,
            _ => Vec::new(),
        };
        match record["kind"].as_str() {
            Some("rx") => self.pieces.push((offset, bytes)),
            Some("gap") => self
                .gaps
                .push(json!({"from": offset, "to": record["to"], "why": record["why"]})),
            Some("tx") => {
                let text = clean(&bytes);
                self.others.push(json!({"offset": offset, "time": record["time"], "by": record["author"], "text": text}));
            }
            _ => {
                let note = &record["note"];
                let text = clean(note["text"].as_str().unwrap_or_default().as_bytes());
                self.others.push(json!({"offset": offset, "time": record["time"], "by": note["by"], "note": text}));
            }
        }
        Ok(())
    }

    /// Where the next reading begins. Where more is there already, that is behind the last line that has ended, so
    /// that neither a line nor an escape sequence is cut apart.
    fn cut(&mut self, to: u64, is_more: bool) -> u64 {
        let ends = self
            .pieces
            .iter()
            .enumerate()
            .rev()
            .find_map(|(index, (offset, bytes))| {
                let end = bytes.iter().rposition(|byte| *byte == b'\n')?;
                Some((index, end + 1, offset + end as u64 + 1))
            });
        let Some((index, length, next)) = ends.filter(|_| is_more) else {
            return to;
        };
        self.pieces.truncate(index + 1);
        self.pieces[index].1.truncate(length);
        let is_before =
            |found: &Value, key: &str| found[key].as_u64().is_some_and(|offset| offset < next);
        self.gaps.retain(|gap| is_before(gap, "from"));
        self.others.retain(|other| is_before(other, "offset"));
        next
    }

    fn bytes(&self) -> Vec<u8> {
        let pieces = self.pieces.iter();
        pieces.flat_map(|(_, bytes)| bytes).copied().collect()
    }
}

/// Which lines.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tail {
    port: String,
    lines: Option<usize>,
}

/// The last lines.
pub async fn tail(tools: &Tools, wish: Tail) -> Outcome {
    let wanted = wish.lines.unwrap_or(LINES);
    expect("lines", wanted as u64, 1, MOST_LINES as u64)?;
    let client = tools.client();
    let state = json_of(&client, &path(&wish.port, "")?).await?;
    let number = |key: &str| state["journal"][key].as_u64().unwrap_or_default();
    let (oldest, head) = (number("oldest"), number("head"));
    let mut window = WINDOW.0;
    loop {
        let from = head.saturating_sub(window).max(oldest);
        let query = format!("/history?format=text&from={from}&to={head}");
        let text = client.get(&path(&wish.port, &query)?).await?;
        let text = String::from_utf8_lossy(&text);
        let mut lines: Vec<_> = text.lines().collect();
        // The window may have cut its first line.
        let is_whole = from == oldest;
        if !is_whole && lines.len() <= wanted && window < WINDOW.1 {
            window *= 8;
            continue;
        }
        lines.drain(..lines.len().saturating_sub(wanted));
        while lines.iter().map(|line| line.len() + 1).sum::<usize>() > MOST_TEXT {
            lines.remove(0);
        }
        return Ok(json!({"lines": lines, "next": head}));
    }
}

/// Refuses what is out of range.
pub fn expect(name: &str, number: u64, least: u64, most: u64) -> Result<(), Failure> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(Failure(format!(
        "{name} {number} is not possible; {least} to {most} is"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_a_terminal_is_taken_out_and_lines_stay() {
        assert_eq!(
            clean(b"\x1b[31mred\x1b[0m\r\n\x07b\xff\n"),
            "red\nb\u{fffd}\n"
        );
    }

    #[test]
    fn a_reading_that_is_cut_ends_behind_a_line() {
        let mut stretch = Stretch::default();
        for record in [
            json!({"offset": 10, "kind": "rx", "text": "one\ntw"}),
            json!({"offset": 16, "kind": "tx", "author": "a", "text": "x"}),
            json!({"offset": 17, "kind": "rx", "hex": "6f0a1b5b"}),
            json!({"offset": 21, "kind": "note", "note": {"text": "n"}}),
        ] {
            stretch.take(&record).unwrap();
        }
        assert_eq!(stretch.cut(30, true), 19);
        assert_eq!(
            (stretch.bytes(), stretch.others.len()),
            (b"one\ntwo\n".to_vec(), 1)
        );
        assert_eq!(stretch.cut(30, false), 30);
        let mut endless = Stretch::default();
        endless
            .take(&json!({"offset": 0, "kind": "rx", "text": "abc"}))
            .unwrap();
        assert_eq!(endless.cut(3, true), 3);
    }
}
