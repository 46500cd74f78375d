//! Pages: the folder of the user's own pages, which of them are for which port or device, and every change in it.
//!
//! The folder is watched as long as anybody holds a [`Watching`], and not otherwise.

mod manifest;
mod tree;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio_util::task::AbortOnDropHandle;

use crate::hints::{Hints, Interest};
use crate::state::PortState;
use crate::wire::talk;
pub use manifest::Page;
pub use tree::Edition;

/// What is in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The pages that have a `page.json`, by their paths.
    pub pages: Vec<Page>,
    /// Another one after each change.
    pub edition: Edition,
}

/// What is wrong in the folder at `path`. May wait for a disk.
pub fn problems(path: &Path) -> Vec<String> {
    let tree = tree::look(path);
    problems_of(path, &manifests(path, &tree), tree.is_cut)
}

/// The folder of the user's own pages.
pub struct Pages {
    folder: Arc<Folder>,
    watch: Mutex<Weak<Watch>>,
}

impl Pages {
    /// Takes a first look, so that what is wrong is told.
    pub async fn open(path: PathBuf) -> Self {
        let folder = Arc::new(Folder {
            path,
            told: Mutex::default(),
        });
        Arc::clone(&folder).look().await;
        Self {
            folder,
            watch: Mutex::default(),
        }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    /// Watches the folder as long as anybody holds what is given here.
    pub fn watch(&self) -> Watching {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = watch.upgrade().unwrap_or_else(|| {
            let started = Arc::new(Watch::start(Arc::clone(&self.folder)));
            *watch = Arc::downgrade(&started);
            started
        });
        Watching::new(shared)
    }

    /// What is in it. Where it is watched, as the watch knows it: what is told of changes never goes back.
    pub async fn contents(&self) -> Arc<Contents> {
        let watch = self
            .watch
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .upgrade();
        match watch {
            Some(watch) => Watching::new(watch).changed().await,
            None => Arc::clone(&self.folder).look().await.0,
        }
    }
}

/// One of those for whom the folder is watched.
pub struct Watching {
    contents: watch::Receiver<Option<Arc<Contents>>>,
    _shared: Arc<Watch>,
}

impl Watching {
    fn new(shared: Arc<Watch>) -> Self {
        Self {
            contents: shared.contents.clone(),
            _shared: shared,
        }
    }

    /// What is in the folder; none before the first look.
    pub fn contents(&self) -> Option<Arc<Contents>> {
        self.contents.borrow().clone()
    }

    /// What is in the folder, once, and then after each change.
    pub async fn changed(&mut self) -> Arc<Contents> {
        loop {
            if self.contents.changed().await.is_err() {
                // The watch ends only with the runtime.
                return std::future::pending().await;
            }
            if let Some(contents) = &*self.contents.borrow_and_update() {
                return Arc::clone(contents);
            }
        }
    }
}

/// The watch itself, which ends when it is dropped.
struct Watch {
    /// None before the first look. Never marked as seen, so that each clone begins with the first.
    contents: watch::Receiver<Option<Arc<Contents>>>,
    _task: AbortOnDropHandle<()>,
}

impl Watch {
    fn start(folder: Arc<Folder>) -> Self {
        let (tell, contents) = watch::channel(None);
        let task = tokio::spawn(async move {
            let mut hints = Hints::new(Interest::Contents);
            let mut folders = vec![folder.path.clone()];
            loop {
                // Before the look, so that nothing falls between the two; and each time, for a folder may have made
                // way for another of its name.
                hints.watch(&folders);
                let (now, found) = Arc::clone(&folder).look().await;
                if folders != found {
                    folders = found;
                    continue;
                }
                tell.send_if_modified(|known| {
                    let is_new = known.as_ref() != Some(&now);
                    *known = Some(now);
                    is_new
                });
                hints.next().await;
            }
        });
        Self {
            contents,
            _task: AbortOnDropHandle::new(task),
        }
    }
}

struct Folder {
    path: PathBuf,
    /// The problems that the log has.
    told: Mutex<Vec<String>>,
}

impl Folder {
    /// Looks through it, and tells which folders there are.
    async fn look(self: Arc<Self>) -> (Arc<Contents>, Vec<PathBuf>) {
        let looking = spawn_blocking(move || {
            let tree = tree::look(&self.path);
            let pages = manifests(&self.path, &tree);
            self.tell(&pages, tree.is_cut);
            let edition = tree.edition;
            (Arc::new(Contents { pages, edition }), tree.folders)
        });
        // It fails only with the runtime.
        looking.await.unwrap_or_default()
    }

