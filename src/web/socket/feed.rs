//! Feeding a client: records of its subscriptions as they come and as it has credit, and what the
//! other tasks want said. A client that is behind gets larger batches.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::PING_EVERY;
use super::subscription::Subscription;
use super::subscriptions::Subscriptions;
use crate::web::closing;
use crate::wire::Channel;
use crate::wire::talk::Say;

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

pub(super) struct Feed {
    sink: SplitSink<WebSocket, Message>,
    inbox: mpsc::Receiver<Order>,
    subscriptions: Subscriptions,
}

/// The client is gone.
struct Gone;

impl Feed {
    pub(super) fn new(sink: SplitSink<WebSocket, Message>, inbox: mpsc::Receiver<Order>) -> Self {
        Self {
            sink,
            inbox,
            subscriptions: Subscriptions::default(),
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
            let message = self.subscriptions.fill();
            let length = message.len();
            if length > 0 && self.put(Message::Binary(message.into())).await.is_err() {
                return Gone;
            }
            if self.end().await.is_err() {
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
            let order = tokio::select! {
                () = self.subscriptions.changed() => continue,
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

    /// Says which subscriptions have sent everything.
    async fn end(&mut self) -> Result<(), Gone> {
        while let Some(ended) = self.subscriptions.take_ended() {
            // Its channel is free when it is dropped, and that is after it was said.
            let channel = ended.channel;
            let text = Say::Ended { channel }.to_text();
            self.put(Message::Text(text.into())).await?;
        }
        Ok(())
    }

    async fn obey(&mut self, order: Order) -> Result<(), Gone> {
        match order {
            Order::Say(text) => self.put(Message::Text(text)).await,
            Order::Begin(text, subscription) => {
                self.subscriptions.add(subscription);
                self.put(Message::Text(text.into())).await
            }
            Order::End(channel, text) => {
                self.subscriptions.remove(channel);
                self.put(Message::Text(text.into())).await
            }
            Order::Credit(channel, bytes) => {
                self.subscriptions.grant(channel, bytes);
                Ok(())
            }
        }
    }

    /// Puts a message behind the others; all of them leave together when the sink is flushed.
    async fn put(&mut self, message: Message) -> Result<(), Gone> {
        self.sink.feed(message).await.map_err(|_| Gone)
    }
}
