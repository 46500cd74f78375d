//! What others changed in the file of people, as the audit is told of it: whoever may write there is
//! asked for no name.

use super::people::{People, User};
use super::tokens::Token;
use crate::audit::{Action, Entry};

/// The way in of whoever writes the file.
const DOOR: &str = "shell";

/// What is other than it was.
pub fn changes(old: &People, new: &People) -> Vec<Entry> {
    let was = |user: &User| old.user(&user.name).map(|old| old == user);
    let came = new.users.iter().filter_map(|user| match was(user) {
        None => Some(format!("{} was added", user.name)),
        Some(false) => Some(format!("{} was changed", user.name)),
        Some(true) => None,
    });
    let gone = old.users.iter();
    let gone = gone.filter(|user| new.user(&user.name).is_none());
    let gone = gone.map(|user| format!("{} was removed", user.name));
    let users = came.chain(gone).map(|what| entry(Action::User, what));

    let has = |people: &People, token: &Token| people.tokens.iter().any(|other| other == token);
    let made = new.tokens.iter().filter(|token| !has(old, token));
    let made = made.map(|token| {
        let Token {
            id, user, title, ..
        } = token;
        format!("{id} was made for {user}: {title}")
    });
    let revoked = old.tokens.iter().filter(|token| !has(new, token));
    let revoked = revoked.map(|token| format!("{} was revoked", token.id));
    let tokens = made.chain(revoked).map(|what| entry(Action::Token, what));
    // Nobody but the server makes links.
    let shares = old
        .shares
        .iter()
        .filter(|share| !new.shares.contains(share));
    let shares = shares.map(|share| format!("{} was revoked", share.id));
    let shares = shares.map(|what| entry(Action::Share, what));
    users.chain(tokens).chain(shares).collect()
}

fn entry(action: Action, what: String) -> Entry {
    Entry {
        door: Some(DOOR.to_owned()),
        detail: Some(what),
        ..Entry::new(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::tokens::NewToken;
    use crate::record::Time;

    fn user(name: &str) -> User {
        User {
            name: name.to_owned(),
            grants: vec!["see".parse().unwrap()],
            groups: Default::default(),
            password: None,
            created: Time(1),
        }
    }

    #[test]
    fn what_came_went_or_is_other_is_told_and_nothing_else() {
        let told = |old: &People, new: &People| {
            let all = changes(old, new).into_iter();
            all.map(|entry| entry.to_string()).collect::<Vec<_>>()
        };
        let old = People {
            users: ["ada", "bob", "cid"].map(user).into(),
            ..People::default()
        };
        let mut new = old.clone();
        assert!(told(&old, &new).is_empty());
        new.users.retain(|user| user.name != "bob");
        new.users[0].groups.insert("staff".to_owned());
        new.users.push(user("dan"));
        let wish = NewToken {
            title: "ci".to_owned(),
            user: "cid".to_owned(),
            grants: None,
            expires: None,
        };
        let (token, _) = new.give(wish, false).unwrap();
        let id = &token.id;
        assert_eq!(
            told(&old, &new),
            [
                "seriald (shell): user: ada was changed".to_owned(),
                "seriald (shell): user: dan was added".to_owned(),
                "seriald (shell): user: bob was removed".to_owned(),
                format!("seriald (shell): token: {id} was made for cid: ci"),
            ]
        );
        let mut revoked = new.clone();
        revoked.tokens.clear();
        assert_eq!(
            told(&new, &revoked),
            [format!("seriald (shell): token: {id} was revoked")]
        );
    }
}
