//! Tools that do something on a port: write, write and wait, reset, change settings, mark.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::reading::{clean, expect as expect_range};
use super::tools::{Failure, Outcome, Tools, path};
use crate::hex;
use crate::settings::Change;

/// How long a reply may be waited for, in milliseconds, and how long it is if nobody says it.
const MOST_WAIT: u64 = 300_000;
const WAIT: u64 = 5000;

/// What ends a text.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum End {
    None,
    #[default]
    Lf,
    Cr,
    Crlf,
}

/// The bytes of a text or of hex digits; none where there is neither.
fn bytes(
    text: Option<String>,
    digits: Option<String>,
    end: End,
) -> Result<Option<Vec<u8>>, Failure> {
    match (text, digits) {
        (Some(_), Some(_)) => Err(Failure("give text or hex, not both".to_owned())),
        (Some(text), None) => {
            let end = match end {
                End::None => "",
                End::Lf => "\n",
                End::Cr => "\r",
                End::Crlf => "\r\n",
            };
            Ok(Some((text + end).into_bytes()))
        }
        (None, Some(digits)) => {
            let bytes = hex::decode(&digits).map_err(|error| Failure(format!("hex: {error}")))?;
            Ok(Some(bytes))
        }
        (None, None) => Ok(None),
    }
}

/// What to write.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    port: String,
    text: Option<String>,
    hex: Option<String>,
    #[serde(default)]
    end: End,
}

/// Writes.
pub async fn send(tools: &Tools, wish: Send) -> Outcome {
    let Some(bytes) = bytes(wish.text, wish.hex, wish.end)? else {
        return Err(Failure(
            "there is nothing to send; give text or hex".to_owned(),
        ));
    };
    let path = path(&wish.port, "/write")?;
    Ok(tools.client().post_bytes(&path, bytes).await?)
}

/// What to write, and what to wait for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    port: String,
    text: Option<String>,
    hex: Option<String>,
    #[serde(default)]
    end: End,
    until: Option<String>,
    timeout_ms: Option<u64>,
}

/// Writes, and waits for the reply.
pub async fn expect(tools: &Tools, wish: Expect) -> Outcome {
    let wait = wish.timeout_ms.unwrap_or(WAIT);
    expect_range("timeout_ms", wait, 1, MOST_WAIT)?;
    let mut question = json!({"timeout": wait});
    if let Some(bytes) = bytes(wish.text, wish.hex, wish.end)? {
        question["hex"] = json!(hex::encode(&bytes));
    }
    if let Some(until) = wish.until {
        question["until"] = json!(until);
    }
    let path = path(&wish.port, "/expect")?;
    let wait = Duration::from_millis(wait);
    let mut reply = tools.client().post_within(wait, &path, &question).await?;
    let cleaned = |text: &Value| text.as_str().map(|text| clean(text.as_bytes()));
    reply["text"] = json!(cleaned(&reply["text"]));
    for group in reply["match"].as_array_mut().into_iter().flatten() {
        *group = json!(cleaned(group));
    }
    Ok(reply)
}

/// Which board, and how.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    port: String,
    sequence: String,
}

/// Plays a sequence on the lines, and waits for its end.
pub async fn reset(tools: &Tools, wish: Reset) -> Outcome {
    let path = path(&wish.port, "/pulse")?;
    let question = json!({"sequence": wish.sequence});
    tools.client().post(&path, &question).await?;
    Ok(json!({"played": wish.sequence}))
}

/// What is to be so from now on.
#[derive(Deserialize)]
pub struct Configure {
    port: String,
    state: Option<String>,
    #[serde(flatten)]
    settings: serde_json::Map<String, Value>,
}

/// Changes settings, opens or releases.
pub async fn configure(tools: &Tools, wish: Configure) -> Outcome {
    let mut change = json!({});
    if !wish.settings.is_empty() {
        let settings = Value::Object(wish.settings);
        if let Err(error) = serde_json::from_value::<Change>(settings.clone()) {
            return Err(Failure(format!("these settings are not possible: {error}")));
        }
        change["settings"] = settings;
    }
    if let Some(state) = wish.state {
        change["state"] = json!(state);
    }
    let mut port = tools
        .client()
        .patch(&path(&wish.port, "")?, &change)
        .await?;
    let picked = ["name", "state", "settings", "actual", "error"]
        .map(|key| (key.to_owned(), port[key].take()));
    Ok(Value::Object(picked.into_iter().collect()))
}

/// What is pinned where.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    port: String,
    text: String,
    at: Option<u64>,
}

/// Marks a moment.
pub async fn mark(tools: &Tools, wish: Mark) -> Outcome {
    let mut question = json!({"text": wish.text});
    if let Some(at) = wish.at {
        question["at"] = json!(at);
    }
    Ok(tools
        .client()
        .post(&path(&wish.port, "/marks")?, &question)
        .await?)
}
