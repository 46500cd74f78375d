//! The register: who may come in now, and who is in.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::people::{People, User};
use super::rule::{self, Rule};
use super::secret::SecretHash;
use super::sessions::Sessions;
use super::shares::Share;
use super::{Via, Visitor};
use crate::record::Time;
use crate::right::{Right, Rights};

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
    /// What the configuration gives them.
    rules: Vec<Rule>,
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
    pub fn new(people: People, sessions: Sessions, rules: Vec<Rule>) -> Self {
        Self {
            people,
            sessions,
            rules,
            ..Self::default()
        }
    }

    /// Whether there are accounts, so that everybody is asked.
    pub fn accounts(&self) -> bool {
        !self.people.users.is_empty()
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
            Key::Home => (!self.accounts()).then(|| Pass::of(Via::Home, Rights::all())),
            Key::Anyone if !self.accounts() => None,
            Key::Anyone => {
                let mut grants = rule::for_anyone(&self.rules).peekable();
                grants.peek()?;
                Some(Pass::of(Via::Anyone, Rights::new(grants)))
            }
            Key::Programs { at_home } => {
                let rights = match (self.accounts(), at_home) {
                    (true, _) => Rights::new(rule::for_programs(&self.rules)),
                    (false, true) => Rights::all(),
                    (false, false) => Rights::none(),
                };
                Some(Pass::of(Via::Programs, rights))
            }
            Key::Secret(hash) if self.accounts() => self
                .of_session(hash, now)
                .or_else(|| self.of_token(hash, now))
                .or_else(|| self.of_share(hash, now)),
            Key::Secret(hash) if self.server_token == Some(hash) => {
                Some(Pass::of(Via::ServerToken, Rights::all()))
            }
            Key::Secret(hash) => self.of_share(hash, now),
        }
    }

    fn of_session(&self, hash: SecretHash, now: Time) -> Option<Pass> {
        let (user, expires) = self.sessions.find(hash, &self.people, now)?;
        Some(Pass {
            via: Via::Session,
            name: Some(user.name.clone()),
            rights: self.rights_of(user),
            share: None,
            expires: Some(expires),
        })
    }

    /// It counts as long as who made it may see the port.
    fn of_share(&self, hash: SecretHash, now: Time) -> Option<Pass> {
        let share = self.people.share(hash)?;
        let of_maker = match &share.by {
            Some(by) => self.rights_of(self.people.user(by)?),
            // Made by whoever was there, before anybody had an account.
            None if self.accounts() => return None,
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
        let user = self.people.user(&token.user)?;
        let of_user = self.rights_of(user);
        let rights = match &token.grants {
            Some(grants) => Rights::new(grants.iter().cloned()).within(of_user),
            None => of_user,
        };
        let counts = token.expires.is_none_or(|expires| now < expires);
        counts.then(|| Pass {
            via: Via::Token,
            name: Some(user.name.clone()),
            rights,
            share: None,
            expires: token.expires,
        })
    }

    fn rights_of(&self, user: &User) -> Rights {
        let grants = user.grants.iter().cloned();
        Rights::new(grants.chain(rule::for_user(&self.rules, user)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::people::{Change, NewToken};
    use crate::access::secret;
    use crate::access::shares::{May, NewShare, Target};

    const NOW: Time = Time(1_000_000_000_000_000);

    /// One where ada administers, bob sees, and a rule lets programs and anyone see `pub`.
    fn register() -> Register {
        let rules = r#"[{"who": ["anyone"], "right": "see", "ports": ["pub"]},
                        {"who": ["programs", "bob"], "right": "type", "ports": ["uno"]}]"#;
        let rules = serde_json::from_str(rules).unwrap();
        let mut register = Register::new(People::default(), Sessions::default(), rules);
        register
            .people
            .add(User::with("ada", &["administer"]))
            .unwrap();
        register.people.add(User::with("bob", &["see"])).unwrap();
        register
    }

    fn session(register: &mut Register, name: &str) -> Key {
        let hash = secret::make::<32>("").unwrap().1;
        let password = register
            .people
            .user(name)
            .unwrap()
            .password
            .clone()
            .unwrap();
        register.sessions.begin(hash, name, &password, NOW);
        Key::Secret(hash)
    }

    fn token(register: &mut Register, grants: Option<&[&str]>, expires: Option<Time>) -> Key {
        let grants = grants.map(|all| all.iter().map(|grant| grant.parse().unwrap()).collect());
        let wish = NewToken {
            title: "x".to_owned(),
            user: "bob".to_owned(),
            grants,
            expires,
        };
        Key::Secret(register.people.give(wish).unwrap().0.hash)
    }

    #[test]
    fn without_accounts_those_at_home_and_with_the_servers_token_may_do_everything() {
        let (_, hash) = secret::make::<24>("").unwrap();
        let mut register = Register {
            server_token: Some(hash),
            rules: register().rules,
            ..Register::default()
        };
        let keys = [
            Key::Home,
            Key::Secret(hash),
            Key::Programs { at_home: true },
        ];
        let inside = keys.map(|key| register.admit(key, NOW).unwrap());
        assert!(inside.iter().all(|visitor| visitor.rights.administer()));
        assert!(register.admit(Key::Anyone, NOW).is_none());
        let elsewhere = Key::Programs { at_home: false };
        let elsewhere = register.admit(elsewhere, NOW).unwrap();
        assert_eq!(elsewhere.rights, Rights::none());
        let (_, other) = secret::make::<24>("").unwrap();
        assert!(register.admit(Key::Secret(other), NOW).is_none());

        register
            .people
            .add(User::with("ada", &["administer"]))
            .unwrap();
        register.end_void(NOW);
        assert!(inside.iter().all(|visitor| visitor.ended.is_cancelled()));
        assert!(register.admit(Key::Home, NOW).is_none());
        assert!(register.admit(Key::Secret(hash), NOW).is_none());
    }

    #[test]
    fn rules_and_grants_add_up_and_a_tokens_scope_takes_away() {
        let mut register = register();
        let bob = session(&mut register, "bob");
        let bob = register.admit(bob, NOW).unwrap();
        assert_eq!((bob.via, bob.name.as_deref()), (Via::Session, Some("bob")));
        assert_eq!(bob.rights.on("uno"), Some(Right::Type));
        assert_eq!(bob.rights.on("dev"), Some(Right::See));
        let scoped = token(&mut register, Some(&["administer:uno"]), None);
        let scoped = register.admit(scoped, NOW).unwrap();
        assert_eq!(scoped.rights.on("uno"), Some(Right::Type));
        assert_eq!(scoped.rights.on("dev"), None);
        let programs = register
            .admit(Key::Programs { at_home: true }, NOW)
            .unwrap();
        assert_eq!(programs.rights.on("uno"), Some(Right::Type));
        assert_eq!(programs.rights.on("pub"), Some(Right::See));
        let anyone = register.admit(Key::Anyone, NOW).unwrap();
        assert_eq!(anyone.rights.on("pub"), Some(Right::See));
        assert_eq!(anyone.rights.on("uno"), None);
    }

    #[test]
    fn whoever_comes_again_ends_with_the_others_whom_the_same_let_in() {
        let mut register = register();
        let (one, other) = (session(&mut register, "bob"), session(&mut register, "bob"));
        let first = register.admit(one, NOW).unwrap();
        let again = register.admit(one, NOW).unwrap();
        let apart = register.admit(other, NOW).unwrap();
        let Key::Secret(hash) = one else {
            unreachable!()
        };
        register.sessions.end(hash);
        register.end_void(NOW);
        assert!(first.ended.is_cancelled() && again.ended.is_cancelled());
        assert!(!apart.ended.is_cancelled());
        assert!(register.admit(one, NOW).is_none());
    }

    #[test]
    fn other_rights_end_what_is_open_and_let_in_anew() {
        let mut register = register();
        let keys = [
            session(&mut register, "bob"),
            token(&mut register, None, None),
        ];
        let ada = session(&mut register, "ada");
        let ada = register.admit(ada, NOW).unwrap();
        let before = keys.map(|key| register.admit(key, NOW).unwrap());
        let change = Change {
            grants: Some(vec!["control".parse().unwrap()]),
            ..Change::default()
        };
        register.people.change("bob", change).unwrap();
        register.end_void(NOW);
        assert!(before.iter().all(|visitor| visitor.ended.is_cancelled()));
        for key in keys {
            let after = register.admit(key, NOW).unwrap();
            assert_eq!(after.rights.on("dev"), Some(Right::Control));
            assert!(!after.ended.is_cancelled());
        }
        assert!(!ada.ended.is_cancelled());
    }

    #[test]
    fn what_expires_ends_by_itself_the_earliest_first() {
        let mut register = register();
        let later = |seconds: u64| Time(Time::now().0 + seconds * 1_000_000);
        let (soon, late) = (later(3600), later(7200));
        let keys =
            [Some(late), Some(soon), None].map(|expires| token(&mut register, None, expires));
        let [of_late, of_soon, endless] = keys.map(|key| register.admit(key, NOW).unwrap());
        assert_eq!(register.end_void(NOW), Some(soon));
        assert_eq!(register.expires(&of_late, NOW), Some(late));
        assert_eq!(register.end_void(soon), Some(late));
        assert!(of_soon.ended.is_cancelled() && !of_late.ended.is_cancelled());
        assert!(register.admit(keys[1], soon).is_none());
        assert_eq!(register.end_void(late), None);
        assert!(of_late.ended.is_cancelled() && !endless.ended.is_cancelled());
    }

    fn share(register: &mut Register, by: Option<&str>, may: May, expires: Time) -> Key {
        let target = Target {
            may,
            ..Share::of("bob").target
        };
        let wish = NewShare {
            title: "x".to_owned(),
            by: by.map(str::to_owned),
            target,
            expires,
        };
        Key::Secret(register.people.share_out(wish).unwrap().0.hash)
    }

    #[test]
    fn a_link_lets_in_for_as_long_as_who_made_it_sees_the_port() {
        let mut register = register();
        let late = Time(Time::now().0 + 3_600_000_000);
        let key = share(&mut register, Some("bob"), May::Type, late);
        let guest = register.admit(key, NOW).unwrap();
        assert_eq!((guest.via, guest.name.as_deref()), (Via::Share, None));
        assert_eq!(guest.rights.on("uno"), Some(Right::Type));
        assert_eq!(guest.rights.on("dev"), None);
        assert_eq!(register.expires(&guest, NOW), Some(late));
        assert_eq!(register.end_void(NOW), Some(late));

        register.rules.clear();
        register.end_void(NOW);
        assert!(guest.ended.is_cancelled());
        let guest = register.admit(key, NOW).unwrap();
        assert_eq!(guest.rights.on("uno"), Some(Right::See));
        assert!(register.admit(key, late).is_none());
        assert!(guest.ended.is_cancelled());

        let guest = register.admit(key, NOW).unwrap();
        let change = Change {
            grants: Some(vec!["see:dev".parse().unwrap()]),
            ..Change::default()
        };
        register.people.change("bob", change).unwrap();
        register.end_void(NOW);
        assert!(guest.ended.is_cancelled());
        assert!(register.admit(key, NOW).is_none());
    }

    #[test]
    fn a_link_that_was_made_before_there_were_accounts_counts_until_then() {
        let mut register = Register::default();
        let late = Time(Time::now().0 + 3_600_000_000);
        let key = share(&mut register, None, May::Type, late);
        let guest = register.admit(key, NOW).unwrap();
        assert_eq!(guest.rights.on("uno"), Some(Right::Type));
        register
            .people
            .add(User::with("ada", &["administer"]))
            .unwrap();
        register.end_void(NOW);
        assert!(guest.ended.is_cancelled());
        assert!(register.admit(key, NOW).is_none());
    }

    #[test]
    fn whoever_was_there_is_remembered_with_the_token() {
        let mut register = register();
        let key = token(&mut register, None, None);
        register
            .admit(Key::Programs { at_home: true }, NOW)
            .unwrap();
        assert!(!register.take_seen());
        register.admit(key, NOW).unwrap();
        assert!(register.take_seen() && !register.take_seen());
        let seen = &register.sessions.seen;
        assert_eq!(seen.users.get("bob"), Some(&NOW));
        assert_eq!(seen.tokens.get(&register.people.tokens[0].id), Some(&NOW));
    }
}
