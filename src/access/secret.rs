//! A secret that lets in, known by its hash alone.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hex;

/// What is kept of a secret. Comparing hashes tells nothing of the secret by its time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretHash([u8; 32]);

/// A text that is no hash of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash has 64 hex digits")]
pub struct NotAHash;

/// Makes a new secret: so many random bytes in hex behind `prefix`, by which people tell what it is.
/// Returns the text, to be shown once, and what is kept.
///
/// # Errors
/// If the system gives no random numbers.
pub fn make<const BYTES: usize>(prefix: &str) -> Result<(String, SecretHash), getrandom::Error> {
    let mut secret = [0; BYTES];
    getrandom::fill(&mut secret)?;
    let text = format!("{prefix}{}", hex::encode(&secret));
    let hash = SecretHash::of(&text);
    Ok((text, hash))
}

impl SecretHash {
    /// The hash of a secret.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// What tells it from others. Its beginning tells nothing of a secret that nobody can guess.
    pub fn id(self) -> String {
        hex::encode(&self.0[..6])
    }

    /// The hash in 64 hex digits.
    pub fn to_hex(self) -> String {
        hex::encode(&self.0)
    }
}

impl TryFrom<String> for SecretHash {
    type Error = NotAHash;

    fn try_from(text: String) -> Result<Self, NotAHash> {
        let bytes = hex::decode(text.trim()).map_err(|_| NotAHash)?;
        bytes.try_into().map(Self).map_err(|_| NotAHash)
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> Self {
        hash.to_hex()
    }
}

impl fmt::Debug for SecretHash {
    /// Says nothing: it would stand in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_secret_alone_and_survives_being_kept() {
        let (secret, hash) = make::<32>("sd_").unwrap();
        assert!(secret.starts_with("sd_") && secret.len() == 3 + 64);
        assert_eq!(SecretHash::of(&secret), hash);
        for other in ["", &secret[1..], &make::<32>("sd_").unwrap().0] {
            assert_ne!(SecretHash::of(other), hash);
        }
        assert_eq!(SecretHash::try_from(hash.to_hex() + "\n"), Ok(hash));
        for wrong in ["12", "", &"x".repeat(64), &"0".repeat(66)] {
            assert_eq!(SecretHash::try_from(wrong.to_owned()), Err(NotAHash));
        }
        assert_eq!(format!("{hash:?}"), "SecretHash");
    }
}
