//! The desk: the register with what keeps it true, which is its files, the hours, and whoever
//! changes something.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::Visitor;
use super::file::PeopleFile;
use super::known::Vouchers;
use super::outside;
use super::password::Kept;
use super::people::{People, PeopleError};
use super::register::{Key, Register};
use super::rule::Rule;
use super::secret::SecretHash;
use super::sessions::Sessions;
use super::throttle::Throttle;
use crate::audit::Audit;
use crate::hints::{Hints, Interest};
use crate::record::Time;

/// So many passwords are looked at at once, each with 19 MiB, and so many wait for it.
const AT_ONCE: usize = 2;
const WAITING: usize = 64;
/// How often it is written down who was seen.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// Too many passwords wait to be looked at.
pub struct Busy;

/// Where all who deal with access meet.
pub struct Desk {
    file: Option<PeopleFile>,
    /// Whether everybody is let in, from wherever, and accounts cannot be made.
    pub no_auth: bool,
    audit: Audit,
    register: Mutex<Register>,
    throttle: Mutex<Throttle>,
    /// Whoever reads or changes the file does so alone.
    turn: tokio::sync::Mutex<()>,
    /// Whoever writes the sessions down does so alone, so that the newest stay.
    writing: Mutex<()>,
    hashing: Semaphore,
    waiting: Semaphore,
}

impl Desk {
    pub async fn open(
        data: Option<PathBuf>,
        rules: Vec<Rule>,
        vouchers: Vouchers,
        no_auth: bool,
        audit: Audit,
    ) -> Result<Self, PeopleError> {
        let file = data.map(|data| PeopleFile::within(&data));
        let (people, sessions) = match file.clone() {
            Some(file) => {
                let read = move || Ok((file.read()?, Sessions::read(file.folder())));
                blocking(read).await?
            }
            None => Default::default(),
        };
        let people: People = people.unwrap_or_default();
        if no_auth && !people.users.is_empty() {
            return Err(PeopleError::NoAuth);
        }
        let asks = !people.users.is_empty() || vouchers.any();
        if !asks && !rules.is_empty() {
            tracing::warn!(
                "[[allow]] has no effect until there is an account: seriald user add NAME"
            );
        }
        if asks {
            audit.begin();
        }
        let register = Register::new(people, sessions, rules, vouchers);
        Ok(Self {
            file,
            no_auth,
            audit,
            register: Mutex::new(register),
            throttle: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            writing: Mutex::default(),
            hashing: Semaphore::new(AT_ONCE),
            waiting: Semaphore::new(WAITING),
        })
    }

    /// The data folder.
    pub fn folder(&self) -> Option<&Path> {
        self.file.as_ref().map(PeopleFile::folder)
    }

    pub fn register(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody in.
    pub fn admit(&self, key: Key) -> Option<Visitor> {
        self.register().admit(key, Time::now())
    }

    /// Does the hard work of a password, when it is its turn.
    pub async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Busy)?;
        let _turn = self.hashing.acquire().await.map_err(|_| Busy)?;
        Ok(spawn_blocking(work).await.expect("hashing does not panic"))
    }

    /// Changes the file of people, and takes in what stands there then. A session that itself gave
    /// its account another password goes on with that.
    pub async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut People) -> Result<T, PeopleError> + Send + 'static,
        goes_on: Option<(SecretHash, Kept)>,
    ) -> Result<T, PeopleError> {
        if self.no_auth {
            return Err(PeopleError::NoAuth);
        }
        let file = self.file.clone().ok_or(PeopleError::NoFolder)?;
        let _turn = self.turn.lock().await;
        let (people, made) = blocking(move || file.change(act)).await?;
        self.take_in(people, goes_on);
        // Whoever is ended by it is to hear that it is done, however slow the disk.
        self.save_soon();
        Ok(made)
    }

    fn take_in(&self, people: People, goes_on: Option<(SecretHash, Kept)>) {
        let mut register = self.register();
        if register.people == people {
            return;
        }
        let asked = register.asks();
        register.people = people;
        if register.asks() {
            if !asked {
                tracing::info!("there are accounts now: everybody is asked who they are");
            }
            self.audit.begin();
        }
        if let Some((hash, password)) = goes_on {
            register.sessions.renew(hash, &password);
        }
        register.end_void(Time::now());
    }

    /// Has the sessions written down, and waits for no disk.
    pub fn save_soon(self: &Arc<Self>) {
        let desk = Arc::clone(self);
        tokio::spawn(async move { desk.save().await });
    }

    /// Writes the sessions down. Where that fails people sign in again after a restart.
    pub async fn save(self: &Arc<Self>) {
        let Some(file) = self.file.clone() else {
            return;
        };
        let desk = Arc::clone(self);
        let write = move || {
            let _turn = desk.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let sessions = desk.register().sessions.clone();
            if let Err(error) = sessions.write(file.folder()) {
                let path = Sessions::path(file.folder());
                tracing::warn!(
                    "{}: {error}; sessions will not survive a restart",
                    path.display()
                );
            }
        };
        spawn_blocking(write).await.expect("writing does not panic");
    }

    /// Reads the file of people again.
    async fn look(&self, file: PeopleFile) -> Result<(), String> {
        let _turn = self.turn.lock().await;
        let path = file.folder().to_owned();
        match blocking(move || file.read()).await {
            Ok(Some(people)) => {
                let changes = outside::changes(&self.register().people, &people);
                self.take_in(people, None);
                for entry in changes {
                    self.audit.tell(|| entry);
                }
            }
            Ok(None) if !self.register().people.users.is_empty() => {
                return Err(format!("{}: the file of people is gone", path.display()));
            }
            Ok(None) => self.take_in(People::default(), None),
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }
}

/// Keeps the register true: takes in what others change in the file of people, and ends those whose
/// time is over.
pub async fn tend(desk: Arc<Desk>) {
    let Some(file) = desk.file.clone() else {
        return end_in_time(&desk).await;
    };
    let mut hints = Hints::new(Interest::Contents);
    let (mut told, mut saved) = (Ok(()), Instant::now());
    let mut served = None;
    loop {
        served = served.or_else(|| file.serve());
        // Before the look, so that nothing falls between the two; and each time, for the folder may be new. What it is
        // in tells when it comes.
        hints.watch([file.folder()].into_iter().chain(file.folder().parent()));
        let looked = desk.look(file.clone()).await;
        if let Err(why) = &looked
            && looked != told
        {
            tracing::error!("{why}; all accounts stay as they were");
        }
        told = looked;
        if saved.elapsed() >= SEEN_EVERY && desk.register().take_seen() {
            desk.save().await;
            saved = Instant::now();
        }
        tokio::select! {
            () = hints.next() => {}
            () = end_in_time(&desk) => {}
        }
    }
}

/// Ends those whose time is over, each when it is; goes on for ever.
async fn end_in_time(desk: &Desk) {
    let entered = Arc::clone(&desk.register().entered);
    loop {
        let next = desk.register().end_void(Time::now());
        let end = async {
            match next {
                Some(time) => sleep(time.wait()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = end => {}
            () = entered.notified() => {}
        }
    }
}

/// Does what may wait for a disk.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, PeopleError> + Send + 'static,
) -> Result<T, PeopleError> {
    spawn_blocking(act)
        .await
        .expect("reading and changing do not panic")
}
