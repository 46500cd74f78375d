//! TLS as ser2net's accepters have it: which certificate, and whether clients need one.

use super::serial::is_no;

/// The options of the layer `ssl` that matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate's file.
    pub cert: String,
    /// The file of its key.
    pub key: String,
    /// Whether a client has to show a certificate.
    pub asks_clients: bool,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            cert: "/etc/ser2net/ser2net.crt".to_owned(),
            key: "/etc/ser2net/ser2net.key".to_owned(),
            asks_clients: false,
        }
    }
}

impl Tls {
    /// Takes an option, such as `cert=/etc/a.pem` or `clientauth`; not if it is none that matters.
    pub fn take(&mut self, option: &str) -> bool {
        let (name, value) = option.split_once('=').unwrap_or((option, "true"));
        let value = value.trim().trim_matches(['"', '\'']);
        match name.trim() {
            "cert" => value.clone_into(&mut self.cert),
            "key" => value.clone_into(&mut self.key),
            "clientauth" => self.asks_clients = !is_no(value),
            _ => return false,
        }
        true
    }

    /// The same with the options of one accepter. A key without a certificate is in one file with it.
    pub fn with(&self, options: &[&str]) -> Self {
        let mut own = self.clone();
        own.cert.clear();
        let before = own.key.clone();
        for option in options {
            own.take(option);
        }
        if own.cert.is_empty() {
            let is_one = own.key != before;
            own.cert = if is_one { &own.key } else { &self.cert }.clone();
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_an_accepter_go_before_what_holds_for_all() {
        let mut tls = Tls::default();
        assert!(tls.take("cert=/etc/all.crt") && tls.take("key=/etc/all.key"));
        assert!(!tls.take("tcpdname=x"));
        for (options, cert, key, asks_clients) in [
            (&[][..], "/etc/all.crt", "/etc/all.key", false),
            (
                &["CA=/etc/ca", "clientauth"],
                "/etc/all.crt",
                "/etc/all.key",
                true,
            ),
            (
                &["key='/a.pem'", "clientauth=off"],
                "/a.pem",
                "/a.pem",
                false,
            ),
            (&["key=/a.key", "cert=/a.crt"], "/a.crt", "/a.key", false),
        ] {
            let own = tls.with(options);
            assert_eq!(
                (&*own.cert, &*own.key, own.asks_clients),
                (cert, key, asks_clients)
            );
        }
    }
}
