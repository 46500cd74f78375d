//! The lookout for a client that vanishes: costs nothing while the client has all that it was sent.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::vanished::silence;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(10);
/// One that acknowledges nothing of what it was sent is gone after as long.
const UNANSWERED: Duration = Duration::from_secs(50);

/// Looks after one client.
pub struct Lookout {
    /// When it is looked whether the client is there; none while it has everything.
    look: Option<Pin<Box<Sleep>>>,
    every: Duration,
    most: Duration,
}

impl Default for Lookout {
    fn default() -> Self {
        Self::new(EVERY, UNANSWERED)
    }
}

impl Lookout {
    fn new(every: Duration, most: Duration) -> Self {
        let look = None;
        Self { look, every, most }
    }

    /// Something is on its way to the client. Whoever calls this is to [`poll`](Self::poll) afterwards.
    pub fn sent(&mut self) {
        self.look.get_or_insert_with(|| Box::pin(sleep(self.every)));
    }

    /// Looks when it is time; ready when the client has vanished.
    pub fn poll(&mut self, tcp: &TcpStream, context: &mut Context<'_>) -> Poll<()> {
        while let Some(look) = &mut self.look {
            ready!(look.as_mut().poll(context));
            match silence(tcp) {
                Some(silence) if silence.is_gone_after(self.most) => return Poll::Ready(()),
                Some(silence) if silence.is_owed => {
                    look.as_mut().reset(Instant::now() + self.every);
                }
                // While nothing is on its way the system asks by itself.
                _ => self.look = None,
            }
        }
        Poll::Pending
    }
}

#[cfg(all(test, target_os = "linux"))]
pub mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;
    use crate::accept::vanished::tests::ends;

    /// One that soon has enough.
    pub fn impatient() -> Lookout {
        Lookout::new(Duration::from_millis(20), Duration::from_millis(300))
    }

    #[tokio::test]
    async fn who_has_taken_everything_is_not_looked_after_until_there_is_more() {
        let (mut server, mut client) = ends(false).await;
        let mut lookout = impatient();
        for _ in 0..2 {
            server.write_all(b"x").await.unwrap();
            lookout.sent();
            client.read_u8().await.unwrap();
            let rest = poll_fn(|context| {
                assert!(lookout.poll(&server, context).is_pending());
                match &lookout.look {
                    Some(_) => Poll::Pending,
                    None => Poll::Ready(()),
                }
            });
            timeout(Duration::from_secs(20), rest)
                .await
                .expect("it comes to rest");
        }
    }
}
