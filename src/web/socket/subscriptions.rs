//! The subscriptions of a connection, which take turns.

use futures_util::future::select_all;

use super::subscription::Subscription;
use crate::span::Span;
use crate::wire::Channel;

/// A binary message holds about this much, in bytes.
const BATCH: usize = 64 * 1024;

/// All subscriptions of a connection.
#[derive(Default)]
pub(super) struct Subscriptions {
    all: Vec<Subscription>,
    /// Where the last round of filling ended, so that one busy port cannot starve the others.
    turn: usize,
    span: Span,
}

impl Subscriptions {
    pub(super) fn add(&mut self, subscription: Subscription) {
        self.all.push(subscription);
    }

    pub(super) fn remove(&mut self, channel: Channel) {
        self.all
            .retain(|subscription| subscription.channel != channel);
    }

    /// Lets the channel send so many bytes more.
    pub(super) fn grant(&mut self, channel: Channel, bytes: u64) {
        let mut all = self.all.iter_mut();
        if let Some(subscription) = all.find(|subscription| subscription.channel == channel)
            && let Some(credit) = &mut subscription.credit
        {
            *credit = credit.saturating_add_unsigned(bytes);
        }
    }

    /// One message of what is there.
    pub(super) fn fill(&mut self) -> Vec<u8> {
        let mut message = Vec::new();
        let (count, first) = (self.all.len(), self.turn);
        for place in 0..count {
            let room = BATCH.saturating_sub(message.len());
            if room == 0 {
                break;
            }
            let turn = (first + place) % count;
            if self.all[turn].fill(&mut message, room, &mut self.span) {
                self.turn = turn + 1;
            }
        }
        message
    }

    /// Lets go one that has sent everything.
    pub(super) fn take_ended(&mut self) -> Option<Subscription> {
        let place = self.all.iter().position(Subscription::has_ended)?;
        // Whoever was next stays so.
        self.turn -= usize::from(place < self.turn);
        Some(self.all.remove(place))
    }

    /// Waits until there may be more to send.
    pub(super) async fn changed(&mut self) {
        if self.all.iter().any(Subscription::is_busy) {
            return tokio::task::yield_now().await;
        }
        let waiting = self
            .all
            .iter_mut()
            .filter(|subscription| subscription.has_credit());
        let waiting: Vec<_> = waiting
            .map(|waiting| Box::pin(waiting.cursor.changed()))
            .collect();
        if waiting.is_empty() {
            std::future::pending().await
        } else {
            drop(select_all(waiting).await);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::journal::Journal;
    use crate::record::{Kind, Offset, Time};
    use crate::wire::{RECORD_HEADER, overhead};

    /// Subscriptions to journals of so many bytes each, on channels from 0 on.
    fn subscriptions(lengths: &[usize]) -> (Vec<Arc<Journal>>, Subscriptions) {
        let (mut journals, mut all) = (Vec::new(), Subscriptions::default());
        for (channel, length) in (0..).zip(lengths) {
            let journal = Journal::new(1 << 20);
            journal.append(Kind::Rx, Time(1), None, &vec![b'x'; *length]);
            all.add(Subscription {
                channel,
                cursor: journal.cursor(Offset(0)).with_overhead(overhead),
                credit: None,
                live: Offset(0),
                to: Some(journal.reach().head),
                readings: None,
                _lease: Arc::default(),
            });
            journals.push(journal);
        }
        (journals, all)
    }

    /// The channels of the records in a message.
    fn channels(message: &[u8]) -> Vec<Channel> {
        let (mut all, mut rest) = (Vec::new(), message);
        while let Some((header, behind)) = rest.split_at_checked(RECORD_HEADER) {
            all.push(u16::from_le_bytes([header[2], header[3]]));
            let length = u32::from_le_bytes(header[4..8].try_into().unwrap());
            rest = &behind[length as usize..];
        }
        all
    }

    #[test]
    fn a_message_has_something_of_everyone_as_long_as_there_is_room() {
        let (journals, mut all) = subscriptions(&[10, 10, 10]);
        for (turn, place) in [(0, [0, 1, 2]), (2, [2, 0, 1])] {
            all.turn = turn;
            assert_eq!(channels(&all.fill()), place);
            for (subscription, journal) in all.all.iter_mut().zip(&journals) {
                journal.append(Kind::Rx, Time(1), None, b"more");
                subscription.to = None;
            }
        }
    }

    #[test]
    fn those_with_much_to_send_take_turns_also_when_one_ends() {
        let (_journals, mut all) = subscriptions(&[300_000, 100_000, 300_000]);
        let mut seen = Vec::new();
        let mut ended = Vec::new();
        while !all.all.is_empty() {
            seen.extend(channels(&all.fill()));
            while let Some(subscription) = all.take_ended() {
                ended.push(subscription.channel);
            }
        }
        seen.dedup();
        assert_eq!(seen[..6], [0, 1, 2, 0, 1, 2]);
        assert_eq!(ended, [1, 0, 2]);
        assert!(seen[6..].windows(2).all(|two| two[0] != two[1]));
    }
}
