//! `seriald token`: the secrets that accounts give to programs, in the server's data folder, whether
//! it runs or not.

use std::io::{Write, stdout};

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;
use seriald::access::tokens::NewToken;
use seriald::access::{Seen, told};
use seriald::record::Time;
use seriald::right::Grant;

use super::people::{Folder, length, minute, words};

/// The tokens, by which programs come in. Commands of this program take one from SERIALD_TOKEN.
#[derive(Args)]
pub struct Token {
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
    /// Make a token, and print its secret, which is told this once.
    Create {
        /// What it is for.
        title: String,
        /// The account that it is of.
        #[arg(long, value_name = "NAME")]
        user: String,
        /// Let it do only so much, within what the account may: see, type, control or administer on
        /// all ports, or on some, as in type:rack1-*. May be given several times.
        /// [default: all that the account may]
        #[arg(long = "may", value_name = "RIGHT[:PORTS]")]
        grants: Vec<Grant>,
        /// Let it end by itself after so long, such as 90d or 12h. [default: never]
        #[arg(long, value_name = "TIME", value_parser = length)]
        expires: Option<u64>,
    },
    /// List the tokens. Their secrets are not known. One of whom a proxy or a provider knows rests, once
    /// its owner did not come for 30 days, until they come again.
    List {
        /// Only those of this account, or of whom a proxy or a provider knows by this name.
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
    },
    /// Void a token. What is open with it ends.
    Revoke {
        /// Its id, as list has it.
        id: String,
    },
}

impl Token {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        match self.act {
            Act::Create {
                title,
                user,
                grants,
                expires,
            } => {
                if self.folder.read()?.0.user(&user).is_none() {
                    bail!(
                        "there is no account {user:?}; make one for programs: seriald user add {user} --no-password. \
                         Whom a proxy or a provider of OpenID Connect knows makes tokens in the console"
                    );
                }
                let wish = NewToken {
                    title,
                    user,
                    grants: (!grants.is_empty()).then_some(grants),
                    expires: expires.map(|after| Time(Time::now().0.saturating_add(after))),
                };
                let (token, secret) = self.folder.change(|people| people.give(wish, false))?;
                let told = told::Token::of(&token, &Seen::default());
                if self.json {
                    let mut told = json!(told);
                    told["secret"] = secret.into();
                    writeln!(out, "{told:#}")?;
                } else {
                    writeln!(out, "{secret}")?;
                    eprintln!(
                        "seriald: this is told once. It is token {} of {}.",
                        token.id, token.user
                    );
                }
            }
            Act::List { user } => {
                let (people, seen) = self.folder.read()?;
                let mut tokens = told::tokens(&people, &seen);
                if let Some(name) = &user {
                    tokens.retain(|token| *name == token.user);
                    if tokens.is_empty() && people.user(name).is_none() {
                        bail!("there is no account {name:?}; see: seriald user list");
                    }
                }
                if self.json {
                    writeln!(out, "{:#}", json!(tokens))?;
                    return Ok(());
                }
                writeln!(out, "ID\tOF\tTITLE\tMAY\tEXPIRES\tLAST USED\tRESTS")?;
                for token in tokens {
                    let may = token.grants.as_deref().map_or("all".to_owned(), words);
                    let (expires, used) = (minute(token.expires), minute(token.last_used));
                    let rests = match token.elsewhere {
                        Some(told::Elsewhere { until: None }) => "now".to_owned(),
                        elsewhere => minute(elsewhere.and_then(|elsewhere| elsewhere.until)),
                    };
                    let (id, user, title) = (token.id, token.user, token.title);
                    writeln!(
                        out,
                        "{id}\t{user}\t{title}\t{may}\t{expires}\t{used}\t{rests}"
                    )?;
                }
            }
            Act::Revoke { id } => {
                self.folder.change(|people| people.revoke(&id, None))?;
            }
        }
        Ok(())
    }
}
