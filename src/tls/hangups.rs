//! Hangups: the system's way (SIGHUP) to ask a service to read its files again.

/// What was asked. A program that runs at a terminal ends when that is closed, as ever.
#[cfg(unix)]
pub struct Hangups(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Hangups {
    /// Listens from now on.
    pub fn new() -> Self {
        use std::io::IsTerminal;

        use tokio::signal::unix::{SignalKind, signal};
        let is_service = !std::io::stdin().is_terminal();
        Self(
            is_service
                .then(|| signal(SignalKind::hangup()).ok())
                .flatten(),
        )
    }

    /// Waits until it is asked for.
    pub async fn next(&mut self) {
        if let Some(signal) = &mut self.0
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

/// Nobody asks elsewhere.
#[cfg(not(unix))]
pub struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    pub fn new() -> Self {
        Self
    }

    pub async fn next(&mut self) {
        std::future::pending().await
    }
}
