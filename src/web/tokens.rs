//! `/api/v1/tokens`: the secrets that accounts give to programs.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Web;
use super::problem::Problem;
use super::request::{Body, Caller, Named};
use crate::access::people::NewToken;
use crate::access::told::Token;
use crate::access::{Via, Visitor};
use crate::audit::Action;
use crate::record::Time;
use crate::right::Grant;
use crate::wire::talk::Code;

/// Whoever deals with tokens: with those of the own account, or with all who administers the server.
pub struct Owner {
    visitor: Visitor,
    administers: bool,
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
            "tokens are for those who have an account: sign in with a name and a password, or with a token that \
             may do all that its account may",
        ))
    }
}

impl Owner {
    /// Whose tokens are within reach; those of all without.
    fn reach(&self) -> Option<String> {
        let name = self.visitor.name.as_deref().map(str::to_owned);
        name.filter(|_| !self.administers)
    }
}

/// Lists your tokens, or those of all if you administer the server. Their secrets are not known.
#[utoipa::path(get, path = "/api/v1/tokens", operation_id = "listTokens", tag = "People",
    responses((status = 200, description = "each of them", body = Vec<Token>)))]
pub async fn list(State(web): State<Web>, owner: Owner) -> Json<Vec<Token>> {
    Json(web.access.tokens(owner.reach().as_deref()))
}

/// A new token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub struct Wish {
    /// What it is for, in 1 to 64 visible characters.
    title: String,
    /// The account; your own if absent.
    user: Option<String>,
    /// What may be done with it, within what the account may: `RIGHT` on all ports, or `RIGHT:PATTERN`. All of that if
    /// absent.
    #[schema(value_type = Option<Vec<String>>)]
    grants: Option<Vec<Grant>>,
    /// When it ends by itself; never if absent.
    expires: Option<Time>,
}

/// A token that was made just now.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeToken)]
pub struct Made {
    #[serde(flatten)]
    token: Token,
    /// The secret, which lets in. Nobody can be told it again.
    secret: String,
}

/// Makes a token for a program, of your account, or of another if you administer the server.
#[utoipa::path(post, path = "/api/v1/tokens", operation_id = "makeToken", tag = "People",
    request_body(content = Wish, example = json!({"title": "nightly tests", "grants": ["type:rack1-*"]})),
    responses((status = 201, description = "it is there, and its secret is told this once", body = Made)))]
pub async fn make(
    State(web): State<Web>,
    owner: Owner,
    Caller(actor): Caller,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let own = owner.visitor.name.as_deref();
    let user = wish.user.or_else(|| own.map(str::to_owned));
    let user = user.ok_or_else(|| {
        let message = "a token is of an account, and there is none; make one first";
        Problem::new(StatusCode::CONFLICT, Code::NotSupported, message)
    })?;
    if !owner.administers && own != Some(&*user) {
        return Err(Problem::forbidden(
            "only who administers this server may make tokens of other accounts; leave out \"user\"",
        ));
    }
    // Else one that has leaked would last for ever.
    let ends = match owner.visitor.via {
        Via::Token => web.access.expires(&owner.visitor),
        _ => None,
    };
    if ends.is_some_and(|ends| wish.expires.is_none_or(|expires| expires > ends)) {
        return Err(Problem::forbidden(
            "a token cannot make one that outlives it; choose an earlier \"expires\", or sign in with a password",
        ));
    }
    let wish = NewToken {
        title: wish.title,
        user,
        grants: wish.grants,
        expires: wish.expires,
    };
    let (token, secret) = web.access.make_token(wish).await?;
    web.tell(&actor, Action::Token, || {
        format!("{} was made for {}: {}", token.id, token.user, token.title)
    });
    Ok((StatusCode::CREATED, Json(Made { token, secret })))
}

/// Voids a token of yours, or of another if you administer the server. What is open with it ends.
#[utoipa::path(delete, path = "/api/v1/tokens/{token}", operation_id = "revokeToken", tag = "People",
    params(("token" = String, Path, description = "The token's id, not its secret.")),
    responses((status = 204, description = "it counts no more")))]
pub async fn revoke(
    State(web): State<Web>,
    owner: Owner,
    Caller(actor): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    web.access.revoke_token(id.clone(), owner.reach()).await?;
    web.tell(&actor, Action::Token, || format!("{id} was revoked"));
    Ok(StatusCode::NO_CONTENT)
}
