//! The worker: the one task that owns a port's device. It opens it when somebody wants it, tries
//! again while it is away, and hands each opened device to a [`Session`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::advice::OpenError;
use super::ask::{Act, Ask};
use super::device::Device;
use super::outlet::Outlet;
use super::session::{End, Session};
use super::{Plan, PortError};
use crate::audit::{Action, Entry};
use crate::identity::{Absent, Identity, Target};
use crate::record::{Time, What};
use crate::settings::Line;
use crate::state::{Failure, Phase};

/// A driver that has not opened its device after this long is said to be stuck.
const OPEN_LIMIT: Duration = Duration::from_secs(5);
/// The first wait after a failure; each further one is twice as long.
const FIRST_RETRY: Duration = Duration::from_millis(200);
/// The longest wait: a device that is back under its path is open again within two seconds.
const LAST_RETRY: Duration = Duration::from_millis(1600);
/// So many failures in a row are told in the journal; fewer are a device that is still settling.
const TELLING_FAILURES: u32 = 3;

/// What ends a stretch without a device.
enum Wake {
    /// Try now.
    Try,
    /// Nobody wants the port any more.
    Rest,
    /// The port is gone.
    Stop,
}

/// The task behind a port.
pub(super) struct Worker {
    outlet: Outlet,
    target: Target,
    asks: mpsc::Receiver<Ask>,
    found: watch::Receiver<Arc<[Identity]>>,
    /// A driver that did not come back from opening this path.
    stuck: Option<(PathBuf, JoinHandle<Opened>)>,
}

type Opened = Result<(Device, Line), OpenError>;

impl Worker {
    pub(super) fn new(
        plan: &Plan,
        outlet: Outlet,
        asks: mpsc::Receiver<Ask>,
        found: watch::Receiver<Arc<[Identity]>>,
    ) -> Self {
        Self {
            outlet,
            target: plan.target.clone(),
            asks,
            found,
            stuck: None,
        }
    }

    /// Runs until the port is dropped.
    pub(super) async fn run(mut self, open: bool) {
        let mut wake = if open { Wake::Try } else { Wake::Rest };
        let mut failures = 0;
        loop {
            wake = match wake {
                Wake::Stop => return,
                Wake::Rest => {
                    failures = 0;
                    self.rest(None).await
                }
                Wake::Try => match self.open().await {
                    Ok((device, path, line)) => {
                        failures = 0;
                        self.hold(device, path, line).await
                    }
                    Err(failure) => {
                        failures += 1;
                        self.wait(failure, failures).await
                    }
                },
            };
        }
    }

    /// Finds and opens the device, off this thread: a driver may block in it.
    async fn open(&mut self) -> Result<(Device, PathBuf, Line), OpenError> {
        let found = Arc::clone(&self.found.borrow_and_update());
        let resolved = self.target.resolve(&found);
        let path =
            resolved.map_err(|absent| OpenError::absent(self.target.path(), &absent, &found))?;
        if self.outlet.state.borrow().phase != Phase::Waiting {
            self.outlet.phase(Phase::Opening);
        }
        let settings = self.outlet.settings();
        // A driver that is stuck is asked once and not again and again, each time on a new thread.
        let mut opening = match self.stuck.take() {
            Some((stuck_at, opening)) if stuck_at == path => opening,
            _ => {
                let (path, found) = (path.clone(), Arc::clone(&found));
                tokio::task::spawn_blocking(move || {
                    Device::open(&path, &settings)
                        .map_err(|error| OpenError::explain(&path, &error, &found))
                })
            }
        };
        let opened = match timeout(OPEN_LIMIT, &mut opening).await {
            Ok(opened) => opened,
            Err(_) => {
                self.stuck = Some((path.clone(), opening));
                return Err(OpenError::stuck(&path, OPEN_LIMIT));
            }
        };
        let (device, line) =
            opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        let identity = found.iter().find(|identity| identity.path == path);
        if let Some(identity) = identity {
            self.target.learn(identity);
        }
        self.outlet.update(|state| {
            state.identity = identity.cloned();
            state.path = Some(path.clone());
            state.actual = Some(line);
        });
        Ok((device, path, line))
    }

