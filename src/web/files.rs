//! What the answers with files have in common: the file's kind, how long it is kept, and that some are not there.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::wire::talk::Code;

/// To be kept, and asked about before each use.
pub const REVALIDATE: &str = "no-cache";

/// The answer where there is nothing.
pub fn not_found(path: &str) -> Response {
    let path: String = path.chars().take(100).collect();
    let message = format!(
        "there is nothing at {path}; the console is at /console/, and /api/ shows what programs can ask"
    );
    Problem::new(StatusCode::NOT_FOUND, Code::BadMessage, message).into_response()
}

/// The kind of a file, by the end of its name.
pub fn kind_of(path: &str) -> HeaderValue {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let text = if kind.type_() == "text" {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
