//! What the register is held to.

mod elsewhere;

use super::*;
use crate::access::Via;
use crate::access::people::{Change, User};
use crate::access::secret;
use crate::access::shares::NewShare;
use crate::access::target::{May, Target};
use crate::access::tokens::NewToken;
use crate::right::{Right, Rights};

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
    Key::Secret(register.people.give(wish, false).unwrap().0.hash)
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
    let (bob, _) = register.hear(known, NOW);
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
fn whom_others_vouch_for_may_what_an_account_of_the_name_and_rules_for_it_and_its_groups_give() {
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
        register.begin_known(hash, &known, life, NOW);
        let (said, _) = register.hear(known.clone(), NOW);
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
        let (name, _) = register.hear(known("zoe", groups), now);
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
    let keys = [Some(late), Some(soon), None].map(|expires| token(&mut register, None, expires));
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
    Key::Secret(register.people.share_out(wish, false).unwrap().0.hash)
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
    // Through a proxy too.
    let later = plus(NOW, WORD);
    for name in ["ada", "zoe"] {
        let (hash, _) = register.hear(known(name, &[]), later);
        register.admit(Key::Proxy(hash), later).unwrap();
    }
    let seen = &register.sessions.seen.users;
    assert_eq!(seen.get("ada"), Some(&later));
    assert!(!seen.contains_key("zoe"));
}
