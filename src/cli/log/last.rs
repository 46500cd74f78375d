//! The last lines of a text that comes in pieces.

use std::collections::VecDeque;
use std::io::{self, Write};

/// So many lines, and how many there were.
pub struct Last {
    most: usize,
    lines: VecDeque<Vec<u8>>,
    seen: usize,
}

impl Last {
    /// Keeps at most so many.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            lines: VecDeque::new(),
            seen: 0,
        }
    }

    /// Takes some whole lines.
    pub fn keep(&mut self, piece: &[u8]) {
        for line in piece.split_inclusive(|byte| *byte == b'\n') {
            self.seen += 1;
            self.lines.push_back(line.to_vec());
            if self.lines.len() > self.most {
                self.lines.pop_front();
            }
        }
    }

    /// Whether they are the last ones also where the text was cut at its beginning: that cuts two
    /// lines at most, one that came in and a typed one.
    pub fn is_whole(&self) -> bool {
        self.seen >= self.most.saturating_add(2)
    }

    /// Writes them.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        self.lines.iter().try_for_each(|line| out.write_all(line))
    }
}
