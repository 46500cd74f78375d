//! Share: a link to one port, by which whoever has it comes in without an account, for a while. Like
//! a token it can do no more than who made it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::password::NotAPassword;
use super::people::{People, PeopleError, is_title};
use super::secret::{self, SecretHash};
use super::target::Target;
use crate::record::Time;
use crate::right::{Grant, Guest, Rights};

/// What its secret begins with, so that people and programs that look for leaked secrets know one.
pub const PREFIX: &str = "sh_";
/// How long one counts, unless it is said.
pub const LIFE: Duration = Duration::from_secs(24 * 3600);
/// So many of one account may count at the same time.
const MOST: usize = 100;

/// A link to one port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// By which it is told from others.
    pub id: String,
    /// What it is for, as who made it says.
    pub title: String,
    /// Who made it; none while there are no accounts.
    #[serde(default)]
    pub by: Option<String>,
    /// Whether it counts by what another says of who made it, and not by an account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// Where it leads.
    #[serde(flatten)]
    pub target: Target,
    /// What is kept of the secret.
    pub hash: SecretHash,
    /// When it was made,
    pub created: Time,
    /// and when it ends.
    pub expires: Time,
}

/// What a new one is to be.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in Share")]
pub struct NewShare {
    pub title: String,
    pub by: Option<String>,
    pub target: Target,
    pub expires: Time,
}

impl Share {
    /// What a guest may do, as far as who made it may.
    pub fn rights(&self, of_maker: Rights) -> Rights {
        let Target {
            port,
            may,
            panel,
            page,
            excerpt,
            ..
        } = &self.target;
        let grant = Grant {
            right: may.right(),
            ports: port.clone(),
        };
        let guest = Guest {
            panel: panel.clone(),
            page: page.clone(),
            excerpt: *excerpt,
        };
        Rights::new([grant]).within(of_maker).for_guest(guest)
    }

    /// What others see of a guest. No account has a name with a space in it.
    pub fn guest(&self) -> String {
        match &self.by {
            Some(by) => format!("guest of {by}"),
            None => "guest".to_owned(),
        }
    }

    pub(super) fn check(&self) -> Result<(), PeopleError> {
        if !is_title(&self.title) {
            return Err(PeopleError::Title);
        }
        self.target.check()
    }
}

impl People {
    /// A link by what is kept of its secret.
    pub fn share(&self, hash: SecretHash) -> Option<&Share> {
        self.shares.iter().find(|share| share.hash == hash)
    }

    /// Makes a link, by an account or by somebody who is known `elsewhere`; returns its secret too,
    /// which is nowhere kept. What has ended is forgotten.
    ///
    /// # Errors
    /// If there is no such account, or it is not right.
    pub fn share_out(
        &mut self,
        wish: NewShare,
        elsewhere: bool,
    ) -> Result<(Share, String), PeopleError> {
        let created = Time::now();
        if wish.expires <= created {
            return Err(PeopleError::Ended);
        }
        if let Some(by) = wish.by.as_ref().filter(|_| !elsewhere) {
            self.expect_user(by)?;
        }
        self.shares.retain(|share| created < share.expires);
        let own = self.shares.iter().filter(|share| share.by == wish.by);
        if own.count() >= MOST {
            return Err(PeopleError::TooManyShares(MOST));
        }
        let (secret, hash) = secret::make::<32>(PREFIX).map_err(|_| NotAPassword::Random)?;
        let share = Share {
            id: hash.id(),
            title: wish.title.trim().to_owned(),
            by: wish.by,
            elsewhere,
            target: wish.target,
            hash,
            created,
            expires: wish.expires,
        };
        share.check()?;
        self.shares.push(share.clone());
        Ok((share, secret))
    }

