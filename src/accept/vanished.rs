//! A client that vanished: its machine lost power or its network, and nothing says so. One to which nothing is on its
//! way is asked by the system whether it is there. Of one that the device talks to, the system would send the last
//! bytes again and again for a quarter of an hour.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// A client that says nothing is asked whether it is there after this long, and then every
/// [`PROBE_EVERY`]. It is gone when it has not answered [`PROBES`] times: within a minute.
const PROBE_AFTER: Duration = Duration::from_secs(20);
const PROBE_EVERY: Duration = Duration::from_secs(10);
const PROBES: u32 = 3;
/// A client of another machine that has ended its own direction is asked more often. One that is only
/// half-closed answers; for one that is closed its system does, but only for a minute.
const PROBE_HALF_CLOSED: Duration = Duration::from_secs(5);

/// Has the system ask a client whether it is there.
pub(super) fn ask(stream: &TcpStream) {
    probe(stream, PROBE_AFTER, PROBE_EVERY);
}

/// The same for one that has said all it had to say.
pub fn ask_half_closed(stream: &TcpStream) {
    probe(stream, PROBE_HALF_CLOSED, PROBE_HALF_CLOSED);
}

fn probe(stream: &TcpStream, after: Duration, every: Duration) {
    let keepalive = TcpKeepalive::new()
        .with_time(after)
        .with_interval(every)
        .with_retries(PROBES);
    // A connection that is gone already fails elsewhere.
    let _: std::io::Result<()> = SockRef::from(stream).set_tcp_keepalive(&keepalive);
}

/// What the system knows of the other end.
pub(super) struct Silence {
    /// Since when nothing was acknowledged.
    since: Duration,
    /// Whether it was sent something again, or asked for room, without an answer.
    is_unanswered: bool,
    /// Whether it was sent, or is to be sent, something that it has not acknowledged.
    pub is_owed: bool,
}

impl Silence {
    /// Whether it has lasted so long, and not because there was nothing to acknowledge.
    pub fn is_gone_after(&self, time: Duration) -> bool {
        self.is_unanswered && self.since >= time
    }
}

#[cfg(target_os = "linux")]
pub(super) fn silence(stream: &TcpStream) -> Option<Silence> {
    use std::mem::{MaybeUninit, size_of};
    use std::os::fd::AsRawFd;

    let mut info = MaybeUninit::<libc::tcp_info>::zeroed();
    let mut length = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: the socket is open, and no more than `length` bytes are written to `info`.
    let told = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    // SAFETY: it is numbers, for which zeros do as well.
    let info = unsafe { info.assume_init() };
    (told == 0).then(|| Silence {
        since: Duration::from_millis(info.tcpi_last_ack_recv.into()),
        // The answer to the latest question may be on its way.
        is_unanswered: info.tcpi_retransmits > 0 || info.tcpi_probes > 1,
        is_owed: info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0,
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn silence(_: &TcpStream) -> Option<Silence> {
    None
}

#[cfg(all(test, target_os = "linux"))]
pub(super) mod tests {
    use socket2::SockFilter;
    use tokio::net::TcpListener;
    use tokio::time::{sleep, timeout};

    use super::*;

    const WITHIN: Duration = Duration::from_millis(300);

    /// Two ends of a connection: the server's, and the client's, who may vanish.
    pub async fn ends(vanishes: bool) -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (client, (server, _)) = (client.await.unwrap(), listener.accept().await.unwrap());
        if vanishes {
            // Nothing reaches it any more, so it answers nothing.
            let nothing = SockFilter::new((libc::BPF_RET | libc::BPF_K) as u16, 0, 0, 0);
            SockRef::from(&client).attach_filter(&[nothing]).unwrap();
        }
        (server, client)
    }

    /// The same where the second was sent as much as both keep.
    async fn full(vanishes: bool) -> (TcpStream, TcpStream) {
        let (server, client) = ends(vanishes).await;
        while server.try_write(&[0; 64 * 1024]).is_ok() {}
        (server, client)
    }

    async fn until(so: impl Fn() -> bool) {
        let so = async {
            while !so() {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(20), so).await.expect("in time");
    }

    #[tokio::test]
    async fn who_acknowledges_nothing_has_vanished() {
        let (server, _client) = full(true).await;
        until(|| silence(&server).unwrap().is_gone_after(WITHIN)).await;
    }

    #[tokio::test]
    async fn who_does_not_read_is_there() {
        let (server, _client) = full(false).await;
        // It is asked for room less and less often, and answers.
        until(|| {
            let silence = silence(&server).unwrap();
            assert!(!silence.is_gone_after(WITHIN));
            silence.since >= WITHIN
        })
        .await;
    }
}
