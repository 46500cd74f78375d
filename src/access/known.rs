//! Known: somebody whom another vouches for, by a name and groups: a reverse proxy in front of the
//! server, or a provider of OpenID Connect.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use super::people::{People, PeopleError, is_group_name, is_user_name};
use super::register::Key;
use super::word::Voucher;
use super::{Access, Refused, Visitor, make};
use crate::record::Time;

/// So many groups of one person count.
const GROUPS: usize = 256;

/// Who vouches for people besides their accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouchers {
    /// Whether a reverse proxy does.
    pub proxy: bool,
    /// The provider of OpenID Connect that does.
    pub issuer: Option<String>,
}

impl Vouchers {
    /// Whether anybody does.
    pub fn any(&self) -> bool {
        self.proxy || self.issuer.is_some()
    }

    /// Whether this one does.
    pub(super) fn include(&self, voucher: &Voucher) -> bool {
        match voucher {
            Voucher::Proxy => self.proxy,
            Voucher::Provider(issuer) => self.issuer.as_ref() == Some(issuer),
        }
    }
}

/// Somebody whom another vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What others see. An account of this name gives its rights.
    pub name: String,
    /// What rules of the configuration call them besides.
    pub groups: BTreeSet<String>,
}

/// A text that cannot be somebody's name here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be a name here; 1 to 64 letters, digits and . _ - @ can, not @ in front")]
pub struct NotAName(String);

impl Known {
    /// Takes what is said of somebody. Groups that no rule could name give nothing, and are left out.
    ///
    /// # Errors
    /// If no account could have that name.
    pub fn new<'a>(name: &str, groups: impl Iterator<Item = &'a str>) -> Result<Self, NotAName> {
        if !is_user_name(name) {
            return Err(NotAName(name.chars().take(64).collect()));
        }
        let groups = groups.filter(|group| is_group_name(group));
        Ok(Self {
            name: name.to_owned(),
            groups: groups.take(GROUPS).map(str::to_owned).collect(),
        })
    }
}

impl Access {
    /// Who comes with the word of a proxy. If it says other groups than before, what these gave ends.
    pub fn vouched(&self, known: Known) -> Option<Visitor> {
        let mut register = self.desk.register();
        let now = Time::now();
        let (name, is_other) = register.hear(known, now);
        if is_other {
            self.desk.save_soon();
        }
        register.admit(Key::Proxy(name), now)
    }

    /// Signs somebody in whom the provider knows, for so long; gives the secret of the new session.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub async fn sign_in_known(
        &self,
        known: &Known,
        life: Duration,
        from: IpAddr,
    ) -> Result<String, Refused> {
        let made = make::<32>("").map_err(|_| Refused::Random)?;
        let (secret, hash) = made;
        let now = Time::now();
        self.desk.register().begin_known(hash, known, life, now);
        self.desk.save().await;
        tracing::info!("{} signed in from {from} by the provider", known.name);
        Ok(secret)
    }

    /// Lets a visitor give something away in this name, by `act`, which is told whether that counts by
    /// the word of another, and not by an account.
    pub(super) async fn give_away<T: Send + 'static>(
        &self,
        visitor: &Visitor,
        name: Option<&str>,
        act: impl FnOnce(&mut People, bool) -> Result<T, PeopleError> + Send + 'static,
    ) -> Result<T, PeopleError> {
        let is_own = name.is_some() && name == visitor.name.as_deref();
        let elsewhere = is_own && self.desk.register().word_of(visitor).is_some();
        let act = move |people: &mut People| act(people, elsewhere);
        let made = self.desk.change(act, None).await?;
        if elsewhere {
            self.desk.register().keep_word_of(visitor);
            self.desk.save().await;
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_name_is_known_and_groups_that_no_rule_could_name_are_not() {
        let groups = ["staff", "a b", "", "/lab", "staff", "x.y"];
        let known = Known::new("ada@lab.example", groups.into_iter()).unwrap();
        assert_eq!(known.name, "ada@lab.example");
        assert_eq!(known.groups.iter().collect::<Vec<_>>(), ["staff", "x.y"]);
        for wrong in [
            "", " ", "anyone", "programs", "@staff", "a b", "a\n", "a,b", "ä",
        ] {
            assert!(Known::new(wrong, [].into_iter()).is_err(), "{wrong:?}");
        }
        let many: Vec<_> = (0..1000).map(|number| number.to_string()).collect();
        let known = Known::new("ada", many.iter().map(String::as_str)).unwrap();
        assert_eq!(known.groups.len(), GROUPS);
    }
}
