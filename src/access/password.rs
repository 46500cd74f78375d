//! Passwords, and what is kept of them: argon2id, as OWASP advises.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The shortest and the longest password, in bytes.
const SHORTEST: usize = 8;
const LONGEST: usize = 1024;

/// Memory that one hash takes, in KiB, and how often it is gone through.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Random bytes that are hashed with a password.
const SALT: usize = 16;

/// What is hashed against where there is no account of a name, so that it takes the same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What somebody typed for a password, whatever it is. Wiped from memory when it is dropped.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Typed(Zeroizing<String>);

impl Typed {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Typed {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

/// What cannot be kept for a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotAPassword {
    #[error("a password has {SHORTEST} to {LONGEST} bytes; several words are easy to remember")]
    Length,
    #[error("the system gives no random numbers")]
    Random,
}

/// What is kept of a password: a text as the Password Hashing Competition has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kept(String);

/// A text that is not what is kept of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no password's hash, which begins with $argon2id$")]
pub struct NotKept;

impl Kept {
    /// What is to be kept of a new password. Takes its time; nothing for a thread that serves others.
    ///
    /// # Errors
    /// If it is too short or too long.
    pub fn of(password: &Typed) -> Result<Self, NotAPassword> {
        if !(SHORTEST..=LONGEST).contains(&password.0.len()) {
            return Err(NotAPassword::Length);
        }
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(|_| NotAPassword::Random)?;
        let hash = hasher().hash_password_with_salt(password.0.as_bytes(), &salt);
        Ok(Self(
            hash.expect("all lengths are within bounds").to_string(),
        ))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether this is the password of which that is kept. Where nothing is kept the answer is no, and
/// takes as long. Nothing for a thread that serves others.
pub fn matches(kept: Option<&Kept>, password: &Typed) -> bool {
    let text = kept.map_or(NOBODY, Kept::as_str);
    let hash = PasswordHash::new(text).expect("it was looked at when it was read");
    // Nobody keeps what is longer: it cannot be right, and is not worth more work than others.
    let bytes = password.0.as_bytes();
    let tried = &bytes[..bytes.len().min(LONGEST)];
    let is_right = hasher().verify_password(tried, &hash).is_ok();
    is_right && bytes.len() <= LONGEST && kept.is_some()
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, 1, None).expect("they are within bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl TryFrom<String> for Kept {
    type Error = NotKept;

    fn try_from(text: String) -> Result<Self, NotKept> {
        let hash = PasswordHash::new(&text).map_err(|_| NotKept)?;
        let is_ours = hash.algorithm == Algorithm::Argon2id.ident()
            && Params::try_from(&hash).is_ok()
            && hash.salt.is_some()
            && hash.hash.is_some();
        is_ours.then_some(Self(text)).ok_or(NotKept)
    }
}

impl From<Kept> for String {
    fn from(kept: Kept) -> Self {
        kept.0
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Typed {
        text.to_owned().into()
    }

    #[test]
    fn a_password_matches_what_is_kept_of_it_alone() {
        let kept = Kept::of(&typed("correct horse")).unwrap();
        assert!(matches(Some(&kept), &typed("correct horse")));
        for other in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!matches(Some(&kept), &typed(other)), "{other:?}");
        }
        assert_ne!(kept, Kept::of(&typed("correct horse")).unwrap());
        assert_eq!(Kept::try_from(kept.0.clone()), Ok(kept));
    }

    #[test]
    fn a_name_that_nobody_has_is_as_much_work_and_never_right() {
        assert!(!matches(None, &typed("")));
        let kept = Kept::of(&typed("correct horse")).unwrap();
        let [one, other] = [NOBODY, kept.as_str()].map(|text| PasswordHash::new(text).unwrap());
        assert_eq!(one.algorithm, other.algorithm);
        assert_eq!(one.version, other.version);
        assert_eq!(Params::try_from(&one), Params::try_from(&other));
        let lengths = |hash: &PasswordHash| (hash.salt.unwrap().len(), hash.hash.unwrap().len());
        assert_eq!(lengths(&one), lengths(&other));
    }

    #[test]
    fn what_is_too_short_or_too_long_is_no_password() {
        for text in ["", "7 bytes", &"x".repeat(LONGEST + 1)] {
            assert_eq!(Kept::of(&typed(text)), Err(NotAPassword::Length));
        }
        let longest = "x".repeat(LONGEST);
        let kept = Kept::of(&typed(&longest)).unwrap();
        assert!(matches(Some(&kept), &typed(&longest)));
        assert!(!matches(Some(&kept), &typed(&(longest + "x"))));
    }

    #[test]
    fn what_is_no_hash_of_a_password_is_refused() {
        for text in [
            "",
            "secret",
            "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=1,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(Kept::try_from(text.to_owned()), Err(NotKept), "{text}");
        }
    }

    #[test]
    fn neither_stands_in_a_log() {
        let typed = typed("correct horse");
        let kept = Kept::of(&typed).unwrap();
        assert_eq!(format!("{typed:?} {kept:?}"), "Typed Kept");
    }
}
