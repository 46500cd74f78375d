//! Flashing: a file that somebody sent is written to a port's device by a command of the user's, to
//! which the port is lent meanwhile.
//!
//! A **flasher** is such a command, a **flash** one file on its way to one device. Whoever started
//! it may leave: a board that is half written is worse than one that nobody watches.

mod draft;
mod error;
mod program;
mod story;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use draft::{Draft, Firmware};
pub use error::FlashError;
use program::{Ended, Program};
pub use story::{End, Story, Why};

use crate::audit::{Action, Entry, Outcome};
use crate::config::Flasher;
use crate::journal::{Cursor, Journal};
use crate::port::{Actor, Loan, Port};
use crate::record::{Note, Offset, What};

/// The newest output that is kept of each flash, in bytes.
const OUTPUT: usize = 256 * 1024;

/// One file on its way to one device, or how that went.
pub struct Flash {
    story: Story,
    device: PathBuf,
    /// What the program prints: read as everything else that passes by, each reader at its own pace.
    output: Arc<Journal>,
    ended: watch::Sender<Option<End>>,
    /// Who wants it to end.
    stopped: watch::Sender<Option<String>>,
}

impl Flash {
    /// What is written, by what, for whom.
    pub fn story(&self) -> &Story {
        &self.story
    }

    /// Where the device is.
    pub fn device(&self) -> &Path {
        &self.device
    }

    /// A reader of what the program prints, from as far back as is kept.
    pub fn output(&self) -> Cursor {
        self.output.cursor(Offset(0))
    }

    /// How it has ended, once it has. All of its output is there then.
    pub fn ended(&self) -> watch::Receiver<Option<End>> {
        self.ended.subscribe()
    }

    /// Ends it, if it is at work.
    pub fn stop(&self, by: &Actor) {
        self.stopped.send_if_modified(|stopped| {
            let is_first = stopped.is_none();
            stopped.get_or_insert_with(|| by.name.to_string());
            is_first
        });
    }

    /// Waits for whatever comes first, the program's own end or a reason to end it.
    async fn conclude(
        &self,
        program: &mut Program,
        loan: &Loan,
        time: Duration,
        stop: &CancellationToken,
    ) -> End {
        let began = Instant::now();
        let mut stopped = self.stopped.subscribe();
        let mut end = End {
            why: Why::Exit,
            code: None,
            signal: None,
            by: None,
            ms: 0,
        };
        tokio::select! {
            ended = program.ended() => match ended {
                Ended::Code(code) => end.code = Some(code),
                Ended::Signal(signal) => (end.why, end.signal) = (Why::Signal, signal),
            },
            () = sleep(time) => end.why = Why::Time,
            Ok(by) = stopped.wait_for(Option::is_some) => {
                (end.why, end.by) = (Why::Stopped, by.clone());
            }
            () = loan.taken_back() => end.why = Why::TakenBack,
            () = stop.cancelled() => end.why = Why::Server,
        }
        match end.why {
            // The device is opened again at this moment.
            Why::TakenBack => program.kill(),
            Why::Exit | Why::Signal => {}
            Why::Time | Why::Stopped | Why::Server => program.end().await,
        }
        program.drain().await;
        end.ms = began.elapsed().as_millis() as u64;
        end
    }
}

/// What there is about a port.
#[derive(Default)]
struct Place {
    /// A flash is at work, or about to be.
    is_taken: bool,
    latest: Option<Arc<Flash>>,
}

/// The flashers, and the latest flash of each port.
#[derive(Default)]
pub struct Flashers {
    commands: BTreeMap<String, Flasher>,
    /// By the ports' names.
    places: Mutex<HashMap<String, Place>>,
    stop: CancellationToken,
    at_work: TaskTracker,
}

impl Flashers {
    /// These flashers, by their names.
    pub fn new(commands: BTreeMap<String, Flasher>) -> Arc<Self> {
        Arc::new(Self {
            commands,
            ..Self::default()
        })
    }

