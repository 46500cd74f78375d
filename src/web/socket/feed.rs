//! Feeding a client: records of its subscriptions as they come and as it has credit, and what the
//! other tasks want said. A client that is behind gets larger batches.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt;
use futures_util::future::select_all;
use futures_util::stream::SplitSink;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::PING_EVERY;
use crate::journal::{Cursor, Step};
use crate::record::{Offset, Time};
use crate::span::Span;
use crate::web::closing;
use crate::wire::{self, Channel, RECORD_HEADER};

/// A binary message holds about this much, in bytes.
const BATCH: usize = 64 * 1024;

/// What the other tasks of the connection want of the feeder.
pub(super) enum Order {
    /// Say this text.
    Say(Utf8Bytes),
    /// Say this text, then feed this.
    Begin(String, Subscription),
    /// Stop feeding this channel, then say this text.
    End(Channel, String),
    /// The client drew so many bytes of this channel.
    Credit(Channel, u64),
}

/// One port's records on their way to the client.
pub(super) struct Subscription {
    pub channel: Channel,
    pub cursor: Cursor,
    /// Bytes that the client is ready for; below 0 where the last record overshot. No bound where
    /// the client named none.
    pub credit: Option<i64>,
    /// From here on records are live.
    pub live: Offset,
}

impl Subscription {
    /// Adds records to a message that has room for `room` bytes; false if there was nothing.
    fn fill(&mut self, message: &mut Vec<u8>, room: usize, span: &mut Span) -> bool {
        let limit = self.credit.map_or(room, |credit| {
            room.min(usize::try_from(credit.max(0)).unwrap_or(room))
        });
        if limit == 0 {
            return false;
        }
        let before = message.len();
        match self.cursor.take(limit, span) {
            None => return false,
            Some(Step::Gap(gap)) => {
                wire::put_gap(message, self.channel, gap, Time::now());
            }
            Some(Step::Span) => {
                message.reserve(span.len() + RECORD_HEADER);
                for record in span.records() {
                    let live = record.offset >= self.live;
                    wire::put_record(message, self.channel, live, &record);
                }
            }
        }
        if let Some(credit) = &mut self.credit {
            *credit -= (message.len() - before) as i64;
        }
        true
    }

    fn has_credit(&self) -> bool {
        self.credit.is_none_or(|credit| credit > 0)
    }
}

pub(super) struct Feed {
    sink: SplitSink<WebSocket, Message>,
    inbox: mpsc::Receiver<Order>,
    subscriptions: Vec<Subscription>,
    /// Where the last round of filling ended, so that one busy port cannot starve the others.
    turn: usize,
    span: Span,
}

/// The client is gone.
struct Gone;

impl Feed {
    pub(super) fn new(sink: SplitSink<WebSocket, Message>, inbox: mpsc::Receiver<Order>) -> Self {
        Self {
            sink,
            inbox,
            subscriptions: Vec::new(),
            turn: 0,
            span: Span::default(),
        }
    }

    /// Runs until the client is gone or it is time for `goodbye`.
    pub(super) async fn run(mut self, goodbye: impl Future<Output = Option<CloseFrame>>) {
        let goodbye = tokio::select! {
            Gone = self.feed() => return,
            goodbye = goodbye => goodbye,
        };
        closing::close(&mut self.sink, goodbye).await;
    }

    async fn feed(&mut self) -> Gone {
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            while let Ok(order) = self.inbox.try_recv() {
                if self.obey(order).await.is_err() {
                    return Gone;
                }
            }
            let message = self.fill();
            let length = message.len();
            if length > 0 && self.put(Message::Binary(message.into())).await.is_err() {
                return Gone;
            }
            if self.sink.flush().await.is_err() {
                return Gone;
            }
            if length > 0 {
                // All others are served before this one looks for more: sending to a client that
                // keeps up never waits.
                tokio::task::yield_now().await;
                continue;
            }
            let waiting = self
                .subscriptions
                .iter_mut()
                .filter(|subscription| subscription.has_credit());
            let waiting: Vec<_> = waiting
                .map(|waiting| Box::pin(waiting.cursor.changed()))
                .collect();
            let more = async {
                if waiting.is_empty() {
                    std::future::pending().await
                } else {
                    drop(select_all(waiting).await);
                }
            };
            let order = tokio::select! {
                () = more => continue,
                order = self.inbox.recv() => order,
                _ = ping.tick() => {
                    if self.put(Message::Ping(Bytes::new())).await.is_err() {
                        return Gone;
                    }
                    continue;
                }
            };
            // The others have ended.
            let Some(order) = order else { return Gone };
            if self.obey(order).await.is_err() {
                return Gone;
            }
        }
    }

    /// One message of what is there.
    fn fill(&mut self) -> Vec<u8> {
        let mut message = Vec::new();
        let count = self.subscriptions.len();
        for place in 0..count {
            let room = BATCH.saturating_sub(message.len());
            if room == 0 {
                break;
            }
            let turn = (self.turn + place) % count;
            if self.subscriptions[turn].fill(&mut message, room, &mut self.span) {
                self.turn = turn + 1;
            }
        }
        message
    }

    async fn obey(&mut self, order: Order) -> Result<(), Gone> {
        match order {
            Order::Say(text) => self.put(Message::Text(text)).await,
            Order::Begin(text, subscription) => {
                self.subscriptions.push(subscription);
                self.put(Message::Text(text.into())).await
            }
            Order::End(channel, text) => {
                self.subscriptions
                    .retain(|subscription| subscription.channel != channel);
                self.put(Message::Text(text.into())).await
            }
            Order::Credit(channel, bytes) => {
                let mut all = self.subscriptions.iter_mut();
                if let Some(subscription) = all.find(|subscription| subscription.channel == channel)
                    && let Some(credit) = &mut subscription.credit
                {
                    *credit = credit.saturating_add_unsigned(bytes);
                }
                Ok(())
            }
        }
    }

    /// Puts a message behind the others; all of them leave together when the sink is flushed.
    async fn put(&mut self, message: Message) -> Result<(), Gone> {
        self.sink.feed(message).await.map_err(|_| Gone)
    }
}
