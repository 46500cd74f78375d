//! The past: where the last lines of a port begin.

use seriald::client::ClientError;
use seriald::client::socket::{Socket, stretch};
use seriald::record::{Kind, Offset};
use seriald::state::Reach;
use seriald::wire::frame::Content;

/// So many bytes before the head are looked through at first,
const FIRST_WINDOW: u64 = 64 * 1024;
/// and at most.
const LAST_WINDOW: u64 = 16 << 20;

/// Where the last lines that came in begin. One that has not ended is one of them.
pub async fn last_lines(
    socket: &mut Socket,
    port: &str,
    reach: &Reach,
    lines: usize,
) -> Result<Offset, ClientError> {
    if lines == 0 {
        return Ok(reach.head);
    }
    let mut window = FIRST_WINDOW;
    loop {
        let from = Offset(reach.head.0.saturating_sub(window)).max(reach.oldest);
        let mut begins = Begins::default();
        let wish = stretch(port, from.0, reach.head, reach.id);
        socket
            .past(wish, |content| {
                if let Content::Record(record) = content
                    && record.kind == Kind::Rx
                {
                    begins.take(record.offset, record.bytes);
                }
                Ok(())
            })
            .await?;
        match begins.last(lines) {
            Some(begin) => return Ok(begin),
            None if from == reach.oldest || window >= LAST_WINDOW => return Ok(from),
            None => window *= 4,
        }
    }
}

/// Where lines begin.
#[derive(Default)]
struct Begins {
    offsets: Vec<Offset>,
    /// The last byte ended a line.
    ended: bool,
}

impl Begins {
    fn take(&mut self, offset: Offset, bytes: &[u8]) {
        for (place, byte) in bytes.iter().enumerate() {
            if std::mem::take(&mut self.ended) {
                self.offsets.push(offset.plus(place));
            }
            self.ended = *byte == b'\n';
        }
    }

    fn last(&self, lines: usize) -> Option<Offset> {
        let first = self.offsets.len().checked_sub(lines)?;
        Some(self.offsets[first])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_behind_the_end_of_another_wherever_that_was_read() {
        let mut begins = Begins::default();
        begins.take(Offset(10), b"one\ntwo\n");
        assert_eq!(begins.last(1), Some(Offset(14)));
        begins.take(Offset(30), b"login: ");
        for (lines, begin) in [(1, Some(30)), (2, Some(14)), (3, None)] {
            assert_eq!(begins.last(lines), begin.map(Offset), "{lines}");
        }
    }
}
