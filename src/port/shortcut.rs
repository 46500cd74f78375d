//! The shortcut: a write goes straight to a device that has nothing else to do, and not by way of the
//! worker, which would have to wake up first.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::device::Writer;

/// The way past the worker, while a session has a device.
#[derive(Default)]
pub(super) struct Shortcut {
    writer: Mutex<Option<Writer>>,
    /// Bytes that went this way and the session has not counted yet.
    sent: AtomicU64,
    /// Whether the session will count by itself.
    counting: AtomicBool,
}

impl Shortcut {
    /// The way is open, or closed before the device is.
    pub(super) fn set(&self, writer: Option<Writer>) {
        *self.lock() = writer;
    }

    /// Writes what the device takes at once; returns how much that is. An error is left to the
    /// session, which meets it too.
    pub(super) fn write(&self, bytes: &[u8]) -> usize {
        let writer = self.lock();
        let taken = writer.as_ref().map(|writer| writer.write(bytes));
        let taken = taken.and_then(Result::ok).unwrap_or(0);
        self.sent.fetch_add(taken as u64, Ordering::Relaxed);
        taken
    }

    /// Bytes that went this way since this was last asked.
    pub(super) fn take_sent(&self) -> u64 {
        self.sent.swap(0, Ordering::Relaxed)
    }

    /// The session will count by itself from now on, or not any more.
    pub(super) fn set_counting(&self, counting: bool) {
        self.counting.store(counting, Ordering::Relaxed);
    }

    pub(super) fn is_counting(&self) -> bool {
        self.counting.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Writer>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
