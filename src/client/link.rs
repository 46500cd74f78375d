//! A link: a socket that is opened again when its connection is lost.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::socket::{Heard, Socket};
use super::{Client, ClientError};

/// Before the first try; each later one waits twice as long,
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// and at most so long.
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// A connection that lasted so long was a good one: the next delay is the first again.
const GOOD_AFTER: Duration = Duration::from_secs(5);

type Opening = Pin<Box<dyn Future<Output = Result<Socket, ClientError>> + Send>>;

enum State {
    Up(Box<Socket>),
    /// It is tried again.
    Down(Opening),
}

/// What became of a link.
#[derive(Debug)]
pub enum Turn {
    /// Something came.
    Heard(Heard),
    /// The connection was lost, and why. It is tried again; what was not answered may have been
    /// done or not.
    Down(String),
    /// It is there again.
    Up,
}

/// A connection to a server over any number of sockets.
pub struct Link {
    client: Client,
    state: State,
    delay: Duration,
    since: Instant,
}

impl Link {
    /// A link that begins with this socket, of this client.
    pub fn new(client: Client, socket: Socket) -> Self {
        Self {
            client,
            state: State::Up(Box::new(socket)),
            delay: FIRST_DELAY,
            since: Instant::now(),
        }
    }

    /// The socket, while there is one.
    pub fn socket(&mut self) -> Option<&mut Socket> {
        match &mut self.state {
            State::Up(socket) => Some(socket),
            State::Down(_) => None,
        }
    }

    /// Waits for what comes next. Nothing is lost where the wait is given up.
    ///
    /// # Errors
    /// If another try would not help.
    pub async fn next(&mut self) -> Result<Turn, ClientError> {
        match &mut self.state {
            State::Up(socket) => match socket.next().await {
                Ok(heard) => Ok(Turn::Heard(heard)),
                Err(error) => self.lost(error),
            },
            State::Down(opening) => {
                let socket = opening.await?;
                self.state = State::Up(Box::new(socket));
                self.since = Instant::now();
                Ok(Turn::Up)
            }
        }
    }

    /// Gives the connection up for that reason, and tries another if that can help.
    ///
    /// # Errors
    /// If not.
    pub fn lost(&mut self, error: ClientError) -> Result<Turn, ClientError> {
        let ClientError::Away { reason, .. } = error else {
            return Err(error);
        };
        if self.since.elapsed() >= GOOD_AFTER {
            self.delay = FIRST_DELAY;
        }
        let delay = self.delay;
        self.delay = (2 * delay).min(LONGEST_DELAY);
        self.state = State::Down(Box::pin(reopen(self.client.clone(), delay)));
        Ok(Turn::Down(reason))
    }

    /// Ends the connection when everything that was asked has left.
    pub async fn close(self) {
        if let State::Up(socket) = self.state {
            socket.close().await;
        }
    }
}

async fn reopen(client: Client, mut delay: Duration) -> Result<Socket, ClientError> {
    loop {
        sleep(delay).await;
        match Socket::open(&client).await {
            Err(ClientError::Away { .. }) => delay = (2 * delay).min(LONGEST_DELAY),
            done => return done,
        }
    }
}
