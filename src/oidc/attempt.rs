//! An attempt: somebody who is on the way to the provider and back. The browser keeps all of it in a
//! cookie, so that whoever begins much costs nothing here. What the provider and the address bar see
//! are hashes of it, so that nobody else can end it.

use std::time::Duration;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

use crate::record::Time;

/// How long it may take.
pub const LIFE: Duration = Duration::from_secs(600);
/// The longest place to go on at, in bytes.
const BACK: usize = 1024;

/// Somebody who signs in at the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Random, in hex.
    secret: String,
    /// In seconds since 1970.
    begun: u64,
    /// Where the browser goes on when it is signed in.
    back: String,
}

impl Attempt {
    /// A new one.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub fn begin(back: &str, now: Time) -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self {
            secret: HEXLOWER.encode(&secret),
            begun: seconds(now),
            back: back.chars().take(BACK).collect(),
        })
    }

    /// The one in a cookie, if it is one.
    pub fn read(cookie: &str) -> Option<Self> {
        let mut parts = cookie.splitn(3, '.');
        let (secret, begun, back) = (parts.next()?, parts.next()?, parts.next()?);
        let is_hex = HEXLOWER.decode(secret.as_bytes()).is_ok();
        let back = BASE64URL_NOPAD.decode(back.as_bytes()).ok()?;
        let back = String::from_utf8(back).ok()?;
        (is_hex && secret.len() == 64 && back.len() <= BACK).then_some(Self {
            secret: secret.to_owned(),
            begun: begun.parse().ok()?,
            back,
        })
    }

    /// What the browser keeps.
    pub fn cookie(&self) -> String {
        let back = BASE64URL_NOPAD.encode(self.back.as_bytes());
        format!("{}.{}.{back}", self.secret, self.begun)
    }

    /// Where the browser goes on.
    pub fn back(&self) -> &str {
        &self.back
    }

    /// Whether it took too long. One of the future is over too: a clock has jumped.
    pub fn is_over(&self, now: Time) -> bool {
        let now = seconds(now);
        !(self.begun..self.begun.saturating_add(LIFE.as_secs())).contains(&now)
    }

    /// By which what the browser brings back is known to be of this attempt.
    pub fn state(&self) -> String {
        self.derived("state")
    }

    /// What the provider repeats in the token.
    pub fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// What proves that the code is traded by who asked for it (PKCE).
    pub fn verifier(&self) -> String {
        self.derived("verifier")
    }

    /// What the provider is told of that.
    pub fn challenge(&self) -> String {
        BASE64URL_NOPAD.encode(&Sha256::digest(self.verifier()))
    }

    fn derived(&self, what: &str) -> String {
        let text = format!("{what} {}", self.cookie());
        BASE64URL_NOPAD.encode(&Sha256::digest(text))
    }
}

fn seconds(time: Time) -> u64 {
    time.0 / 1_000_000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Time = Time(1_000_000_000_000_000);

    #[test]
    fn it_survives_the_cookie_and_its_hashes_are_its_own() {
        let attempt = Attempt::begin("console/#/dev", NOW).unwrap();
        let again = Attempt::read(&attempt.cookie()).unwrap();
        assert!(again == attempt && again.back() == "console/#/dev");
        let mut all = vec![attempt.state(), attempt.nonce(), attempt.verifier()];
        all.push(attempt.challenge());
        all.push(Attempt::begin("console/#/dev", NOW).unwrap().state());
        let elsewhere = Attempt {
            back: "other".to_owned(),
            ..attempt.clone()
        };
        all.push(elsewhere.state());
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        assert!(all.iter().all(|text| text.len() == 43));
        assert!(!all.contains(&attempt.secret));
    }

    #[test]
    fn it_is_over_after_ten_minutes() {
        let attempt = Attempt::begin("", NOW).unwrap();
        for (seconds, over) in [(0, false), (599, false), (600, true), (-1, true)] {
            let now = Time(NOW.0.saturating_add_signed(seconds * 1_000_000));
            assert_eq!(attempt.is_over(now), over, "{seconds}");
        }
    }

    proptest! {
        #[test]
        fn no_cookie_is_too_odd(text in "\\PC{0,200}", hex in "[0-9a-f]{64}", begun in any::<u64>()) {
            for cookie in [text.clone(), format!("{hex}.{begun}.{text}"), format!("{hex}.{begun}.YQ")] {
                if let Some(attempt) = Attempt::read(&cookie) {
                    prop_assert_eq!(attempt.cookie(), cookie);
                    attempt.is_over(NOW);
                }
            }
        }
    }
}
