//! The list of the user's own pages as one client knows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::watch;

use crate::pages::{self, Watching};
use crate::port::Port;
use crate::right::Rights;
use crate::state::PortState;
use crate::web::sight;
use crate::wire::talk::{Page, Say};

/// Which pages there are, and what of that the client has been told.
pub struct Pages {
    /// None where there is no folder of pages.
    watching: Option<Watching>,
    told: Option<Vec<Page>>,
}

impl Pages {
    /// Watches the folder from now on, if there is one.
    pub fn new(folder: Option<&pages::Pages>) -> Self {
        Self {
            watching: folder.map(pages::Pages::watch),
            told: None,
        }
    }

    /// Waits until the folder is another; for ever where there is none.
    pub async fn changed(&mut self) {
        match &mut self.watching {
            Some(watching) => drop(watching.changed().await),
            None => std::future::pending().await,
        }
    }

    /// The message with the list, if there is one and it is another than was told.
    pub fn news(
        &mut self,
        ports: &BTreeMap<String, (Arc<Port>, watch::Receiver<PortState>)>,
        rights: &Rights,
    ) -> Option<Utf8Bytes> {
        let contents = match &self.watching {
            Some(watching) => watching.contents()?,
            None => Arc::default(),
        };
        let states: Vec<_> = ports.values().map(|(_, state)| state.borrow()).collect();
        let states: Vec<_> = states.iter().map(|state| &**state).collect();
        let now = sight::pages(pages::list(&contents.pages, &states), rights);
        if self.told.as_ref() == Some(&now) {
            return None;
        }
        let text = Say::Pages { pages: &now }.to_text();
        self.told = Some(now);
        Some(text.into())
    }
}
