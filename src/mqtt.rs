//! The MQTT door: what ports print and how they are is told to a broker of the user's, and ports do
//! what they are told there, where that is allowed.

pub(crate) mod decoder;
mod discovery;
mod feed;
mod feeds;
mod legible;
mod link;
mod orders;
mod packet;
mod session;
mod topic;
mod values;
mod window;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use session::{End, Places, Session};

use crate::config::Mqtt;
use crate::hex;
use crate::hub::Hub;
use crate::record::Time;
use crate::state::Bridged;

/// After a failure it is tried again in this time, each time in twice that, and at last so often.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);
/// A connection that held for so long was a good one.
const GOOD: Duration = Duration::from_secs(10);

/// What all sessions share.
struct Desk {
    hub: Arc<Hub>,
    mqtt: Arc<Mqtt>,
    /// When the bridge began: what is older is nobody's business.
    begun: Time,
    bridged: watch::Sender<Bridged>,
}

impl Desk {
    /// What is older is not told.
    fn since(&self) -> Time {
        let late = Time::now()
            .0
            .saturating_sub(self.mqtt.catch_up.as_micros() as u64);
        Time(late).max(self.begun)
    }

    fn connected(&self) {
        tracing::info!("{}: connected", self.mqtt.broker);
        self.bridged.send_modify(|bridged| {
            bridged.problem = None;
            bridged.connected = true;
            bridged.since = Time::now();
        });
    }

    /// There is no connection. The same reason is told once.
    fn failed(&self, problem: String) {
        let broker = &self.mqtt.broker;
        self.bridged.send_modify(|bridged| {
            if bridged.problem.as_ref() != Some(&problem) {
                tracing::warn!("{broker}: {problem}; it is tried again");
            }
            if bridged.connected || bridged.problem.is_none() {
                bridged.since = Time::now();
            }
            bridged.connected = false;
            bridged.problem = Some(problem);
        });
    }

    fn published(&self) {
        self.bridged.send_modify(|bridged| bridged.published += 1);
    }

    fn missed(&self, port: &str, bytes: u64) {
        if bytes > 0 {
            tracing::warn!(port, "{}: {bytes} bytes were passed over", self.mqtt.broker);
            self.bridged.send_modify(|bridged| bridged.missed += bytes);
        }
    }
}

/// The bridge to a broker.
pub struct Bridge {
    bridged: watch::Receiver<Bridged>,
    stop: CancellationToken,
    work: JoinHandle<()>,
}

impl Bridge {
    /// Begins to connect, and keeps to it.
    pub fn start(hub: Arc<Hub>, mqtt: Mqtt) -> Self {
        let stop = CancellationToken::new();
        let (bridged, told) = watch::channel(Bridged::of(mqtt.broker.to_string()));
        let desk = Desk {
            hub,
            mqtt: Arc::new(mqtt),
            begun: Time::now(),
            bridged,
        };
        Self {
            bridged: told,
            work: tokio::spawn(keep(desk, stop.clone())),
            stop,
        }
    }

    /// How it is.
    pub fn watch(&self) -> watch::Receiver<Bridged> {
        self.bridged.clone()
    }

    /// Says goodbye.
    pub async fn close(self) {
        self.stop.cancel();
        let _: Result<_, _> = self.work.await;
    }
}

/// Keeps a session, as far as there can be one.
async fn keep(desk: Desk, stop: CancellationToken) {
    let mut places = Places::new();
    let mut pause = FIRST_RETRY;
    let client_id = desk.mqtt.client_id.clone().unwrap_or_else(|| {
        let random = getrandom::u32().unwrap_or_else(|_| std::process::id());
        format!("seriald-{}", hex::encode(&random.to_be_bytes()))
    });
    loop {
        let begun = Instant::now();
        let stream = tokio::select! {
            stream = link::connect(&desk.mqtt) => stream,
            () = stop.cancelled() => return,
        };
        let problem = match stream {
            Ok(stream) => {
                let session = Session::new(&desk, &mut places, stream);
                match session.run(&client_id, &stop).await {
                    End::Stopped => return,
                    End::Failed(problem) => problem,
                }
            }
            Err(problem) => problem,
        };
        if desk.bridged.borrow().connected && begun.elapsed() >= GOOD {
            pause = FIRST_RETRY;
        }
        desk.failed(problem);
        tokio::select! {
            () = sleep(pause) => pause = (pause * 2).min(LAST_RETRY),
            () = stop.cancelled() => return,
        }
    }
}
