//! Work: what a client has asked for that takes its time. It ends with the client.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use axum::http::StatusCode;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::feed::Order;
use super::outcome::Outcome;
use crate::port::Written;
use crate::web::problem::Problem;
use crate::wire::talk::{Code, Refusal, Say};

/// Requests of one client that may be under way.
const UNDER_WAY: usize = 1024;

/// What is under way for a client.
pub(super) struct Work {
    orders: mpsc::Sender<Order>,
    tasks: JoinSet<()>,
    /// By the ids of their requests, those that the client may abort. Gone when they have ended.
    waiting: HashMap<u32, Weak<Notify>>,
}

impl Work {
    pub(super) fn new(orders: mpsc::Sender<Order>) -> Self {
        Self {
            orders,
            tasks: JoinSet::new(),
            waiting: HashMap::new(),
        }
    }

    /// Forgets what has ended.
    pub(super) fn tidy(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        self.waiting.retain(|_, end| end.strong_count() > 0);
    }

    /// Goes on beside the client, and answers nothing.
    pub(super) fn begin(
        &mut self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Refusal> {
        if self.tasks.len() >= UNDER_WAY {
            let message = format!("{UNDER_WAY} requests are under way; wait for some answers");
            return Err(Refusal::new(Code::TooMany, message));
        }
        self.tasks.spawn(work);
        Ok(())
    }

    /// Answers when it is done; the client may go on meanwhile.
    pub(super) fn answer<O: Into<Outcome>, E: Into<Problem>>(
        &mut self,
        id: Option<u32>,
        outcome: impl Future<Output = Result<O, E>> + Send + 'static,
    ) -> Result<(), Refusal> {
        let orders = self.orders.clone();
        self.begin(async move {
            let answer = match outcome.await.map(Into::into) {
                Ok(Outcome::Written(Written { offset, length })) => {
                    Say::Written { id, offset, length }.to_text()
                }
                Ok(Outcome::Done(answer)) => Say::Done { id, answer }.to_text(),
                Err(error) => {
                    let refusal = &error.into().into_refusal();
                    Say::Error { id, refusal }.to_text()
                }
            };
            // The client may have left.
            let _: Result<_, _> = orders.send(Order::Say(answer.into())).await;
        })
    }

    /// The same, unless the client aborts it before.
    pub(super) fn wait<O: Into<Outcome> + Send>(
        &mut self,
        id: Option<u32>,
        outcome: impl Future<Output = Result<O, Problem>> + Send + 'static,
    ) -> Result<(), Refusal> {
        let end = Arc::new(Notify::new());
        let aborted = Arc::downgrade(&end);
        self.answer(id, async move {
            tokio::select! {
                outcome = outcome => outcome,
                () = end.notified() => {
                    let message = "whoever asked waits for it no longer";
                    Err(Problem::new(StatusCode::CONFLICT, Code::Cancelled, message))
                }
            }
        })?;
        self.waiting.extend(id.map(|id| (id, aborted)));
        Ok(())
    }

    /// Ends what the client waits for under that id. What has ended already is as good.
    pub(super) fn abort(&mut self, id: u32) {
        if let Some(end) = self.waiting.remove(&id).and_then(|end| end.upgrade()) {
            end.notify_one();
        }
    }
}
