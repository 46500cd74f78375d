//! The queue: those who want ports as soon as they are free. First come, first served.

use std::sync::Arc;

use super::desk::Desk;
use super::table::Wanted;

/// All who wait, those who came first in front.
#[derive(Debug, Default)]
pub struct Queue {
    /// The number of whoever came last.
    last: u64,
    waiting: Vec<(u64, Wanted)>,
}

impl Queue {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What whoever has this number may have: not what those wait for who came before.
    pub fn left_for(&self, number: u64, wanted: &Wanted) -> Wanted {
        let before = self.waiting.iter().take_while(|(other, _)| *other < number);
        let before: Vec<_> = before.flat_map(|(_, other)| &other.ports).collect();
        let mut left = wanted.clone();
        left.ports.retain(|port| !before.contains(&port));
        left
    }
}

/// Somebody's place in the queue; leaving is dropping this.
pub struct Place {
    desk: Arc<Desk>,
    /// The number.
    pub number: u64,
}

impl Place {
    /// The last place.
    pub fn last(desk: &Arc<Desk>, wanted: &Wanted) -> Self {
        let queue = &mut desk.book().queue;
        queue.last += 1;
        queue.waiting.push((queue.last, wanted.clone()));
        Self {
            desk: Arc::clone(desk),
            number: queue.last,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let number = self.number;
        self.desk
            .book()
            .queue
            .waiting
            .retain(|(other, _)| *other != number);
        // Those behind may have what it waited for.
        self.desk.changed.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_what_somebody_waits_for_who_came_before() {
        let wanted = |ports: &[&str]| Wanted {
            ports: ports.iter().map(|port| (*port).to_owned()).collect(),
            count: 1,
        };
        let queue = Queue {
            last: 3,
            waiting: vec![(1, wanted(&["a"])), (3, wanted(&["b", "c"]))],
        };
        let left = |number| queue.left_for(number, &wanted(&["a", "b", "d"])).ports;
        assert_eq!(left(1), ["a", "b", "d"]);
        assert_eq!(left(2), ["b", "d"]);
        assert_eq!(left(4), ["d"]);
    }
}
