//! A problem: an error as the web tells it, `application/problem+json` or a message of the socket.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::panel::{Fault, NotATouch};
use crate::port::PortError;
use crate::record::Offset;
use crate::script::{self, MacroError, NotAnExchange, ScriptError};
use crate::state::Reach;
use crate::wire::talk::{Code, LIMITS, Refusal};

/// What went wrong, for programs and for people.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    refusal: Refusal,
}

impl Problem {
    /// The media type.
    pub const KIND: &str = "application/problem+json";
    /// The number of seconds to wait, which is told in a header too.
    pub const RETRY_AFTER: &str = "retry_after";

    pub fn new(status: StatusCode, code: Code, message: impl ToString) -> Self {
        Self {
            status,
            refusal: Refusal::new(code, message),
        }
    }

    pub fn unknown_port(name: &str, names: &[&str]) -> Self {
        let name: String = name.chars().take(64).collect();
        let known = match names {
            [] => "there is no port at all".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        };
        let message = format!("there is no port {name:?}; {known}");
        Self::new(StatusCode::NOT_FOUND, Code::UnknownPort, message)
    }

    /// An offset that the port's journal does not have.
    pub fn out_of_range(port: &str, reach: &Reach) -> Self {
        let Reach { oldest, head, .. } = reach;
        let message = format!(
            "{port} has no such offset in its journal, which reaches from {oldest} to {head}; \
             if it was there before, the server was restarted since"
        );
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, Code::OutOfRange, message).reaching(reach)
    }

    /// A subscription that would end before it begins, or behind the head.
    pub fn no_such_end(port: &str, from: Offset, to: Offset, reach: &Reach) -> Self {
        let message = format!(
            "{port}: what begins at offset {from} cannot end at {to}; it can end there or later, up to the head, {}",
            reach.head
        );
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, Code::OutOfRange, message).reaching(reach)
    }

    fn reaching(self, reach: &Reach) -> Self {
        self.with("oldest", reach.oldest.0)
            .with("head", reach.head.0)
    }

    pub fn forbidden(message: impl ToString) -> Self {
        Self::new(StatusCode::FORBIDDEN, Code::Forbidden, message)
    }

    pub fn bad(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadMessage, message)
    }

    /// What is longer than `limit` bytes.
    pub fn too_large(what: impl std::fmt::Display, limit: usize) -> Self {
        let message = format!("{what} is too large; send at most {limit} bytes at once");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge, message).with("limit", limit)
    }

    /// What was asked for is not done because the server stops.
    pub fn stops() -> Self {
        let message = "the server stops; ask again when it runs";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Cancelled, message)
    }

    /// What is wrong and the way out, for people.
    pub fn detail(&self) -> &str {
        &self.refusal.message
    }

    pub fn with(mut self, name: &str, number: impl Into<serde_json::Value>) -> Self {
        self.refusal = self.refusal.with(name, number);
        self
    }

    /// The same for the socket.
    pub fn into_refusal(self) -> Refusal {
        self.refusal
    }
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        let (status, code) = match &error {
            PortError::NotAllowed { .. } => (StatusCode::FORBIDDEN, Code::Forbidden),
            PortError::Taken { .. } => (StatusCode::CONFLICT, Code::TurnTaken),
            PortError::Turn { .. } => (StatusCode::CONFLICT, Code::Conflict),
            PortError::TooMuchSaid { .. } => (StatusCode::TOO_MANY_REQUESTS, Code::Throttled),
            PortError::NotOpen { .. } => (StatusCode::CONFLICT, Code::NotOpen),
            PortError::QueueFull { .. } => (StatusCode::SERVICE_UNAVAILABLE, Code::QueueFull),
            PortError::Cancelled { .. } => (StatusCode::CONFLICT, Code::Cancelled),
            PortError::Lost { .. } => (StatusCode::CONFLICT, Code::Device),
            PortError::Settings(_) => (StatusCode::BAD_REQUEST, Code::BadSettings),
            PortError::Pulse(_) | PortError::Mark(_) | PortError::Line(_) => {
                (StatusCode::BAD_REQUEST, Code::BadMessage)
            }
            PortError::OutOfRange { .. } => (StatusCode::RANGE_NOT_SATISFIABLE, Code::OutOfRange),
            PortError::Playing { .. } | PortError::TooManyRuns { .. } => {
                (StatusCode::CONFLICT, Code::TooMany)
            }
            PortError::NotSupported { .. } => (StatusCode::CONFLICT, Code::NotSupported),
            PortError::Device { .. } => (StatusCode::BAD_GATEWAY, Code::Device),
        };
        let problem = Self::new(status, code, &error);
        match error {
            PortError::QueueFull { .. } => problem.with("taken", 0),
            PortError::Cancelled { written } | PortError::Lost { written } => {
                problem.with("written", written as u64)
            }
            PortError::Taken { holder, .. } => problem.with("holder", holder),
            PortError::TooMuchSaid { seconds, .. } => problem.with(Self::RETRY_AFTER, seconds),
            PortError::OutOfRange { reach, .. } => problem.reaching(&reach),
            _ => problem,
        }
    }
}