    /// Those for the port of this name.
    pub fn of<'a>(&'a self, port: &'a str) -> impl Iterator<Item = (&'a String, &'a Flasher)> {
        self.commands
            .iter()
            .filter(move |(_, flasher)| flasher.is_for(port))
    }

    /// The flash that is at work on a port, or the last one.
    pub fn latest(&self, port: &str) -> Option<Arc<Flash>> {
        self.places().get(port)?.latest.clone()
    }

    /// The same, where it was by this command.
    ///
    /// # Errors
    /// If there is no such command for the port, or it was not the last to run.
    pub fn latest_of(&self, port: &str, command: &str) -> Result<Arc<Flash>, FlashError> {
        self.flasher(port, command)?;
        let latest = self
            .latest(port)
            .filter(|flash| flash.story.command == command);
        latest.ok_or_else(|| FlashError::NotRun {
            name: command.to_owned(),
            port: port.to_owned(),
        })
    }

    /// Begins to take a file, called `file` where it comes from, that the command is to write.
    ///
    /// # Errors
    /// If there is no such command for the port, it does not take such a file, or one is at work.
    pub async fn draft(&self, port: &str, command: &str, file: &str) -> Result<Draft, FlashError> {
        let flasher = self.flasher(port, command)?;
        if self.places().get(port).is_some_and(|place| place.is_taken) {
            return Err(self.busy(port));
        }
        Draft::begin(command, flasher, file).await
    }

    /// Lends the port and starts the command. It goes on whatever becomes of whoever started it.
    ///
    /// # Errors
    /// If the device cannot be had, one is at work on the port, or the program cannot be run.
    pub async fn start(
        self: &Arc<Self>,
        port: &Arc<Port>,
        actor: &Actor,
        firmware: Firmware,
    ) -> Result<Arc<Flash>, FlashError> {
        let seat = Seat::take(self, port.name()).ok_or_else(|| self.busy(port.name()))?;
        let (command, title) = (firmware.command.clone(), firmware.title.clone());
        let time = firmware.flasher.time;
        let loan = port
            .lend_for(actor, title.clone(), time, Some(command.clone()))
            .await?;
        let output = Journal::new(OUTPUT);
        let words = &firmware.flasher.command;
        let program = Program::start(words, loan.path(), firmware.path(), &output);
        let program = program.map_err(|error| FlashError::Program {
            program: words[0].clone(),
            error,
        })?;
        let flash = Arc::new(Flash {
            story: Story {
                command,
                title,
                file: firmware.name.clone(),
                size: firmware.size,
                sha256: firmware.sha256.clone(),
                by: actor.name.to_string(),
                since: loan.lent().since,
                until: loan.lent().until,
            },
            device: loan.path().to_owned(),
            output,
            ended: watch::Sender::new(None),
            stopped: watch::Sender::new(None),
        });
        self.places()
            .entry(port.name().to_owned())
            .or_default()
            .latest = Some(Arc::clone(&flash));
        let work = tend(
            Arc::clone(port),
            loan,
            Arc::clone(&flash),
            program,
            firmware,
            seat,
        );
        self.at_work.spawn(work);
        Ok(flash)
    }

    /// Ends what is at work, and waits until it has ended.
    pub async fn close(&self) {
        self.stop.cancel();
        self.at_work.close();
        self.at_work.wait().await;
    }

    fn flasher(&self, port: &str, command: &str) -> Result<&Flasher, FlashError> {
        let flasher = self
            .commands
            .get(command)
            .filter(|flasher| flasher.is_for(port));
        flasher.ok_or_else(|| FlashError::Unknown {
            name: command.chars().take(64).collect(),
            port: port.to_owned(),
            there: self.of(port).map(|(name, _)| name.clone()).collect(),
        })
    }

    fn busy(&self, port: &str) -> FlashError {
        let latest = self
            .latest(port)
            .filter(|flash| flash.ended.borrow().is_none());
        let at_work = match latest {
            Some(flash) => format!(
                "{} writes {:?} for {}",
                flash.story.title, flash.story.file, flash.story.by
            ),
            None => "another file is about to be written".to_owned(),
        };
        FlashError::Busy {
            port: port.to_owned(),
            at_work,
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The only flash that may be at work on a port; leaving is dropping it.
struct Seat {
    flashers: Arc<Flashers>,
    port: String,
}

impl Seat {
    fn take(flashers: &Arc<Flashers>, port: &str) -> Option<Self> {
        let mut places = flashers.places();
        let place = places.entry(port.to_owned()).or_default();
        (!std::mem::replace(&mut place.is_taken, true)).then(|| Self {
            flashers: Arc::clone(flashers),
            port: port.to_owned(),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(place) = self.flashers.places().get_mut(&self.port) {
            place.is_taken = false;
        }
    }
}

/// Sees a flash to its end. The file is gone, and the port is taken back, when that is told.
async fn tend(
    port: Arc<Port>,
    loan: Loan,
    flash: Arc<Flash>,
    mut program: Program,
    firmware: Firmware,
    seat: Seat,
) {
    let Story {
        title,
        file,
        size,
        sha256,
        by,
        ..
    } = &flash.story;
    let begins = format!("{title} writes {file} ({size} bytes, SHA-256 {sha256})");
    port.note_by(loan.actor(), Action::Flash, Note::new(What::Flash, begins));
    let time = firmware.flasher.time;
    let end = flash
        .conclude(&mut program, &loan, time, &seat.flashers.stop)
        .await;
    tracing::info!(port = port.name(), "{}", end.told(title));
    port.note(&Note {
        by: Some(end.by.as_ref().unwrap_or(by).clone()),
        code: end.code,
        ..Note::new(What::Flash, end.told(title))
    });
    port.tell(loan.actor(), Action::Flash, |entry| Entry {
        outcome: match end.code {
            Some(0) => Outcome::Done,
            _ => Outcome::Failed,
        },
        detail: Some(end.told(title)),
        ..entry
    });
    drop((loan, firmware, seat));
    flash.ended.send_replace(Some(end));
}
