//! A session: one device from when it was opened until it is lost or let go. Reading never waits
//! for writing: a write that the device holds back is state, and the loop goes on.

use std::future::ready;
use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::ask::{Act, Ask, Reply};
use super::device::{Device, is_unsupported};
use super::outlet::Outlet;
use super::pace::Pace;
use super::queue::Queue;
use super::{Actor, PortError};
use crate::audit::Action;
use crate::pulse::{Pulse, Step};
use crate::record::{Kind, Time, What};
use crate::settings::{Change, Line};
use crate::state::Traffic;

/// One read takes at most this much; a terminal device gives about 4 KiB at once.
const READ_BUFFER: usize = 16 * 1024;
/// So many bytes are read before the readers get their turn, for each that is woken by every record:
/// the more there are, the more a turn costs. And for so many readers at most.
const SHARE: usize = 4 * 1024;
const MOST_SHARES: usize = 8;
/// How often the bytes are counted for the state, while bytes flow.
const COUNT_EVERY: Duration = Duration::from_secs(1);
/// How often the modem lines and error counters are looked at while somebody watches. There is no
/// portable way to wait for them.
const LINES_EVERY: Duration = Duration::from_millis(250);
/// What drivers keep of a write before they wait, in characters.
const DRIVER_BUFFER: u32 = 4096;

/// How a session ended.
pub(super) enum End {
    /// The device went away: at end of file, or with an error.
    Lost(Option<io::Error>),
    /// Somebody let it go.
    Released(Actor, Reply<()>),
    /// The port is gone.
    Stopped,
}

/// A sequence being played.
struct Player {
    steps: std::vec::IntoIter<Step>,
    /// When the next step is due.
    due: Instant,
    what: What,
    text: String,
    actor: Actor,
    reply: Reply<()>,
}

/// Bytes counted, and what the state tells of them.
struct Count {
    total: Traffic,
    told: Traffic,
    told_at: Instant,
}

pub(super) struct Session<'a> {
    device: Device,
    outlet: &'a Outlet,
    queue: Queue,
    pace: Pace,
    player: Option<Player>,
    /// Since when the line is in a BREAK that somebody began and is to end.
    breaking: Option<Instant>,
    count: Count,
    /// Bytes since the readers had a turn.
    unshared: usize,
    /// They had it because of so many bytes.
    floods: bool,
    /// When the driver last took bytes, or had none to take.
    progress: Instant,
    /// When to look after the counts, the lines and the queue; never while all is quiet.
    tick: Option<Instant>,
}

impl<'a> Session<'a> {
    pub(super) fn new(device: Device, outlet: &'a Outlet) -> Self {
        let now = Instant::now();
        let total = outlet.state.borrow().total;
        outlet.shortcut.set(device.writer());
        let mut session = Self {
            device,
            outlet,
            queue: Queue::default(),
            pace: Pace::new(now),
            player: None,
            breaking: None,
            count: Count {
                total,
                told: total,
                told_at: now,
            },
            unshared: 0,
            floods: false,
            progress: now,
            tick: None,
        };
        session.look();
        session
    }

    /// Serves the device until it is lost, released, or nobody can ask any more.
    pub(super) async fn run(&mut self, asks: &mut mpsc::Receiver<Ask>) -> End {
        let mut buffer = vec![0; READ_BUFFER];
        let mut alarm = pin!(sleep_until(Instant::now()));
        loop {
            let due = self.due();
            // Setting a timer wakes the runtime, so one that is early is left to ring for nothing.
            if let Some(due) = due
                && (due < alarm.deadline() || alarm.is_elapsed())
            {
                alarm.as_mut().reset(due);
            }
            // What came in goes first, but in a flood all others have a turn, too.
            let others_first = std::mem::take(&mut self.floods);
            tokio::select! {
                biased;
                read = self.device.read(&mut buffer), if !others_first => match read {
                    Ok(0) => return End::Lost(None),
                    Ok(length) => self.received(&buffer[..length]).await,
                    Err(error) => return End::Lost(Some(error)),
                },
                taken = self.device.write(self.queue.next()), if !self.queue.is_empty() => match taken {
                    Ok(length) => self.taken(length),
                    Err(error) => return End::Lost(Some(error)),
                },
                ask = asks.recv() => match ask {
                    None => return End::Stopped,
                    Some(Ask { actor, act: Act::Release(reply) }) => return End::Released(actor, reply),
                    Some(ask) => self.answer(ask),
                },
                () = &mut alarm, if due.is_some() => self.ring(Instant::now()),
                () = ready(()), if others_first => {}
            }
        }
    }

