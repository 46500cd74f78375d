//! `/api/v1/users`: the accounts of the server, for those who administer it.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Web;
use super::problem::Problem;
use super::request::{Administrator, Body, Named};
use crate::access::NewUser;
use crate::access::password::Typed;
use crate::access::people::{Change, PeopleError};
use crate::access::told::User;
use crate::audit::Action;
use crate::right::Grant;
use crate::wire::talk::Code;

/// Lists the accounts.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "listUsers", tag = "People",
    responses((status = 200, description = "every account", body = Vec<User>)))]
pub async fn list(State(web): State<Web>, _: Administrator) -> Json<Vec<User>> {
    Json(web.access.users())
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser)]
pub struct Wish {
    /// What others see: 1 to 64 letters, digits and `. _ - @`.
    name: String,
    /// What it may do: `RIGHT` on all ports, or `RIGHT:PATTERN`, such as `type:rack1-*`. The first account has to have
    /// `administer`.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    grants: Vec<Grant>,
    /// What rules of the configuration call it besides its name, as `@GROUP`.
    #[serde(default)]
    groups: BTreeSet<String>,
    /// 8 to 1024 bytes. Without, it only comes in by tokens.
    #[schema(value_type = Option<String>)]
    password: Option<Typed>,
}

/// Adds an account.
///
/// Whoever is let in while there are no accounts makes the first, which has to be an administrator with a password. From then
/// on everybody is asked who they are, on this machine too, and the server's token is void.
#[utoipa::path(post, path = "/api/v1/users", operation_id = "addUser", tag = "People",
    request_body(content = Wish, example = json!({"name": "ada", "grants": ["administer"], "password": "PASSWORD"})),
    responses((status = 201, description = "it is there", body = User)))]
pub async fn add(
    State(web): State<Web>,
    Administrator(actor): Administrator,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<User>), Problem> {
    let name = wish.name.clone();
    let wish = NewUser {
        name: wish.name,
        grants: wish.grants,
        groups: wish.groups,
        password: wish.password,
    };
    web.access.add_user(wish).await?;
    web.tell(&actor, Action::User, || format!("{name} was added"));
    let user = web
        .access
        .user(&name)
        .ok_or(PeopleError::UnknownUser(name))?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// What is to change in an account; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserChange)]
pub struct Changed {
    /// What it may do, in the place of all that it might so far.
    #[schema(value_type = Option<Vec<String>>)]
    grants: Option<Vec<Grant>>,
    /// Its groups, in the place of all so far.
    groups: Option<BTreeSet<String>>,
    /// Another password. All of its sessions end.
    #[schema(value_type = Option<String>)]
    password: Option<Typed>,
}

/// Changes an account.
///
/// Where its rights change, what is open of it ends, and may come again.
#[utoipa::path(patch, path = "/api/v1/users/{user}", operation_id = "changeUser", tag = "People",
    params(("user" = String, Path, description = "The account's name.")),
    request_body(content = Changed, example = json!({"grants": ["see", "type:rack1-*"]})),
    responses((status = 200, description = "how it is now", body = User)))]
pub async fn change(
    State(web): State<Web>,
    Administrator(actor): Administrator,
    Named(name): Named,
    Body(changed): Body<Changed>,
) -> Result<Json<User>, Problem> {
    let change = Change {
        grants: changed.grants,
        groups: changed.groups,
        password: None,
    };
    let password = changed.password;
    web.access
        .change_user(name.clone(), change, password)
        .await?;
    web.tell(&actor, Action::User, || format!("{name} was changed"));
    let user = web
        .access
        .user(&name)
        .ok_or(PeopleError::UnknownUser(name))?;
    Ok(Json(user))
}

/// Removes an account, with its tokens and all that is open of it.
#[utoipa::path(delete, path = "/api/v1/users/{user}", operation_id = "removeUser", tag = "People",
    params(("user" = String, Path, description = "The account's name.")),
    responses((status = 204, description = "it is gone")))]
pub async fn remove(
    State(web): State<Web>,
    Administrator(actor): Administrator,
    Named(name): Named,
) -> Result<StatusCode, Problem> {
    web.access.remove_user(name.clone()).await?;
    web.tell(&actor, Action::User, || format!("{name} was removed"));
    Ok(StatusCode::NO_CONTENT)
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        let (status, code) = match &error {
            PeopleError::Name(_)
            | PeopleError::Group(_)
            | PeopleError::TooManyGrants
            | PeopleError::Title
            | PeopleError::Ended
            | PeopleError::Endless
            | PeopleError::Target
            | PeopleError::Excerpt
            | PeopleError::Password(_) => (StatusCode::BAD_REQUEST, Code::BadMessage),
            PeopleError::UnknownUser(_) => (StatusCode::NOT_FOUND, Code::UnknownUser),
            PeopleError::UnknownToken(_) => (StatusCode::NOT_FOUND, Code::UnknownToken),
            PeopleError::UnknownShare(_) => (StatusCode::NOT_FOUND, Code::UnknownShare),
            PeopleError::Exists(_) | PeopleError::NoAdministrator => {
                (StatusCode::CONFLICT, Code::Conflict)
            }
            PeopleError::TooManyUsers
            | PeopleError::TooManyTokens(_)
            | PeopleError::TooManyShares(_)
            | PeopleError::TooLong(_) => (StatusCode::CONFLICT, Code::TooMany),
            PeopleError::NoFolder | PeopleError::NoAuth => {
                (StatusCode::CONFLICT, Code::NotSupported)
            }
            PeopleError::Busy => (StatusCode::SERVICE_UNAVAILABLE, Code::TooMany),
            PeopleError::Broken { .. } | PeopleError::Disk { .. } => {
                (StatusCode::INSUFFICIENT_STORAGE, Code::Device)
            }
        };
        Self::new(status, code, error)
    }
}