    /// Serves an open device until it is lost, released, or the port is gone.
    async fn hold(&mut self, device: Device, path: PathBuf, line: Line) -> Wake {
        let line = line.beside(&self.outlet.settings().line);
        let opened = format!("opened {} at {line}", path.display());
        self.outlet.phase(Phase::Open);
        tracing::info!(port = self.outlet.name(), "{opened}");
        self.outlet.note(What::Opened, opened, None);
        let mut session = Session::new(device, &self.outlet);
        let end = session.run(&mut self.asks).await;
        let device = session.close(&end);
        // A device that was opened sooner than it was found has been found by now.
        if let Some(identity) = &self.outlet.state.borrow().identity {
            self.target.learn(identity);
        }
        // Dropping may block in the driver. Waiting for it keeps the name free for the next open.
        let closed = tokio::task::spawn_blocking(move || drop(device));
        let _: Result<_, _> = timeout(OPEN_LIMIT, closed).await;
        self.outlet.update(|state| {
            state.path = None;
            state.actual = None;
            state.lines = None;
            state.errors = None;
            state.held = false;
            state.queued = 0;
            state.rate = Default::default();
        });
        match end {
            End::Stopped => Wake::Stop,
            End::Released(actor, reply) => {
                self.outlet.phase(Phase::Released);
                let text = format!("released {}: another program can have it", path.display());
                self.outlet.note(What::Released, text, Some(&actor));
                let _: Result<_, _> = reply.send(Ok(()));
                Wake::Rest
            }
            End::Lost(error) => {
                let lost = OpenError::lost(&path);
                tracing::warn!(port = self.outlet.name(), ?error, "{lost}");
                self.outlet.note(What::Lost, &*lost.message, None);
                self.wait(lost, 0).await
            }
        }
    }

    /// Waits until it is worth trying again.
    async fn wait(&mut self, OpenError { code, message }: OpenError, failures: u32) -> Wake {
        let delay =
            (FIRST_RETRY * 2u32.saturating_pow(failures.saturating_sub(1).min(10))).min(LAST_RETRY);
        let retry = Some(Time(Time::now().0 + delay.as_micros() as u64));
        if failures == TELLING_FAILURES {
            tracing::warn!(port = self.outlet.name(), "{message}");
            self.outlet.note(What::Waiting, &*message, None);
        }
        self.outlet.phase(Phase::Waiting);
        self.outlet.update(|state| {
            state.failure = Some(Failure {
                code,
                message,
                retry,
            })
        });
        self.rest(Some(Instant::now() + delay)).await
    }

    /// Has no device, and answers what is asked meanwhile.
    async fn rest(&mut self, retry: Option<Instant>) -> Wake {
        loop {
            let ask = tokio::select! {
                ask = self.asks.recv() => ask,
                // What was plugged in may be it; the next try finds out.
                changed = self.found.changed(), if retry.is_some() => match changed {
                    Ok(()) => return Wake::Try,
                    Err(_) => return Wake::Stop,
                },
                () = sleep_until(retry.unwrap_or_else(Instant::now)), if retry.is_some() => return Wake::Try,
            };
            let Some(Ask { actor, act }) = ask else {
                return Wake::Stop;
            };
            // Who asked may have left; that changes nothing for the port.
            match act {
                Act::Open(reply) => {
                    // Whoever asks means what is plugged in now, also if it replaced another device.
                    let found = Arc::clone(&self.found.borrow());
                    if let Err(Absent::Replaced { .. }) = self.target.resolve(&found) {
                        self.target.forget();
                    }
                    let _: Result<_, _> = reply.send(Ok(()));
                    return Wake::Try;
                }
                Act::Release(reply) => {
                    self.outlet.phase(Phase::Released);
                    self.outlet.note(
                        What::Released,
                        "not wanted until somebody takes it back",
                        Some(&actor),
                    );
                    let _: Result<_, _> = reply.send(Ok(()));
                    return Wake::Rest;
                }
                Act::Set(change, reply) => {
                    let set = change.applied_to(self.outlet.settings());
                    let set = set.map(|settings| {
                        self.outlet.update(|state| state.settings = settings);
                        let text = format!("{} when it is opened", settings.line);
                        self.outlet.tell(&actor, Action::Settings, |entry| Entry {
                            detail: Some(text),
                            ..entry
                        });
                    });
                    let _: Result<_, _> = reply.send(set.map(|()| None).map_err(PortError::from));
                }
                Act::Write(job) => {
                    let _: Result<_, _> = job.reply.send(Err(self.outlet.not_open()));
                }
                Act::Cancel(_, reply) => {
                    let _: Result<_, _> = reply.send(Ok(()));
                }
                Act::Halt(runs, reply) => {
                    self.outlet.halted(runs, 0, &actor);
                    let _: Result<_, _> = reply.send(Ok(0));
                }
                Act::Lines(_, _, reply)
                | Act::Break(_, reply)
                | Act::SetBreak(_, reply)
                | Act::Pulse(_, _, reply) => {
                    let _: Result<_, _> = reply.send(Err(self.outlet.not_open()));
                }
                Act::Wrote | Act::Look => {}
            }
        }
    }
}
