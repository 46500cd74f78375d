//! Sessions: browsers that are signed in, by what is kept of the secret in their cookie. Only the
//! server writes them down, and beside them who was seen.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::file::{read, replace};
use super::known::Known;
use super::password::Kept;
use super::people::People;
use super::secret::SecretHash;
use super::seen::Seen;
use super::word::{Voucher, Word};
use crate::hex;
use crate::record::Time;

/// What they are called in the data folder.
const NAME: &str = "sessions.json";
/// How long a session lasts at most, and how long without a request.
pub const LIFE: Duration = Duration::from_secs(30 * 24 * 3600);
const IDLE: Duration = Duration::from_secs(7 * 24 * 3600);
/// So many sessions an account may have; the one that was not used for the longest time goes first.
const MOST: usize = 50;

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The account, or the name by which another knows who it is.
    user: String,
    #[serde(flatten)]
    by: By,
    created: Time,
    seen: Time,
}

/// What somebody signed in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    /// A password, as [`mark`] has it: with another one the session is void.
    Password(String),
    /// The word of a provider: without that one the session is void.
    Provider {
        issuer: String,
        groups: BTreeSet<String>,
        until: Time,
    },
}

/// Whose a session is.
pub struct Whose<'a> {
    /// The name.
    pub name: &'a str,
    /// What the provider calls them besides; none of an account's own session.
    pub groups: Option<&'a BTreeSet<String>>,
}

impl Session {
    /// When it ends, unless it is used before.
    fn expires(&self) -> Time {
        let life = match self.by {
            By::Password(_) => plus(self.created, LIFE),
            By::Provider { until, .. } => until,
        };
        life.min(plus(self.seen, IDLE))
    }
}

/// That time and so long.
pub fn plus(time: Time, duration: Duration) -> Time {
    Time(time.0.saturating_add(duration.as_micros() as u64))
}

/// By which a password is told from the one before it. Tells nothing else of it.
fn mark(password: &Kept) -> String {
    hex::encode(&Sha256::digest(password.as_str())[..8])
}

/// All sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sessions {
    sessions: HashMap<SecretHash, Session>,
    /// Who was seen.
    pub seen: Seen,
    /// The provider whose word counts.
    #[serde(skip)]
    pub issuer: Option<String>,
}