    /// Logs what is wrong and was not so at the last look.
    fn tell(&self, pages: &[Page], is_cut: bool) {
        let problems = problems_of(&self.path, pages, is_cut);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for problem in problems.iter().filter(|problem| !told.contains(problem)) {
            tracing::warn!("{problem}");
        }
        *told = problems;
    }
}

/// The pages that have a manifest.
fn manifests(path: &Path, tree: &tree::Tree) -> Vec<Page> {
    let all = tree.manifests.iter();
    all.map(|below| manifest::read(path, below)).collect()
}

fn problems_of(path: &Path, pages: &[Page], is_cut: bool) -> Vec<String> {
    let cut = is_cut.then(|| {
        format!(
            "{}: there is too much in it; only the first {} files are watched for changes",
            path.display(),
            tree::FILES
        )
    });
    let problems = pages.iter().filter_map(|page| {
        let problem = page.problem.as_ref()?;
        let file = path.join(&page.folder).join(manifest::FILE);
        Some(format!("{}: {problem}", file.display()))
    });
    cut.into_iter().chain(problems).collect()
}

/// The list as it is told, with those of the ports that each page is for.
pub fn list(pages: &[Page], ports: &[&PortState]) -> Vec<talk::Page> {
    let listed = pages.iter().map(|page| {
        let ports = ports.iter().filter(|port| page.is_for(port));
        talk::Page {
            path: page.path(),
            title: page.title.clone(),
            bound: page.bound.as_ref().map(|bound| serde_json::json!(bound)),
            ports: ports.map(|port| port.name.clone()).collect(),
            problem: page.problem.clone(),
        }
    });
    listed.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    async fn told(watching: &mut Watching, so: impl Fn(&Contents) -> bool) -> Arc<Contents> {
        let seen = async {
            loop {
                let contents = watching.changed().await;
                if so(&contents) {
                    return contents;
                }
            }
        };
        timeout(SOON, seen).await.expect("it is told soon")
    }

    #[tokio::test]
    async fn a_page_is_listed_when_its_folder_comes_and_not_when_it_is_gone() {
        let www = tempfile::tempdir().unwrap();
        let pages = Pages::open(www.path().to_owned()).await;
        let mut watching = pages.watch();
        told(&mut watching, |now| now.pages.is_empty()).await;
        let arm = www.path().join("robots/arm");
        fs::create_dir_all(&arm).unwrap();
        fs::write(arm.join("index.html"), "").unwrap();
        fs::write(arm.join("page.json"), "{}").unwrap();
        told(&mut watching, |now| {
            now.pages
                .first()
                .is_some_and(|page| page.path() == "robots/arm/")
        })
        .await;
        fs::rename(www.path().join("robots"), www.path().join(".away")).unwrap();
        told(&mut watching, |now| now.pages.is_empty()).await;
    }

    #[tokio::test]
    async fn a_style_that_is_edited_leaves_the_rest_as_it_was() {
        let www = tempfile::tempdir().unwrap();
        let (style, page) = (www.path().join("a.css"), www.path().join("index.html"));
        fs::write(&style, "").unwrap();
        fs::write(&page, "").unwrap();
        let pages = Pages::open(www.path().to_owned()).await;
        let mut watching = pages.watch();
        let first = told(&mut watching, |_| true).await.edition;
        fs::write(&style, "p { color: red }").unwrap();
        told(&mut watching, |now| now.edition.styles != first.styles).await;
        assert_eq!(pages.contents().await.edition.rest, first.rest);
        // As many editors write.
        fs::write(www.path().join("index.html~new"), "more").unwrap();
        fs::rename(www.path().join("index.html~new"), &page).unwrap();
        told(&mut watching, |now| now.edition.rest != first.rest).await;
    }

    #[tokio::test]
    async fn nothing_is_watched_when_nobody_listens() {
        let www = tempfile::tempdir().unwrap();
        let tasks = tokio::runtime::Handle::current();
        let pages = Pages::open(www.path().to_owned()).await;
        let (one, other) = (pages.watch(), pages.watch());
        assert!(Arc::ptr_eq(&one._shared, &other._shared));
        drop(one);
        assert_eq!(tasks.metrics().num_alive_tasks(), 1);
        drop(other);
        let ended = async {
            while tasks.metrics().num_alive_tasks() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(SOON, ended).await.unwrap();
    }
}
