//! The guard in front of every route: which names the server answers to, which pages may talk to
//! it, and who has the token.

use std::net::IpAddr;

use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::problem::Problem;
use super::request::Body;
use super::{Peer, Web};
use crate::access::Visitor;
use crate::hex;
use crate::wire::talk::Code;

/// Cookies are shared by all servers of a host, whatever their ports: the name goes on with ours,
/// so that two servers on one machine do not sign each other's users out.
const COOKIE: &str = "seriald_";
const A_YEAR: u32 = 365 * 24 * 60 * 60;

/// What the console may do: nothing that did not come from here. xterm.js makes style elements.
const CONSOLE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A secret that lets in, known by its hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// Makes a new secret: returns the text to be shown once, and what is kept.
    pub fn make() -> Result<(String, Self), getrandom::Error> {
        let mut secret = [0; 24];
        getrandom::fill(&mut secret)?;
        let text = hex::encode(&secret);
        let token = Self::of(&text);
        Ok((text, token))
    }

    fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Reads what [`to_hex`](Self::to_hex) wrote.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut hash = [0; 32];
        let hex = hex.trim();
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        for (place, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).ok()?;
        }
        Some(Self(hash))
    }

    /// The hash, to be kept.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.0)
    }

    /// Whether `text` is the secret. Comparing hashes tells nothing of the secret by its time.
    fn admits(&self, text: &str) -> bool {
        Self::of(text) == *self
    }
}

/// Whom the server talks to.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Host names it answers to, besides localhost and addresses; lower case.
    pub hosts: Vec<String>,
    /// Origins of foreign pages that may use it, such as `https://lab.example`.
    pub origins: Vec<String>,
    /// What asks for a token asks for this one.
    pub token: Option<Token>,
}

/// A host and a port as they stand in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Authority<'a> {
    host: &'a str,
    port: &'a str,
}

impl<'a> Authority<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (text, ""),
        };
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && !host.is_empty()).then_some(Self { host, port })
    }

    fn port_or(self, default: &'a str) -> &'a str {
        if self.port.is_empty() {
            default
        } else {
            self.port
        }
    }

    fn address(self) -> Option<IpAddr> {
        let bare = self
            .host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        bare.unwrap_or(self.host).parse().ok()
    }

    /// Whether the host is this machine's own name for itself, whatever it is called.
    fn is_loopback(self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.address().is_some_and(|ip| ip.is_loopback())
    }
}

impl Rules {
    /// Whether the server answers to this `Host`: a rebound name of a foreign page is none of ours.
    fn knows_host(&self, host: Authority<'_>) -> bool {
        host.address().is_some()
            || host.host.eq_ignore_ascii_case("localhost")
            || self
                .hosts
                .iter()
                .any(|name| name.eq_ignore_ascii_case(host.host))
    }

    /// Whether a page of this `Origin` may talk to us, who are called `host` by it. Where we came over
    /// TLS a page that did not is not ours: whoever is in between may have written it.
    fn trusts_origin(&self, origin: &str, host: Authority<'_>, secure: bool) -> bool {
        if self.origins.iter().any(|allowed| allowed == origin) {
            return true;
        }
        let own = match origin.split_once("://") {
            Some(("http", rest)) if !secure => Authority::parse(rest).map(|origin| (origin, "80")),
            Some(("https", rest)) => Authority::parse(rest).map(|origin| (origin, "443")),
            _ => None,
        };
        own.is_some_and(|(origin, default)| {
            let same_host = origin.host.eq_ignore_ascii_case(host.host)
                || origin.is_loopback() && host.is_loopback();
            same_host && origin.port_or(default) == host.port_or(default)
        })
    }
}

