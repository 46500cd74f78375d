//! The files of the console, built into the binary, and those of the user's own page.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use rust_embed::RustEmbed;

use super::Web;
use super::problem::Problem;
use crate::hex;
use crate::wire::talk::Code;

#[derive(RustEmbed)]
#[folder = "$SERIALD_UI"]
struct Ui;

/// What a page of the user's own may do: everything a page on this machine could, but be framed or
/// talk to anybody but this server.
const PAGE_POLICY: &str = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: http: https:; \
    connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";

/// `/console` without its slash: the page's links are relative.
pub async fn to_console() -> Redirect {
    Redirect::permanent("console/")
}

/// `/console/…`.
pub async fn console(uri: Uri, headers: HeaderMap) -> Response {
    embedded(uri.path().trim_start_matches("/console/"), &headers)
}

/// `/sdk.js`.
pub async fn sdk(headers: HeaderMap) -> Response {
    embedded("sdk.js", &headers)
}

/// Everything else: the user's own page where there is one, or else the console.
pub async fn page(State(web): State<Web>, method: Method, uri: Uri) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) || uri.path().starts_with("/api/") {
        return not_found(uri.path());
    }
    match &web.www {
        Some(folder) => own(folder, uri.path()).await,
        None if uri.path() == "/" => Redirect::temporary("console/").into_response(),
        None => not_found(uri.path()),
    }
}

fn not_found(path: &str) -> Response {
    let path: String = path.chars().take(100).collect();
    let message = format!(
        "there is nothing at {path}; the console is at /console/, ports are at /api/v1/ports"
    );
    Problem::new(StatusCode::NOT_FOUND, Code::BadMessage, message).into_response()
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

fn kind_of(path: &str) -> HeaderValue {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let text = if kind.type_() == "text" {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// A file of the user's own folder, and of nothing outside it.
async fn own(folder: &Path, path: &str) -> Response {
    let Some(inside) = inside(path) else {
        return not_found(path);
    };
    let mut file = folder.join(inside);
    if tokio::fs::metadata(&file)
        .await
        .is_ok_and(|metadata| metadata.is_dir())
    {
        if !path.ends_with('/') {
            return Redirect::temporary(&format!("{path}/")).into_response();
        }
        file.push("index.html");
    }
    // Links may lead anywhere the folder's owner likes, but not out of the folder by accident.
    let home = tokio::fs::canonicalize(folder).await;
    let real = tokio::fs::canonicalize(&file).await;
    let (Ok(home), Ok(real)) = (home, real) else {
        return not_found(path);
    };
    if !real.starts_with(&home) {
        return not_found(path);
    }
    match tokio::fs::read(&real).await {
        Ok(bytes) => {
            let headers = [
                (header::CONTENT_TYPE, kind_of(&file.to_string_lossy())),
                (header::CACHE_CONTROL, HeaderValue::from_static(REVALIDATE)),
                (
                    header::CONTENT_SECURITY_POLICY,
                    HeaderValue::from_static(PAGE_POLICY),
                ),
            ];
            (headers, bytes).into_response()
        }
        Err(error) => {
            tracing::warn!("{}: {error}", real.display());
            not_found(path)
        }
    }
}

/// The path of a request as one below a folder; nothing for those that try to leave it.
fn inside(path: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.trim_start_matches('/').bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? << 4 | digit()?) as u8
            }
            byte => byte,
        });
    }
    let path = PathBuf::from(String::from_utf8(bytes).ok()?);
    let below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let hidden = path.to_string_lossy().contains(['\0', '\\']);
    (below && !hidden).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_the_folder() {
        assert_eq!(inside("/static/main.js"), Some("static/main.js".into()));
        assert_eq!(inside("/"), Some("".into()));
        assert_eq!(inside("/a%20b.html"), Some("a b.html".into()));
        for path in [
            "/../x",
            "/a/../../x",
            "/%2e%2e/x",
            "/..%2fx",
            "/%00",
            "/a\\..\\x",
            "/%",
            "/%zz",
            "//etc/../..",
        ] {
            assert_eq!(inside(path), None, "{path}");
        }
    }
}
