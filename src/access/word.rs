//! Word: what a proxy or a provider said of somebody who came. By the last one count the tokens and
//! links of whoever came so when they made them, and not by an account.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::sessions::plus;
use crate::record::Time;

/// So long they count without another word: whoever is known there no more is not in for ever.
const COUNTS: Duration = Duration::from_secs(30 * 24 * 3600);

/// Who has said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Voucher {
    /// A reverse proxy.
    Proxy,
    /// The provider of OpenID Connect that calls itself so.
    Provider(String),
}

/// What was said of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// By whom.
    pub by: Voucher,
    /// What rules of the configuration call them besides their name.
    pub groups: BTreeSet<String>,
    /// When.
    pub said: Time,
}

impl Word {
    /// Until when tokens and links count by it.
    pub fn until(&self) -> Time {
        plus(self.said, COUNTS)
    }
}
