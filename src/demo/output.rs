//! Output: what a device has to say, in pieces that wait for their time on the line.

use std::collections::VecDeque;

/// More than the longest answer of any device; what exceeds it is not said.
const CAPACITY: usize = 64 << 10;

/// A queue of pieces, each of which is heard whole or not at all, like lines or frames.
pub struct Output {
    pieces: VecDeque<Vec<u8>>,
    /// How much of the first piece has left.
    sent: usize,
    pending: usize,
    speed: usize,
}

impl Output {
    /// An empty queue for a line that carries `speed` bytes a second.
    pub fn new(speed: usize) -> Self {
        Output {
            pieces: VecDeque::new(),
            sent: 0,
            pending: 0,
            speed,
        }
    }

    /// Queues a piece, or drops it whole when there is no room.
    pub fn send(&mut self, piece: impl Into<Vec<u8>>) {
        let piece = piece.into();
        if !piece.is_empty() && self.pending + piece.len() <= CAPACITY {
            self.pending += piece.len();
            self.pieces.push_back(piece);
        }
    }

    /// Queues the lines of a text, each ended by CR and LF.
    pub fn say(&mut self, text: &str) {
        for line in text.lines() {
            self.send(format!("{line}\r\n"));
        }
    }

    /// How many bytes wait.
    pub fn pending(&self) -> usize {
        self.pending
    }

    /// How many bytes the line carries in a second.
    pub fn speed(&self) -> usize {
        self.speed
    }

    /// Follows a change of the line's speed.
    pub fn set_speed(&mut self, speed: usize) {
        self.speed = speed;
    }

    /// Puts up to `budget` bytes on the line and tells how much of the line's time that took. `write`
    /// says how many bytes it took. What it does not take passes unheard, except the rest of a piece that
    /// has begun: that waits, so that the reader never sees a torn piece.
    pub fn drain(&mut self, budget: usize, mut write: impl FnMut(&[u8]) -> usize) -> usize {
        let mut left = budget;
        while left > 0
            && let Some(piece) = self.pieces.front()
        {
            let asked = left.min(piece.len() - self.sent);
            let taken = write(&piece[self.sent..self.sent + asked]);
            self.sent += taken;
            self.pending -= taken;
            left -= taken;
            if self.sent == piece.len() {
                self.pieces.pop_front();
                self.sent = 0;
            }
            if taken < asked {
                left = self.lose(left);
                break;
            }
        }
        budget - left
    }

    /// Forgets everything: nobody is at the other end.
    pub fn clear(&mut self) {
        self.pieces.clear();
        self.sent = 0;
        self.pending = 0;
    }

    fn lose(&mut self, mut left: usize) -> usize {
        let begun = usize::from(self.sent > 0);
        while left > 0
            && let Some(piece) = self.pieces.remove(begun)
        {
            self.pending -= piece.len();
            left = left.saturating_sub(piece.len());
        }
        // A line that only waits for the rest of a piece is idle: its time is gone all the same.
        if begun > 0 { 0 } else { left }
    }

    /// Everything that waits, taken out: for tests of devices without a line.
    #[cfg(test)]
    pub fn take(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        self.drain(usize::MAX, |bytes| {
            all.extend_from_slice(bytes);
            bytes.len()
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader with room for `room` bytes.
    fn drain_into(out: &mut Output, budget: usize, room: usize, heard: &mut Vec<u8>) -> usize {
        let mut room = room;
        out.drain(budget, |bytes| {
            let taken = bytes.len().min(room);
            room -= taken;
            heard.extend_from_slice(&bytes[..taken]);
            taken
        })
    }

    #[test]
    fn a_piece_leaves_over_several_budgets() {
        let (mut out, mut heard) = (Output::new(100), Vec::new());
        out.send("hello\n");
        assert_eq!(drain_into(&mut out, 4, 100, &mut heard), 4);
        assert_eq!(out.pending(), 2);
        assert_eq!(drain_into(&mut out, 4, 100, &mut heard), 2);
        assert_eq!(heard, b"hello\n");
        assert_eq!(out.pending(), 0);
    }

    #[test]
    fn a_full_reader_loses_whole_pieces_and_keeps_the_one_begun() {
        let (mut out, mut heard) = (Output::new(100), Vec::new());
        for line in ["first\n", "second\n", "third\n"] {
            out.send(line);
        }
        drain_into(&mut out, 8, 3, &mut heard);
        out.send("fourth\n");
        drain_into(&mut out, 100, 100, &mut heard);
        assert_eq!(heard, b"first\nthird\nfourth\n");
    }

    #[test]
    fn a_reader_that_takes_nothing_never_makes_the_queue_grow() {
        let (mut out, mut heard) = (Output::new(100), Vec::new());
        for _ in 0..10_000 {
            out.send("one more line that nobody reads\n");
            drain_into(&mut out, 100, 0, &mut heard);
            assert!(out.pending() < 100);
        }
        for _ in 0..10_000 {
            out.send("one more line at a speed of zero\n");
        }
        assert!(out.pending() <= CAPACITY);
    }

    #[test]
    fn the_time_of_what_nobody_takes_is_gone() {
        let mut out = Output::new(100);
        out.send("0123456789");
        assert_eq!(out.drain(10, |_| 0), 10);
        out.send("0123456789");
        out.send("0123456789");
        assert_eq!(out.drain(10, |bytes| bytes.len() / 2), 10);
        assert_eq!(out.pending(), 5);
    }
}
