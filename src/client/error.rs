//! Errors of a client: why a server did not do what was asked, with the way out.

use serde_json::Value;

/// Why a server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No address of a server.
    #[error("{0:?} is no address of a server; give one such as http://127.0.0.1:8080")]
    Address(String),
    /// Nobody is there.
    #[error("{server}: {reason}; is seriald running there? Name another address with --server")]
    #[expect(missing_docs, reason = "the message says it")]
    Away { server: String, reason: String },
    /// Who is there is not who was meant.
    #[error("{server}: {reason}")]
    #[expect(missing_docs, reason = "the message says it")]
    Untrusted { server: String, reason: String },
    /// It is a stranger's question.
    #[error(
        "{0} asks for its token, or one of yours; put it into SERIALD_TOKEN. Where people are known, the console makes \
         one, or 'seriald token create TITLE --user NAME' on the server's machine. One that counted before has ended, or \
         rests until you sign in to the console"
    )]
    Token(String),
    /// It said no.
    #[error("{said}")]
    Refused {
        /// For people.
        said: String,
        /// For programs, as `docs/protocol.md` has it; empty if it gave none.
        code: String,
        /// The whole answer.
        told: Value,
    },
}

impl ClientError {
    pub(super) fn refused(said: String) -> Self {
        Self::Refused {
            said,
            code: String::new(),
            told: Value::Null,
        }
    }

    pub(super) fn away(server: &str, reason: impl ToString) -> Self {
        Self::Away {
            server: server.to_owned(),
            reason: reason.to_string(),
        }
    }
}
