//! Choice: yes or no, as a query says it.

use serde::Deserialize;
use utoipa::ToSchema;

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    Yes,
    No,
}
