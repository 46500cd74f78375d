//! Sums: what is told again and again within a second is written once. Typing is a burst of writes, and
//! who is refused tries again.

use std::time::{Duration, Instant};

use super::{Action, Entry, Outcome};
use crate::record::Offset;

/// A burst is written down this long after it began.
const BURST: Duration = Duration::from_secs(1);
/// Bursts that may go on at the same time; the oldest gives way.
const MOST: usize = 64;

/// A burst that goes on.
struct Burst {
    due: Instant,
    entry: Entry,
}

/// The bursts that go on, oldest first.
#[derive(Default)]
pub(super) struct Sums(Vec<Burst>);

impl Sums {
    /// Takes an entry; gives what is to be written now, in order.
    pub fn add(&mut self, entry: Entry, now: Instant) -> Vec<Entry> {
        let mut ready = self.ready(now);
        if !comes_in_bursts(&entry) {
            // What a client did before stands before; what is of no client stands behind all.
            let is_before =
                |burst: &mut Burst| entry.client.is_none() || burst.entry.client == entry.client;
            let before = self.0.extract_if(.., is_before);
            ready.extend(before.map(|burst| burst.entry));
            ready.push(entry);
            return ready;
        }
        let mut bursts = self.0.iter_mut();
        match bursts.find(|burst| burst.entry.repeats(&entry)) {
            Some(burst) => join(&mut burst.entry, &entry),
            None => {
                if self.0.len() >= MOST {
                    ready.push(self.0.remove(0).entry);
                }
                let due = now + BURST;
                self.0.push(Burst { due, entry });
            }
        }
        ready
    }

    /// When something is to be written; never where nothing goes on.
    pub fn due(&self) -> Option<Instant> {
        self.0.first().map(|burst| burst.due)
    }

    /// What is to be written now.
    pub fn ready(&mut self, now: Instant) -> Vec<Entry> {
        let is_due = |burst: &Burst| burst.due <= now;
        let count = self.0.iter().take_while(|burst| is_due(burst)).count();
        self.0.drain(..count).map(|burst| burst.entry).collect()
    }

    /// All that goes on.
    pub fn rest(&mut self) -> Vec<Entry> {
        self.0.drain(..).map(|burst| burst.entry).collect()
    }
}

fn comes_in_bursts(entry: &Entry) -> bool {
    entry.action == Action::Type || entry.outcome != Outcome::Done
}

fn join(burst: &mut Entry, more: &Entry) {
    if let (Some(bytes), Some(more_bytes)) = (burst.bytes, more.bytes) {
        burst.bytes = Some(bytes + more_bytes);
        let end = |entry: &Entry| entry.until.unwrap_or(Offset(0));
        burst.until = Some(end(burst).max(end(more)));
    } else {
        burst.times = Some(burst.times.unwrap_or(1) + more.times.unwrap_or(1));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(client: &str, offset: u64, bytes: u64) -> Entry {
        Entry {
            client: Some(client.to_owned()),
            port: Some("rack1".to_owned()),
            offset: Some(Offset(offset)),
            until: Some(Offset(offset + bytes)),
            bytes: Some(bytes),
            ..Entry::new(Action::Type)
        }
    }

    #[test]
    fn a_burst_is_one_entry_a_second() {
        let (mut sums, start) = (Sums::default(), Instant::now());
        for n in 0..10 {
            let now = start + Duration::from_millis(90 * n);
            assert_eq!(sums.add(typed("c1", 10 * n, 3), now), []);
        }
        assert_eq!(sums.due(), Some(start + BURST));
        let written = sums.add(typed("c1", 200, 1), start + BURST);
        assert_eq!(written.len(), 1);
        let sum = &written[0];
        assert_eq!((sum.offset, sum.until), (Some(Offset(0)), Some(Offset(93))));
        assert_eq!((sum.bytes, sum.times), (Some(30), None));
        assert_eq!(sums.rest().len(), 1);
        assert_eq!(sums.due(), None);
    }

    #[test]
    fn what_was_typed_before_something_else_stands_before_it() {
        let (mut sums, now) = (Sums::default(), Instant::now());
        sums.add(typed("c1", 0, 1), now);
        sums.add(typed("c2", 1, 1), now);
        let release = Entry {
            client: Some("c1".to_owned()),
            ..Entry::new(Action::Release)
        };
        let written = sums.add(release.clone(), now);
        assert_eq!(written.len(), 2);
        assert_eq!((written[0].action, &written[1]), (Action::Type, &release));
        let stop = Entry::new(Action::ServerStop);
        let written = sums.add(stop.clone(), now);
        assert_eq!(written[0].client.as_deref(), Some("c2"));
        assert_eq!(written[1..], [stop]);
    }

    #[test]
    fn who_is_refused_again_and_again_is_counted() {
        let (mut sums, now) = (Sums::default(), Instant::now());
        let refused = |detail: &str| Entry {
            outcome: Outcome::Refused,
            detail: Some(detail.to_owned()),
            ..Entry::new(Action::SignIn)
        };
        for detail in ["a", "a", "b", "a"] {
            assert_eq!(sums.add(refused(detail), now), []);
        }
        let told: Vec<_> = sums.rest().into_iter().map(|entry| entry.times).collect();
        assert_eq!(told, [Some(3), None]);
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_and_memory_is_bounded(
            writes in prop::collection::vec((0..200u32, 1..100u64, 0..400u64), 0..600),
        ) {
            let (mut sums, mut now, mut offset) = (Sums::default(), Instant::now(), 0);
            let (mut told, mut written) = (0, Vec::new());
            for (client, bytes, pause) in writes {
                now += Duration::from_millis(pause);
                written.extend(sums.add(typed(&client.to_string(), offset, bytes), now));
                (told, offset) = (told + bytes, offset + bytes);
                prop_assert!(sums.0.len() <= MOST);
                prop_assert!(sums.due().is_none_or(|due| due > now && due <= now + BURST));
            }
            written.extend(sums.rest());
            let all: u64 = written.iter().filter_map(|entry| entry.bytes).sum();
            prop_assert_eq!(all, told);
        }
    }
}
