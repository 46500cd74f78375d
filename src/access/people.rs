//! People: the accounts of a server, the tokens that they gave to programs, and the links that they
//! gave to guests. What may become of them is decided here, whoever asks for it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::password::{Kept, NotAPassword};
use super::rule::Who;
use super::shares::Share;
use super::tokens::{self, Token};
use crate::record::Time;
use crate::right::{Grant, Rights};

/// So many accounts there may be.
const USERS: usize = 1000;
/// So many grants and groups an account may have, and grants a token.
pub(super) const GRANTS: usize = 64;
const GROUPS: usize = 64;
/// The longest title of a token or a link, in characters.
const TITLE: usize = 64;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// What others see.
    pub name: String,
    /// What may be done.
    pub grants: Vec<Grant>,
    /// What rules of the configuration call the account besides its name.
    #[serde(default)]
    pub groups: BTreeSet<String>,
    /// What is kept of the password; who has none only comes in by tokens.
    #[serde(default)]
    pub password: Option<Kept>,
    /// When it was made.
    pub created: Time,
}

impl User {
    /// Whether it can sign in and change everything.
    fn administers(&self) -> bool {
        self.password.is_some() && Rights::new(self.grants.iter().cloned()).administer()
    }

    fn check(&self) -> Result<(), PeopleError> {
        if !is_user_name(&self.name) {
            return Err(PeopleError::Name(self.name.chars().take(64).collect()));
        }
        if let Some(wrong) = self.groups.iter().find(|group| !is_group_name(group)) {
            return Err(PeopleError::Group(wrong.chars().take(64).collect()));
        }
        if self.grants.len() > GRANTS || self.groups.len() > GROUPS {
            return Err(PeopleError::TooManyGrants);
        }
        Ok(())
    }
}

/// Whether this can say what something is for.
pub(super) fn is_title(title: &str) -> bool {
    let length = title.trim().chars().count();
    (1..=TITLE).contains(&length) && !title.chars().any(char::is_control)
}

/// Whether this can be an account's name. Those that stand for others than people cannot.
pub fn is_user_name(name: &str) -> bool {
    matches!(name.parse(), Ok(Who::User(_)))
}

/// Whether this can be a group's name.
pub fn is_group_name(name: &str) -> bool {
    matches!(format!("@{name}").parse(), Ok(Who::Group(_)))
}

/// Why something is not done with accounts and tokens.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PeopleError {
    #[error(
        "{0:?} cannot be an account's name; 1 to 64 letters, digits and . _ - @ can, not @ in front, and \
         not \"anyone\" or \"programs\", which rules have for others than people"
    )]
    Name(String),
    #[error("{0:?} cannot be a group's name; 1 to 64 letters, digits and . _ - can")]
    Group(String),
    #[error("an account or a token can have at most {GRANTS} grants, and be in {GROUPS} groups")]
    TooManyGrants,
    #[error("say what it is for, in 1 to {TITLE} visible characters")]
    Title,
    #[error("it cannot end before it begins; choose a later time")]
    Ended,
    #[error(
        "a token that is made without signing in by a password has to end, in {} days at the latest; say when in \"expires\"",
        tokens::LONGEST.as_secs() / 86400
    )]
    Endless,
    #[error(
        "a link leads to a port, or to one \"panel\" (with \"may\": \"use\"), one \"page\" or one \"offset\" of it"
    )]
    Target,
    #[error(
        "a link to an excerpt lets see, neither type nor use a panel or a page, and a moment that it opens lies within"
    )]
    Excerpt,
    #[error(transparent)]
    Password(#[from] NotAPassword),
    #[error("there is no account {0:?}")]
    UnknownUser(String),
    #[error("there is no token {0:?}")]
    UnknownToken(String),
    #[error("there is no link {0:?}, or it has ended")]
    UnknownShare(String),
    #[error("there is an account {0:?} already; choose another name")]
    Exists(String),
    #[error(
        "nobody could change accounts any more: at least one must have a password and the right \
         administer on all ports. Give another one that first"
    )]
    NoAdministrator,
    #[error("there are {USERS} accounts already, which is as many as may be")]
    TooManyUsers,
    #[error("{0} has {most} tokens already, which is as many as may be; revoke one", most = tokens::MOST)]
    TooManyTokens(String),
    #[error("there are {0} links already, which is as many as may be; revoke one")]
    TooManyShares(usize),
    #[error("too many passwords are looked at at once; try again in a moment")]
    Busy,
    #[error("there is no folder to keep accounts and links in; name one with --data")]
    NoFolder,
    #[error(
        "where everybody is let in (--no-auth) there can be no accounts or links; start the server without that"
    )]
    NoAuth,
    #[error("{}: {why}; mend it, or put an older copy in its place", path.display())]
    Broken { path: PathBuf, why: String },
    #[error("{}: it is longer than can be read; revoke tokens and links that nobody uses", .0.display())]
    TooLong(PathBuf),
    #[error("{}: {error}; make room and make it writable, or name another folder with --data", path.display())]
    Disk {
        path: PathBuf,
        error: std::io::Error,
    },
}

/// What is to change in an account; what is absent stays.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "as in User")]
pub struct Change {
    pub grants: Option<Vec<Grant>>,
    pub groups: Option<BTreeSet<String>>,
    pub password: Option<Kept>,
}

/// All accounts, their tokens, and the links.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// The accounts, oldest first.
    pub users: Vec<User>,
    /// Their tokens, oldest first.
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// The links, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
}

