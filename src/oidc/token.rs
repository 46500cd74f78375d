//! An ID token: the signed word of a provider on who signed in (RFC 7519, OpenID Connect Core 3.1.3.7).

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keys::{Algorithm, Keys};
use super::short;

/// The longest token, in bytes.
const MOST: usize = 64 << 10;
/// By how much the two clocks may differ, in seconds.
const SKEW: f64 = 120.0;
/// How old a token may be that was made for an attempt, in seconds; an attempt takes no longer.
const OLDEST: f64 = 600.0;

/// Why a token is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Untrue {
    #[error("it is no signed token")]
    Form,
    #[error("it is signed with {0:?}; RS256, ES256 and EdDSA are taken")]
    Algorithm(String),
    #[error("the provider has no key {0:?} of its kind")]
    UnknownKey(String),
    #[error("its signature is wrong")]
    Signature,
    #[error("it is by {0:?}, and not by the issuer of the configuration")]
    Issuer(String),
    #[error("it is for another client")]
    Audience,
    #[error("it is of another sign-in")]
    Nonce,
    #[error(
        "it ended, or was made, at another time than now: {0} s from now; is the clock right, here and there?"
    )]
    Time(i64),
    #[error("it does not say who it is of, or two words on that differ")]
    Subject,
}

/// What a token has to say.
pub struct Expected<'a> {
    /// Who made it,
    pub issuer: &'a str,
    /// for whom,
    pub client: &'a str,
    /// and for which attempt.
    pub nonce: &'a str,
    /// The time, in seconds since 1970.
    pub now: u64,
}

/// What stands in front of a token.
#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    /// What must be understood, and is not.
    crit: Option<Value>,
}

/// A token that nobody has looked at yet.
pub struct Token<'a> {
    algorithm: Algorithm,
    key: Option<String>,
    signed: &'a str,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

impl<'a> Token<'a> {
    /// Takes one apart, and believes nothing.
    ///
    /// # Errors
    /// If it is none, or signed with what is not taken.
    pub fn read(text: &'a str) -> Result<Self, Untrue> {
        let (signed, signature) = text.rsplit_once('.').ok_or(Untrue::Form)?;
        let (head, claims) = signed.split_once('.').ok_or(Untrue::Form)?;
        if text.len() > MOST {
            return Err(Untrue::Form);
        }
        let bytes = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes());
        let head: Head = json(&bytes(head).map_err(|_| Untrue::Form)?)?;
        let named = Algorithm::named(&head.alg).filter(|_| head.crit.is_none());
        let algorithm = named.ok_or_else(|| Untrue::Algorithm(short(&head.alg)))?;
        Ok(Self {
            algorithm,
            key: head.kid,
            signed,
            signature: bytes(signature).map_err(|_| Untrue::Form)?,
            claims: json(&bytes(claims).map_err(|_| Untrue::Form)?)?,
        })
    }

    /// Whether it says to be by one of these keys.
    pub fn is_by_one_of(&self, keys: &Keys) -> bool {
        keys.find(self.algorithm, self.key.as_deref()).is_some()
    }

    /// What it says, if it is by one of these keys and as it has to be.
    ///
    /// # Errors
    /// If it is not.
    pub fn verified(
        self,
        keys: &Keys,
        expected: &Expected<'_>,
    ) -> Result<Map<String, Value>, Untrue> {
        let id = self.key.as_deref();
        let key = keys.find(self.algorithm, id);
        let key = key.ok_or_else(|| Untrue::UnknownKey(short(id.unwrap_or_default())))?;
        if !key.has_signed(self.signed.as_bytes(), &self.signature) {
            return Err(Untrue::Signature);
        }
        let claims = self.claims;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let issuer = text("iss").unwrap_or_default();
        if issuer != expected.issuer {
            return Err(Untrue::Issuer(short(issuer)));
        }
        if !is_for(&claims, expected.client) {
            return Err(Untrue::Audience);
        }
        if text("nonce") != Some(expected.nonce) {
            return Err(Untrue::Nonce);
        }
        let from_now = |name: &str| {
            let time = claims.get(name).and_then(Value::as_f64);
            time.map_or(f64::NEG_INFINITY, |time| time - expected.now as f64)
        };
        let (ends, made) = (from_now("exp"), from_now("iat"));
        if ends <= -SKEW {
            return Err(Untrue::Time(ends as i64));
        }
        if !(-OLDEST - SKEW..=SKEW).contains(&made) {
            return Err(Untrue::Time(made as i64));
        }
        if text("sub").is_none_or(str::is_empty) {
            return Err(Untrue::Subject);
        }
        Ok(claims)
    }
}

/// Whether a token is for that client, and for others only where it says that this one asked.
fn is_for(claims: &Map<String, Value>, client: &str) -> bool {
    let asked = claims.get("azp");
    let (is_named, alone) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client, true),
        Some(Value::Array(all)) => (all.iter().any(|one| one == client), all.len() == 1),
        _ => (false, true),
    };
    is_named && asked.map_or(alone, |asked| asked == client)
}

fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Untrue> {
    serde_json::from_slice(bytes).map_err(|_| Untrue::Form)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_800_000_000;
    const EXPECTED: Expected<'static> = Expected {
        issuer: "https://id.example",
        client: "seriald",
        nonce: "n",
        now: NOW,
    };

    static PAIR: LazyLock<Ed25519KeyPair> =
        LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap());

    fn keys() -> Keys {
        let x = BASE64URL_NOPAD.encode(PAIR.public_key().as_ref());
        let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x});
        Keys::read(json!({"keys": [key]}).to_string().as_bytes()).unwrap()
    }

    fn claims() -> Value {
        json!({"iss": EXPECTED.issuer, "aud": "seriald", "nonce": "n", "sub": "1", "exp": NOW + 60, "iat": NOW})
    }

    fn signed(head: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(head), part(claims));
        let signature = PAIR.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    fn believed(text: &str) -> Result<Map<String, Value>, Untrue> {
        Token::read(text)?.verified(&keys(), &EXPECTED)
    }

    #[test]
    fn a_token_has_to_be_of_now_for_this_client_and_this_attempt() {
        let head = json!({"alg": "EdDSA", "kid": "k"});
        let with = |name: &str, value: Value| {
            let mut claims = claims();
            claims[name] = value;
            believed(&signed(&head, &claims)).map(drop)
        };
        assert_eq!(with("x", json!(1)), Ok(()));
        assert_eq!(with("aud", json!(["seriald"])), Ok(()));
        assert_eq!(with("azp", json!("seriald")), Ok(()));
        assert_eq!(with("exp", json!(NOW as f64 - 100.5)), Ok(()));
        assert_eq!(with("iat", json!(NOW + 100)), Ok(()));
        for (name, value, wrong) in [
            (
                "iss",
                json!("https://id.example/"),
                Untrue::Issuer("https://id.example/".into()),
            ),
            ("iss", Value::Null, Untrue::Issuer(String::new())),
            ("aud", json!("other"), Untrue::Audience),
            ("aud", json!([]), Untrue::Audience),
            ("aud", json!(["seriald", "other"]), Untrue::Audience),
            ("aud", Value::Null, Untrue::Audience),
            ("azp", json!("other"), Untrue::Audience),
            ("nonce", json!("m"), Untrue::Nonce),
            ("nonce", Value::Null, Untrue::Nonce),
            ("exp", json!(NOW - 120), Untrue::Time(-120)),
            ("exp", json!("soon"), Untrue::Time(i64::MIN)),
            ("exp", Value::Null, Untrue::Time(i64::MIN)),
            ("iat", json!(NOW + 121), Untrue::Time(121)),
            ("iat", json!(NOW - 721), Untrue::Time(-721)),
            ("iat", Value::Null, Untrue::Time(i64::MIN)),
            ("sub", json!(""), Untrue::Subject),
            ("sub", json!(1), Untrue::Subject),
        ] {
            assert_eq!(with(name, value.clone()), Err(wrong), "{name} {value}");
        }
        let mut several = claims();
        several["aud"] = json!(["seriald", "other"]);
        several["azp"] = json!("seriald");
        assert!(believed(&signed(&head, &several)).is_ok());
    }

    #[test]
    fn only_a_known_key_of_the_algorithm_that_is_named_signs() {
        let with = |head: Value| believed(&signed(&head, &claims())).map(drop);
        assert_eq!(with(json!({"alg": "EdDSA"})), Ok(()));
        let unknown = |name: &str| Err(Untrue::UnknownKey(name.to_owned()));
        assert_eq!(with(json!({"alg": "EdDSA", "kid": "x"})), unknown("x"));
        assert_eq!(with(json!({"alg": "ES256", "kid": "k"})), unknown("k"));
        for alg in ["none", "None", "HS256", "HS512", "RS512", "PS256", ""] {
            let refused = with(json!({"alg": alg, "kid": "k"}));
            assert_eq!(refused, Err(Untrue::Algorithm(alg.to_owned())));
        }
        let critical = with(json!({"alg": "EdDSA", "kid": "k", "crit": ["x"]}));
        assert!(matches!(critical, Err(Untrue::Algorithm(_))));
        let token = signed(&json!({"alg": "EdDSA"}), &claims());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = BASE64URL_NOPAD.encode(&[1; 64]);
        for (wrong, why) in [
            (format!("{signed}."), Untrue::Signature),
            (format!("{signed}.{other}"), Untrue::Signature),
            (format!("{signed}.{signature}="), Untrue::Form),
            (format!("{signed}.{signature}.x"), Untrue::Form),
            (signed.to_owned(), Untrue::Form),
            (format!("x{token}"), Untrue::Form),
            (format!("{token}{}", "A".repeat(MOST)), Untrue::Form),
        ] {
            assert_eq!(believed(&wrong), Err(why), "{wrong:.200}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_strangers_write_is_believed_or_breaks_anything(
            text in "[A-Za-z0-9_.=-]{0,300}|\\PC{0,100}",
            head in "[A-Za-z0-9\"{}:,]{0,60}",
            claims in "[A-Za-z0-9\"{}:,\\[\\]]{0,100}",
            cut in any::<prop::sample::Index>(),
            bit in 0..8_u8,
        ) {
            prop_assert!(believed(&text).is_err());
            let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
            for head in [head.as_str(), r#"{"alg":"EdDSA"}"#] {
                let forged = format!("{}.{}.AAAA", part(head), part(&claims));
                prop_assert!(believed(&forged).is_err());
            }
            // One bit of a good one.
            let mut good = signed(&json!({"alg": "EdDSA"}), &self::claims()).into_bytes();
            let at = cut.index(good.len());
            good[at] ^= 1 << bit;
            if let Ok(text) = String::from_utf8(good) {
                prop_assert!(believed(&text).is_err());
            }
        }
    }
}
