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
mod tests {
    use super::*;
    use crate::access::people::{Change, NewToken, User};
    use crate::access::secret;
    use crate::access::shares::{May, NewShare, Target};

    const NOW: Time = Time(1_000_000_000_000_000);

    /// One where ada administers, bob sees, and a rule lets programs and anyone see `pub`.
    fn register() -> Register {
        let rules = r#"[{"who": ["anyone"], "right": "see", "ports": ["pub"]},
                        {"who": ["programs", "bob"], "right": "type", "ports": ["uno"]}]"#;
        let rules = serde_json::from_str(rules).unwrap();
        let vouchers = Vouchers {
            proxy: true,
            issuer: Some("https://id.example".to_owned()),
        };
        let mut register = Register::new(People::default(), Sessions::default(), rules, vouchers);
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
        let known = Known::new("bob", [].into_iter()).unwrap();
        let bob = register.hear(known, NOW);
        assert!(register.admit(Key::Proxy(bob), NOW).is_none());
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

    /// Those in these groups.
    fn known(name: &str, groups: &[&str]) -> Known {
        Known::new(name, groups.iter().copied()).unwrap()
    }

    #[test]
    fn whom_others_vouch_for_may_what_an_account_of_the_name_and_rules_for_it_and_its_groups_give()
    {
        let mut register = register();
        let rule = r#"[{"who": ["@staff"], "right": "control", "ports": ["dev"]}]"#;
        let rules: Vec<Rule> = serde_json::from_str(rule).unwrap();
        register.rules.extend(rules);
        for (known, dev, uno) in [
            (known("zoe", &[]), None, None),
            (known("zoe", &["staff"]), Some(Right::Control), None),
            (known("bob", &["x"]), Some(Right::See), Some(Right::Type)),
        ] {
            let (_, hash) = secret::make::<32>("").unwrap();
            let life = Duration::from_secs(60);
            register.sessions.begin_known(hash, &known, life, NOW);
            let said = register.hear(known.clone(), NOW);
            for (key, via) in [
                (Key::Proxy(said), Via::Proxy),
                (Key::Secret(hash), Via::Provider),
            ] {
                let visitor = register.admit(key, NOW).unwrap();
                assert_eq!(visitor.via, via);
                assert_eq!(visitor.name.as_deref(), Some(&*known.name));
                let rights = ["dev", "uno", "pub"].map(|port| visitor.rights.on(port));
                assert_eq!(rights[..2], [dev, uno], "{known:?}");
                assert!(rights[2] >= Some(Right::See));
            }
        }
    }

    #[test]
    fn another_word_of_a_proxy_ends_what_the_last_gave_and_none_ends_it_too() {
        let mut register = register();
        let come = |register: &mut Register, groups: &[&str], now| {
            let name = register.hear(known("zoe", groups), now);
            register.admit(Key::Proxy(name), now).unwrap()
        };
        let rule = r#"[{"who": ["@staff"], "right": "control"}]"#;
        register.rules = serde_json::from_str(rule).unwrap();
        let staff = come(&mut register, &["staff"], NOW);
        let same = come(&mut register, &["staff", "other"], NOW);
        assert!(!staff.ended.is_cancelled() && !same.ended.is_cancelled());
        let none = come(&mut register, &["other"], NOW);
        assert!(staff.ended.is_cancelled() && !none.ended.is_cancelled());
        assert_eq!(none.rights, Rights::none());
        let later = plus(NOW, WORD / 2);
        come(&mut register, &[], later);
        assert_eq!(register.end_void(plus(NOW, WORD)), Some(plus(later, WORD)));
        assert!(!none.ended.is_cancelled());
        assert_eq!(register.end_void(plus(later, WORD)), None);
        assert!(none.ended.is_cancelled() && register.heard.is_empty());
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
