//! `/api/v1/tokens`: the secrets that people give to programs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Web;
use super::owner::Owner;
use super::problem::Problem;
use super::request::{Body, Caller, Named};
use crate::access::tokens::NewToken;
use crate::access::told::Token;
use crate::audit::Action;
use crate::record::Time;
use crate::right::Grant;
use crate::wire::talk::Code;

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
    /// The account that it is of; yours if absent.
    user: Option<String>,
    /// What may be done with it, within what its owner may: `RIGHT` on all ports, or `RIGHT:PATTERN`. All of that if
    /// absent.
    #[schema(value_type = Option<Vec<String>>)]
    grants: Option<Vec<Grant>>,
    /// When it ends by itself; never if absent. Where a proxy or a provider of OpenID Connect says who you are, it has to
    /// end within 90 days.
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

/// Makes a token for a program: yours, or of an account if you administer the server.
///
/// Where a proxy or a provider of OpenID Connect says who you are, it may what you may by the groups that you have there,
/// those of the last time that you came, and counts for 30 days from then.
#[utoipa::path(post, path = "/api/v1/tokens", operation_id = "makeToken", tag = "People",
    request_body(content = Wish, example = json!({"title": "nightly tests", "grants": ["type:rack1-*"]})),
    responses((status = 201, description = "it is there, and its secret is told this once", body = Made)))]
pub async fn make(
    State(web): State<Web>,
    owner: Owner,
    Caller(actor): Caller,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let own = owner.name();
    let user = wish.user.or_else(|| own.clone());
    let user = user.ok_or_else(|| {
        let message =
            "a token is of somebody, and nobody is asked for a name here; make an account first";
        Problem::new(StatusCode::CONFLICT, Code::NotSupported, message)
    })?;
    if !owner.administers && own.as_ref() != Some(&user) {
        return Err(Problem::forbidden(
            "only who administers this server may make tokens of other accounts; leave out \"user\"",
        ));
    }
    owner.expect_to_outlive(&web, "one", wish.expires)?;
    let wish = NewToken {
        title: wish.title,
        user,
        grants: wish.grants,
        expires: wish.expires,
    };
    let (token, secret) = web.access.make_token(wish, &owner.visitor).await?;
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
