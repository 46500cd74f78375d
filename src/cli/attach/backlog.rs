//! The backlog: what was typed, or pasted, and has not left for the server yet.

use std::collections::VecDeque;

/// So much is read ahead of the device, in bytes: the escape key behind it is seen only when it is read.
const MOST: usize = 16 << 20;
/// What leaves at once, in bytes.
const PIECE: usize = 16 << 10;

/// What waits, in the order in which it was typed.
#[derive(Debug, Default)]
pub struct Backlog(VecDeque<u8>);

impl Backlog {
    /// Adds what was typed.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    /// Takes what leaves next.
    pub fn piece(&mut self) -> Option<Vec<u8>> {
        let length = self.0.len().min(PIECE);
        (length > 0).then(|| self.0.drain(..length).collect())
    }

    /// Throws away all of it; gives how many bytes that were.
    pub fn clear(&mut self) -> usize {
        std::mem::take(&mut self.0).len()
    }

    /// The number of bytes that wait.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no more is to be read.
    pub fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_leaves_piece_by_piece_in_order_and_more_is_read_up_to_a_limit() {
        let mut backlog = Backlog::default();
        let typed: Vec<u8> = (0..3 * PIECE / 2).map(|n| n as u8).collect();
        backlog.push(&typed[..10]);
        backlog.push(&typed[10..]);
        let left: Vec<_> = std::iter::from_fn(|| backlog.piece()).collect();
        assert_eq!(left.iter().map(Vec::len).max(), Some(PIECE));
        assert_eq!(left.concat(), typed);
        backlog.push(&vec![b'x'; MOST - 1]);
        assert!(!backlog.is_full());
        backlog.push(b"x");
        assert!(backlog.is_full());
        assert_eq!((backlog.clear(), backlog.len()), (MOST, 0));
    }
}
