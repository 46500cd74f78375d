//! Keys: those of a provider, by which its signatures are known (RFC 7517). The one place that names
//! the crate for signatures.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;

/// So many keys of a provider count.
const MOST: usize = 64;

/// How something is signed. What needs a shared secret is none of these, and nothing at all neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA of 2048 bits and more, with SHA-256.
    Rs256,
    /// The curve P-256, with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// What is public of a key.
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Bytes(Vec<u8>),
}

/// A key.
pub struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    public: Public,
}

/// A key as it is written.
#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Key {
    /// One that can be used; others are of no use here.
    fn of(written: Written) -> Option<Self> {
        let bytes = |text: Option<String>| BASE64URL_NOPAD.decode(text?.as_bytes()).ok();
        // Numbers have no zeros in front.
        let number = |text| {
            let bytes = bytes(text)?;
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            Some(bytes[zeros..].to_vec())
        };
        let coordinate = |text| bytes(text).filter(|bytes| bytes.len() == 32);
        let (algorithm, public) = match (&*written.kty, written.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (number(written.n)?, number(written.e)?);
                (Algorithm::Rs256, Public::Rsa { n, e })
            }
            ("EC", Some("P-256")) => {
                let point = [vec![4], coordinate(written.x)?, coordinate(written.y)?];
                (Algorithm::Es256, Public::Bytes(point.concat()))
            }
            ("OKP", Some("Ed25519")) => {
                let public = coordinate(written.x)?;
                (Algorithm::EdDsa, Public::Bytes(public))
            }
            _ => return None,
        };
        let named = written.alg.as_deref().map(Algorithm::named);
        let fits = named.is_none_or(|named| named == Some(algorithm));
        let signs = written.purpose.is_none_or(|purpose| purpose == "sig");
        (fits && signs).then_some(Self {
            id: written.kid,
            algorithm,
            public,
        })
    }

    /// Whether the signature is of this message and by this key.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (self.algorithm, &self.public) {
            (_, Public::Rsa { n, e }) => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Algorithm::EdDsa, Public::Bytes(key)) => {
                UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signature)
            }
            (_, Public::Bytes(key)) => {
                let curve = &signature::ECDSA_P256_SHA256_FIXED;
                UnparsedPublicKey::new(curve, key).verify(message, signature)
            }
        };
        verified.is_ok()
    }
}

/// All keys of a provider.
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads a set of keys. Those that are of no use here are left out.
    ///
    /// # Errors
    /// If it is no set.
    pub fn read(json: &[u8]) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(json)?;
        let written = set.keys.into_iter().take(MOST);
        let written = written.filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self(written.filter_map(Key::of).collect()))
    }

    /// The key for an algorithm that has this id; without an id, the only one.
    pub fn find(&self, algorithm: Algorithm, id: Option<&str>) -> Option<&Key> {
        let mut fitting = self.0.iter().filter(|key| key.algorithm == algorithm);
        match id {
            Some(_) => fitting.find(|key| key.id.as_deref() == id),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(keys: Value) -> Keys {
        Keys::read(json!({"keys": keys}).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn only_public_keys_for_signatures_are_taken_each_for_its_own_algorithm() {
        let coordinate = BASE64URL_NOPAD.encode(&[1; 32]);
        let short = BASE64URL_NOPAD.encode(&[1; 31]);
        let ec = json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": coordinate, "y": coordinate});
        let with = |name: &str, value: &str| {
            let mut key = ec.clone();
            key[name] = json!(value);
            key
        };
        for (key, taken) in [
            (ec.clone(), true),
            (with("use", "sig"), true),
            (with("use", "enc"), false),
            (with("alg", "ES256"), true),
            (with("alg", "HS256"), false),
            (with("alg", "RS256"), false),
            (with("crv", "P-384"), false),
            (with("x", &short), false),
            (with("kty", "oct"), false),
            (json!({"kty": "oct", "k": coordinate, "kid": "e"}), false),
            (json!({"kty": "RSA", "n": "AQAB", "kid": "e"}), false),
            (json!("key"), false),
        ] {
            let keys = keys(json!([key]));
            assert_eq!(keys.0.len() == 1, taken, "{key}");
            assert_eq!(keys.find(Algorithm::Es256, Some("e")).is_some(), taken);
            assert!(keys.find(Algorithm::Rs256, Some("e")).is_none());
        }
        assert!(Keys::read(b"[]").is_err() && Keys::read(b"{}").is_err());
    }

    #[test]
    fn without_an_id_there_must_be_only_one() {
        let one = json!({"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": BASE64URL_NOPAD.encode(&[1; 32])});
        let mut other = one.clone();
        other["kid"] = json!("b");
        let single = keys(json!([one]));
        assert!(single.find(Algorithm::EdDsa, None).is_some());
        assert!(single.find(Algorithm::EdDsa, Some("b")).is_none());
        let both = keys(json!([one, other]));
        assert!(both.find(Algorithm::EdDsa, None).is_none());
        assert!(both.find(Algorithm::EdDsa, Some("b")).is_some());
    }

    #[test]
    fn small_rsa_keys_sign_nothing() {
        let n = BASE64URL_NOPAD.encode(&[0xff; 128]);
        let keys = keys(json!([{"kty": "RSA", "n": n, "e": "AQAB"}]));
        let key = keys.find(Algorithm::Rs256, None).unwrap();
        assert!(!key.has_signed(b"message", &[1; 128]));
    }
}
