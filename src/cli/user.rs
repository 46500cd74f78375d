//! `seriald user`: the accounts of a server, in its data folder, whether it runs or not.

use std::collections::BTreeSet;
use std::io::{Write, stdout};

use clap::{Args, Subcommand};
use seriald::access::people::{self, Change, People};
use seriald::access::tokens::Token;
use seriald::access::told;
use seriald::record::Time;
use seriald::right::{Grant, Right};

use super::people::{Folder, minute, password, words};

/// The accounts. As soon as there is one, the server asks everybody who they are.
#[derive(Args)]
pub struct User {
    #[command(subcommand)]
    act: Act,
    #[command(flatten)]
    folder: Folder,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Act {
    /// Add an account. The first is an administrator.
    Add {
        /// What others see: 1 to 64 letters, digits and . _ - @.
        name: String,
        #[command(flatten)]
        rights: Rights,
        /// Take the password from stdin, not from the terminal.
        #[arg(long, conflicts_with = "no_password")]
        password_stdin: bool,
        /// Give it no password: it only comes in by tokens.
        #[arg(long)]
        no_password: bool,
    },
    /// List the accounts.
    List,
    /// Change what an account may do: what is given here, in the place of all so far.
    Set {
        /// The account.
        name: String,
        #[command(flatten)]
        rights: Rights,
        /// Take all its rights, but for those that [[allow]] gives it.
        #[arg(long, conflicts_with = "grants")]
        may_nothing: bool,
        /// Take it out of all groups.
        #[arg(long, conflicts_with = "groups")]
        no_group: bool,
    },
    /// Give an account another password. It is signed out everywhere.
    Password {
        /// The account.
        name: String,
        /// Take it from stdin, not from the terminal.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Remove an account, with its tokens and all that is open of it.
    Remove {
        /// The account.
        name: String,
    },
}

/// What an account may do.
#[derive(Args)]
struct Rights {
    /// Let it do so much: see, type, control or administer on all ports, or on some, as in
    /// type:rack1-*. May be given several times.
    #[arg(long = "may", value_name = "RIGHT[:PORTS]")]
    grants: Vec<Grant>,
    /// Put it into a group, for which [[allow]] in the configuration has rights. May be given
    /// several times.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
}

impl User {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let folder = &self.folder;
        let name = match self.act {
            Act::List => return list(folder, self.json),
            Act::Add {
                name,
                rights,
                password_stdin,
                no_password,
            } => {
                let is_first = folder.read()?.0.users.is_empty();
                let password = match no_password {
                    true => None,
                    false => Some(password(&name, password_stdin)?),
                };
                let grants = match rights.grants.is_empty() && is_first {
                    true => vec![Grant {
                        right: Right::Administer,
                        ports: Grant::EVERYWHERE.to_owned(),
                    }],
                    false => rights.grants,
                };
                let user = people::User {
                    name: name.clone(),
                    grants,
                    groups: rights.groups.into_iter().collect(),
                    password,
                    created: Time::now(),
                };
                folder.change(|people| people.add(user))?;
                name
            }
            Act::Set {
                name,
                rights: Rights { grants, groups },
                may_nothing,
                no_group,
            } => {
                let groups: BTreeSet<_> = groups.into_iter().collect();
                let change = Change {
                    grants: (may_nothing || !grants.is_empty()).then_some(grants),
                    groups: (no_group || !groups.is_empty()).then_some(groups),
                    password: None,
                };
                folder.change(|people| people.change(&name, change))?;
                name
            }
            Act::Password {
                name,
                password_stdin,
            } => {
                expect(folder, &name)?;
                let change = Change {
                    password: Some(password(&name, password_stdin)?),
                    ..Change::default()
                };
                folder.change(|people| people.change(&name, change))?;
                name
            }
            Act::Remove { name } => {
                folder.change(|people| people.remove(&name))?;
                return Ok(());
            }
        };
        tell(folder, &name, self.json)
    }
}

/// Says what there is before anybody types a password for what is not there.
fn expect(folder: &Folder, name: &str) -> anyhow::Result<()> {
    let (people, _) = folder.read()?;
    if people.user(name).is_none() {
        let names: Vec<_> = people.users.iter().map(|user| &*user.name).collect();
        let known = match &names[..] {
            [] => "there is none at all".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        };
        anyhow::bail!("there is no account {name:?}; {known}");
    }
    Ok(())
}

/// Prints how an account is now.
fn tell(folder: &Folder, name: &str, json: bool) -> anyhow::Result<()> {
    let (people, seen) = folder.read()?;
    let users = told::users(&people, &seen).into_iter();
    let mut out = stdout().lock();
    for user in users.filter(|user| user.name == name) {
        match json {
            true => writeln!(out, "{}", serde_json::to_string_pretty(&user)?)?,
            false => writeln!(out, "{}", line(&people, &user))?,
        }
        if user.grants.is_empty() {
            eprintln!(
                "seriald: {name} may do nothing by itself, only what [[allow]] in the configuration says; \
                 see: seriald user set --help"
            );
        }
    }
    Ok(())
}

fn list(folder: &Folder, json: bool) -> anyhow::Result<()> {
    let (people, seen) = folder.read()?;
    let users = told::users(&people, &seen);
    let mut out = stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&users)?)?;
    } else if users.is_empty() {
        eprintln!("seriald: there are no accounts; make the first with: seriald user add NAME");
    } else {
        writeln!(out, "NAME\tMAY\tGROUPS\tTOKENS\tLAST SEEN")?;
        for user in &users {
            writeln!(out, "{}", line(&people, user))?;
        }
    }
    Ok(())
}

fn line(people: &People, user: &told::User) -> String {
    let own = |token: &&Token| token.user == user.name;
    let tokens = people.tokens.iter().filter(own).count();
    let (grants, groups) = (words(&user.grants), words(&user.groups));
    let seen = minute(user.last_seen);
    format!("{}\t{grants}\t{groups}\t{tokens}\t{seen}", user.name)
}