    /// When to do the next of what is planned.
    fn due(&self) -> Option<Instant> {
        let step = self.player.as_ref().map(|player| player.due);
        [self.pace.due(), step, self.tick]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due.
    fn ring(&mut self, now: Instant) {
        let is_due = |moment: Option<Instant>| moment.is_some_and(|moment| moment <= now);
        if is_due(self.pace.due()) {
            self.pace.woken();
            self.outlet.journal.publish();
        }
        if is_due(self.player.as_ref().map(|player| player.due)) {
            self.play();
        }
        if is_due(self.tick) {
            self.look();
        }
    }

    /// Tells everybody who still waits how it ended, and gives the device back to be closed.
    pub(super) fn close(mut self, end: &End) -> Device {
        self.outlet.shortcut.set(None);
        self.outlet.journal.publish();
        let why = match end {
            End::Lost(_) => PortError::Lost { written: 0 },
            End::Released(..) | End::Stopped => PortError::Cancelled { written: 0 },
        };
        self.queue.cancel(|_| true, &why);
        if let Some(player) = self.player {
            let _: Result<_, _> = player.reply.send(Err(why));
        }
        self.count.total.tx += self.outlet.shortcut.take_sent();
        self.outlet.update(|state| state.total = self.count.total);
        self.device
    }

    async fn received(&mut self, bytes: &[u8]) {
        self.outlet
            .journal
            .append(Kind::Rx, Time::now(), None, bytes);
        self.count.total.rx += bytes.len() as u64;
        let is_due = self.pace.read(bytes.len(), Instant::now());
        if is_due {
            self.outlet.journal.publish();
        }
        self.count_soon();
        // In a flood there is always more to read; the readers want their turn. The driver uses the
        // time to make more ready, where a read right away would wait for it.
        self.unshared += bytes.len();
        let readers = self.outlet.journal.prompt_readers().clamp(1, MOST_SHARES);
        self.floods = self.unshared >= readers * SHARE;
        if is_due || self.floods {
            self.unshared = 0;
            tokio::task::yield_now().await;
        }
    }

    /// Something was written past this: its readers wait for the echo, and it is counted.
    fn wrote(&mut self) {
        self.pace.wrote(Instant::now());
        self.count_soon();
    }

    fn taken(&mut self, length: usize) {
        self.progress = Instant::now();
        let bytes = &self.queue.next()[..length];
        let actor = self.queue.actor();
        let author = actor.map(|actor| &actor.name);
        let offset = self
            .outlet
            .journal
            .append(Kind::Tx, Time::now(), author, bytes);
        if let Some(actor) = actor {
            self.outlet
                .tell(actor, Action::Type, |entry| entry.typed(offset, length));
        }
        self.queue.taken(length, offset);
        self.count.total.tx += length as u64;
        self.wrote();
    }

    /// Looks after the counts a second from now, unless that is planned already.
    fn count_soon(&mut self) {
        if self.tick.is_none() {
            // The rate is of this second, not of the silence before it.
            self.count.told_at = Instant::now();
            self.tick = Some(self.count.told_at + COUNT_EVERY);
            self.outlet.shortcut.set_counting(true);
        }
    }

    fn answer(&mut self, Ask { actor, act }: Ask) {
        // Who asked may have left; that changes nothing for the port.
        match act {
            Act::Write(job) => {
                if self.queue.is_empty() {
                    self.progress = Instant::now();
                }
                self.queue.push(job);
                self.count_soon();
            }
            Act::Cancel(party, reply) => {
                let is_whose = |other: &Actor| match &party {
                    Some(party) => other.party == *party,
                    None => other.client == actor.client,
                };
                let cancelled = PortError::Cancelled { written: 0 };
                let thrown = self.queue.cancel(is_whose, &cancelled);
                if thrown > 0 {
                    self.outlet.note(
                        What::Cancelled,
                        format!("{thrown} bytes were not sent"),
                        Some(&actor),
                    );
                }
                self.look();
                let _: Result<_, _> = reply.send(Ok(()));
            }
            Act::Halt(runs, reply) => {
                let thrown = self
                    .queue
                    .cancel(|_| true, &PortError::Cancelled { written: 0 });
                self.device.discard();
                self.outlet.halted(runs, thrown, &actor);
                self.look();
                let _: Result<_, _> = reply.send(Ok(thrown));
            }
            Act::Open(reply) => {
                let _: Result<_, _> = reply.send(Ok(()));
            }
            Act::Set(change, reply) => {
                let _: Result<_, _> = reply.send(self.set(change, &actor).map(Some));
            }
            Act::Lines(dtr, rts, reply) => {
                let _: Result<_, _> = reply.send(self.set_lines(dtr, rts, &actor));
            }
            Act::Break(length, reply) => {
                let text = format!("BREAK for {} ms", length.as_millis());
                self.start(Pulse::brk(length), What::BreakSent, text, actor, reply);
            }
            Act::SetBreak(on, reply) => {
                let _: Result<_, _> = reply.send(self.set_break(on, &actor));
            }
            Act::Pulse(pulse, name, reply) => self.start(pulse, What::Pulse, name, actor, reply),
            Act::Wrote => self.wrote(),
            Act::Look => self.look(),
            Act::Release(_) => unreachable!("ends the session"),
        }
    }

    fn set(&mut self, change: Change, actor: &Actor) -> Result<Line, PortError> {
        let settings = change.applied_to(self.outlet.settings())?;
        let line = self
            .device
            .configure(&settings)
            .map_err(|error| self.refused(&error))?;
        self.outlet.update(|state| {
            state.settings = settings;
            state.actual = Some(line);
        });
        self.outlet.note(
            What::Settings,
            format!("now {}", line.beside(&settings.line)),
            Some(actor),
        );
        Ok(line)
    }

    fn set_lines(
        &mut self,
        dtr: Option<bool>,
        rts: Option<bool>,
        actor: &Actor,
    ) -> Result<(), PortError> {
        self.device
            .set_lines(dtr, rts)
            .map_err(|error| self.refused(&error))?;
        let told = [("DTR", dtr), ("RTS", rts)]
            .into_iter()
            .filter_map(|(line, wish)| {
                wish.map(|on| format!("{line} {}", if on { "on" } else { "off" }))
            });
        self.outlet.note(
            What::Lines,
            told.collect::<Vec<_>>().join(", "),
            Some(actor),
        );
        self.look();
        Ok(())
    }

    fn set_break(&mut self, on: bool, actor: &Actor) -> Result<(), PortError> {
        if self.player.is_some() {
            return Err(self.playing());
        }
        self.device
            .set_break(on)
            .map_err(|error| self.refused(&error))?;
        if on {
            if self.breaking.is_none() {
                self.breaking = Some(Instant::now());
                self.outlet.note(What::Lines, "BREAK on", Some(actor));
            }
        } else if let Some(since) = self.breaking.take() {
            let text = format!("BREAK for {} ms", since.elapsed().as_millis());
            self.outlet.note(What::BreakSent, text, Some(actor));
        }
        Ok(())
    }

    fn start(&mut self, pulse: Pulse, what: What, text: String, actor: Actor, reply: Reply<()>) {
        if self.player.is_some() || self.breaking.is_some() {
            let _: Result<_, _> = reply.send(Err(self.playing()));
            return;
        }
        let (steps, due) = (pulse.0.into_iter(), Instant::now());
        self.player = Some(Player {
            steps,
            due,
            what,
            text,
            actor,
            reply,
        });
        self.play();
    }

    /// Plays the steps that are due.
    fn play(&mut self) {
        let Some(mut player) = self.player.take() else {
            return;
        };
        let end = loop {
            let played = match player.steps.next() {
                None => break Ok(()),
                Some(Step::Wait(length)) => {
                    // From when it was due: one late step does not make the others late.
                    player.due += length;
                    self.player = Some(player);
                    return;
                }
                Some(Step::Lines { dtr, rts }) => self.device.set_lines(dtr, rts),
                Some(Step::Break(on)) => self.device.set_break(on),
            };
            if let Err(error) = played {
                break Err(self.refused(&error));
            }
        };
        if end.is_ok() {
            self.outlet
                .note(player.what, player.text, Some(&player.actor));
        }
        self.look();
        let _: Result<_, _> = player.reply.send(end);
    }

    /// Brings the state up to date, and decides when to look again.
    fn look(&mut self) {
        let now = Instant::now();
        let seconds = now.duration_since(self.count.told_at).as_secs_f64();
        let counted = seconds >= COUNT_EVERY.as_secs_f64() * 0.9;
        self.count.total.tx += self.outlet.shortcut.take_sent();
        let (total, told) = (self.count.total, self.count.told);
        let per_second = |now: u64, before: u64| ((now - before) as f64 / seconds).round() as u64;
        let lines = self.device.lines().ok();
        let errors = self.device.errors().ok();
        let queued: usize = self.queue.bytes();
        let held = queued > 0 && now.duration_since(self.progress) > self.patience();
        let breaks = self
            .outlet
            .state
            .borrow()
            .errors
            .map(|errors| errors.breaks);
        if let (Some(before), Some(errors)) = (breaks, errors)
            && errors.breaks > before
        {
            self.outlet.note(What::Break, "a BREAK came in", None);
        }
        let (mut watched, mut moving) = (false, false);
        self.outlet.state.send_if_modified(|state| {
            let old = state.clone();
            (state.lines, state.errors, state.held, state.queued) =
                (lines, errors, held, queued as u64);
            if counted {
                state.total = total;
                state.rate = Traffic {
                    rx: per_second(total.rx, told.rx),
                    tx: per_second(total.tx, told.tx),
                };
                state.journal = self.outlet.journal.reach();
                state.recording = self.outlet.journal.recording();
            }
            watched = !state.viewers.is_empty();
            moving = state.rate != Traffic::default() || state.total != total;
            *state != old
        });
        if counted {
            (self.count.told, self.count.told_at) = (total, now);
        }
        self.tick = if watched && lines.is_some() || queued > 0 {
            Some(now + LINES_EVERY)
        } else if moving {
            Some(now + COUNT_EVERY)
        } else {
            None
        };
        self.outlet.shortcut.set_counting(self.tick.is_some());
    }

    /// How long a driver with a full buffer may take nothing before the device is said to hold
    /// back: drivers ask for more only when they have sent most of what they have.
    fn patience(&self) -> Duration {
        let baud = self
            .outlet
            .state
            .borrow()
            .actual
            .map_or(9600, |line| line.baud.max(1));
        Duration::from_secs(1) + Duration::from_secs(10) * DRIVER_BUFFER / baud
    }

    fn playing(&self) -> PortError {
        PortError::Playing {
            name: self.outlet.name(),
        }
    }

    fn refused(&self, error: &io::Error) -> PortError {
        let name = self.outlet.name();
        if is_unsupported(error) {
            PortError::NotSupported {
                name,
                message: format!("the device cannot do that ({error})"),
            }
        } else {
            PortError::Device {
                name,
                message: error.to_string(),
            }
        }
    }
}
