//! The accounts and their tokens, as those deal with them who own or administer them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::desk::Busy;
use super::password::{Kept, Typed};
use super::people::{Change, People, PeopleError, User};
use super::register::Key;
use super::tokens::NewToken;
use super::{Access, Refused, Visitor, told};
use crate::record::Time;
use crate::right::Grant;

/// What a new account is to be.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in User")]
pub struct NewUser {
    pub name: String,
    pub grants: Vec<Grant>,
    pub groups: BTreeSet<String>,
    pub password: Option<Typed>,
}

/// Why somebody's password stays as it is.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotChanged {
    #[error("the old password is another one")]
    Wrong,
    #[error(transparent)]
    Refused(Refused),
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl Access {
    /// Gives an account another password. Its other sessions end; that of the `visitor` goes on.
    ///
    /// # Errors
    /// If the old one is another, the new one cannot be a password, or the disk does not take it.
    pub async fn change_password(
        &self,
        visitor: &Visitor,
        old: Typed,
        new: Typed,
        from: IpAddr,
    ) -> Result<(), NotChanged> {
        let name = visitor.name.as_deref().ok_or(NotChanged::Wrong)?.to_owned();
        self.prove(&name, old, from)
            .await
            .map_err(|why| match why {
                Refused::Wrong => NotChanged::Wrong,
                why => NotChanged::Refused(why),
            })?;
        let kept = self.keep(new).await?;
        let change = Change {
            password: Some(kept.clone()),
            ..Change::default()
        };
        let goes_on = match visitor.key {
            Key::Secret(hash) => Some((hash, kept)),
            _ => None,
        };
        let act = move |people: &mut People| people.change(&name, change);
        Ok(self.desk.change(act, goes_on).await?)
    }

    /// What is to be kept of a new password.
    async fn keep(&self, password: Typed) -> Result<Kept, PeopleError> {
        let hashed = self.desk.hash(move || Kept::of(&password)).await;
        Ok(hashed.map_err(|Busy| PeopleError::Busy)??)
    }

    /// All accounts, oldest first.
    pub fn users(&self) -> Vec<told::User> {
        let register = self.desk.register();
        told::users(&register.people, &register.sessions.seen)
    }

    /// One account.
    pub fn user(&self, name: &str) -> Option<told::User> {
        let register = self.desk.register();
        let user = register.people.user(name)?;
        Some(told::User::of(user, &register.sessions.seen))
    }

    /// The tokens of all, or of one, oldest first.
    pub fn tokens(&self, of: Option<&str>) -> Vec<told::Token> {
        let register = self.desk.register();
        let mut all = told::tokens(&register.people, &register.sessions.seen);
        all.retain(|token| of.is_none_or(|of| of == token.user));
        all
    }

    /// Adds an account. The first makes everybody be asked who they are.
    ///
    /// # Errors
    /// If there is one of that name, it is not right, or the disk does not take it.
    pub async fn add_user(&self, wish: NewUser) -> Result<(), PeopleError> {
        let password = match wish.password {
            Some(password) => Some(self.keep(password).await?),
            None => None,
        };
        let user = User {
            name: wish.name,
            grants: wish.grants,
            groups: wish.groups,
            password,
            created: Time::now(),
        };
        self.desk.change(move |people| people.add(user), None).await
    }

    /// Changes an account. What is open of it ends if its rights or its password change.
    ///
    /// # Errors
    /// If there is none of that name, it is the last administrator, or the disk does not take it.
    pub async fn change_user(
        &self,
        name: String,
        mut change: Change,
        password: Option<Typed>,
    ) -> Result<(), PeopleError> {
        if let Some(password) = password {
            change.password = Some(self.keep(password).await?);
        }
        let act = move |people: &mut People| people.change(&name, change);
        self.desk.change(act, None).await
    }

    /// Removes an account, with its tokens and all that is open of it.
    ///
    /// # Errors
    /// If there is none of that name, it is the last administrator, or the disk does not take it.
    pub async fn remove_user(&self, name: String) -> Result<(), PeopleError> {
        let act = move |people: &mut People| people.remove(&name);
        self.desk.change(act, None).await
    }

    /// Makes a token, as a visitor wishes; gives its secret, which is nowhere kept.
    ///
    /// # Errors
    /// If there is no such account, it is not right, or the disk does not take it.
    pub async fn make_token(
        &self,
        wish: NewToken,
        visitor: &Visitor,
    ) -> Result<(told::Token, String), PeopleError> {
        let user = wish.user.clone();
        let act = move |people: &mut People, elsewhere| people.give(wish, elsewhere);
        let (token, secret) = self.give_away(visitor, Some(&user), act).await?;
        let register = self.desk.register();
        let told = told::Token::of(&token, &register.sessions.seen);
        Ok((told, secret))
    }

    /// Voids a token; of its owner's, where one is named. What is open with it ends.
    ///
    /// # Errors
    /// If there is none, or the disk does not take it.
    pub async fn revoke_token(&self, id: String, of: Option<String>) -> Result<(), PeopleError> {
        let act = move |people: &mut People| people.revoke(&id, of.as_deref());
        self.desk.change(act, None).await
    }
}
