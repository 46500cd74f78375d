//! An outcome: what comes of a request that takes its time, and so what is answered.

use crate::doors::Doors;
use crate::port::Written;
use crate::record::Offset;
use crate::settings::Line;
use crate::wire::talk::{Answer, Reply};

/// What comes of a request that takes its time.
pub(super) enum Outcome {
    Written(Written),
    Done(Answer),
}

impl From<Written> for Outcome {
    fn from(written: Written) -> Self {
        Self::Written(written)
    }
}

impl From<()> for Outcome {
    fn from((): ()) -> Self {
        Self::Done(Answer::default())
    }
}

impl From<Option<Line>> for Outcome {
    fn from(actual: Option<Line>) -> Self {
        Self::Done(Answer {
            actual,
            ..Answer::default()
        })
    }
}

impl From<Doors> for Outcome {
    fn from(doors: Doors) -> Self {
        Self::Done(Answer {
            doors: Some(doors),
            ..Answer::default()
        })
    }
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self::Done(Answer {
            reply: Some(reply),
            ..Answer::default()
        })
    }
}

impl From<Offset> for Outcome {
    fn from(offset: Offset) -> Self {
        Self::Done(Answer {
            offset: Some(offset),
            ..Answer::default()
        })
    }
}