impl From<ScriptError> for Problem {
    fn from(error: ScriptError) -> Self {
        let (status, code) = match error {
            ScriptError::Port(error) => return error.into(),
            ScriptError::Held { .. } | ScriptError::Timeout { .. } => {
                (StatusCode::GATEWAY_TIMEOUT, Code::TimedOut)
            }
            ScriptError::Gone { .. } => (StatusCode::CONFLICT, Code::Device),
            ScriptError::TooMuch { .. } => (StatusCode::BAD_GATEWAY, Code::TooLarge),
            ScriptError::Missed { .. } => (StatusCode::BAD_GATEWAY, Code::OutOfRange),
        };
        let problem = Self::new(status, code, &error);
        match error {
            ScriptError::Timeout { text, .. } | ScriptError::Gone { text, .. } => {
                problem.with("text", text)
            }
            ScriptError::Held { .. } => problem.with("text", ""),
            ScriptError::TooMuch { .. } => problem.with("limit", script::MOST),
            _ => problem,
        }
    }
}

impl From<MacroError> for Problem {
    fn from(error: MacroError) -> Self {
        let message = error.to_string();
        match error {
            MacroError::Stopped { .. } => Self::new(StatusCode::CONFLICT, Code::Cancelled, message),
            MacroError::Failed { step, why } => {
                let mut problem = Self::from(why);
                problem.refusal.code = Code::Failed;
                problem.refusal.message = message;
                problem.with("step", step)
            }
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadPanel, &fault).with("at", fault.at)
    }
}

impl From<NotATouch> for Problem {
    fn from(error: NotATouch) -> Self {
        match error {
            NotATouch::Unknown { .. } => {
                Self::new(StatusCode::NOT_FOUND, Code::UnknownPanel, error)
            }
            error => Self::bad(error),
        }
    }
}

impl From<NotAnExchange> for Problem {
    fn from(error: NotAnExchange) -> Self {
        match error {
            NotAnExchange::Large(_) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge, error)
                    .with("limit", LIMITS.write)
            }
            _ => Self::bad(error),
        }
    }
}

/// A problem as it is answered: RFC 9457, with a code for programs and what belongs to it.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Told<'a> {
    /// The status in words.
    title: Option<&'static str>,
    /// The status.
    status: u16,
    /// What is wrong and the way out, for people.
    detail: &'a str,
    /// What is wrong, for programs.
    code: Code,
    /// Numbers and texts that belong to the code.
    #[serde(flatten)]
    #[schema(value_type = HashMap<String, Value>)]
    more: &'a Map<String, Value>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Told {
            title: self.status.canonical_reason(),
            status: self.status.as_u16(),
            detail: &self.refusal.message,
            code: self.refusal.code,
            more: &self.refusal.numbers,
        };
        let body = serde_json::to_vec(&body).expect("a problem is plain data");
        let mut response = (self.status, body).into_response();
        let kind = HeaderValue::from_static(Self::KIND);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = self.refusal.numbers.get(Self::RETRY_AFTER) {
            let seconds = seconds.as_u64().unwrap_or_default().into();
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
