//! Panels: the folder of panel files, whatever changes in it, and the ports that each panel is for.

mod check;
mod folder;
mod listing;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::select_all;
use tokio::sync::{Mutex, watch};
use tokio::task::{AbortHandle, spawn_blocking};

use crate::hints::{Hints, Interest};
use crate::hub::{Hub, Ports};
use crate::panel::{Fault, Panel};
use crate::wire::talk;
use check::check;
pub use folder::PANELS;
use folder::{Folder, Kept};

/// All panels as they are told, in the order of their names.
pub type List = Arc<[talk::Panel]>;

/// The panels of a folder that cannot be used, and why.
pub fn problems(folder: &Path) -> Vec<(String, String)> {
    let kept = Folder::new(folder.to_owned()).look(&[]);
    let broken = |kept: &Arc<Kept>| Some((kept.name.clone(), kept.panel.as_ref().err()?.clone()));
    kept.iter().filter_map(broken).collect()
}

/// The folder of panel files.
pub struct Panels {
    desk: Arc<Desk>,
    tending: AbortHandle,
}

/// Why something was not done with a panel.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PanelsError {
    #[error(
        "{0:?} cannot be a panel's name; 1 to 64 letters from a to z, digits, spaces and - _ . can, \
         with no dot or space in front and no space behind"
    )]
    Name(String),
    #[error("there is no panel {name:?}; {known}")]
    Unknown { name: String, known: String },
    #[error("panel {name:?} cannot be used: {problem}")]
    Broken { name: String, problem: String },
    #[error("this is no panel: {0}")]
    Fault(#[from] Fault),
    #[error("panel {0:?} was changed meanwhile; look at what it is now, then keep yours once more")]
    Changed(String),
    #[error(
        "there is a panel {0:?} already; choose another name, or say which version is replaced"
    )]
    Exists(String),
    #[error("{PANELS} panels are kept already; delete one first")]
    TooMany,
    #[error("there is no folder to keep panels in; name one with --panels")]
    NoFolder,
    #[error("{}: {error}; make room and make it writable, or name another folder with --panels", path.display())]
    Disk {
        path: PathBuf,
        error: std::io::Error,
    },
}

impl PanelsError {
    /// There is no panel of this name, but these.
    pub fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        /// So many names are enough to see a typing error.
        const NAMED: usize = 20;
        let names: Vec<_> = known.take(NAMED).collect();
        Self::Unknown {
            name: name.chars().take(64).collect(),
            known: match names.as_slice() {
                [] => "there is none at all".to_owned(),
                names => format!("there are: {}", names.join(", ")),
            },
        }
    }
}

/// What must be so for a panel to be replaced or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    None,
    /// There is none yet.
    Absent,
    /// There is one.
    Present,
    /// It is one of these versions.
    Version(Vec<String>),
}

/// Where all who deal with the folder meet.
struct Desk {
    folder: Option<Arc<Folder>>,
    ports: watch::Receiver<Ports>,
    kept: watch::Sender<Arc<[Arc<Kept>]>>,
    list: watch::Sender<List>,
    /// Whoever looks or changes something does so alone.
    turn: Mutex<()>,
}

impl Panels {
    /// Reads the folder, and watches it from now on. Without one there are no panels.
    pub async fn start(folder: Option<PathBuf>, hub: &Hub) -> Arc<Self> {
        let desk = Arc::new(Desk {
            folder: folder.map(|path| Arc::new(Folder::new(path))),
            ports: hub.watch(),
            kept: watch::Sender::new(Arc::from([])),
            list: watch::Sender::new(Arc::from([])),
            turn: Mutex::default(),
        });
        desk.look().await;
        let tending = tokio::spawn(tend(Arc::clone(&desk))).abort_handle();
        Arc::new(Self { desk, tending })
    }

    /// The panels, now and whenever one changes or is for other ports.
    pub fn watch(&self) -> watch::Receiver<List> {
        self.desk.list.subscribe()
    }

    /// The panels as they are on disk now.
    pub async fn list(&self) -> List {
        self.desk.look().await;
        Arc::clone(&self.desk.list.borrow())
    }

    /// A panel that can be used.
    ///
    /// # Errors
    /// If there is none of this name, or if something is wrong with it.
    pub fn get(&self, name: &str) -> Result<Arc<Panel>, PanelsError> {
        let kept = self.desk.kept.borrow();
        let found = kept.iter().find(|kept| kept.name == name);
        match &found.ok_or_else(|| unknown(name, &kept))?.panel {
            Ok(panel) => Ok(Arc::clone(panel)),
            Err(problem) => Err(PanelsError::Broken {
                name: name.to_owned(),
                problem: problem.clone(),
            }),
        }
    }

    /// A panel's file as it is, right or wrong, and its version.
    pub async fn file(&self, name: &str) -> Result<(Vec<u8>, String), PanelsError> {
        folder::expect_name(name)?;
        let Some(folder) = self.desk.folder.clone() else {
            return Err(unknown(name, &[]));
        };
        let owned = name.to_owned();
        let read = blocking(move || folder.read(&owned)).await?;
        let text = read.ok_or_else(|| unknown(name, &self.desk.kept.borrow()))?;
        let version = folder::version(&text);
        Ok((text, version))
    }

