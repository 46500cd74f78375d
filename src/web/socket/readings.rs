//! Readings: what a subscription brings that asked for values instead of bytes.

use crate::journal::{Cursor, Step};
use crate::record::{Gap, Offset, Time, Why};
use crate::span::Span;
use crate::values::{Parser, Reading, Series};
use crate::wire::{self, Channel};

/// So much of the journal is parsed at once, in bytes. What comes of it may be twenty times as much,
/// and waits in memory for credit.
const PIECE: usize = 16 * 1024;
/// So many pieces without a value are gone through before others have their turn.
const PIECES: usize = 4;

/// The values of a port on their way to a client.
pub(super) struct Readings {
    channel: Channel,
    parser: Parser,
    /// Lines that end here or before are not told,
    from: Offset,
    /// nor are those that end behind this.
    to: Option<Offset>,
    /// From here on readings are live.
    live: Offset,
    told: Told,
    /// Records that wait for credit.
    pending: Vec<u8>,
    /// So many of these bytes are sent.
    sent: usize,
    /// Whether there is more to go through, whatever has changed.
    is_busy: bool,
}

/// What the client was told of each series: nothing, its name, or its unit too.
#[derive(Default)]
struct Told(Vec<u8>);

impl Told {
    /// Whether something is new about a series.
    fn is_news(&mut self, number: u16, series: &Series) -> bool {
        let place = usize::from(number);
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        let known = 1 + u8::from(series.unit.is_some());
        std::mem::replace(&mut self.0[place], known) < known
    }
}

impl Readings {
    /// Readings of the lines that end behind `from`, and not behind `to`.
    pub(super) fn new(
        channel: Channel,
        parser: Parser,
        from: Offset,
        to: Option<Offset>,
        live: Offset,
    ) -> Self {
        Self {
            channel,
            parser,
            from,
            to,
            live,
            told: Told::default(),
            pending: Vec::new(),
            sent: 0,
            is_busy: false,
        }
    }

    /// Adds records to a message, about `limit` bytes; false if there was nothing.
    pub(super) fn fill(
        &mut self,
        cursor: &mut Cursor,
        message: &mut Vec<u8>,
        limit: usize,
        span: &mut Span,
    ) -> bool {
        self.is_busy = false;
        let mut pieces = 0;
        while self.pending.is_empty() {
            if self.to.is_some_and(|to| cursor.offset() >= to) {
                return false;
            }
            if pieces == PIECES {
                self.is_busy = true;
                return false;
            }
            pieces += 1;
            match cursor.take(PIECE, span) {
                None => return false,
                Some(Step::Gap(gap)) => self.gap(gap),
                Some(Step::Span) => self.parse(span),
            }
        }
        self.send(message, limit);
        true
    }

    /// Whether all that was parsed is sent.
    pub(super) fn is_sent(&self) -> bool {
        self.pending.is_empty()
    }

    /// Whether there is more to go through at once.
    pub(super) fn is_busy(&self) -> bool {
        self.is_busy
    }

    fn gap(&mut self, gap: Gap) {
        self.parser.gap(&gap);
        let from = gap.from.max(self.from);
        let to = self.to.map_or(gap.to, |to| gap.to.min(to));
        // What was typed is no hole in what came in.
        if from < to && gap.why != Why::Withheld {
            let gap = Gap { from, to, ..gap };
            wire::put_gap(&mut self.pending, self.channel, gap, Time::now());
        }
    }

    fn parse(&mut self, span: &mut Span) {
        if let Some(to) = self.to {
            span.cut(to);
        }
        let Self {
            channel,
            parser,
            from,
            live,
            told,
            pending,
            ..
        } = self;
        let mut put = |reading: &Reading<'_>| {
            if reading.end() <= *from {
                return;
            }
            let is_live = reading.end() > *live;
            for value in reading.values {
                if told.is_news(value.series, &reading.series[usize::from(value.series)]) {
                    wire::put_series(pending, *channel, is_live, value.series, reading);
                }
            }
            wire::put_reading(pending, *channel, is_live, reading);
        };
        for record in span.records() {
            parser.take(&record, &mut put);
        }
    }

    fn send(&mut self, message: &mut Vec<u8>, limit: usize) {
        let waiting = &self.pending[self.sent..];
        let mut length = 0;
        while length < limit && length < waiting.len() {
            length += wire::first_length(&waiting[length..]);
        }
        message.extend_from_slice(&waiting[..length]);
        self.sent += length;
        if self.sent == self.pending.len() {
            self.pending.clear();
            self.sent = 0;
        }
    }
}
