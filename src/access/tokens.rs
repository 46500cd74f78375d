//! Token: a secret that lets a program in, of somebody's who gave it away. It can do no more than its
//! owner.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::password::NotAPassword;
use super::people::{GRANTS, People, PeopleError, is_title};
use super::secret::{self, SecretHash};
use super::sessions::plus;
use crate::record::Time;
use crate::right::Grant;

/// What its secret begins with, so that people and programs that look for leaked secrets know one.
pub const PREFIX: &str = "sd_";
/// So many of one owner there may be.
pub(super) const MOST: usize = 100;
/// How long one counts at most that is made by whoever another vouches for.
pub(super) const LONGEST: Duration = Duration::from_secs(90 * 24 * 3600);
/// By how much the clock of whoever says when it ends may be ahead.
const AHEAD: Duration = Duration::from_secs(3600);

/// A secret that lets a program in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// By which it is told from others.
    pub id: String,
    /// What it is for, as its owner says it.
    pub title: String,
    /// Its owner.
    pub user: String,
    /// Whether it counts by what another says of its owner, and not by an account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// What may be done with it, within what its owner may; all of that without.
    #[serde(default)]
    pub grants: Option<Vec<Grant>>,
    /// What is kept of the secret.
    pub hash: SecretHash,
    /// When it was made,
    pub created: Time,
    /// and when it ends by itself.
    #[serde(default)]
    pub expires: Option<Time>,
}

impl Token {
    pub(super) fn check(&self) -> Result<(), PeopleError> {
        if !is_title(&self.title) {
            return Err(PeopleError::Title);
        }
        if self.grants.iter().flatten().count() > GRANTS {
            return Err(PeopleError::TooManyGrants);
        }
        Ok(())
    }
}

/// What a new token is to be.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in Token")]
pub struct NewToken {
    pub title: String,
    pub user: String,
    pub grants: Option<Vec<Grant>>,
    pub expires: Option<Time>,
}

impl People {
    /// A token by what is kept of its secret.
    pub fn token(&self, hash: SecretHash) -> Option<&Token> {
        self.tokens.iter().find(|token| token.hash == hash)
    }

    /// Makes a token, of an account or of somebody who is known `elsewhere`; returns its secret too,
    /// which is nowhere kept.
    ///
    /// # Errors
    /// If there is no such account, or it is not right.
    pub fn give(
        &mut self,
        wish: NewToken,
        elsewhere: bool,
    ) -> Result<(Token, String), PeopleError> {
        let created = Time::now();
        if elsewhere {
            let latest = plus(created, LONGEST + AHEAD);
            if wish.expires.is_none_or(|expires| expires > latest) {
                return Err(PeopleError::Endless);
            }
            // Nobody has to look after them.
            let ended = |token: &Token| token.expires.is_some_and(|expires| expires <= created);
            self.tokens
                .retain(|token| !token.elsewhere || !ended(token));
        } else {
            self.expect_user(&wish.user)?;
        }
        if wish.expires.is_some_and(|expires| expires <= created) {
            return Err(PeopleError::Ended);
        }
        let mut own = self.tokens.iter().filter(|token| token.user == wish.user);
        if own.nth(MOST - 1).is_some() {
            return Err(PeopleError::TooManyTokens(wish.user));
        }
        let (secret, hash) = secret::make::<32>(PREFIX).map_err(|_| NotAPassword::Random)?;
        let token = Token {
            id: hash.id(),
            title: wish.title.trim().to_owned(),
            user: wish.user,
            elsewhere,
            grants: wish.grants,
            hash,
            created,
            expires: wish.expires,
        };
        token.check()?;
        self.tokens.push(token.clone());
        Ok((token, secret))
    }

    /// Voids a token; of its owner's, where one is named.
    ///
    /// # Errors
    /// If there is none.
    pub fn revoke(&mut self, id: &str, of: Option<&str>) -> Result<(), PeopleError> {
        let is_it = |token: &Token| token.id == id && of.is_none_or(|of| of == token.user);
        let before = self.tokens.len();
        self.tokens.retain(|token| !is_it(token));
        match self.tokens.len() == before {
            true => Err(PeopleError::UnknownToken(id.chars().take(64).collect())),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::people::User;

    #[test]
    fn it_goes_with_its_account_and_is_revoked_by_its_owner() {
        let mut people = People::default();
        people.add(User::with("ada", &["administer"])).unwrap();
        people.add(User::with("bob", &["see"])).unwrap();
        let wish = |user: &str, title: &str| NewToken {
            title: title.to_owned(),
            user: user.to_owned(),
            grants: None,
            expires: None,
        };
        let (token, secret) = people.give(wish("bob", " nightly "), false).unwrap();
        assert_eq!(token.title, "nightly");
        assert!(matches!(
            people.revoke(&token.id, Some("ada")),
            Err(PeopleError::UnknownToken(_))
        ));
        people.revoke(&token.id, Some("bob")).unwrap();
        assert!(people.token(SecretHash::of(&secret)).is_none());
        let (_, secret) = people.give(wish("bob", "other"), false).unwrap();
        people.remove("bob").unwrap();
        assert!(people.token(SecretHash::of(&secret)).is_none());
        for title in ["", " ", "a\nb", &"x".repeat(65)] {
            assert!(people.give(wish("ada", title), false).is_err(), "{title:?}");
        }
        assert!(people.give(wish("zoe", "x"), false).is_err());
    }
}
