//! The flusher: a thread for what has to wait until the disk has it, so that no batch waits behind.

use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

/// Jobs that may wait.
const JOBS: usize = 64;

/// One thread is enough for a program: all stores wait for the same few disks.
static FLUSHER: OnceLock<Option<SyncSender<Job>>> = OnceLock::new();

/// Does a job soon, and in its turn; at once where too many wait already.
pub fn later(job: impl FnOnce() + Send + 'static) {
    let flusher = FLUSHER.get_or_init(|| {
        let (sender, jobs) = sync_channel::<Job>(JOBS);
        let work = move || jobs.into_iter().for_each(|job| job());
        let thread = thread::Builder::new().name("flusher".to_owned());
        thread.spawn(work).ok().map(|_| sender)
    });
    let job: Job = Box::new(job);
    match flusher {
        None => job(),
        Some(flusher) => match flusher.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => job(),
        },
    }
}
