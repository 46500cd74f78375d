//! `/api/v1/session/oidc`: signing in at a provider of OpenID Connect. The browser is sent there, and
//! comes back.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::credentials::{cookie, cookies};
use super::forwarded::prefix;
use super::guard::{root, wants_page};
use super::origin::host;
use super::problem::Problem;
use super::request::Asked;
use super::{Peer, Web};
use crate::audit::{Action, Entry, Outcome};
use crate::oidc::{Attempt, Brought, LIFE, OidcError, Provider};
use crate::wire::talk::Code;

/// What the cookie of an attempt is called, with the beginning of its state behind it.
const ATTEMPT: &str = "seriald-login-";
/// Where the provider sends the browser back to.
const CALLBACK: &str = "/api/v1/session/oidc/callback";
/// Where browsers go on if they do not say where.
const CONSOLE: &str = "console/";

/// Where to begin.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Begin {
    /// Where the browser goes on when it is signed in: an address of this server without a slash in front, such as
    /// `console/`, which it is if absent.
    to: Option<String>,
}

/// Sends a browser to the provider of OpenID Connect, to sign in there.
#[utoipa::path(get, path = "/api/v1/session/oidc", operation_id = "beginSignIn", tag = "Server", security(()),
    params(Begin), responses((status = 303, description = "the way to the provider")))]
pub async fn begin(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
    Asked(wish): Asked<Begin>,
) -> Response {
    let begun = async {
        let provider = provider(&web)?;
        let redirect = redirect(provider, peer, &uri, &headers);
        let back = own(wish.to.as_deref().unwrap_or(CONSOLE));
        let begun = provider.begin(&redirect, back).await;
        begun.map_err(|error| refused(&error, peer))
    };
    match begun.await {
        Ok((place, attempt)) => {
            let cookie = attempt_cookie(&attempt, peer, LIFE.as_secs());
            let headers = [
                (header::LOCATION, place),
                (header::SET_COOKIE, cookie),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(problem) => shown(problem, &uri, &headers),
    }
}

/// Signs a browser in that comes back from the provider.
#[utoipa::path(get, path = "/api/v1/session/oidc/callback", operation_id = "endSignIn", tag = "Server", security(()),
    params(Brought), responses((status = 200, description = "the cookie is set; a page that leads on", body = String)))]
pub async fn end(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    uri: Uri,
    headers: HeaderMap,
    Asked(brought): Asked<Brought>,
) -> Response {
    match enter(&web, peer, &uri, &headers, brought).await {
        Ok((attempt, secret)) => {
            let life = web.oidc.as_ref().map(|provider| provider.config().session);
            let seconds = life.unwrap_or_default().as_secs();
            let cookies = AppendHeaders([
                (header::SET_COOKIE, cookie(&headers, peer, &secret, seconds)),
                (header::SET_COOKIE, attempt_cookie(&attempt, peer, 0)),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ]);
            // Not a redirect: the browser would take it for one of the provider's, and keep the new cookie to itself.
            let on = format!("{}{}", root(&uri), own(attempt.back()));
            (
                cookies,
                Html(page("Signed in", "You are signed in.", &on, true)),
            )
                .into_response()
        }
        Err(problem) => shown(problem, &uri, &headers),
    }
}

/// Somebody who is signed in, by the attempt and the secret of the session.
async fn enter(
    web: &Web,
    peer: Peer,
    uri: &Uri,
    headers: &HeaderMap,
    brought: Brought,
) -> Result<(Attempt, String), Problem> {
    let provider = provider(web)?;
    let redirect = redirect(provider, peer, uri, headers);
    let from = peer.address.ip();
    let state = brought.state.clone().unwrap_or_default();
    let mut attempts = cookies(headers, ATTEMPT).filter_map(Attempt::read);
    let ended = match attempts.find(|attempt| attempt.state() == state) {
        None => Err(OidcError::NotBegun),
        Some(attempt) => {
            let known = provider.finish(&attempt, brought, &redirect).await;
            known.map(|known| (attempt, known))
        }
    };
    web.audit.tell(|| Entry {
        outcome: match &ended {
            Ok(_) => Outcome::Done,
            Err(_) => Outcome::Refused,
        },
        who: ended.as_ref().ok().map(|(_, known)| known.name.clone()),
        from: Some(from),
        door: Some("http".to_owned()),
        detail: Some(match &ended {
            Ok(_) => "with OpenID Connect".to_owned(),
            Err(error) => error.to_string(),
        }),
        ..Entry::new(Action::SignIn)
    });
    let (attempt, known) = ended.map_err(|error| refused(&error, peer))?;
    let life = provider.config().session;
    let secret = web.access.sign_in_known(&known, life, from).await?;
    Ok((attempt, secret))
}

fn provider(web: &Web) -> Result<&Provider, Problem> {
    web.oidc.as_ref().ok_or_else(|| {
        let message = "nobody signs in with OpenID Connect here; sign in at /console/";
        Problem::new(StatusCode::NOT_FOUND, Code::NotSupported, message)
    })
}