    /// Keeps a panel; answers with its version, and whether it is new.
    ///
    /// # Errors
    /// If it is not right, if the condition does not hold, or if the disk does not take it.
    pub async fn put(
        &self,
        name: &str,
        text: String,
        condition: &Condition,
    ) -> Result<(String, bool), PanelsError> {
        folder::expect_name(name)?;
        // Compiling hundreds of patterns takes its time.
        let text = blocking(move || {
            let panel = Panel::parse(&text)?;
            check(&panel)?;
            Ok(panel.to_text())
        })
        .await?;
        let version = folder::version(text.as_bytes());
        let folder = self.desk.folder()?;
        let _turn = self.desk.turn.lock().await;
        let old = self.expect(&folder, name, condition).await?;
        if old.is_none() && self.desk.kept.borrow().len() >= PANELS {
            return Err(PanelsError::TooMany);
        }
        let owned = name.to_owned();
        blocking(move || folder.write(&owned, &text)).await?;
        self.desk.look_in_turn().await;
        Ok((version, old.is_none()))
    }

    /// Deletes a panel.
    ///
    /// # Errors
    /// If there is none of this name, if the condition does not hold, or if the disk does not let it.
    pub async fn delete(&self, name: &str, condition: &Condition) -> Result<(), PanelsError> {
        folder::expect_name(name)?;
        let folder = self.desk.folder()?;
        let _turn = self.desk.turn.lock().await;
        if self.expect(&folder, name, condition).await?.is_none() {
            return Err(unknown(name, &self.desk.kept.borrow()));
        }
        let owned = name.to_owned();
        blocking(move || folder.remove(&owned)).await?;
        self.desk.look_in_turn().await;
        Ok(())
    }

    /// The version on disk now, if the condition holds.
    async fn expect(
        &self,
        folder: &Arc<Folder>,
        name: &str,
        condition: &Condition,
    ) -> Result<Option<String>, PanelsError> {
        let (folder, owned) = (Arc::clone(folder), name.to_owned());
        let text = blocking(move || folder.read(&owned)).await?;
        let version = text.map(|text| folder::version(&text));
        match (condition, &version) {
            (Condition::None, _) | (Condition::Absent, None) | (Condition::Present, Some(_)) => {}
            (Condition::Absent, Some(_)) => return Err(PanelsError::Exists(name.to_owned())),
            (Condition::Version(versions), Some(version)) if versions.contains(version) => {}
            (Condition::Present | Condition::Version(_), _) => {
                return Err(PanelsError::Changed(name.to_owned()));
            }
        }
        Ok(version)
    }
}

impl Drop for Panels {
    fn drop(&mut self) {
        self.tending.abort();
    }
}

impl Desk {
    fn folder(&self) -> Result<Arc<Folder>, PanelsError> {
        self.folder.clone().ok_or(PanelsError::NoFolder)
    }

    /// Looks what is in the folder now, and tells it.
    async fn look(&self) {
        let _turn = self.turn.lock().await;
        self.look_in_turn().await;
    }

    async fn look_in_turn(&self) {
        let Some(folder) = self.folder.clone() else {
            return;
        };
        let known = Arc::clone(&self.kept.borrow());
        let kept = blocking(move || Ok(folder.look(&known))).await;
        // It fails only with the runtime.
        if let Ok(kept) = kept {
            self.kept.send_replace(kept);
            self.bind();
        }
    }

    /// Tells which panels there are, and for which ports.
    fn bind(&self) {
        let ports: Vec<_> = self
            .ports
            .borrow()
            .iter()
            .map(|port| port.state())
            .collect();
        let list = listing::list(&self.kept.borrow(), &ports);
        self.list.send_if_modified(|told| {
            let is_new = **told != *list;
            if is_new {
                *told = list.into();
            }
            is_new
        });
    }
}

/// Keeps the list true.
async fn tend(desk: Arc<Desk>) {
    let mut ports = desk.ports.clone();
    let mut hints = Hints::new(Interest::Contents);
    loop {
        // Before the look, so that nothing falls between the two; and each time, for the folder may be new. What it is
        // in tells when it comes.
        let folder = desk.folder.as_ref().map(|folder| folder.path());
        hints.watch(folder.into_iter().chain(folder.and_then(Path::parent)));
        desk.look().await;
        let hint = hints.next();
        tokio::pin!(hint);
        loop {
            let now = Arc::clone(&ports.borrow_and_update());
            let other_device = another_device(&now);
            desk.bind();
            tokio::select! {
                () = &mut hint, if desk.folder.is_some() => break,
                () = other_device => {}
                changed = ports.changed() => if changed.is_err() { return },
            }
        }
    }
}

/// Waits until one of the ports has another device than it has now.
fn another_device(ports: &Ports) -> impl Future<Output = ()> + use<> {
    let waiting = ports.iter().map(|port| {
        let mut state = port.watch();
        let known = state.borrow().identity.clone();
        Box::pin(async move {
            let other = state.wait_for(|state| state.identity != known);
            let has_ended = other.await.is_err();
            if has_ended {
                // A port whose worker has ended is about to leave the list.
                std::future::pending::<()>().await;
            }
        })
    });
    let waiting: Vec<_> = waiting.collect();
    async {
        if waiting.is_empty() {
            std::future::pending().await
        } else {
            drop(select_all(waiting).await);
        }
    }
}

fn unknown(name: &str, kept: &[Arc<Kept>]) -> PanelsError {
    PanelsError::unknown(name, kept.iter().map(|kept| &*kept.name))
}

/// Does what may wait for a disk.
async fn blocking<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, PanelsError> + Send + 'static,
) -> Result<T, PanelsError> {
    spawn_blocking(act).await.expect("looking does not panic")
}
