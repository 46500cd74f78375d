//! Browsers: any web page can make one connect to an address of this machine and send a request of
//! its choice, which would be typed on the port. Programs do not begin like that.

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
];

/// Whether the first bytes of a client begin an HTTP request: its whole first line, or one that does
/// not end.
pub(super) fn is_browser(first: &[u8]) -> bool {
    let line = first
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .next()
        .unwrap_or(first);
    let is_request = METHODS.iter().any(|method| {
        let rest = line.strip_prefix(method.as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b" ") && rest.len() > 1)
    });
    let ends = line.len() < first.len();
    let is_http = line.windows(8).any(|word| word.starts_with(b" HTTP/1"));
    is_request && (is_http || !ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_makes_a_browser_send_is_known_and_what_people_type_is_not() {
        let long = [&b"POST /"[..], &[b'a'; 20_000]].concat();
        for first in [
            &b"GET / HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n\r\n"[..],
            b"POST /led HTTP/1.1\r\n",
            b"OPTIONS * HTTP/1.1\r\n",
            &long,
        ] {
            assert!(is_browser(first));
        }
        for first in [
            &b"G"[..],
            b"GET",
            b"GET ",
            b"GET temp\r\n",
            b"GET temp\r",
            b"AT\r\n",
            b"\xff\xfd\x03\xff\xfb\x18",
            b"",
        ] {
            assert!(!is_browser(first), "{first:?}");
        }
    }
}
