//! A rule: `[[allow]]` in the configuration, which gives rights by the names of people, by groups,
//! or to those who have no name.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::Deserialize;

use crate::right::{Grant, Right};

/// The longest name, in bytes.
const NAME: usize = 64;

/// Whom a rule is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Who {
    /// Whoever comes, signed in or not, people and programs.
    Anyone,
    /// Those who come by a door for programs, which asks for no name.
    Programs,
    /// The accounts in this group.
    Group(String),
    /// The account of this name.
    User(String),
}

/// A text that is no name of somebody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is nobody; name an account, such as \"ada\", a group, such as \"@staff\", \"programs\" or \
     \"anyone\""
)]
pub struct Nobody(String);

impl FromStr for Who {
    type Err = Nobody;

    fn from_str(text: &str) -> Result<Self, Nobody> {
        let fits = |name: &str, more: &[u8]| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
            (1..=NAME).contains(&name.len()) && name.bytes().all(fits)
        };
        match (text, text.strip_prefix('@')) {
            ("anyone", _) => Ok(Self::Anyone),
            ("programs", _) => Ok(Self::Programs),
            (_, Some(group)) if fits(group, b"._-") => Ok(Self::Group(group.to_owned())),
            (name, None) if fits(name, b"._-@") => Ok(Self::User(name.to_owned())),
            _ => Err(Nobody(text.chars().take(NAME).collect())),
        }
    }
}

impl TryFrom<String> for Who {
    type Error = Nobody;

    fn try_from(text: String) -> Result<Self, Nobody> {
        text.parse()
    }
}

impl Who {
    fn is(&self, name: &str, groups: &BTreeSet<String>) -> bool {
        match self {
            Self::Anyone => true,
            Self::Programs => false,
            Self::Group(group) => groups.contains(group),
            Self::User(user) => user == name,
        }
    }
}

/// The ports that a rule is for: a pattern of their names.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Ports(String);

/// A text that is no pattern of ports' names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no pattern of ports' names; letters, digits, . _ - * and ? can stand in one")]
struct NotPorts(String);

impl TryFrom<String> for Ports {
    type Error = NotPorts;

    fn try_from(text: String) -> Result<Self, NotPorts> {
        // What may stand in a pattern is known to the grant.
        match format!("see:{text}").parse::<Grant>() {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(NotPorts(text.chars().take(NAME).collect())),
        }
    }
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    who: Vec<Who>,
    right: Right,
    ports: Option<Vec<Ports>>,
}

/// Some grants for some people.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct Rule {
    who: Vec<Who>,
    grants: Vec<Grant>,
}

impl From<Written> for Rule {
    fn from(Written { who, right, ports }: Written) -> Self {
        let everywhere = || vec![Ports(Grant::EVERYWHERE.to_owned())];
        let ports = ports.unwrap_or_else(everywhere).into_iter();
        let grants = ports.map(|Ports(ports)| Grant { right, ports });
        Self {
            who,
            grants: grants.collect(),
        }
    }
}

/// What all rules together give to somebody with this name, in these groups.
pub fn for_person(
    rules: &[Rule],
    name: &str,
    groups: &BTreeSet<String>,
) -> impl Iterator<Item = Grant> {
    for_those(rules, move |who| who.is(name, groups))
}

/// What they give to whoever comes on the web without a name.
pub fn for_anyone(rules: &[Rule]) -> impl Iterator<Item = Grant> {
    for_those(rules, |who| *who == Who::Anyone)
}

/// What they give to programs.
pub fn for_programs(rules: &[Rule]) -> impl Iterator<Item = Grant> {
    for_those(rules, |who| matches!(who, Who::Anyone | Who::Programs))
}

fn for_those(rules: &[Rule], are_meant: impl Fn(&Who) -> bool) -> impl Iterator<Item = Grant> {
    let meant = rules
        .iter()
        .filter(move |rule| rule.who.iter().any(&are_meant));
    meant.flat_map(|rule| rule.grants.iter().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<Rule> {
        serde_json::from_str(text).unwrap()
    }

    fn texts(grants: impl Iterator<Item = Grant>) -> Vec<String> {
        grants.map(|grant| grant.to_string()).collect()
    }

    #[test]
    fn a_rule_is_for_those_whom_it_names() {
        let rules = rules(
            r#"[{"who": ["ada", "@staff"], "right": "type", "ports": ["rack1-*", "uno"]},
                {"who": ["programs"], "right": "control"},
                {"who": ["anyone"], "right": "see", "ports": ["public-?"]}]"#,
        );
        let given = |name: &str, group: &str| {
            let groups = [group.to_owned()].into();
            texts(for_person(&rules, name, &groups))
        };
        let staff = ["type:rack1-*", "type:uno", "see:public-?"];
        assert_eq!(given("ada", "x"), staff);
        assert_eq!(given("bob", "staff"), staff);
        assert_eq!(given("staff", "ada"), ["see:public-?"]);
        assert_eq!(texts(for_anyone(&rules)), ["see:public-?"]);
        assert_eq!(texts(for_programs(&rules)), ["control", "see:public-?"]);
    }

    #[test]
    fn names_stand_for_people_groups_and_the_two_others() {
        assert_eq!("anyone".parse(), Ok(Who::Anyone));
        assert_eq!("programs".parse(), Ok(Who::Programs));
        assert_eq!("@anyone".parse(), Ok(Who::Group("anyone".into())));
        assert_eq!("a@b.c".parse(), Ok(Who::User("a@b.c".into())));
        for wrong in ["", "@", "@a@b", "a b", "a\n", "ä", &"x".repeat(65)] {
            assert!(wrong.parse::<Who>().is_err(), "{wrong:?}");
        }
    }
}
