use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Somebody with two connections, who is known again where `known`.
fn actor(name: &str, known: bool) -> Actor {
    let name: Arc<str> = name.into();
    Actor {
        client: Arc::clone(&name),
        name: Arc::clone(&name),
        party: match known {
            true => Party::Account(name),
            false => Party::Connection(name),
        },
        ..Actor::server("", "")
    }
}

fn arrive(turns: &mut Turns, actor: &Actor) {
    turns.arrive(actor, &actor.client, actor.party.is_known_again(), true);
}

/// Turns that are on, with these in front of the port.
fn turns(here: &[&Actor]) -> Turns {
    let mut turns = Turns::new(true);
    here.iter().for_each(|actor| arrive(&mut turns, actor));
    turns
}

fn holder(turns: &Turns) -> Option<String> {
    Some(turns.shown()?.holder?.name)
}

#[test]
fn the_first_who_types_has_the_turn_and_others_are_told_who() {
    let (ada, ben) = (actor("ada", true), actor("ben", false));
    let mut turns = turns(&[&ada, &ben]);
    assert_eq!(holder(&turns), None);
    assert_eq!(turns.claim(&ben), Ok(()));
    assert_eq!(turns.claim(&ada), Err(NotATurn::Taken("ben".to_owned())));
    assert_eq!(turns.take(&ada), Err(NotATurn::Taken("ben".to_owned())));
    assert_eq!(turns.claim(&Actor::server("trigger", "hot")), Ok(()));
    assert_eq!(holder(&turns).as_deref(), Some("ben"));
    assert!(turns.may_answer("ben") && !turns.may_answer("ada"));
}

#[test]
fn who_is_not_there_types_in_between_and_has_no_turn() {
    let (ada, ben) = (actor("ada", true), actor("ben", false));
    let mut turns = turns(&[&ada]);
    assert_eq!(turns.claim(&ben), Ok(()));
    assert_eq!(holder(&turns), None);
    assert_eq!(turns.take(&ben), Err(NotATurn::Absent));
    assert_eq!(turns.ask(&ben), Err(NotATurn::Absent));
    assert_eq!(turns.force(&ben), Err(NotATurn::Absent));
    turns.claim(&ada).unwrap();
    assert!(turns.claim(&ben).is_err());
}

#[test]
fn a_turn_is_handed_over_to_one_who_asks() {
    let all = ["ada", "ben", "eve"].map(|name| actor(name, true));
    let [ada, ben, eve] = &all;
    let mut turns = turns(&[ada, ben, eve]);
    turns.ask(ada).unwrap();
    assert_eq!(holder(&turns).as_deref(), Some("ada"));
    for asks in [eve, ben, eve] {
        turns.ask(asks).unwrap();
    }
    let shown = turns.shown().unwrap();
    let names: Vec<_> = shown.asking.iter().map(|asks| &*asks.name).collect();
    assert_eq!(names, ["eve", "ben"]);
    assert_eq!(
        turns.give(&ben.party, "eve"),
        Err(NotATurn::NotYours(Some("ada".to_owned())))
    );
    assert_eq!(
        turns.give(&ada.party, "ada"),
        Err(NotATurn::NotAsked("ada".to_owned()))
    );
    turns.give(&ada.party, "ben").unwrap();
    assert_eq!(holder(&turns).as_deref(), Some("ben"));
    // Who asked first has it next.
    assert_eq!(turns.leave(&ben.party), Ok(true));
    assert_eq!(holder(&turns).as_deref(), Some("eve"));
    assert_eq!(turns.leave(&ben.party), Ok(false));
    assert_eq!(turns.leave(&eve.party), Ok(true));
    assert_eq!(holder(&turns), None);
}

#[test]
fn a_turn_waits_for_who_is_known_again_and_for_nobody_else() {
    let (ada, ben) = (actor("ada", true), actor("ben", false));
    let mut turns = turns(&[&ada, &ben]);
    let start = Instant::now();
    turns.claim(&ada).unwrap();
    assert!(turns.depart("ada", start));
    assert!(turns.shown().unwrap().holder.unwrap().away);
    assert!(turns.claim(&ben).is_err());
    turns.expire(start + PATIENCE / 2);
    arrive(&mut turns, &ada);
    turns.expire(start + PATIENCE);
    assert!(!turns.shown().unwrap().holder.unwrap().away);
    assert!(turns.depart("ada", start + PATIENCE));
    turns.expire(start + PATIENCE + PATIENCE);
    assert_eq!(holder(&turns), None);
    turns.claim(&ben).unwrap();
    assert!(!turns.depart("ben", start));
    assert_eq!(holder(&turns), None);
}

#[test]
fn who_is_there_twice_and_leaves_once_keeps_the_turn() {
    let ada = actor("ada", true);
    let phone: Arc<str> = "phone".into();
    let mut turns = turns(&[&ada]);
    turns.arrive(&ada, &phone, true, true);
    turns.claim(&ada).unwrap();
    assert!(!turns.depart("ada", Instant::now()));
    let holder = turns.shown().unwrap().holder.unwrap();
    assert_eq!((holder.client.as_str(), holder.away), ("phone", false));
    assert!(turns.may_answer("phone"));
    // Another page has it as soon as it does something.
    arrive(&mut turns, &ada);
    turns.claim(&ada).unwrap();
    let holder = turns.shown().unwrap().holder.unwrap();
    assert_eq!(
        (holder.client.as_str(), holder.account.as_deref()),
        ("ada", Some("ada"))
    );
}

