//! A listener: what comes in on a port from a place in its journal on, as one text that is looked
//! through for a pattern as it grows.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use super::{MOST, ScriptError};
use crate::journal::{Cursor, Step};
use crate::pattern::Pattern;
use crate::port::Port;
use crate::record::{Gap, Kind, Note, Offset, Record, What, Why};
use crate::search::Strand;
use crate::span::Span;
use crate::wire::talk::Reply;

/// What is taken from the journal at once, in bytes.
const PIECE: usize = 64 * 1024;
/// A text of this length is looked through where it is; a longer one, for which a costly pattern
/// may take its time, on a thread of its own.
const AT_ONCE: usize = 1024;
/// A text that grows is looked through again and again. After each look comes a pause of so many
/// times its length, so that a flood of small reads costs a part of a core and not all of it;
const PAUSES: u32 = 8;
/// a shorter one is not worth a timer.
const SHORTEST: Duration = Duration::from_millis(1);

/// Where a match and its groups stand; the first is the match.
type Groups = Vec<Option<Range<usize>>>;

/// What comes in on a port.
pub struct Listener {
    port: String,
    cursor: Cursor,
    span: Span,
    /// Shared with a look that may still be under way.
    heard: Arc<Strand>,
    /// So much of it was looked through.
    looked: usize,
    /// When it may be looked through again.
    rested: Instant,
    end: Option<End>,
}

/// Why no more comes.
#[derive(Clone, Copy)]
enum End {
    Lost,
    Full,
    Missed(Gap),
}

impl Listener {
    /// Listens to `port`, from `from` on.
    pub fn new(port: &Port, from: Offset) -> Self {
        Self {
            port: port.name().to_owned(),
            cursor: port.journal().prompt_cursor(from),
            span: Span::default(),
            heard: Arc::new(Strand::new(Kind::Rx, None)),
            looked: 0,
            rested: Instant::now(),
            end: None,
        }
    }

    /// What came in so far.
    fn text(&self) -> String {
        text(self.heard.bytes())
    }

    /// Nothing that matches came in, for so long.
    pub fn timed_out(&self, patience: Duration) -> ScriptError {
        ScriptError::Timeout {
            name: self.port.clone(),
            ms: patience.as_millis() as u64,
            text: self.text(),
        }
    }

    /// Where somebody goes on listening after no match came: at the line that has begun, or behind
    /// everything where that cannot be listened to.
    pub fn rest(&self) -> Offset {
        let bytes = self.heard.bytes();
        let ended = bytes.iter().rposition(|byte| matches!(byte, b'\r' | b'\n'));
        match ended.map_or(0, |end| end + 1) {
            begun if begun < bytes.len() && self.end.is_none() => self.heard.origin(begun).0,
            _ => self.cursor.offset(),
        }
    }

    /// Waits until what came in matches; a match of nothing is none. May be dropped at any time:
    /// what was heard stays.
    ///
    /// # Errors
    /// If the device goes away, [`MOST`] bytes came in, or some are not to be had.
    pub async fn find(&mut self, pattern: &Pattern) -> Result<Reply, ScriptError> {
        loop {
            self.take();
            if self.rested > Instant::now() + SHORTEST {
                sleep_until(self.rested).await;
                self.take();
            }
            if self.heard.bytes().len() > self.looked
                && let Some(groups) = self.look(pattern).await
            {
                return self.reply(&groups);
            }
            match self.end {
                None => self.cursor.changed().await,
                Some(end) => return Err(self.ended(end)),
            }
        }
    }

    /// Takes all that is there.
    fn take(&mut self) {
        while self.end.is_none()
            && let Some(step) = self.cursor.take(PIECE, &mut self.span)
        {
            match step {
                Step::Gap(gap) if gap.why == Why::Withheld => {}
                Step::Gap(gap) => self.end = Some(End::Missed(gap)),
                Step::Span => self.end = self.hear(),
            }
        }
    }

    fn hear(&mut self) -> Option<End> {
        let heard = Arc::make_mut(&mut self.heard);
        for record in self.span.records() {
            match record.kind {
                Kind::Rx => {
                    let room = MOST - heard.bytes().len();
                    let bytes = &record.bytes[..record.bytes.len().min(room)];
                    heard.push(&Record { bytes, ..record });
                    if bytes.len() == room {
                        return Some(End::Full);
                    }
                }
                Kind::Note if is_loss(record.bytes) => return Some(End::Lost),
                Kind::Note | Kind::Tx => {}
            }
        }
        None
    }

    async fn look(&mut self, pattern: &Pattern) -> Option<Groups> {
        let (begun, length) = (Instant::now(), self.heard.bytes().len());
        let found = if length <= AT_ONCE {
            pattern.groups(self.heard.bytes())
        } else {
            let (heard, pattern) = (Arc::clone(&self.heard), pattern.clone());
            let looking = spawn_blocking(move || pattern.groups(heard.bytes()));
            looking.await.expect("bytes can be looked through")
        };
        (self.looked, self.rested) = (length, Instant::now() + begun.elapsed() * PAUSES);
        found
    }

    fn reply(&self, groups: &Groups) -> Result<Reply, ScriptError> {
        let bytes = self.heard.bytes();
        let length: usize = groups.iter().flatten().map(ExactSizeIterator::len).sum();
        let whole = groups.first().cloned().flatten();
        // Groups may stand in groups: together they could be many times the text.
        let Some(whole) = whole.filter(|_| length <= MOST) else {
            return Err(self.ended(End::Full));
        };
        let (offset, _) = self.heard.origin(whole.start);
        let (last, _) = self.heard.origin(whole.end - 1);
        let group = |group: &Option<Range<usize>>| group.clone().map(|group| text(&bytes[group]));
        Ok(Reply {
            text: text(&bytes[..whole.end]),
            groups: groups.iter().map(group).collect(),
            offset,
            length: last.plus(1).since(offset),
        })
    }

    fn ended(&self, end: End) -> ScriptError {
        let name = self.port.clone();
        match end {
            End::Lost => ScriptError::Gone {
                name,
                text: self.text(),
            },
            End::Full => ScriptError::TooMuch { name },
            End::Missed(gap) => ScriptError::Missed { name, gap },
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether a Note says that the device is not there any more.
fn is_loss(note: &[u8]) -> bool {
    let note = serde_json::from_slice::<Note>(note);
    note.is_ok_and(|note| matches!(note.what, What::Lost | What::Released))
}
