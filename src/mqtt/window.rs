//! The window: messages that the broker has not confirmed yet, and places that are reached when it has.

use std::collections::VecDeque;

/// So many messages may be unconfirmed.
const MOST: usize = 64;

/// Something on its way.
enum Pending<P> {
    Message(u16),
    /// Reached when all before is confirmed.
    Place(P),
}

/// What is on its way to a broker, in order.
pub struct Window<P> {
    pending: VecDeque<Pending<P>>,
    /// Those of `pending` that are messages.
    unconfirmed: usize,
    /// The number below all that messages have.
    reserved: u16,
    last: u16,
}

impl<P> Window<P> {
    /// Nothing is on its way. Messages get numbers above that one.
    pub fn new(reserved: u16) -> Self {
        Self {
            pending: VecDeque::new(),
            unconfirmed: 0,
            reserved,
            last: reserved,
        }
    }

    /// Whether the broker has to confirm some before more may go.
    pub fn is_full(&self) -> bool {
        self.unconfirmed >= MOST
    }

    /// A message goes that the broker confirms by this number.
    pub fn add(&mut self) -> u16 {
        self.last = self.last.checked_add(1).unwrap_or(self.reserved + 1);
        self.pending.push_back(Pending::Message(self.last));
        self.unconfirmed += 1;
        self.last
    }

    /// With all that went before this place is reached.
    pub fn mark(&mut self, place: P) {
        self.pending.push_back(Pending::Place(place));
    }

    /// The broker has a message, and all before: it confirms in the order in which it was told.
    pub fn confirm(&mut self, number: u16) {
        let is_it =
            |pending: &Pending<P>| matches!(pending, Pending::Message(own) if *own == number);
        let Some(place) = self.pending.iter().position(is_it) else {
            return;
        };
        let rest = self.pending.split_off(place + 1);
        self.pending
            .retain(|pending| matches!(pending, Pending::Place(_)));
        self.pending.extend(rest);
        let messages = self.pending.iter();
        self.unconfirmed = messages
            .filter(|pending| matches!(pending, Pending::Message(_)))
            .count();
    }

    /// The next place that is reached.
    pub fn reached(&mut self) -> Option<P> {
        match self.pending.pop_front()? {
            Pending::Place(place) => Some(place),
            message => {
                self.pending.push_front(message);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(window: &mut Window<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| window.reached()).collect()
    }

    #[test]
    fn a_place_is_reached_when_all_before_is_confirmed() {
        let mut window = Window::new(1);
        window.mark("nothing waits");
        assert_eq!(reached(&mut window), ["nothing waits"]);
        assert_eq!((window.add(), window.add()), (2, 3));
        window.mark("two");
        assert_eq!(window.add(), 4);
        window.mark("three");
        window.mark("still");
        for (number, places) in [
            (9, &[][..]),
            (2, &[]),
            (3, &["two"]),
            (3, &[]),
            (4, &["three", "still"]),
        ] {
            window.confirm(number);
            assert_eq!(reached(&mut window), places, "{number}");
        }
    }

    #[test]
    fn what_is_confirmed_makes_room_and_numbers_begin_again_above_those_of_others() {
        let mut window = Window::<()>::new(1);
        let first: Vec<_> = (0..MOST).map(|_| window.add()).collect();
        assert!(window.is_full());
        window.confirm(first[0]);
        assert!(!window.is_full());
        window.confirm(first[MOST - 1]);
        for _ in 0..100_000 {
            let number = window.add();
            assert!(number > 1);
            window.confirm(number);
        }
        assert!(!window.is_full() && window.pending.is_empty());
    }
}