#[test]
fn who_may_not_type_any_more_does_not_get_the_turn_back() {
    let ada = actor("ada", true);
    let mut turns = turns(&[&ada]);
    let start = Instant::now();
    turns.claim(&ada).unwrap();
    turns.depart("ada", start);
    turns.arrive(&ada, &ada.client, true, false);
    assert!(turns.shown().unwrap().holder.unwrap().away);
    turns.depart("ada", start);
    turns.expire(start + PATIENCE);
    assert_eq!(holder(&turns), None);
}

#[test]
fn a_run_keeps_the_turn_until_it_ends_and_no_longer() {
    let ada = actor("ada", true);
    let run: Arc<str> = "run 7".into();
    let start = Instant::now();
    // Of a request over HTTP there is nothing but the run.
    let mut alone = turns(&[]);
    alone.arrive(&ada, &run, false, true);
    alone.claim(&ada).unwrap();
    assert_eq!(alone.shown().unwrap().holder.unwrap().client, "run 7");
    assert!(!alone.depart("run 7", start));
    assert_eq!(holder(&alone), None);
    // A page that is gone may come again, also after its run has ended.
    let mut page = turns(&[&ada]);
    page.arrive(&ada, &run, false, true);
    page.claim(&ada).unwrap();
    assert!(page.depart("ada", start));
    page.expire(start + PATIENCE);
    assert_eq!(holder(&page).as_deref(), Some("ada"));
    page.depart("run 7", start + PATIENCE / 2);
    assert_eq!(holder(&page).as_deref(), Some("ada"));
    page.expire(start + PATIENCE);
    assert_eq!(holder(&page), None);
}

#[test]
fn turns_are_turned_off_only_by_who_could_type() {
    let (ada, ben) = (actor("ada", true), actor("ben", false));
    let mut turns = turns(&[&ada, &ben]);
    turns.claim(&ada).unwrap();
    assert!(turns.switch(false, &ben.party).is_err());
    assert_eq!(turns.switch(true, &ada.party), Ok(false));
    assert_eq!(turns.switch(false, &ada.party), Ok(true));
    assert_eq!((turns.claim(&ben), turns.shown()), (Ok(()), None));
    assert_eq!(turns.take(&ben), Err(NotATurn::Off));
    assert_eq!(turns.switch(true, &ben.party), Ok(true));
    turns.claim(&ben).unwrap();
    assert_eq!(turns.force(&ada).unwrap().unwrap().party, ben.party);
}

/// What can happen to a port.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Arrive,
    Depart,
    Claim,
    Ask,
    Give(usize),
    Leave,
    Force,
    Wait,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => Just(Deed::Arrive),
        2 => Just(Deed::Depart),
        3 => Just(Deed::Claim),
        2 => Just(Deed::Ask),
        1 => (0..4usize).prop_map(Deed::Give),
        1 => Just(Deed::Leave),
        1 => Just(Deed::Force),
        1 => Just(Deed::Wait),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_a_turn_is_neither_lost_nor_had_twice(deeds in vec((0..4usize, deed()), 0..60)) {
        let all = [("ada", true), ("ben", true), ("cat", false), ("dan", false)];
        let all = all.map(|(name, known)| actor(name, known));
        let (mut turns, mut now) = (turns(&[]), Instant::now());
        for (who, deed) in deeds {
            let actor = &all[who];
            match deed {
                Deed::Arrive => arrive(&mut turns, actor),
                Deed::Depart => drop(turns.depart(&actor.client, now)),
                Deed::Claim => drop(turns.claim(actor)),
                Deed::Ask => drop(turns.ask(actor)),
                Deed::Give(to) => drop(turns.give(&actor.party, &all[to].client)),
                Deed::Leave => drop(turns.leave(&actor.party)),
                Deed::Force => drop(turns.force(actor)),
                Deed::Wait => now += PATIENCE / 2,
            }
            turns.expire(now);
            let shown = turns.shown().unwrap();
            let asking: Vec<_> = shown.asking.iter().map(|asks| asks.name.clone()).collect();
            for (place, name) in asking.iter().enumerate() {
                prop_assert!(!asking[..place].contains(name), "{name} asks twice");
            }
            let Some(holder) = shown.holder else {
                prop_assert_eq!(asking, Vec::<String>::new(), "asked for, and free");
                continue;
            };
            prop_assert!(!asking.contains(&holder.name), "asks for what it has");
            let is_here = turns.here.iter().any(|stay| *stay.client == *holder.client);
            prop_assert!(is_here || holder.away, "{} is gone", holder.name);
            for other in &all {
                prop_assert_eq!(turns.check(&other.party).is_ok(), *other.name == *holder.name);
            }
        }
        for actor in &all {
            while turns.here.iter().any(|stay| stay.client == actor.client) {
                turns.depart(&actor.client, now);
            }
        }
        turns.expire(now + PATIENCE);
        prop_assert_eq!(turns.shown(), Some(Turn::default()));
    }
}
