//! An error of flashing: why nothing is written.

use crate::port::PortError;

/// Why nothing is written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FlashError {
    #[error("there is no command {name:?} for {port}; {}", known(there))]
    Unknown {
        name: String,
        port: String,
        there: Vec<String>,
    },
    #[error("{name} has not run on {port}, or another command since")]
    NotRun { name: String, port: String },
    #[error("{title} takes files that end in {endings}, not {file:?}")]
    Ending {
        title: String,
        endings: String,
        file: String,
    },
    #[error("the file is empty")]
    Empty,
    #[error("the file is too large: {title} takes at most {limit} bytes")]
    TooLarge { title: String, limit: usize },
    #[error("{port}: {at_work}; wait until it has ended, or end it")]
    Busy { port: String, at_work: String },
    #[error("the file cannot be kept while it is written: {0}")]
    File(std::io::Error),
    #[error("{program} cannot be run: {error}; it must be installed where the server runs")]
    Program {
        program: String,
        error: std::io::Error,
    },
    #[error(transparent)]
    Port(#[from] PortError),
}

fn known(there: &[String]) -> String {
    if there.is_empty() {
        return "there is none; the configuration names them, as in [flash.NAME]".to_owned();
    }
    format!("there are: {}", there.join(", "))
}
