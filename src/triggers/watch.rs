//! A watch: the task that holds the triggers of one panel against what one port brings, from now on.

use std::sync::Arc;

use tokio::task::spawn_blocking;
use tokio_util::task::AbortOnDropHandle;

use super::deeds::{Deeds, Desk};
use super::engine::Engine;
use crate::journal::{Cursor, Step};
use crate::panel::{Fault, Panel};
use crate::port::Port;
use crate::record::Offset;
use crate::span::Span;
use crate::values::look_back;

/// What is taken from the journal at once, in bytes.
const PIECE: usize = 64 * 1024;

/// Triggers at work; dropping this switches them off at once.
pub struct Watch {
    port: Arc<Port>,
    panel: Arc<Panel>,
    _watching: AbortOnDropHandle<()>,
}

impl Watch {
    /// Begins with the line that ends next on `port`.
    pub fn start(port: &Arc<Port>, name: &str, panel: &Arc<Panel>, desk: &Arc<Desk>) -> Self {
        let journal = port.journal();
        let reach = journal.reach();
        let cursor = journal.cursor(look_back(reach.head, reach.oldest));
        let deeds = Deeds {
            port: Arc::clone(port),
            name: name.to_owned(),
            panel: Arc::clone(panel),
            desk: Arc::clone(desk),
        };
        Self {
            port: Arc::clone(port),
            panel: Arc::clone(panel),
            _watching: AbortOnDropHandle::new(tokio::spawn(watch(cursor, reach.head, deeds))),
        }
    }

    /// Whether it does what this panel wants on this port, whatever else of the panel is another.
    pub fn is_of(&self, port: &Arc<Port>, panel: &Panel) -> bool {
        Arc::ptr_eq(&self.port, port)
            && self.panel.triggers == panel.triggers
            && self.panel.macros == panel.macros
            && self.panel.values == panel.values
    }
}

/// Looks through what comes on threads of their own: expressions may take their time, and the port
/// does not wait for them.
async fn watch(mut cursor: Cursor, from: Offset, deeds: Deeds) {
    let deeds = Arc::new(deeds);
    let made = {
        let deeds = Arc::clone(&deeds);
        spawn_blocking(move || {
            let mut engine = Engine::new(deeds.panel.values.as_ref(), deeds.triggers())?;
            deeds.port.tell_header(engine.parser(), from);
            Ok::<_, Fault>(engine)
        })
        .await
    };
    let mut engine = match made.expect("triggers can be looked at") {
        Ok(engine) => engine.acting_from(from),
        Err(fault) => {
            let (port, panel) = (deeds.port.name(), &deeds.name);
            tracing::warn!(port, panel, "the triggers cannot be used: {fault}");
            return;
        }
    };
    let mut span = Span::default();
    loop {
        match cursor.take(PIECE, &mut span) {
            None => cursor.changed().await,
            Some(Step::Gap(gap)) => engine.gap(&gap),
            Some(Step::Span) => {
                let looking = spawn_blocking(move || {
                    let mut hits = Vec::new();
                    engine.take(&span, |hit| hits.push(hit));
                    (engine, span, hits)
                });
                let looked = looking.await.expect("bytes can be looked through");
                let hits;
                (engine, span, hits) = looked;
                for hit in &hits {
                    deeds.act(hit).await;
                }
            }
        }
    }
}
