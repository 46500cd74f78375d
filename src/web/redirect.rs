//! The redirect: whoever comes without TLS to where it is spoken is told where to come with it.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::problem::Problem;
use super::serve::Bounds;
use crate::accept::accept;

/// The port of https, which no address needs to name.
const HTTPS: u16 = 443;

/// Sends everybody to the port where TLS is spoken, until `stop`.
pub async fn serve(listener: TcpListener, port: u16, bounds: Bounds, stop: CancellationToken) {
    loop {
        let (stream, _, seat) = tokio::select! {
            () = stop.cancelled() => return,
            accepted = accept(&listener, &bounds.seats) => accepted,
        };
        let (stop, bounds) = (stop.clone(), bounds.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = converse(stream, Some(port), &bounds) => {}
            }
            drop(seat);
        });
    }
}

/// Answers one request, whose header comes in time. TLS is spoken at `port`, or else at the one that
/// was come to.
pub async fn converse(stream: TcpStream, port: Option<u16>, bounds: &Bounds) {
    let service =
        hyper::service::service_fn(async |request| Ok::<_, Infallible>(answer(&request, port)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_time)
        .max_buf_size(bounds.header_size)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!("not sent to TLS: {error}");
    }
}

fn answer<B>(request: &Request<B>, port: Option<u16>) -> Response<Body> {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let Some(place) = place(request, port).filter(|_| is_safe) else {
        let way_out = "TLS is spoken here: use an address that begins with https://";
        return Problem::bad(way_out).into_response();
    };
    // Browsers would remember a permanent one for ever, also when nobody speaks TLS here any more.
    let headers = [
        (header::LOCATION, place.as_str()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::PERMANENT_REDIRECT, headers).into_response()
}

/// The same place over TLS.
fn place<B>(request: &Request<B>, port: Option<u16>) -> Option<String> {
    let named = request.headers().get(header::HOST)?.to_str().ok()?;
    let authority: Authority = named.parse().ok()?;
    if named.contains('@') || authority.host().is_empty() {
        return None;
    }
    let port = match port.or(authority.port_u16()) {
        None | Some(HTTPS) => String::new(),
        Some(port) => format!(":{port}"),
    };
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    Some(format!("https://{}{port}{path}", authority.host()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_over_tls_has_its_host_and_path() {
        for (host, path, port, place) in [
            (
                "pi.lan:8443",
                "/a?b=c",
                None,
                Some("https://pi.lan:8443/a?b=c"),
            ),
            ("pi.lan", "/", None, Some("https://pi.lan/")),
            ("pi.lan", "/", Some(8443), Some("https://pi.lan:8443/")),
            ("pi.lan:8080", "/", Some(443), Some("https://pi.lan/")),
            ("[::1]:8443", "/", None, Some("https://[::1]:8443/")),
            ("pi.lan", "http://other/x", None, Some("https://pi.lan/x")),
            ("anna@evil.example", "/", None, None),
            (":80", "/", None, None),
            ("", "/", None, None),
        ] {
            let request = Request::get(path).header("host", host).body(()).unwrap();
            assert_eq!(super::place(&request, port).as_deref(), place, "{host}");
        }
    }
}
