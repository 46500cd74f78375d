//! Discovery tells which serial devices are plugged in, and every change of that.
//!
//! Each platform's half gives a `scan` of what is there now, and the folders where a change is a reason for another.
//! Only a scan with another result is told.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::spawn_blocking;

use crate::hints::{Hints, Interest};
use crate::identity::{Identity, Usb};

#[cfg_attr(target_os = "linux", path = "discovery/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "discovery/other.rs")]
mod platform;

/// Looks for the serial devices of this machine.
#[derive(Debug)]
pub struct Discovery {
    /// Where `/sys` and `/dev` begin.
    root: PathBuf,
    /// USB answers that more than one device gave at the same time. They stay ambiguous: the device that is left
    /// must not be taken for the one that was pulled. Grows only with plugs pushed in by hand.
    ambiguous: Vec<Usb>,
}

impl Discovery {
    /// Takes a first look, then goes on in the background until the last receiver is dropped.
    pub async fn start() -> watch::Receiver<Arc<[Identity]>> {
        Discovery {
            root: "/".into(),
            ambiguous: Vec::new(),
        }
        .run()
        .await
    }

    async fn run(mut self) -> watch::Receiver<Arc<[Identity]>> {
        // Hints begin before the first look, so that nothing falls between the two.
        let mut hints = Hints::new(Interest::Entries);
        let folders = platform::FOLDERS.iter().map(|name| self.root.join(name));
        let folders: Vec<_> = folders.collect();
        hints.watch(&folders);
        let first = self.look().await.unwrap_or_default();
        let (sender, receiver) = watch::channel(first);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = hints.next() => {}
                    () = sender.closed() => return,
                }
                // Before the scan, so that what appears in a new folder is either scanned or told.
                hints.watch(&folders);
                let Some(found) = self.look().await else {
                    return;
                };
                sender.send_if_modified(|known| {
                    let changed = *known != found;
                    *known = found;
                    changed
                });
            }
        });
        receiver
    }

    /// What is plugged in now; nothing when the runtime is being shut down.
    async fn look(&mut self) -> Option<Arc<[Identity]>> {
        let root = self.root.clone();
        let mut found = spawn_blocking(move || platform::scan(&root)).await.ok()?;
        self.mark_twins(&mut found);
        Some(found.into())
    }

    fn mark_twins(&mut self, found: &mut [Identity]) {
        let ambiguous = &mut self.ambiguous;
        let answers: Vec<&Usb> = found
            .iter()
            .filter_map(|device| device.usb.as_ref())
            .collect();
        for (index, usb) in answers.iter().enumerate() {
            let twin = answers[..index].iter().any(|other| other.alike(usb));
            if twin && !ambiguous.iter().any(|known| known.alike(usb)) {
                ambiguous.push((*usb).clone());
            }
        }
        for device in found {
            let usb = device.usb.as_ref();
            device.twin = usb.is_some_and(|usb| ambiguous.iter().any(|known| known.alike(usb)));
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::platform::machine::Machine;
    use super::*;

    const SOON: Duration = Duration::from_secs(2);

    fn watching(machine: &Machine) -> Discovery {
        Discovery {
            root: machine.root(),
            ambiguous: Vec::new(),
        }
    }

    fn names(found: &[Identity]) -> Vec<String> {
        found
            .iter()
            .map(|device| {
                device
                    .path
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    }

    async fn told(
        found: &mut watch::Receiver<Arc<[Identity]>>,
        want: impl Fn(&[Identity]) -> bool,
    ) {
        let wait = found.wait_for(|found| want(found));
        timeout(SOON, wait)
            .await
            .expect("it is told soon")
            .expect("discovery goes on");
    }

    #[tokio::test]
    async fn a_device_that_is_plugged_in_or_pulled_is_told_at_once() {
        let machine = Machine::new();
        let mut found = watching(&machine).run().await;
        assert!(found.borrow_and_update().is_empty());

        machine.plug("ttyUSB0", "1-1", Some("A5069RR4"));
        told(&mut found, |found| names(found) == ["ttyUSB0"]).await;
        machine.unplug("ttyUSB0", "1-1");
        told(&mut found, |found| found.is_empty()).await;
    }

    #[tokio::test]
    async fn links_that_come_after_the_node_are_told_even_where_their_folder_did_not_exist() {
        let machine = Machine::new();
        machine.plug("ttyUSB0", "1-1", Some("A5069RR4"));
        let mut found = watching(&machine).run().await;
        assert_eq!(found.borrow_and_update()[0].by_id, None);

        let by_id = machine.root().join("dev/serial/by-id");
        fs::create_dir_all(&by_id).unwrap();
        symlink("../../ttyUSB0", by_id.join("usb-FTDI_A5069RR4-if00-port0")).unwrap();
        told(&mut found, |found| found[0].by_id.is_some()).await;
        fs::remove_dir_all(machine.root().join("dev/serial")).unwrap();
        told(&mut found, |found| found[0].by_id.is_none()).await;
    }

    #[tokio::test]
    async fn what_leads_to_no_change_is_not_told() {
        let machine = Machine::new();
        let mut found = watching(&machine).run().await;
        found.mark_unchanged();
        fs::write(machine.root().join("dev/sda"), "").unwrap();
        machine.plug("ttyUSB0", "1-1", None);
        found.changed().await.unwrap();
        assert_eq!(names(&found.borrow_and_update()), ["ttyUSB0"]);
    }

    #[tokio::test]
    async fn discovery_ends_when_nobody_listens() {
        let machine = Machine::new();
        let tasks = tokio::runtime::Handle::current();
        let found = watching(&machine).run().await;
        assert_eq!(tasks.metrics().num_alive_tasks(), 1);
        drop(found);
        let ended = async {
            while tasks.metrics().num_alive_tasks() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(SOON, ended).await.unwrap();
    }

    #[tokio::test]
    async fn a_twin_that_is_left_alone_is_still_a_twin() {
        let machine = Machine::new();
        machine.plug("ttyUSB0", "1-1", Some("FAKE77"));
        machine.plug("ttyUSB1", "1-2", Some("FAKE77"));
        machine.plug("ttyUSB2", "1-3", Some("A5069RR4"));
        let mut discovery = watching(&machine);
        let both = discovery.look().await.unwrap();
        assert_eq!(
            both.iter().map(|device| device.twin).collect::<Vec<_>>(),
            [true, true, false]
        );

        machine.unplug("ttyUSB0", "1-1");
        let left = discovery.look().await.unwrap();
        assert!(left[0].twin && !left[0].same_device(&both[0]) && left[0].same_device(&both[1]));
    }
}