impl People {
    /// An account by its name.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// An account that has to be there.
    pub(super) fn expect_user(&self, name: &str) -> Result<&User, PeopleError> {
        self.user(name).ok_or_else(|| unknown(name))
    }

    fn user_mut(&mut self, name: &str) -> Result<&mut User, PeopleError> {
        let user = self.users.iter_mut().find(|user| user.name == name);
        user.ok_or_else(|| unknown(name))
    }

    /// The names of those who gave something away that counts by the word of another.
    pub(super) fn owners_elsewhere(&self) -> impl Iterator<Item = &str> {
        let tokens = self.tokens.iter().filter(|token| token.elsewhere);
        let tokens = tokens.map(|token| token.user.as_str());
        let shares = self.shares.iter().filter(|share| share.elsewhere);
        let shares = shares.filter_map(|share| share.by.as_deref());
        tokens.chain(shares)
    }

    /// What is wrong with what was read.
    pub(crate) fn check(&self) -> Result<(), PeopleError> {
        let (mut names, mut hashes) = (BTreeSet::new(), BTreeSet::new());
        for user in &self.users {
            user.check()?;
            if !names.insert(user.name.as_str()) {
                return Err(PeopleError::Exists(user.name.clone()));
            }
        }
        let owns = |name: &str, elsewhere| match elsewhere {
            true if !is_user_name(name) => Err(PeopleError::Name(name.chars().take(64).collect())),
            false if !names.contains(name) => Err(unknown(name)),
            _ => Ok(()),
        };
        for token in &self.tokens {
            token.check()?;
            owns(&token.user, token.elsewhere)?;
            if !hashes.insert(token.hash.to_hex()) {
                return Err(PeopleError::Exists(token.title.clone()));
            }
        }
        for share in &self.shares {
            share.check()?;
            if let Some(by) = &share.by {
                owns(by, share.elsewhere)?;
            }
            if !hashes.insert(share.hash.to_hex()) {
                return Err(PeopleError::Exists(share.title.clone()));
            }
        }
        Ok(())
    }

    /// Adds an account. The first must be able to add others.
    ///
    /// # Errors
    /// If there is one of that name, or it is not right.
    pub fn add(&mut self, user: User) -> Result<(), PeopleError> {
        user.check()?;
        if self.user(&user.name).is_some() {
            return Err(PeopleError::Exists(user.name));
        }
        if self.users.len() >= USERS {
            return Err(PeopleError::TooManyUsers);
        }
        self.users.push(user);
        self.expect_administrator()
    }

    /// Changes an account.
    ///
    /// # Errors
    /// If there is none of that name, if it is the last administrator, or the change is not right.
    pub fn change(&mut self, name: &str, change: Change) -> Result<(), PeopleError> {
        let user = self.user_mut(name)?;
        user.grants = change.grants.unwrap_or(std::mem::take(&mut user.grants));
        user.groups = change.groups.unwrap_or(std::mem::take(&mut user.groups));
        user.password = change.password.or(user.password.take());
        user.check()?;
        self.expect_administrator()
    }

    /// Removes an account with its tokens and links.
    ///
    /// # Errors
    /// If there is none of that name, or it is the last administrator.
    pub fn remove(&mut self, name: &str) -> Result<(), PeopleError> {
        self.user_mut(name)?;
        self.users.retain(|user| user.name != name);
        self.tokens.retain(|token| token.user != name);
        self.shares
            .retain(|share| share.by.as_deref() != Some(name));
        self.expect_administrator()
    }

    fn expect_administrator(&self) -> Result<(), PeopleError> {
        let has_one = self.users.iter().any(User::administers);
        has_one.then_some(()).ok_or(PeopleError::NoAdministrator)
    }
}

fn unknown(name: &str) -> PeopleError {
    PeopleError::UnknownUser(name.chars().take(64).collect())
}

#[cfg(test)]
impl User {
    /// An account with the password `correct horse`.
    pub fn with(name: &str, grants: &[&str]) -> Self {
        use std::sync::LazyLock;

        // It takes its time to make one.
        static PASSWORD: LazyLock<Kept> = LazyLock::new(|| {
            let typed = "correct horse".to_owned().into();
            Kept::of(&typed).unwrap()
        });
        Self {
            name: name.to_owned(),
            grants: grants.iter().map(|grant| grant.parse().unwrap()).collect(),
            groups: BTreeSet::new(),
            password: Some(PASSWORD.clone()),
            created: Time(7),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_who_administers_everything_stays_so() {
        let mut people = People::default();
        let administers = |error: Result<(), PeopleError>| {
            assert!(matches!(error, Err(PeopleError::NoAdministrator)));
        };
        administers(
            people
                .clone()
                .add(User::with("bob", &["administer:uno", "control"])),
        );
        let without = User {
            password: None,
            ..User::with("bob", &["administer"])
        };
        administers(people.clone().add(without));
        people.add(User::with("ada", &["administer"])).unwrap();
        people.add(User::with("bob", &["see"])).unwrap();
        let grants = |grant: &str| Change {
            grants: Some(vec![grant.parse().unwrap()]),
            ..Change::default()
        };
        administers(people.clone().change("ada", grants("control")));
        administers(people.clone().remove("ada"));
        people.change("bob", grants("administer")).unwrap();
        people.change("ada", grants("see")).unwrap();
        people.remove("ada").unwrap();
        administers(people.remove("bob"));
    }
}