impl Sessions {
    /// The file in a data folder.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(NAME)
    }

    /// Those that were kept in a data folder; none if they cannot be read, which signs everybody out.
    pub fn read(folder: &Path) -> Self {
        let path = Self::path(folder);
        let read = read(&path).and_then(|text| match text {
            Some(text) => Ok(serde_json::from_slice(&text)?),
            None => Ok(Self::default()),
        });
        read.unwrap_or_else(|error: io::Error| {
            tracing::warn!(
                "{}: {error}; everybody has to sign in again",
                path.display()
            );
            Self::default()
        })
    }

    /// Keeps them in a data folder.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        replace(&Self::path(folder), self)
    }

    /// Begins one for an account with a password.
    pub fn begin(&mut self, hash: SecretHash, user: &str, password: &Kept, now: Time) {
        self.insert(hash, user, By::Password(mark(password)), now);
    }

    /// Begins one for somebody whom the provider knows, for so long. Their others go by the same groups
    /// from now on.
    pub fn begin_known(&mut self, hash: SecretHash, known: &Known, life: Duration, now: Time) {
        let asked = self.issuer.clone().unwrap_or_default();
        for session in self.sessions.values_mut() {
            if let By::Provider { issuer, groups, .. } = &mut session.by
                && session.user == known.name
                && *issuer == asked
            {
                groups.clone_from(&known.groups);
            }
        }
        let by = By::Provider {
            issuer: asked,
            groups: known.groups.clone(),
            until: plus(now, life),
        };
        self.insert(hash, &known.name, by, now);
    }

    fn insert(&mut self, hash: SecretHash, user: &str, by: By, now: Time) {
        let own = |session: &Session| session.user == user;
        let count = self
            .sessions
            .values()
            .filter(|session| own(session))
            .count();
        if count >= MOST {
            let own = self.sessions.iter().filter(|(_, session)| own(session));
            let oldest = own.min_by_key(|(_, session)| session.seen);
            if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
                self.sessions.remove(&oldest);
            }
        }
        let session = Session {
            user: user.to_owned(),
            by,
            created: now,
            seen: now,
        };
        self.sessions.insert(hash, session);
    }

    /// Ends one.
    pub fn end(&mut self, hash: SecretHash) {
        self.sessions.remove(&hash);
    }

    /// Lets one go on after its account's password was changed by it.
    pub fn renew(&mut self, hash: SecretHash, password: &Kept) {
        if let Some(By::Password(kept)) = self.sessions.get_mut(&hash).map(|found| &mut found.by) {
            *kept = mark(password);
        }
    }

    /// Whose it is, if it counts, and when it ends.
    pub fn find<'a>(
        &'a self,
        hash: SecretHash,
        people: &People,
        now: Time,
    ) -> Option<(Whose<'a>, Time)> {
        let session = self.sessions.get(&hash)?;
        let (is_in, groups) = match &session.by {
            By::Password(password) => {
                let kept = people.user(&session.user)?.password.as_ref();
                (kept.map(mark).as_ref() == Some(password), None)
            }
            By::Provider { issuer, groups, .. } => {
                (self.issuer.as_ref() == Some(issuer), Some(groups))
            }
        };
        let name = session.user.as_str();
        let expires = session.expires();
        (is_in && now < expires).then_some((Whose { name, groups }, expires))
    }

    /// The word of the provider that one was begun by.
    pub fn word(&self, hash: SecretHash) -> Option<Word> {
        let session = self.sessions.get(&hash)?;
        match &session.by {
            By::Password(_) => None,
            By::Provider { issuer, groups, .. } => Some(Word {
                by: Voucher::Provider(issuer.clone()),
                groups: groups.clone(),
                said: session.created,
            }),
        }
    }

    /// A session was used.
    pub fn used(&mut self, hash: SecretHash, now: Time) {
        if let Some(session) = self.sessions.get_mut(&hash) {
            session.seen = now;
        }
    }

    /// Forgets what counts no more.
    pub fn tidy(&mut self, people: &People, now: Time) {
        let void: Vec<_> = self.sessions.keys().copied().collect();
        for hash in void {
            if self.find(hash, people, now).is_none() {
                self.sessions.remove(&hash);
            }
        }
        self.seen.tidy(people);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::password::Typed;
    use crate::access::people::User;
    use crate::access::secret;

    fn people() -> People {
        let mut people = People::default();
        people.add(User::with("ada", &["administer"])).unwrap();
        people
    }

    fn hash() -> SecretHash {
        secret::make::<32>("").unwrap().1
    }

    const NOW: Time = Time(1_000_000_000_000_000);

    /// A session of ada's.
    fn begun(people: &People) -> (Sessions, SecretHash) {
        let (mut sessions, hash) = (Sessions::default(), hash());
        let password = people.users[0].password.as_ref().unwrap();
        sessions.begin(hash, "ada", password, NOW);
        (sessions, hash)
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_in_any_case_after_its_life() {
        let people = people();
        let (mut sessions, hash) = begun(&people);
        let almost = |time: Time| Time(time.0 - 1);
        let end = plus(NOW, IDLE);
        assert_eq!(sessions.find(hash, &people, NOW).unwrap().1, end);
        assert!(sessions.find(hash, &people, almost(end)).is_some());
        assert!(sessions.find(hash, &people, end).is_none());
        let mut now = NOW;
        while now < plus(NOW, LIFE) {
            sessions.used(hash, now);
            assert!(sessions.find(hash, &people, now).is_some());
            now = plus(now, IDLE / 2);
        }
        assert!(sessions.find(hash, &people, plus(NOW, LIFE)).is_none());
    }

    #[test]
    fn another_password_or_no_account_ends_it() {
        let (before, mut after) = (people(), people());
        let (mut sessions, hash) = begun(&before);
        // The same words make something else to keep.
        let same = Kept::of(&Typed::from("correct horse".to_owned())).unwrap();
        after.users[0].password = Some(same);
        assert!(sessions.find(hash, &after, NOW).is_none());
        assert!(sessions.find(hash, &People::default(), NOW).is_none());
        sessions.renew(hash, after.users[0].password.as_ref().unwrap());
        assert!(sessions.find(hash, &after, NOW).is_some());
        sessions.tidy(&before, NOW);
        assert_eq!(sessions, Sessions::default());
    }

    #[test]
    fn the_word_of_a_provider_counts_as_long_as_it_is_asked_for_and_at_most_so_long() {
        let issuer = |name: &str| Some(format!("https://{name}.example"));
        let known = Known::new("zoe", ["staff"].into_iter()).unwrap();
        let (people, hash, life) = (People::default(), hash(), Duration::from_secs(60));
        let mut sessions = Sessions {
            issuer: issuer("id"),
            ..Sessions::default()
        };
        sessions.begin_known(hash, &known, life, NOW);
        // It survives being kept.
        let kept = serde_json::to_string(&sessions).unwrap();
        let mut sessions: Sessions = serde_json::from_str(&kept).unwrap();
        for (asked, now, counts) in [
            (issuer("id"), NOW, true),
            (issuer("id"), plus(NOW, life), false),
            (issuer("other"), NOW, false),
            (None, NOW, false),
        ] {
            sessions.issuer = asked;
            let found = sessions.find(hash, &people, now);
            assert_eq!(found.is_some(), counts);
            if let Some((whose, end)) = found {
                assert_eq!((whose.name, whose.groups), ("zoe", Some(&known.groups)));
                assert_eq!(end, plus(NOW, life));
            }
        }
        // No password makes it last.
        sessions.issuer = issuer("id");
        let ada = User::with("ada", &[]).password.unwrap();
        sessions.renew(hash, &ada);
        assert!(sessions.find(hash, &people, NOW).is_some());
    }

    #[test]
    fn sessions_that_were_kept_before_still_count() {
        let (people, hash) = (people(), hash());
        let password = mark(people.users[0].password.as_ref().unwrap());
        let kept = serde_json::json!({"sessions": {hash.to_hex(): {
            "user": "ada", "password": password, "created": NOW, "seen": NOW}}});
        let sessions: Sessions = serde_json::from_value(kept).unwrap();
        assert!(sessions.find(hash, &people, NOW).is_some());
    }

    #[test]
    fn of_too_many_the_longest_idle_goes() {
        let people = people();
        let password = people.users[0].password.as_ref().unwrap();
        let (mut sessions, first) = begun(&people);
        let second = hash();
        sessions.begin(second, "ada", password, NOW);
        sessions.used(first, Time(NOW.0 + 1));
        for later in 0..MOST as u64 - 1 {
            sessions.begin(hash(), "ada", password, Time(NOW.0 + 2 + later));
        }
        assert!(sessions.find(first, &people, NOW).is_some());
        assert!(sessions.find(second, &people, NOW).is_none());
        assert_eq!(sessions.sessions.len(), MOST);
    }

    #[test]
    fn they_survive_being_kept_and_what_is_broken_signs_everybody_out() {
        let people = people();
        let (mut sessions, hash) = begun(&people);
        sessions.seen.users.insert("ada".to_owned(), NOW);
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Sessions::read(folder.path()), Sessions::default());
        sessions.write(folder.path()).unwrap();
        let read = Sessions::read(folder.path());
        assert_eq!(read, sessions);
        assert!(read.find(hash, &people, NOW).is_some());
        std::fs::write(Sessions::path(folder.path()), "{").unwrap();
        assert_eq!(Sessions::read(folder.path()), Sessions::default());
    }
}
