//! What is told of accounts, tokens and links: nothing that is secret.

use serde::Serialize;
use utoipa::ToSchema;

use super::people::{self, People};
use super::sessions::{Seen, Used};
use super::shares::{self, Target};
use super::tokens;
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
    pub fn of(token: &tokens::Token, last_used: Option<Time>) -> Self {
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

/// A link to one port, by which whoever has it comes in without an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Share {
    /// By which it is told from others.
    pub id: String,
    /// What it is for.
    pub title: String,
    /// The account that made it; null where there are none.
    pub by: Option<String>,
    /// Where it leads.
    #[serde(flatten)]
    pub target: Target,
    /// When it was made.
    pub created: Time,
    /// When it ends.
    pub expires: Time,
    /// When a guest was last seen; exact to a minute.
    pub last_used: Option<Time>,
    /// How often it was opened.
    pub uses: u64,
}

impl Share {
    /// What is told of a link that was used so far like that.
    pub fn of(share: &shares::Share, used: Option<Used>) -> Self {
        Self {
            id: share.id.clone(),
            title: share.title.clone(),
            by: share.by.clone(),
            target: share.target.clone(),
            created: share.created,
            expires: share.expires,
            last_used: used.map(|used| used.last),
            uses: used.map_or(0, |used| used.times),
        }
    }
}

/// All links that count, oldest first.
pub fn shares(people: &People, seen: &Seen, now: Time) -> Vec<Share> {
    let used = |share: &shares::Share| seen.shares.get(&share.id).copied();
    let tell = |share| Share::of(share, used(share));
    let all = people.shares.iter();
    all.filter(|share| now < share.expires).map(tell).collect()
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
    let last_used = |token: &tokens::Token| seen.tokens.get(&token.id).copied();
    let tell = |token| Token::of(token, last_used(token));
    people.tokens.iter().map(tell).collect()
}
