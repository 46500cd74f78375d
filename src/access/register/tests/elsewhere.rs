//! Of what people give away whom only others know.

use super::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// One where staff controls `uno`, and a session of the provider's for somebody.
fn signed_in(name: &str, groups: &[&str]) -> (Register, Key) {
    let mut register = register();
    let rule = r#"[{"who": ["@staff"], "right": "control", "ports": ["uno"]}]"#;
    register.rules = serde_json::from_str(rule).unwrap();
    let key = sign_in(&mut register, name, groups, NOW);
    (register, key)
}

fn sign_in(register: &mut Register, name: &str, groups: &[&str], now: Time) -> Key {
    let hash = secret::make::<32>("").unwrap().1;
    register.begin_known(hash, &known(name, groups), DAY, now);
    Key::Secret(hash)
}

/// Makes a token of somebody's who is in by this key.
fn give(register: &mut Register, by: Key, now: Time) -> Key {
    let visitor = register.admit(by, now).unwrap();
    let wish = NewToken {
        title: "x".to_owned(),
        user: visitor.name.as_deref().unwrap().to_owned(),
        grants: None,
        expires: Some(plus(Time::now(), 90 * DAY)),
    };
    let elsewhere = register.word_of(&visitor).is_some();
    let (token, _) = register.people.give(wish, elsewhere).unwrap();
    register.keep_word_of(&visitor);
    Key::Secret(token.hash)
}

fn on_uno(register: &mut Register, key: Key, now: Time) -> Option<Right> {
    register.admit(key, now)?.rights.on("uno")
}

#[test]
fn a_token_rests_thirty_days_after_its_owner_came_and_counts_when_they_come_again() {
    let (mut register, zoe) = signed_in("zoe", &["staff"]);
    let key = give(&mut register, zoe, NOW);
    let visitor = register.admit(key, NOW).unwrap();
    assert_eq!(
        (visitor.via, visitor.name.as_deref()),
        (Via::Token, Some("zoe"))
    );
    assert_eq!(visitor.rights.on("uno"), Some(Right::Control));
    let until = plus(NOW, 30 * DAY);
    assert_eq!(register.expires(&visitor, NOW), Some(until));
    assert_eq!(
        on_uno(&mut register, key, Time(until.0 - 1)),
        Some(Right::Control)
    );
    assert!(register.admit(key, until).is_none());
    assert!(visitor.ended.is_cancelled());
    register.end_void(until);
    sign_in(&mut register, "zoe", &["staff"], until);
    assert_eq!(on_uno(&mut register, key, until), Some(Right::Control));
    // Of somebody else's coming nothing follows.
    sign_in(&mut register, "ann", &["staff"], plus(until, DAY));
    assert!(register.admit(key, plus(until, 30 * DAY)).is_none());
}

#[test]
fn fewer_groups_end_what_is_open_and_let_in_with_less() {
    let (mut register, zoe) = signed_in("zoe", &["staff"]);
    let token = give(&mut register, zoe, NOW);
    let share = {
        let wish = NewShare {
            title: "x".to_owned(),
            by: Some("zoe".to_owned()),
            target: Target {
                may: May::Type,
                ..Share::of("zoe").target
            },
            expires: plus(Time::now(), DAY),
        };
        Key::Secret(register.people.share_out(wish, true).unwrap().0.hash)
    };
    let inside = [zoe, token, share].map(|key| register.admit(key, NOW).unwrap());
    sign_in(&mut register, "zoe", &["staff", "other"], NOW);
    assert!(inside.iter().all(|visitor| !visitor.ended.is_cancelled()));
    sign_in(&mut register, "zoe", &["other"], NOW);
    assert!(inside.iter().all(|visitor| visitor.ended.is_cancelled()));
    // The browser that signed in before goes by the same word.
    assert_eq!(
        [zoe, token, share].map(|key| on_uno(&mut register, key, NOW)),
        [None; 3]
    );
    assert!(register.admit(share, NOW).is_none() && register.admit(token, NOW).is_some());

    // What a proxy says counts like that.
    let (hash, is_other) = register.hear(known("zoe", &["staff"]), NOW);
    assert!(is_other);
    assert_eq!(on_uno(&mut register, token, NOW), Some(Right::Control));
    let by_proxy = give(&mut register, Key::Proxy(hash), NOW);
    assert_eq!(on_uno(&mut register, by_proxy, NOW), Some(Right::Control));
    assert!(!register.hear(known("zoe", &["staff"]), NOW).1);
    assert!(register.hear(known("zoe", &[]), NOW).1);
    assert_eq!(on_uno(&mut register, by_proxy, NOW), None);
}

#[test]
fn a_token_that_a_token_makes_counts_by_the_same_word() {
    let (mut register, zoe) = signed_in("zoe", &["staff"]);
    let first = give(&mut register, zoe, NOW);
    let later = plus(NOW, 20 * DAY);
    let second = give(&mut register, first, later);
    assert_eq!(on_uno(&mut register, second, later), Some(Right::Control));
    assert!(register.admit(second, plus(NOW, 30 * DAY)).is_none());
}

#[test]
fn the_word_of_who_vouches_no_more_is_forgotten_and_so_is_that_of_who_gave_nothing_away() {
    let (mut register, zoe) = signed_in("zoe", &["staff"]);
    assert!(register.sessions.seen.words.is_empty());
    let key = give(&mut register, zoe, NOW);
    let text = serde_json::to_string(&register.sessions).unwrap();
    let issuer = || Some("https://id.example".to_owned());
    for (issuer, proxy, counts) in [
        (issuer(), false, true),
        (Some("https://other.example".to_owned()), true, false),
        (None, true, false),
        (None, false, false),
    ] {
        let vouchers = Vouchers { proxy, issuer };
        let sessions = serde_json::from_str(&text).unwrap();
        let rules = register.rules.clone();
        let mut again = Register::new(register.people.clone(), sessions, rules, vouchers);
        assert_eq!(again.admit(key, NOW).is_some(), counts);
        // Whoever is known again has it again.
        if proxy {
            again.hear(known("zoe", &["staff"]), NOW);
            assert_eq!(on_uno(&mut again, key, NOW), Some(Right::Control));
        }
    }
    register.people.tokens.clear();
    register.end_void(NOW);
    assert!(register.sessions.seen.words.is_empty());
}

#[test]
fn an_account_of_the_name_adds_its_rights_and_does_not_make_a_token_count() {
    let (mut register, zoe) = signed_in("zoe", &["staff"]);
    let key = give(&mut register, zoe, NOW);
    register
        .people
        .add(User::with("zoe", &["administer:dev"]))
        .unwrap();
    let rights = register.admit(key, NOW).unwrap().rights;
    assert_eq!(rights.on("dev"), Some(Right::Administer));
    assert_eq!(rights.on("uno"), Some(Right::Control));
    assert!(register.admit(key, plus(NOW, 30 * DAY)).is_none());
    // Who signs in by the password of the account makes tokens of the account.
    let by_password = session(&mut register, "zoe");
    let of_account = give(&mut register, by_password, NOW);
    let visitor = register.admit(of_account, plus(NOW, 30 * DAY)).unwrap();
    assert_eq!(visitor.rights.on("uno"), None);
    // With the account all of that name goes.
    register.people.remove("zoe").unwrap();
    assert!(register.people.tokens.is_empty());
}
