//! What is told of accounts, tokens and links: nothing that is secret.

use serde::Serialize;
use utoipa::ToSchema;

use super::people::{self, People};
use super::seen::Seen;
use super::shares;
use super::target::Target;
use super::tokens;
use super::word::Word;
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

impl User {
    /// What is told of an account by whoever has seen so much.
    pub fn of(user: &people::User, seen: &Seen) -> Self {
        Self {
            name: user.name.clone(),
            grants: user.grants.iter().map(ToString::to_string).collect(),
            groups: user.groups.iter().cloned().collect(),
            created: user.created,
            last_seen: seen.users.get(&user.name).copied(),
            has_password: user.password.is_some(),
        }
    }
}

/// That something counts by what a proxy or a provider of OpenID Connect says of its owner, and not by
/// an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Elsewhere {
    /// Until when, unless its owner comes again; null where its owner has to come first.
    pub until: Option<Time>,
}

impl Elsewhere {
    fn of(elsewhere: bool, owner: Option<&String>, seen: &Seen) -> Option<Self> {
        let word = seen.words.get(owner?);
        let until = word.map(Word::until);
        elsewhere.then_some(Self { until })
    }
}

/// A secret that lets a program in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// By which it is told from others.
    pub id: String,
    /// What it is for.
    pub title: String,
    /// Its owner.
    pub user: String,
    /// Absent where it is of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// What may be done with it, within what its owner may; null for all of that.
    pub grants: Option<Vec<String>>,
    /// When it was made.
    pub created: Time,
    /// When it ends by itself; null if it does not.
    pub expires: Option<Time>,
    /// When it was last used; exact to a minute.
    pub last_used: Option<Time>,
}

impl Token {
    /// What is told of a token by whoever has seen so much.
    pub fn of(token: &tokens::Token, seen: &Seen) -> Self {
        let grants = token.grants.as_ref();
        Self {
            elsewhere: Elsewhere::of(token.elsewhere, Some(&token.user), seen),
            id: token.id.clone(),
            title: token.title.clone(),
            user: token.user.clone(),
            grants: grants.map(|all| all.iter().map(ToString::to_string).collect()),
            created: token.created,
            expires: token.expires,
            last_used: seen.tokens.get(&token.id).copied(),
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
    /// Who made it; null where there are no accounts.
    pub by: Option<String>,
    /// Absent where an account made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
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
    /// What is told of a link by whoever has seen so much.
    pub fn of(share: &shares::Share, seen: &Seen) -> Self {
        let used = seen.shares.get(&share.id);
        Self {
            elsewhere: Elsewhere::of(share.elsewhere, share.by.as_ref(), seen),
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
    let all = people.shares.iter();
    let all = all.filter(|share| now < share.expires);
    all.map(|share| Share::of(share, seen)).collect()
}

/// All accounts, oldest first.
pub fn users(people: &People, seen: &Seen) -> Vec<User> {
    let all = people.users.iter();
    all.map(|user| User::of(user, seen)).collect()
}

/// All tokens, oldest first.
pub fn tokens(people: &People, seen: &Seen) -> Vec<Token> {
    let all = people.tokens.iter();
    all.map(|token| Token::of(token, seen)).collect()
}