    /// Voids a link; of who made it, where somebody is named.
    ///
    /// # Errors
    /// If there is none.
    pub fn unshare(&mut self, id: &str, by: Option<&str>) -> Result<(), PeopleError> {
        let is_it = |share: &Share| share.id == id && (by.is_none() || by == share.by.as_deref());
        let before = self.shares.len();
        self.shares.retain(|share| !is_it(share));
        match self.shares.len() == before {
            true => Err(PeopleError::UnknownShare(id.chars().take(64).collect())),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
impl Share {
    /// A link that an account has made.
    pub fn of(by: &str) -> Self {
        let target = Target {
            port: "uno".to_owned(),
            may: super::target::May::See,
            panel: None,
            page: None,
            offset: None,
            journal: None,
            excerpt: None,
        };
        Self {
            id: "1".to_owned(),
            title: "a visitor".to_owned(),
            by: Some(by.to_owned()),
            elsewhere: false,
            target,
            hash: SecretHash::of(by),
            created: Time(1),
            expires: Time(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::people::User;
    use crate::access::target::May;
    use crate::record::{Excerpt, Offset};
    use crate::right::Right;

    fn target(may: May) -> Target {
        Target {
            may,
            panel: (may == May::Use).then(|| "oven".to_owned()),
            ..Share::of("bob").target
        }
    }

    fn excerpt(from: u64, to: u64) -> Target {
        let excerpt = Excerpt {
            journal: 1,
            from: Offset(from),
            to: Offset(to),
            since: Time(1),
            until: Time(2),
        };
        Target {
            excerpt: Some(excerpt),
            ..target(May::See)
        }
    }

    fn wish(target: Target) -> NewShare {
        NewShare {
            title: " a visitor ".to_owned(),
            by: Some("bob".to_owned()),
            target,
            expires: Time(Time::now().0 + 1_000_000_000),
        }
    }

    fn people() -> People {
        let mut people = People::default();
        people.add(User::with("ada", &["administer"])).unwrap();
        people.add(User::with("bob", &["type:uno"])).unwrap();
        people
    }

    #[test]
    fn a_guest_may_what_the_link_gives_within_what_who_made_it_may() {
        for (may, maker, bare, by_panel) in [
            (May::See, "administer", Some(Right::See), Some(Right::See)),
            (
                May::Type,
                "control:u*",
                Some(Right::Type),
                Some(Right::Type),
            ),
            (May::Type, "see", Some(Right::See), Some(Right::See)),
            (May::Use, "control", Some(Right::See), Some(Right::Type)),
            (May::Use, "see", Some(Right::See), Some(Right::See)),
            (May::See, "administer:rack*", None, None),
        ] {
            let (share, _) = people().share_out(wish(target(may)), false).unwrap();
            let rights = share.rights(Rights::new([maker.parse().unwrap()]));
            assert_eq!(rights.on("uno"), bare, "{may:?} of {maker}");
            assert_eq!(
                rights.using("oven").on("uno"),
                by_panel,
                "{may:?} of {maker}"
            );
            assert_eq!(rights.on("uno2"), None);
            assert!(!rights.administer());
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let whole = || wish(target(May::See));
        let of = |target: Target| NewShare { target, ..whole() };
        for wrong in [
            NewShare {
                expires: Time::now(),
                ..whole()
            },
            NewShare {
                by: Some("zoe".to_owned()),
                ..whole()
            },
            NewShare {
                title: "a\nb".to_owned(),
                ..whole()
            },
            of(Target {
                panel: None,
                ..target(May::Use)
            }),
            of(Target {
                panel: Some("oven".to_owned()),
                ..target(May::Type)
            }),
            of(Target {
                page: Some("arm/".to_owned()),
                offset: Some(Offset(1)),
                ..target(May::See)
            }),
            of(excerpt(7, 7)),
            of(Target {
                may: May::Type,
                ..excerpt(5, 7)
            }),
            of(Target {
                page: Some("arm/".to_owned()),
                ..excerpt(5, 7)
            }),
            of(Target {
                offset: Some(Offset(7)),
                ..excerpt(5, 7)
            }),
        ] {
            let told = format!("{wrong:?}");
            assert!(people().share_out(wrong, false).is_err(), "{told}");
        }
    }

    #[test]
    fn it_goes_with_its_account_and_is_revoked_by_who_made_it() {
        let mut people = people();
        let (share, secret) = people.share_out(wish(target(May::See)), false).unwrap();
        assert_eq!(
            (share.title.as_str(), share.guest()),
            ("a visitor", "guest of bob".to_owned())
        );
        assert_eq!(people.share(SecretHash::of(&secret)), Some(&share));
        assert!(people.unshare(&share.id, Some("ada")).is_err());
        people.unshare(&share.id, Some("bob")).unwrap();
        assert!(people.share(SecretHash::of(&secret)).is_none());
        people.share_out(wish(target(May::See)), false).unwrap();
        people.remove("bob").unwrap();
        assert!(people.shares.is_empty());
    }

    #[test]
    fn what_has_ended_makes_room() {
        let mut people = people();
        for _ in 0..MOST {
            people.share_out(wish(target(May::See)), false).unwrap();
        }
        let full = people.share_out(wish(target(May::See)), false);
        assert!(matches!(full, Err(PeopleError::TooManyShares(MOST))));
        people.shares[7].expires = Time(1);
        people.share_out(wish(target(May::See)), false).unwrap();
        assert_eq!(people.shares.len(), MOST);
    }
}
