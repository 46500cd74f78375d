//! What is told of accounts and tokens: nothing that is secret.

use serde::Serialize;
use utoipa::ToSchema;

use super::people::{self, People};
use super::sessions::Seen;
use crate::record::Time;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// What others see.
    pub name: String,
    /// What may be done: `RIGHT` on all ports, or `RIGHT:PATTERN`, such as `type:rack1-*`.
    pub grants: Vec<String>,
    /// What rules of the configuration call it besides its name, as `@GROUP`.
    pub groups: Vec<String>,
    /// When it was made.
    pub created: Time,
    /// When it, or a program with a token of it, last asked for something; exact to a minute.
    pub last_seen: Option<Time>,
    /// Whether it can sign in. Who has no password only comes in by tokens.
    pub has_password: bool,
}

/// A token of an account's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// By which it is told from others.
    pub id: String,
    /// What it is for.
    pub title: String,
    /// The account.
    pub user: String,
    /// What may be done with it, within what the account may; null for all of that.
    pub grants: Option<Vec<String>>,
    /// When it was made.
    pub created: Time,
    /// When it ends by itself; null if it does not.
    pub expires: Option<Time>,
    /// When it was last used; exact to a minute.
    pub last_used: Option<Time>,
}

impl Token {
    /// What is told of a token that was last used then.
    pub fn of(token: &people::Token, last_used: Option<Time>) -> Self {
        let grants = token.grants.as_ref();
        Self {
            id: token.id.clone(),
            title: token.title.clone(),
            user: token.user.clone(),
            grants: grants.map(|all| all.iter().map(ToString::to_string).collect()),
            created: token.created,
            expires: token.expires,
            last_used,
        }
    }
}

/// All accounts, oldest first.
pub fn users(people: &People, seen: &Seen) -> Vec<User> {
    let tell = |user: &people::User| User {
        name: user.name.clone(),
        grants: user.grants.iter().map(ToString::to_string).collect(),
        groups: user.groups.iter().cloned().collect(),
        created: user.created,
        last_seen: seen.users.get(&user.name).copied(),
        has_password: user.password.is_some(),
    };
    people.users.iter().map(tell).collect()
}

/// All tokens, oldest first.
pub fn tokens(people: &People, seen: &Seen) -> Vec<Token> {
    let last_used = |token: &people::Token| seen.tokens.get(&token.id).copied();
    let tell = |token| Token::of(token, last_used(token));
    people.tokens.iter().map(tell).collect()
}
