//! Messages of JSON-RPC 2.0: requests and notifications in, answers out.

use serde_json::{Value, json};

/// What comes in.
#[derive(Debug, PartialEq)]
pub struct Incoming {
    /// What the answer repeats; none for a notification.
    pub id: Option<Value>,
    /// What is asked for.
    pub method: String,
    /// What belongs to it; null where there is nothing.
    pub params: Value,
}

impl Incoming {
    /// Reads a message; none for an answer, since nothing is ever asked here.
    pub fn read(line: &[u8]) -> Result<Option<Self>, Refusal> {
        let message: Value = serde_json::from_slice(line)
            .map_err(|error| Refusal::new(Code::Parse, format!("this is no JSON: {error}")))?;
        let wrong = |text: &str| Err(Refusal::new(Code::Request, text));
        let Value::Object(mut message) = message else {
            return wrong("a message is an object; batches are not taken");
        };
        if message.contains_key("result") || message.contains_key("error") {
            return Ok(None);
        }
        let id = message.remove("id");
        if id
            .as_ref()
            .is_some_and(|id| !id.is_string() && !id.is_number())
        {
            return wrong("the id of a request is a text or a number");
        }
        let Some(Value::String(method)) = message.remove("method") else {
            return wrong("a message names its method");
        };
        let params = message.remove("params").unwrap_or_default();
        Ok(Some(Self { id, method, params }))
    }
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Parse = -32700,
    Request = -32600,
    Method = -32601,
    Params = -32602,
    Internal = -32603,
    /// A version of the protocol that is not spoken.
    Version = -32022,
}

/// A request that is not answered with a result.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    code: Code,
    text: String,
    data: Option<Value>,
}

impl Refusal {
    /// Says what is wrong, and the way out.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            data: None,
        }
    }

    /// The same with something for programs.
    pub fn with(self, data: Value) -> Self {
        Self {
            data: Some(data),
            ..self
        }
    }

    /// The message.
    pub fn answer(self, id: &Value) -> Value {
        let mut error = json!({"code": self.code as i32, "message": self.text});
        if let Some(data) = self.data {
            error["data"] = data;
        }
        json!({"jsonrpc": "2.0", "id": id, "error": error})
    }
}

/// The message that brings a result.
pub fn result(id: &Value, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}
