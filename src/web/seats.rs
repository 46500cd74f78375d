//! Seats: how much may go on at the same time of what keeps a core and the disk busy.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::problem::Problem;
use crate::wire::talk::Code;

/// It is waited so long for a seat.
const LIMIT: Duration = Duration::from_secs(2);
/// What whoever waited in vain is advised to wait, in seconds.
const RETRY_AFTER: &str = "5";

/// The seats of one kind of work, for the whole server.
pub struct Seats {
    free: Arc<Semaphore>,
    count: usize,
    /// Of what.
    what: &'static str,
}

impl Seats {
    /// So many seats of that work, in the plural.
    pub fn new(count: usize, what: &'static str) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            count,
            what,
        }
    }

    /// Takes a seat, or gives the answer that there is none.
    pub async fn take(&self) -> Result<OwnedSemaphorePermit, Response> {
        let taken = timeout(LIMIT, Arc::clone(&self.free).acquire_owned()).await;
        taken.ok().and_then(Result::ok).ok_or_else(|| {
            let message = format!(
                "{} {} run already, which is as many as may; try again soon",
                self.count, self.what
            );
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, Code::TooMany, message);
            ([(header::RETRY_AFTER, RETRY_AFTER)], problem).into_response()
        })
    }
}
