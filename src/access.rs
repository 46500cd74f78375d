//! Access: who comes in, and with what rights. Every door asks here, and nowhere else.

mod accounts;
mod desk;
pub mod file;
mod guests;
mod known;
pub mod outside;
pub mod password;
pub mod people;
mod register;
pub mod rule;
mod secret;
mod seen;
mod server_token;
mod sessions;
pub mod shares;
pub mod target;
mod throttle;
pub mod tokens;
pub mod told;
mod word;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

pub use accounts::{NewUser, NotChanged};
pub use file::PeopleFile;
pub use guests::Opened;
pub use known::{Known, NotAName, Vouchers};
pub use rule::Rule;
pub use secret::{SecretHash, make};
pub use seen::Seen;
pub use sessions::LIFE;

use crate::audit::Audit;
use crate::record::Time;
use crate::right::Rights;
use desk::{Busy, Desk};
use password::{Kept, Typed};
use people::PeopleError;
use register::Key;
use shares::Share;

/// What somebody was let in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// Being where nobody is asked, on a server without accounts.
    Home,
    /// The server's token, which counts while there are no accounts.
    ServerToken,
    /// A name and a password.
    Session,
    /// A token that somebody made.
    Token,
    /// The word of a reverse proxy.
    Proxy,
    /// A provider of OpenID Connect.
    Provider,
    /// A link to one port.
    Share,
    /// A rule for anyone.
    Anyone,
    /// A door for programs.
    Programs,
}

/// Somebody who was let in: a person, a program with a token, or whoever is at the machine.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// What others see; none where nobody was asked for a name.
    pub name: Option<Arc<str>>,
    /// What may be done.
    pub rights: Rights,
    /// What let the visitor in.
    pub via: Via,
    /// The link that let a guest in.
    pub share: Option<Arc<Share>>,
    /// Cancelled when what let the visitor in counts no more: signed out, expired, revoked, or given
    /// other rights. Whatever is open then ends, and may come again.
    pub ended: CancellationToken,
    /// By which it is known here.
    key: Key,
}

impl Visitor {
    /// Whoever is at the machine of a server without accounts, and may do everything.
    pub fn at_home() -> Self {
        Self {
            name: None,
            rights: Rights::all(),
            via: Via::Home,
            share: None,
            ended: CancellationToken::new(),
            key: Key::Home,
        }
    }

    /// What others see where the visitor calls itself something. Where there are accounts the name of
    /// the visitor's own stays beside it, so that nobody passes for somebody else.
    pub fn called(&self, chosen: &str) -> String {
        let guest = self.share.as_ref().map(|share| share.guest());
        let name = match self.via {
            Via::Home | Via::ServerToken => return chosen.to_owned(),
            // No account has this name.
            Via::Anyone | Via::Programs => "anyone",
            Via::Session | Via::Token | Via::Proxy | Via::Provider => {
                self.name.as_deref().unwrap_or_default()
            }
            Via::Share => guest.as_deref().unwrap_or_default(),
        };
        if name == chosen {
            chosen.to_owned()
        } else {
            format!("{name} ({chosen})")
        }
    }

    /// What others see where the visitor calls itself nothing, if that says who it is: the account, or
    /// whose guest it is by which link.
    pub fn known_as(&self) -> Option<String> {
        match &self.share {
            Some(share) => Some(self.called(&share.title)),
            None => self.name.as_deref().map(str::to_owned),
        }
    }
}

/// Why somebody is not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refused {
    #[error("no account has this name and this password")]
    Wrong,
    #[error("too many tries without success; wait {} s, then try again", .0.as_secs())]
    Throttled(Duration),
    #[error("too many sign in at once; try again in a moment")]
    Busy,
    #[error(
        "this server has no accounts yet; open the link that it printed when it was first started"
    )]
    NoAccounts,
    #[error("the system gives no random numbers")]
    Random,
    #[error("this link has ended, or never was one; ask whoever gave it to you for another")]
    NoLink,
    #[error(
        "you are signed in, and this link gives more than you may; sign out, and open it again"
    )]
    SignedIn,
}

/// All who may come in, and all who are in.
pub struct Access {
    desk: Arc<Desk>,
    tending: AbortHandle,
}

impl Drop for Access {
    fn drop(&mut self) {
        self.tending.abort();
    }
}

impl Access {
    /// Reads who may come in from the data folder, and watches it from now on. Without one there
    /// are no accounts. Where `no_auth`, none can be made either. With accounts, or others who vouch
    /// for people, the `audit` begins, and is told what others change in the file.
    ///
    /// # Errors
    /// If the file of people is broken, or there are accounts and `no_auth`.
    pub async fn open(
        data: Option<PathBuf>,
        rules: Vec<Rule>,
        vouchers: Vouchers,
        no_auth: bool,
        audit: Audit,
    ) -> Result<Arc<Self>, PeopleError> {
        let desk = Arc::new(Desk::open(data, rules, vouchers, no_auth, audit).await?);
        let tending = tokio::spawn(desk::tend(Arc::clone(&desk))).abort_handle();
        Ok(Arc::new(Self { desk, tending }))
    }

    /// Lets in whoever has the server's token, as long as there are no accounts. Gives its secret if
    /// it was made just now. May wait for a disk.
    ///
    /// # Errors
    /// If it is neither to be had nor to be made.
    pub fn with_server_token(&self, anew: bool) -> anyhow::Result<Option<String>> {
        let (hash, secret) = server_token::open(self.desk.folder(), anew)?;
        self.desk.register().server_token = Some(hash);
        Ok(secret)
    }