/// Where the provider sends the browser back to, as the browser reaches us.
fn redirect(provider: &Provider, peer: Peer, uri: &Uri, headers: &HeaderMap) -> String {
    if let Some(url) = &provider.config().public_url {
        return format!("{}{CALLBACK}", url.trim_end_matches('/'));
    }
    let scheme = if peer.secure { "https" } else { "http" };
    let (host, prefix) = (host(uri, headers), prefix(peer, headers));
    format!("{scheme}://{host}{prefix}{CALLBACK}")
}

/// A place of this server's own; the console where it is none.
fn own(place: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\\"'`<>".contains(&byte);
    let mut parts = place.split(['/', '?', '#']);
    let is_own = !place.starts_with('/') && parts.all(|part| part != "..");
    match is_own && place.len() <= 1024 && place.bytes().all(is_plain) {
        true => place,
        false => CONSOLE,
    }
}

/// What makes a browser keep an attempt for so many seconds, also while the provider sends it back; or
/// forget it after 0.
fn attempt_cookie(attempt: &Attempt, peer: Peer, seconds: u64) -> String {
    let (name, value) = (&attempt.state()[..12], attempt.cookie());
    let secure = if peer.secure { "; Secure" } else { "" };
    format!("{ATTEMPT}{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// What somebody is told who is not signed in. The log has the whole of it, for the administrator.
fn refused(error: &OidcError, peer: Peer) -> Problem {
    let from = peer.address.ip();
    match error {
        // Anybody can bring these about.
        OidcError::NotBegun | OidcError::Busy => tracing::debug!("OpenID Connect, {from}: {error}"),
        error => tracing::warn!("OpenID Connect: nobody is signed in from {from}: {error}"),
    }
    let (status, code, message) = match error {
        OidcError::NotBegun => (
            StatusCode::BAD_REQUEST,
            Code::BadMessage,
            "this sign-in was not begun in this browser, took longer than ten minutes, or has ended already; begin again",
        ),
        OidcError::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            Code::TooMany,
            "too many sign in at once; try again in a moment",
        ),
        OidcError::Denied(_) => (
            StatusCode::FORBIDDEN,
            Code::Forbidden,
            "where you signed in you were not let through to here; try again, or ask an administrator",
        ),
        OidcError::NoName(_) | OidcError::Name(_) | OidcError::Unverified(_) => (
            StatusCode::FORBIDDEN,
            Code::Forbidden,
            "you have no name that this server could know you by; its administrator finds in its log what is missing",
        ),
        OidcError::Away { .. } | OidcError::Status { .. } => (
            StatusCode::BAD_GATEWAY,
            Code::Failed,
            "the place where you sign in does not answer; try again later; who has an account here signs in with its password",
        ),
        OidcError::NotAProvider { .. }
        | OidcError::Secret(_)
        | OidcError::Random
        | OidcError::MixedUp(_)
        | OidcError::Code(_)
        | OidcError::Untrue(_) => (
            StatusCode::BAD_GATEWAY,
            Code::Failed,
            "signing in there does not work; this server's administrator finds in its log why",
        ),
    };
    Problem::new(status, code, message)
}

/// A problem for programs, or a page where a browser shows it.
fn shown(problem: Problem, uri: &Uri, headers: &HeaderMap) -> Response {
    if !wants_page(headers) {
        return problem.into_response();
    }
    let on = format!("{}{CONSOLE}", root(uri));
    let page = page("You are not signed in", problem.detail(), &on, false);
    let mut response = problem.into_response();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.map(|_| page.into())
}

/// A page with one sentence and one link, which may be followed at once.
fn page(title: &str, text: &str, on: &str, at_once: bool) -> String {
    let [text, on] = [text, on].map(escaped);
    let refresh = match at_once {
        true => format!("<meta http-equiv=\"refresh\" content=\"0;url={on}\">"),
        false => String::new(),
    };
    let style = include_str!("oidc.css");
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">{refresh}<title>{title}</title>\
         <link rel=\"icon\" href=\"data:,\"><style>{style}</style>\
         <main><h1>{title}</h1><p>{text}</p><a href=\"{on}\">Go on to the console</a></main>"
    )
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_at_this_server_and_nowhere_else() {
        for place in ["console/", "console/?a=b#/dev", "page/x.html", "", "a:b"] {
            assert_eq!(own(place), place);
        }
        for elsewhere in [
            "/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "../x",
            "a/../../x",
            "console/..",
            "a b",
            "a\n",
            "\"><script>",
            &"a".repeat(1025),
        ] {
            assert_eq!(own(elsewhere), CONSOLE, "{elsewhere}");
        }
        // Behind the way up it is a path, whatever it looks like.
        let uri = Uri::from_static(CALLBACK);
        assert_eq!(root(&uri), "../../../../");
    }

    #[test]
    fn a_page_shows_text_as_text() {
        let page = page("x", "<b>\"&", "a?b&c", true);
        assert!(page.contains("&lt;b&gt;&quot;&amp;") && page.contains("url=a?b&amp;c"));
    }
}
