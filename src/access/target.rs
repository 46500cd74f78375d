//! A target: where a link leads, and what its guest may do there.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::people::PeopleError;
use crate::record::{Excerpt, Offset};
use crate::right::Right;

/// What a guest may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = GuestMay)]
pub enum May {
    /// See what passes over the port, now and earlier.
    #[default]
    See,
    /// Write to its device too.
    Type,
    /// See, and use the controls of one panel.
    Use,
}

impl May {
    /// What somebody needs to give it away.
    pub fn right(self) -> Right {
        match self {
            Self::See => Right::See,
            Self::Type | Self::Use => Right::Type,
        }
    }
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ShareTarget)]
pub struct Target {
    /// The port, which is all that a guest sees of the server.
    pub port: String,
    /// What a guest may do there.
    #[serde(default)]
    pub may: May,
    /// The panel whose controls may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<String>,
    /// The page of the user's own that opens, by its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The moment that opens, as an offset
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Offset>,
    /// of the journal of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<u32>,
    /// The stretch that may be seen. Then nothing else of the port is, neither what came before or after
    /// nor how it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

impl fmt::Display for Target {
    /// What a guest may do, as an infinitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            port,
            may,
            panel,
            excerpt,
            ..
        } = self;
        match (may, panel, excerpt) {
            (May::Use, Some(panel), _) => write!(f, "use {panel} on {port}"),
            (_, _, Some(Excerpt { from, to, .. })) => {
                write!(f, "see {port} from offset {from} to {to}")
            }
            (may, ..) => write!(f, "{} {port}", may.right()),
        }
    }
}

impl Target {
    /// Whether it can be given away.
    pub(super) fn check(&self) -> Result<(), PeopleError> {
        let Self {
            may,
            panel,
            page,
            offset,
            excerpt,
            ..
        } = self;
        let opens = [panel.is_some(), page.is_some(), offset.is_some()];
        let is_one = opens.into_iter().filter(|is| *is).count() <= 1;
        if !is_one || panel.is_some() != (*may == May::Use) {
            return Err(PeopleError::Target);
        }
        if let Some(Excerpt { from, to, .. }) = excerpt {
            let is_seen = *may == May::See && page.is_none() && from < to;
            if !is_seen || offset.is_some_and(|at| !(*from..*to).contains(&at)) {
                return Err(PeopleError::Excerpt);
            }
        }
        Ok(())
    }
}
