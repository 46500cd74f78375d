//! A network that delays each segment, by a time of its own.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::random::Random;

/// Where clients connect to reach the server over it. Delays are in milliseconds.
pub async fn far_from(server: SocketAddr, delays: Range<u64>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((here, _)) = listener.accept().await {
            let there = TcpStream::connect(server)
                .await
                .expect("the server listens");
            for stream in [&here, &there] {
                stream.set_nodelay(true).expect("a socket");
            }
            let ((from_client, to_client), (from_server, to_server)) =
                (here.into_split(), there.into_split());
            tokio::spawn(carry(from_client, to_server, delays.clone(), 1));
            tokio::spawn(carry(from_server, to_client, delays.clone(), 2));
        }
    });
    address
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delays: Range<u64>, seed: u64) {
    let (mut random, mut buffer) = (Random::new(seed), [0; 4096]);
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let delay = delays.start + random.below(delays.end - delays.start);
        sleep(Duration::from_millis(delay)).await;
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
