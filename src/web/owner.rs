//! Owner: whoever gives others a way in: tokens to programs, links to guests.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Web;
use super::problem::Problem;
use crate::access::{Via, Visitor};
use crate::record::Time;

/// Whoever deals with what was given away: with the own, or with all who administers the server.
pub struct Owner {
    pub visitor: Visitor,
    pub administers: bool,
}

impl FromRequestParts<Web> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let Ok(visitor) = Visitor::from_request_parts(parts, web).await;
        let administers = visitor.rights.administer();
        let owns = visitor.name.is_some() && !visitor.rights.is_scope();
        if administers || owns {
            return Ok(Self {
                visitor,
                administers,
            });
        }
        Err(Problem::forbidden(
            "tokens and links are of people: sign in, or send a token that may do all that its owner may",
        ))
    }
}

impl Owner {
    /// The own name; none where nobody is asked for one.
    pub fn name(&self) -> Option<String> {
        self.visitor.name.as_deref().map(str::to_owned)
    }

    /// Whose ways in are within reach; those of all without.
    pub fn reach(&self) -> Option<String> {
        self.name().filter(|_| !self.administers)
    }

    /// Ready where what is made ends no later than what it is made with. Else a token that has leaked
    /// would last for ever.
    pub fn expect_to_outlive(
        &self,
        web: &Web,
        what: &str,
        expires: Option<Time>,
    ) -> Result<(), Problem> {
        let ends = match self.visitor.via {
            Via::Token => web.access.expires(&self.visitor),
            _ => None,
        };
        if ends.is_some_and(|ends| expires.is_none_or(|expires| expires > ends)) {
            return Err(Problem::forbidden(format_args!(
                "a token cannot make {what} that outlives it; choose an earlier \"expires\", or sign in"
            )));
        }
        Ok(())
    }
}
