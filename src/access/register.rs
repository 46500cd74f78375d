//! The register: who may come in now, and who is in.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::known::{Known, Vouchers};
use super::people::People;
use super::rule::{self, Rule};
use super::secret::SecretHash;
use super::sessions::{Sessions, plus};
use super::shares::Share;
use super::{Via, Visitor};
use crate::record::Time;
use crate::right::{Right, Rights};

/// So long a proxy's word counts that is not said again. What is open then ends, and comes again with
/// a new one: whoever the proxy lets in no more is not in for ever.
const WORD: Duration = Duration::from_secs(3600);

/// What lets somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Being at the machine, while there are no accounts.
    Home,
    /// Nothing, where a rule is for anyone.
    Anyone,
    /// A door for programs, which others than this machine reach or not.
    Programs { at_home: bool },
    /// The secret of a session, token or link, or the server's own.
    Secret(SecretHash),
    /// The word of a proxy, by the hash of the name that it says.
    Proxy(SecretHash),
}

/// What somebody is let in with.
struct Pass {
    via: Via,
    name: Option<String>,
    rights: Rights,
    /// The link.
    share: Option<Share>,
    /// When it ends by itself.
    expires: Option<Time>,
}

impl Pass {
    fn of(via: Via, rights: Rights) -> Self {
        Self {
            via,
            name: None,
            rights,
            share: None,
            expires: None,
        }
    }

    /// Whether somebody who was let in with it may stay.
    fn holds_for(&self, visitor: &Visitor) -> bool {
        self.via == visitor.via
            && self.name.as_deref() == visitor.name.as_deref()
            && self.rights == visitor.rights
            && self.share.as_ref() == visitor.share.as_deref()
    }
}

/// Who may come in now, and who is in.
#[derive(Default)]
pub struct Register {
    /// All accounts and tokens.
    pub people: People,
    /// All sessions.
    pub sessions: Sessions,
    /// What proxies said last of those who came through them, and when; by the hashes of their names.
    heard: HashMap<SecretHash, (Known, Time)>,
    /// What the configuration gives them.
    rules: Vec<Rule>,
    /// Who vouches for people besides their accounts.
    vouchers: Vouchers,
    /// What lets others in while there are no accounts.
    pub server_token: Option<SecretHash>,
    /// Those who were let in, by what let them in. All whom the same thing let in end together.
    inside: HashMap<Key, Visitor>,
    /// Told when somebody comes in: the time may be over for others first.
    pub entered: Arc<Notify>,
    /// Whether somebody was seen since this was last asked.
    seen: bool,
}

impl Register {
    /// Those who may come in, with what rules give them. Nobody is in.
    pub fn new(
        people: People,
        mut sessions: Sessions,
        rules: Vec<Rule>,
        vouchers: Vouchers,
    ) -> Self {
        sessions.issuer = vouchers.issuer.clone();
        Self {
            people,
            sessions,
            rules,
            vouchers,
            ..Self::default()
        }
    }

    /// Whether everybody is asked: there are accounts, or others who vouch for people.
    pub fn asks(&self) -> bool {
        !self.people.users.is_empty() || self.vouchers.any()
    }

    /// Takes in what a proxy says of somebody; gives the hash of the name.
    pub fn hear(&mut self, known: Known, now: Time) -> SecretHash {
        let name = SecretHash::of(&known.name);
        self.heard.insert(name, (known, now));
        name
    }

    /// Lets somebody in.
    pub fn admit(&mut self, key: Key, now: Time) -> Option<Visitor> {
        let pass = self.find(key, now);
        let known = self.inside.get(&key);
        if let Some((pass, known)) = pass.as_ref().zip(known)
            && pass.holds_for(known)
        {
            let known = known.clone();
            self.see(&known, now);
            return Some(known);
        }
        if let Some(other) = self.inside.remove(&key) {
            other.ended.cancel();
        }
        let pass = pass?;
        let visitor = Visitor {
            name: pass.name.map(Arc::from),
            rights: pass.rights,
            via: pass.via,
            share: pass.share.map(Arc::new),
            ended: CancellationToken::new(),
            key,
        };
        self.inside.insert(key, visitor.clone());
        self.entered.notify_one();
        self.see(&visitor, now);
        Some(visitor)
    }

    fn see(&mut self, visitor: &Visitor, now: Time) {
        let Key::Secret(hash) = visitor.key else {
            return;
        };
        let seen = &mut self.sessions.seen;
        if let Some(share) = &visitor.share {
            self.seen = true;
            seen.shares.entry(share.id.clone()).or_default().last = now;
        }
        let Some(name) = &visitor.name else {
            return;
        };
        self.seen = true;
        seen.users.insert(name.to_string(), now);
        if let Some(token) = self.people.token(hash) {
            seen.tokens.insert(token.id.clone(), now);
        }
        self.sessions.used(hash, now);
    }

    /// Somebody opened a link.
    pub fn opened(&mut self, share: &Share) {
        self.seen = true;
        let used = self.sessions.seen.shares.entry(share.id.clone());
        used.or_default().times += 1;
    }

    /// Whether somebody was seen since this was last asked.
    pub fn take_seen(&mut self) -> bool {
        std::mem::take(&mut self.seen)
    }

