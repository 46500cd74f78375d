//! The feed: what a client is sent. What came in from the device, at the client's own pace, and
//! between it what the listener has to tell.

use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rfc2217_server::{GREETING, escape};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::notices::Notices;
use super::stream::Writer;
use crate::doors::Dialect;
use crate::journal::{Cursor, Step};
use crate::port::Port;
use crate::record::Kind;
use crate::span::Span;
use crate::state::PortState;

/// One write to the client holds about this much, in bytes.
const BATCH: usize = 64 * 1024;
/// How often a client that does not take its bytes is looked after.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the listener has to tell.
pub(super) enum Tell {
    /// To be sent as it is.
    Bytes(Vec<u8>),
    /// Whether the client wants no data for now.
    Suspend(bool),
    /// What came in and was not sent is not wanted.
    Skip,
    /// The client agreed to be told the modem state.
    Agreed,
    /// The client asks for the modem state or the line state.
    AskModem,
    AskLine,
    /// Which bits of them it wants to be told.
    ModemMask(u8),
    LineMask(u8),
}

/// Why a client is sent nothing any more.
pub(super) enum End {
    /// It closed the connection.
    Gone,
    /// It acknowledges nothing any more: its machine lost power or its network.
    Vanished,
    /// It did not read for so long that what it missed is no longer kept.
    Late,
}

pub(super) struct Feed {
    cursor: Cursor,
    state: watch::Receiver<PortState>,
    notices: Option<Notices>,
    writer: Writer,
    told: mpsc::Receiver<Tell>,
    suspended: bool,
    /// What is to be sent next.
    out: Vec<u8>,
}

impl Feed {
    /// Begins with what comes in from now on.
    pub(super) fn new(
        port: &Arc<Port>,
        dialect: Dialect,
        writer: Writer,
        told: mpsc::Receiver<Tell>,
    ) -> Self {
        let journal = port.journal();
        let (notices, out) = match dialect {
            Dialect::Rfc2217 => (Some(Notices::default()), GREETING.to_vec()),
            Dialect::Tcp => (None, Vec::new()),
        };
        Self {
            cursor: journal.prompt_cursor(journal.reach().head),
            state: port.watch(),
            notices,
            writer,
            told,
            suspended: false,
            out,
        }
    }

    pub(super) async fn run(mut self) -> End {
        let mut span = Span::default();
        loop {
            if let Some(end) = self.send().await {
                return end;
            }
            // Between two batches answers go first: a flood of the device must not hold them up.
            if let Ok(tell) = self.told.try_recv() {
                self.tell(tell);
                continue;
            }
            tokio::select! {
                // What ends a silence is most often the device's reply: nothing else is looked at before.
                biased;
                step = self.cursor.next(BATCH, &mut span), if !self.suspended => match step {
                    Step::Span => self.take(&span),
                    Step::Gap(_) => return End::Late,
                },
                Some(tell) = self.told.recv() => self.tell(tell),
                Ok(()) = self.state.changed(), if self.notices.is_some() => self.notice(),
                () = self.writer.vanished() => return End::Vanished,
            }
        }
    }

    /// Sends what there is to send.
    async fn send(&mut self) -> Option<End> {
        if self.out.is_empty() {
            return None;
        }
        let sent = {
            let mut sending = pin!(self.writer.send(&self.out));
            loop {
                // Most is taken at once, and needs no clock.
                if let Some(sent) = sending.as_mut().now_or_never() {
                    break sent;
                }
                match timeout(LOOK_EVERY, &mut sending).await {
                    Ok(sent) => break sent,
                    Err(_) if self.cursor.is_late() => return Some(End::Late),
                    Err(_) => {}
                }
            }
        };
        self.out.clear();
        match sent {
            Ok(()) => None,
            Err(error) if error.kind() == ErrorKind::TimedOut => Some(End::Vanished),
            Err(_) => Some(End::Gone),
        }
    }

    fn take(&mut self, span: &Span) {
        for record in span.records().filter(|record| record.kind == Kind::Rx) {
            match self.notices {
                Some(_) => escape(record.bytes, &mut self.out),
                None => self.out.extend_from_slice(record.bytes),
            }
        }
    }

    fn notice(&mut self) {
        if let Some(notices) = &mut self.notices {
            notices.look(&self.state.borrow_and_update(), &mut self.out);
        }
    }

    fn tell(&mut self, tell: Tell) {
        let state = self.state.borrow();
        match (tell, &mut self.notices) {
            (Tell::Bytes(bytes), _) => self.out.extend(bytes),
            (Tell::Suspend(suspended), _) => self.suspended = suspended,
            (Tell::Skip, _) => self.cursor.skip(),
            (Tell::Agreed, Some(notices)) => notices.begin(&state, &mut self.out),
            (Tell::AskModem, Some(notices)) => notices.tell_modem(&state, &mut self.out),
            (Tell::AskLine, Some(notices)) => notices.tell_line(&state, &mut self.out),
            (Tell::ModemMask(mask), Some(notices)) => notices.modem_mask = mask,
            (Tell::LineMask(mask), Some(notices)) => notices.line_mask = mask,
            (_, None) => {}
        }
    }
}