    /// Whether everybody is asked who they are: there are accounts, or others who vouch for people.
    pub fn asks(&self) -> bool {
        self.desk.register().asks()
    }

    /// Whether nobody is asked there: nowhere, or where it is `trusted` as long as there are no accounts.
    pub fn asks_nobody(&self, trusted: bool) -> bool {
        (trusted || self.desk.no_auth) && !self.asks()
    }

    /// Whether somebody could sign in with a name and a password.
    pub fn has_passwords(&self) -> bool {
        let register = self.desk.register();
        let mut users = register.people.users.iter();
        users.any(|user| user.password.is_some())
    }

    /// Who comes with this secret: the server's token, somebody's, that of a session, or a link's.
    pub fn bearer(&self, secret: &str) -> Option<Visitor> {
        self.desk.admit(Key::Secret(SecretHash::of(secret)))
    }

    /// Who comes without one; `trusted` if it is from where nobody is asked as long as there are no
    /// accounts.
    pub fn stranger(&self, trusted: bool) -> Option<Visitor> {
        let trusted = trusted || self.desk.no_auth;
        let home = trusted.then(|| self.desk.admit(Key::Home)).flatten();
        home.or_else(|| self.desk.admit(Key::Anyone))
    }

    /// Who comes by a door that asks for no name: `at_home` if others than this machine do not reach
    /// it. May have no rights at all.
    pub fn programs(&self, at_home: bool) -> Visitor {
        let at_home = at_home || self.desk.no_auth;
        let programs = self.desk.admit(Key::Programs { at_home });
        programs.expect("programs are always let in, if with no rights")
    }

    /// When what let a visitor in ends by itself.
    pub fn expires(&self, visitor: &Visitor) -> Option<Time> {
        self.desk.register().expires(visitor, Time::now())
    }

    /// Signs somebody in who knows a password; gives the secret of the new session. A name that
    /// nobody has is as much work, and as many tries, as another.
    ///
    /// # Errors
    /// If the password is another one, or there were too many tries.
    pub async fn sign_in(
        &self,
        name: &str,
        password: Typed,
        from: IpAddr,
    ) -> Result<String, Refused> {
        if !self.asks() {
            return Err(Refused::NoAccounts);
        }
        let kept = self.prove(name, password, from).await?;
        let made = make::<32>("").map_err(|_| Refused::Random)?;
        let (secret, hash) = made;
        // What was changed meanwhile makes the session void by itself.
        let now = Time::now();
        self.desk.register().sessions.begin(hash, name, &kept, now);
        self.desk.save().await;
        tracing::info!("{name} signed in from {from}");
        Ok(secret)
    }

    /// Gives what is kept of the password of an account, if this is it.
    async fn prove(&self, name: &str, password: Typed, from: IpAddr) -> Result<Kept, Refused> {
        // What cannot be a name counts, and takes its time, like one that nobody has.
        let known = match people::is_user_name(name) {
            true => name,
            false => "",
        };
        let admitted = self.desk.throttle().admit(known, from, Instant::now());
        if let Err(wait) = admitted {
            return Err(Refused::Throttled(whole_seconds(wait)));
        }
        let kept = {
            let register = self.desk.register();
            let user = register.people.user(known);
            user.and_then(|user| user.password.clone())
        };
        let tried = kept.clone();
        let matches = self
            .desk
            .hash(move || password::matches(tried.as_ref(), &password));
        match matches.await {
            Err(Busy) => Err(Refused::Busy),
            Ok(true) => {
                self.desk.throttle().succeeded(known, from);
                Ok(kept.expect("nothing matches what is not there"))
            }
            Ok(false) => {
                self.desk.throttle().failed(known, from, Instant::now());
                // People type passwords into the wrong field: only what is a name is told.
                let whom = kept.map_or("a name that has no password", |_| known);
                tracing::warn!("{whom}: sign-in from {from} with a wrong password");
                Err(Refused::Wrong)
            }
        }
    }

    /// Ends a visitor's session, with all that is open of it. Other visitors have none.
    pub async fn sign_out(&self, visitor: &Visitor) {
        if let (Via::Session | Via::Provider, Key::Secret(hash)) = (visitor.via, visitor.key) {
            {
                let mut register = self.desk.register();
                register.sessions.end(hash);
                register.end_void(Time::now());
            }
            self.desk.save().await;
        }
    }
}

/// Rounded up: who waits as long is not too early.
fn whole_seconds(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs() + u64::from(time.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_passes_for_somebody_else() {
        for (via, own, chosen, shown) in [
            (Via::Session, Some("ada"), "bench", "ada (bench)"),
            (Via::Token, Some("ada"), "bob", "ada (bob)"),
            (Via::Token, Some("ada"), "ada", "ada"),
            (Via::Proxy, Some("ada"), "bob", "ada (bob)"),
            (Via::Provider, Some("ada"), "bob", "ada (bob)"),
            (Via::Anyone, None, "ada", "anyone (ada)"),
            (Via::Anyone, None, "ada (bench)", "anyone (ada (bench))"),
            (Via::Share, None, "ada", "guest of ada (ada)"),
            // There nobody has an account.
            (Via::Home, None, "ada", "ada"),
            (Via::ServerToken, None, "ada", "ada"),
        ] {
            let visitor = Visitor {
                name: own.map(Arc::from),
                via,
                share: (via == Via::Share).then(|| Arc::new(Share::of("ada"))),
                ..Visitor::at_home()
            };
            assert_eq!(visitor.called(chosen), shown, "{via:?}");
            if via == Via::Share {
                assert_eq!(visitor.known_as().unwrap(), "guest of ada (a visitor)");
            }
        }
    }
}