    /// When what let somebody in ends by itself.
    pub fn expires(&self, visitor: &Visitor, now: Time) -> Option<Time> {
        self.find(visitor.key, now)?.expires
    }

    /// Ends those whom nothing lets in any more as they were; says when the next ends by itself.
    pub fn end_void(&mut self, now: Time) -> Option<Time> {
        self.sessions.tidy(&self.people, now);
        self.heard.retain(|_, (_, said)| now < plus(*said, WORD));
        let mut inside = std::mem::take(&mut self.inside);
        let mut next = None;
        inside.retain(|key, visitor| {
            let pass = self.find(*key, now);
            let stays = pass.as_ref().is_some_and(|pass| pass.holds_for(visitor));
            match stays {
                true => {
                    next = next
                        .into_iter()
                        .chain(pass.and_then(|pass| pass.expires))
                        .min()
                }
                false => visitor.ended.cancel(),
            }
            stays
        });
        self.inside = inside;
        next
    }

    fn find(&self, key: Key, now: Time) -> Option<Pass> {
        match key {
            Key::Home => (!self.asks()).then(|| Pass::of(Via::Home, Rights::all())),
            Key::Anyone if !self.asks() => None,
            Key::Anyone => {
                let mut grants = rule::for_anyone(&self.rules).peekable();
                grants.peek()?;
                Some(Pass::of(Via::Anyone, Rights::new(grants)))
            }
            Key::Programs { at_home } => {
                let rights = match (self.asks(), at_home) {
                    (true, _) => Rights::new(rule::for_programs(&self.rules)),
                    (false, true) => Rights::all(),
                    (false, false) => Rights::none(),
                };
                Some(Pass::of(Via::Programs, rights))
            }
            Key::Secret(hash) if self.asks() => self
                .of_session(hash, now)
                .or_else(|| self.of_token(hash, now))
                .or_else(|| self.of_share(hash, now)),
            Key::Secret(hash) if self.server_token == Some(hash) => {
                Some(Pass::of(Via::ServerToken, Rights::all()))
            }
            Key::Secret(hash) => self.of_share(hash, now),
            Key::Proxy(name) => self.of_proxy(name, now),
        }
    }

    fn of_proxy(&self, name: SecretHash, now: Time) -> Option<Pass> {
        let (Known { name, groups }, said) = self.heard.get(&name)?;
        let expires = plus(*said, WORD);
        let counts = self.vouchers.proxy && now < expires;
        counts.then(|| Pass {
            name: Some(name.clone()),
            expires: Some(expires),
            ..Pass::of(Via::Proxy, self.rights_of(name, groups))
        })
    }

    fn of_session(&self, hash: SecretHash, now: Time) -> Option<Pass> {
        let (whose, expires) = self.sessions.find(hash, &self.people, now)?;
        let (via, rights) = match whose.groups {
            None => (Via::Session, self.rights_of_account(whose.name)),
            Some(groups) => (Via::Provider, self.rights_of(whose.name, groups)),
        };
        Some(Pass {
            name: Some(whose.name.to_owned()),
            expires: Some(expires),
            ..Pass::of(via, rights)
        })
    }

    /// It counts as long as who made it may see the port.
    fn of_share(&self, hash: SecretHash, now: Time) -> Option<Pass> {
        let share = self.people.share(hash)?;
        let of_maker = match &share.by {
            Some(by) => self.rights_of_account(&self.people.user(by)?.name),
            // Made by whoever was there, before anybody had an account.
            None if self.asks() => return None,
            None => Rights::all(),
        };
        let rights = share.rights(of_maker);
        let counts = now < share.expires && rights.allow(&share.target.port, Right::See);
        counts.then(|| Pass {
            via: Via::Share,
            name: None,
            rights,
            share: Some(share.clone()),
            expires: Some(share.expires),
        })
    }

    fn of_token(&self, hash: SecretHash, now: Time) -> Option<Pass> {
        let token = self.people.token(hash)?;
        self.people.user(&token.user)?;
        let of_user = self.rights_of_account(&token.user);
        let rights = match &token.grants {
            Some(grants) => Rights::new(grants.iter().cloned()).within(of_user),
            None => of_user,
        };
        let counts = token.expires.is_none_or(|expires| now < expires);
        counts.then(|| Pass {
            via: Via::Token,
            name: Some(token.user.clone()),
            rights,
            share: None,
            expires: token.expires,
        })
    }

    fn rights_of_account(&self, name: &str) -> Rights {
        self.rights_of(name, &BTreeSet::new())
    }

    /// What somebody may do with this name: what an account of that name may, and what the rules give
    /// to the name, the account's groups and these.
    fn rights_of(&self, name: &str, groups: &BTreeSet<String>) -> Rights {
        let user = self.people.user(name);
        let grants = user
            .into_iter()
            .flat_map(|user| user.grants.iter().cloned());
        let own = user.into_iter().flat_map(|user| &user.groups);
        let groups = own.chain(groups).cloned().collect();
        Rights::new(grants.chain(rule::for_person(&self.rules, name, &groups)))
    }
}

#[cfg(test)]
mod tests;