/// Checks a request before any route sees it, and puts the security headers on the answer.
pub async fn guard(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    // Elsewhere browsers ignore what parts windows, and complain; these fields come only from where it counts.
    let is_trustworthy = request.headers().contains_key("sec-fetch-site");
    let mut response = match check(&web.rules, &request) {
        Ok(visitor) => {
            if let Some(visitor) = visitor {
                request.extensions_mut().insert(visitor);
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONSOLE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    if is_trustworthy {
        // A page of the user's own that opens the console gets no hold of its window.
        let apart = HeaderValue::from_static("same-origin");
        response.headers_mut().entry(opener).or_insert(apart);
    } else {
        response.headers_mut().remove(opener);
    }
    response
}

/// Who asks; nobody where the answer is for everybody.
fn check(rules: &Rules, request: &Request) -> Result<Option<Visitor>, Problem> {
    let headers = request.headers();
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let named = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let host = named.or_else(|| text(header::HOST)).unwrap_or_default();
    let host = Authority::parse(host).filter(|host| rules.knows_host(*host)).ok_or_else(|| {
        let shown: String = host.chars().take(100).collect();
        let message = format!(
            "this server does not answer to the name {shown:?}; use its address, or start it with --allow-host NAME"
        );
        Problem::new(StatusCode::MISDIRECTED_REQUEST, Code::Forbidden, message)
    })?;
    let peer = request.extensions().get::<Peer>();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let foreign = match text(header::ORIGIN) {
        Some(origin) => !rules.trusts_origin(origin, host, peer.is_some_and(|peer| peer.secure)),
        None => !safe && text(HeaderName::from_static("sec-fetch-site")) == Some("cross-site"),
    };
    if foreign {
        return Err(Problem::forbidden(
            "a page from elsewhere may not use this server; to allow it, start it with --allow-origin ORIGIN",
        ));
    }
    if peer.is_some_and(|peer| peer.trusted)
        || rules
            .token
            .as_ref()
            .is_some_and(|token| presents(headers, token))
    {
        return Ok(Some(Visitor::at_home()));
    }
    if is_public(request.method(), request.uri()) {
        return Ok(None);
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        Code::Forbidden,
        "this needs the server's token: open the link that the server printed, or send it as Authorization: Bearer",
    ))
}

/// What anybody may have: the console's own files, which hold no data, and the way to sign in.
fn is_public(method: &Method, uri: &Uri) -> bool {
    let path = uri.path();
    path == "/healthz"
        || path == "/sdk.js"
        || path == "/sdk.classic.js"
        || path == "/console"
        || path == "/api/"
        || path == "/api/v1/"
        || path.starts_with("/console/")
        || path == "/api/v1/session" && *method == Method::POST
}

fn presents(headers: &HeaderMap, token: &Token) -> bool {
    let all = |name: HeaderName| {
        headers
            .get_all(name)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
    };
    let bearer = all(header::AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer "));
    let cookies = all(header::COOKIE)
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| {
            pair.trim()
                .split_once('=')
                .filter(|(name, _)| name.starts_with(COOKIE))
        })
        .map(|(_, secret)| secret);
    let protocols = all(header::SEC_WEBSOCKET_PROTOCOL)
        .flat_map(|value| value.split(','))
        .filter_map(|protocol| protocol.trim().strip_prefix("bearer."));
    bearer
        .chain(cookies)
        .chain(protocols)
        .any(|secret| token.admits(secret))
}

/// A token that wants to become a cookie.
#[derive(Deserialize, ToSchema)]
pub struct SignIn {
    /// The server's token.
    token: String,
}

/// Signs a browser in: keeps the token in a cookie that scripts cannot read.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "signIn", tag = "Server", security(()),
    request_body(content = SignIn, example = json!({"token": "TOKEN"})),
    responses((status = 204, description = "the cookie is set")))]
pub async fn sign_in(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Body(SignIn { token: secret }): Body<SignIn>,
) -> Result<Response, Problem> {
    if !web
        .rules
        .token
        .as_ref()
        .is_some_and(|token| token.admits(&secret))
    {
        let message =
            "that is not this server's token; it was printed when the server was first started";
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            Code::Forbidden,
            message,
        ));
    }
    Ok(cookie(&headers, peer, &secret, A_YEAR))
}

/// Signs a browser out: forgets the cookie.
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "signOut", tag = "Server",
    responses((status = 204, description = "the cookie is gone")))]
pub async fn sign_out(Extension(peer): Extension<Peer>, headers: HeaderMap) -> Response {
    cookie(&headers, peer, "", 0)
}

fn cookie(headers: &HeaderMap, peer: Peer, secret: &str, seconds: u32) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let port = host.and_then(Authority::parse).map_or("", |host| host.port);
    let secure = if peer.secure { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}{port}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    );
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            hosts: vec!["pi.lan".into()],
            origins: vec!["https://lab.example".into()],
            token: None,
        }
    }

    #[test]
    fn only_addresses_localhost_and_named_hosts_are_answered_to() {
        for (host, known) in [
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("192.168.1.7", true),
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("pi.lan:8080", true),
            ("evil.example:8080", false),
            ("pi.lan.evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
        ] {
            let host = Authority::parse(host).expect(host);
            assert_eq!(rules().knows_host(host), known, "{host:?}");
        }
        for wrong in ["", ":8080", "pi.lan:80x"] {
            assert_eq!(Authority::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_our_own_pages_and_named_origins_may_talk_to_us() {
        let host = |text| Authority::parse(text).unwrap();
        for (origin, own, trusted) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://localhost:8080", "127.0.0.1:8080", true),
            ("http://localhost", "localhost:80", true),
            ("https://pi.lan", "pi.lan", true),
            ("https://lab.example", "pi.lan:8080", true),
            ("https://lab.example.evil", "pi.lan:8080", false),
            ("https://lab.example:444", "pi.lan:8080", false),
            ("http://127.0.0.1:9090", "127.0.0.1:8080", false),
            ("http://127.0.0.1", "127.0.0.1:8080", false),
            ("http://127.0.0.1:80801", "127.0.0.1:8080", false),
            ("http://evil.example:8080", "127.0.0.1:8080", false),
            ("null", "127.0.0.1:8080", false),
            ("", "127.0.0.1:8080", false),
            ("file://127.0.0.1:8080", "127.0.0.1:8080", false),
        ] {
            assert_eq!(
                rules().trusts_origin(origin, host(own), false),
                trusted,
                "{origin} at {own}"
            );
            let over_tls = trusted && origin.starts_with("https:");
            assert_eq!(
                rules().trusts_origin(origin, host(own), true),
                over_tls,
                "{origin} at {own} over TLS"
            );
        }
    }

    #[test]
    fn a_token_admits_its_secret_alone_and_survives_being_kept() {
        let (secret, token) = Token::make().unwrap();
        assert!(token.admits(&secret) && !token.admits("") && !token.admits(&secret[1..]));
        assert_eq!(Token::from_hex(&token.to_hex()), Some(token));
        assert_eq!(Token::from_hex("12"), None);
    }
}
