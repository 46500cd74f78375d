//! The user's own pages: the files of one folder, and nothing outside it.

use std::path::{Component, Path, PathBuf};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::Web;
use super::files::{REVALIDATE, kind_of, not_found};
use super::pages::first_port;
use super::problem::Problem;
use crate::access::Visitor;
use crate::pages::Pages;
use crate::right::Guest;
use crate::wire::talk::Code;

/// What a page of the user's own may do: load what it likes, ask this server, open sockets to others too, and be a tab of
/// the console.
const POLICY: &str = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: http: https:; \
    connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

/// A page that holds this is not reloaded.
const NO_RELOAD: &[u8] = b"<meta name=\"seriald-reload\" content=\"off\">";

/// Whatever has no other route: the user's own pages where there are some, or else the console.
pub async fn page(
    State(web): State<Web>,
    visitor: Visitor,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) || uri.path().starts_with("/api/") {
        return not_found(uri.path());
    }
    match &web.pages {
        Some(pages) => own(&web, &visitor, pages, &uri, &headers).await,
        None if uri.path() == "/" => Redirect::temporary("console/").into_response(),
        None => not_found(uri.path()),
    }
}

/// Whether what is inside the folder is for a visitor: for a guest only the page that is shown to it,
/// with what lies beside it.
fn is_for(guest: Option<&Guest>, inside: &Path) -> bool {
    let Some(guest) = guest else {
        return true;
    };
    let page = guest.page.as_deref();
    page.is_some_and(|page| inside.starts_with(page.trim_start_matches("./")))
}

/// A route that is there, asked with a method that it does not know.
pub async fn other_method(method: Method, uri: Uri) -> Problem {
    let path: String = uri.path().chars().take(100).collect();
    let message = format!(
        "{method} is not possible at {path}; the header Allow has what is, and /api/ says what it does"
    );
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, Code::BadMessage, message)
}

async fn own(
    web: &Web,
    visitor: &Visitor,
    pages: &Pages,
    uri: &Uri,
    headers: &HeaderMap,
) -> Response {
    let path = uri.path();
    let inside = inside(path).filter(|inside| is_for(visitor.rights.guest(), inside));
    let Some(inside) = inside else {
        return not_found(path);
    };
    let mut file = pages.folder().join(inside);
    if tokio::fs::metadata(&file)
        .await
        .is_ok_and(|metadata| metadata.is_dir())
    {
        if !path.ends_with('/') {
            let query = uri.query().map(|query| format!("?{query}"));
            // Relative, for servers below a prefix, and so that no path, such as `//name`, becomes another server's.
            let name = path.rsplit('/').next().unwrap_or_default();
            let folder = format!("./{name}/{}", query.unwrap_or_default());
            return Redirect::temporary(&folder).into_response();
        }
        // A page learns its port from its address, from whichever link one comes.
        let query = uri.query().unwrap_or_default();
        if !query.split('&').any(|part| part.starts_with("port="))
            && is_for_a_window(headers)
            && let Some(port) = first_port(web, visitor, path).await
        {
            let query = format!(
                "?{query}{}port={port}",
                if query.is_empty() { "" } else { "&" }
            );
            return Redirect::temporary(&query).into_response();
        }
        file.push("index.html");
    }
    // Links may lead anywhere the folder's owner likes, but not out of the folder by accident.
    let home = tokio::fs::canonicalize(pages.folder()).await;
    let real = tokio::fs::canonicalize(&file).await;
    let (Ok(home), Ok(real)) = (home, real) else {
        return not_found(path);
    };
    if !real.starts_with(&home) {
        return not_found(path);
    }
    let kind = kind_of(&file.to_string_lossy());
    let is_page = kind == "text/html; charset=utf-8" && is_for_a_window(headers);
    // Before the file is read: a change in between is one that the page has not seen.
    let script = if is_page {
        Some(script(pages, path).await)
    } else {
        None
    };
    let mut bytes = match tokio::fs::read(&real).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::warn!("{}: {error}", real.display());
            return not_found(path);
        }
    };
    if let Some(script) = script
        && !bytes.windows(NO_RELOAD.len()).any(|part| part == NO_RELOAD)
    {
        bytes.extend_from_slice(script.as_bytes());
    }
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, HeaderValue::from_static(REVALIDATE)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        (
            header::X_FRAME_OPTIONS,
            HeaderValue::from_static("SAMEORIGIN"),
        ),
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("unsafe-none"),
        ),
    ];
    (headers, bytes).into_response()
}

/// Whether a page is asked for to be shown. What scripts fetch is given as it is, where the browser tells.
fn is_for_a_window(headers: &HeaderMap) -> bool {
    let wanted = headers.get("sec-fetch-dest");
    wanted.is_none_or(|wanted| {
        ["document", "iframe", "frame"]
            .iter()
            .any(|known| wanted == known)
    })
}

/// What makes a page that is served at `path` follow changes of its files. It is relative, for servers below a prefix.
async fn script(pages: &Pages, path: &str) -> String {
    let up = "../".repeat(path.matches('/').count().saturating_sub(1));
    let edition = pages.contents().await.edition;
    format!("\n<script src=\"{up}reload.js\" data-edition=\"{edition}\"></script>\n")
}

/// The path of a request as one below a folder; nothing for those that try to leave it.
pub(super) fn inside(path: &str) -> Option<PathBuf> {
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
    fn a_guest_has_the_files_of_one_page() {
        let is_for = |page: Option<&str>, path: &str| {
            let guest = Guest {
                page: page.map(str::to_owned),
                ..Guest::default()
            };
            is_for(Some(&guest), &inside(path).unwrap())
        };
        assert!(super::is_for(None, Path::new("other/x.js")));
        for (page, path, has) in [
            (Some("arm/"), "/arm/", true),
            (Some("arm/"), "/arm", true),
            (Some("arm/"), "/arm/js/main.js", true),
            (Some("arm/"), "/arms/", false),
            (Some("arm/"), "/oven/", false),
            (Some("arm/"), "/", false),
            (Some("./"), "/style.css", true),
            (None, "/", false),
        ] {
            assert_eq!(is_for(page, path), has, "{path} of {page:?}");
        }
    }

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
