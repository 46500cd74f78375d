//! The files of the console, built into the binary.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::RustEmbed;

use super::files::{REVALIDATE, kind_of, not_found};
use crate::hex;

#[derive(RustEmbed)]
#[folder = "$SERIALD_UI"]
struct Ui;

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// `/console` without its slash: the page's links are relative.
pub async fn to_console() -> Redirect {
    Redirect::permanent("console/")
}

/// The page about the API, which lies with the console.
pub async fn to_reference(uri: Uri) -> Redirect {
    let up = "../".repeat(uri.path().matches('/').count() - 1);
    Redirect::temporary(&format!("{up}console/api.html"))
}

/// `/console/…`.
pub async fn console(uri: Uri, headers: HeaderMap) -> Response {
    embedded(uri.path().trim_start_matches("/console/"), &headers)
}

/// `/sdk.js`, and `/sdk.classic.js` for plain scripts.
pub async fn sdk(uri: Uri, headers: HeaderMap) -> Response {
    embedded(uri.path().trim_start_matches('/'), &headers)
}

/// A file of the console, compressed as the browser likes it best.
fn embedded(path: &str, headers: &HeaderMap) -> Response {
    let path = if path.is_empty() { "index.html" } else { path };
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let accepts = |coding: &str| {
        accepted.is_some_and(|all| {
            all.split(',').any(|one| {
                one.split(';')
                    .next()
                    .is_some_and(|one| one.trim() == coding)
            })
        })
    };
    let (file, coding) = [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| accepts(coding))
        .find_map(|(coding, ending)| Some((Ui::get(&format!("{path}.{ending}"))?, Some(coding))))
        .or_else(|| Some((Ui::get(path)?, None)))
        .map_or((None, None), |(file, coding)| (Some(file), coding));
    let Some(file) = file else {
        return not_found(path);
    };
    let hash = hex::encode(&file.metadata.sha256_hash()[..16]);
    let etag = format!("\"{hash}\"");
    let fresh = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match file.data {
            Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        body.into_response()
    };
    let keep = if path.starts_with("assets/") {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, kind_of(path));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.insert(header::ETAG, etag);
    }
    if let Some(coding) = coding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}
