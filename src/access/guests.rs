//! Guests: the links that let them in, as those deal with them who make and open one.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use super::password::Typed;
use super::people::{People, PeopleError};
use super::register::Key;
use super::secret::SecretHash;
use super::shares::{NewShare, Share};
use super::{Access, Refused, Via, Visitor, told, whole_seconds};
use crate::record::Time;

/// What tries with links count for. No account has this name.
const LINKS: &str = "a link";

/// A link that somebody has opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The link,
    pub share: Arc<Share>,
    /// and whether whoever opened it comes in by it, and has not been in already.
    pub comes_in: bool,
}

impl Access {
    /// The links of all, or those that one has made, oldest first, until they end.
    pub fn shares(&self, by: Option<&str>) -> Vec<told::Share> {
        let register = self.desk.register();
        let mut all = told::shares(&register.people, &register.sessions.seen, Time::now());
        all.retain(|share| by.is_none() || by == share.by.as_deref());
        all
    }

    /// Makes a link, as a visitor wishes; gives its secret, which is nowhere kept.
    ///
    /// # Errors
    /// If it is not right, or the disk does not take it.
    pub async fn share(
        &self,
        wish: NewShare,
        visitor: &Visitor,
    ) -> Result<(told::Share, String), PeopleError> {
        let by = wish.by.clone();
        let act = move |people: &mut People, elsewhere| people.share_out(wish, elsewhere);
        let (share, secret) = self.give_away(visitor, by.as_deref(), act).await?;
        let register = self.desk.register();
        let told = told::Share::of(&share, &register.sessions.seen);
        Ok((told, secret))
    }

    /// Voids a link; of who made it, where somebody is named. What is open by it ends.
    ///
    /// # Errors
    /// If there is none, or the disk does not take it.
    pub async fn unshare(&self, id: String, by: Option<String>) -> Result<(), PeopleError> {
        let act = move |people: &mut People| people.unshare(&id, by.as_deref());
        self.desk.change(act, None).await
    }

    /// Opens a link for whoever comes with its secret. A `visitor` who is in and may do as much there
    /// needs no link, and stays who it is.
    ///
    /// # Errors
    /// If it does not count, there were too many tries, or somebody else is signed in.
    pub async fn open_share(
        &self,
        secret: &Typed,
        visitor: Option<&Visitor>,
        from: IpAddr,
    ) -> Result<Opened, Refused> {
        let guest = self
            .desk
            .admit(Key::Secret(SecretHash::of(secret.as_str())));
        let Some(share) = guest.and_then(|guest| guest.share) else {
            // Whoever has one is not held up by a neighbour who has not: nobody guesses it.
            let admitted = self.desk.throttle().admit(LINKS, from, Instant::now());
            return Err(match admitted {
                Ok(()) => Refused::NoLink,
                Err(wait) => Refused::Throttled(whole_seconds(wait)),
            });
        };
        let known = visitor.filter(|visitor| !matches!(visitor.via, Via::Share | Via::Anyone));
        let comes_in = match known {
            Some(known)
                if known
                    .rights
                    .allow(&share.target.port, share.target.may.right()) =>
            {
                false
            }
            Some(_) => return Err(Refused::SignedIn),
            None => true,
        };
        if comes_in {
            self.desk.register().opened(&share);
            self.desk.save().await;
        }
        Ok(Opened { share, comes_in })
    }
}
