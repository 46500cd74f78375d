//! `/api/v1/session`: signing in and out, and who one is.

use std::net::IpAddr;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credentials::cookie;
use super::problem::Problem;
use super::request::{Body, Caller};
use super::{Peer, Web};
use crate::access::password::Typed;
use crate::access::target::Target;
use crate::access::{LIFE, NotChanged, Opened, Refused, Via, Visitor};
use crate::audit::{Action, Entry, Outcome};
use crate::record::Time;
use crate::wire::talk::Code;

/// How long a browser keeps a token. The server decides whether it counts.
const A_YEAR: u64 = 365 * 24 * 60 * 60;

/// A way to sign in.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Login {
    /// With a name and a password.
    Password,
    /// At a provider of OpenID Connect, to which `GET /api/v1/session/oidc` leads.
    Oidc {
        /// What stands on the button.
        button: String,
    },
    /// At a reverse proxy, before anything comes here.
    Proxy {
        /// Where one signs out there.
        sign_out: Option<String>,
    },
}

/// Who asks.
#[derive(Serialize, ToSchema)]
pub struct SessionState {
    /// Whether the server knows who asks, or asks nobody.
    signed_in: bool,
    /// Whether everybody is asked who they are: there are accounts, or other ways to sign in.
    accounts: bool,
    /// The ways to sign in, where there are others than a name and a password.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logins: Vec<Login>,
    /// Who that is: the account, or the name by which a proxy or a provider knows them.
    name: Option<String>,
    /// What let the caller in; null where nothing did.
    via: Option<Via>,
    /// Whether the server itself may be changed: its people and panels.
    administers: bool,
    /// What may be done: `RIGHT` on all ports, or `RIGHT:PATTERN`. Of a token, what it was made for;
    /// what its owner may not, it may not either.
    grants: Vec<String>,
    /// When that ends by itself; of a session, unless it is used before.
    expires: Option<Time>,
    /// Where the link leads that let the caller in; absent where none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    leads: Option<Target>,
}

/// Tells who you are, and what you may do.
#[utoipa::path(get, path = "/api/v1/session", operation_id = "showSession", tag = "Server", security(()),
    responses((status = 200, description = "who asks; nobody is refused", body = SessionState)))]
pub async fn show(
    State(web): State<Web>,
    visitor: Option<Extension<Visitor>>,
) -> Json<SessionState> {
    let visitor = visitor.map(|Extension(visitor)| visitor);
    let expires = visitor
        .as_ref()
        .and_then(|visitor| web.access.expires(visitor));
    let via = visitor.as_ref().map(|visitor| visitor.via);
    let rights = visitor.as_ref().map(|visitor| &visitor.rights);
    let grants = rights.into_iter().flat_map(|rights| rights.grants());
    Json(SessionState {
        signed_in: via.is_some_and(|via| via != Via::Anyone),
        accounts: web.access.asks(),
        logins: logins(&web),
        name: visitor
            .as_ref()
            .and_then(|visitor| Some(visitor.name.as_deref()?.to_owned())),
        via,
        administers: rights.is_some_and(|rights| rights.administer()),
        grants: grants.map(|grant| grant.to_string()).collect(),
        expires,
        leads: visitor
            .as_ref()
            .and_then(|visitor| Some(visitor.share.as_ref()?.target.clone())),
    })
}

/// The ways to sign in, where there are others than a name and a password.
fn logins(web: &Web) -> Vec<Login> {
    let proxy = web.proxy_login.iter().map(|proxy| Login::Proxy {
        sign_out: proxy.sign_out.clone(),
    });
    let oidc = web.oidc.iter().map(|provider| Login::Oidc {
        button: provider.config().button.clone(),
    });
    let mut all: Vec<_> = proxy.chain(oidc).collect();
    if !all.is_empty() && web.access.has_passwords() {
        all.push(Login::Password);
    }
    all
}

/// What somebody signs in with: a token, a name and a password, or the secret of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The server's token, as long as there are no accounts, or one of somebody's.
    #[schema(value_type = Option<String>)]
    token: Option<Typed>,
    /// The account.
    name: Option<String>,
    /// Its password.
    #[schema(value_type = Option<String>)]
    password: Option<Typed>,
    /// What stands behind the `#` of a link to a port.
    #[schema(value_type = Option<String>)]
    share: Option<Typed>,
}

/// Signs a browser in: keeps a secret in a cookie that scripts cannot read.
///
/// Whoever is signed in and may do what a link gives stays who they are.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "signIn", tag = "Server", security(()),
    request_body(content = SignIn, example = json!({"name": "ada", "password": "PASSWORD"})),
    responses((status = 204, description = "the cookie is set"),
        (status = 200, description = "where the link leads; the cookie is set, unless somebody is signed in", body = Target),
        (status = 429, description = "too many tries without success; `Retry-After` says how many seconds to wait")))]
pub async fn sign_in(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    visitor: Option<Extension<Visitor>>,
    headers: HeaderMap,
    Body(wish): Body<SignIn>,
) -> Result<Response, Problem> {
    let from = peer.address.ip();
    let name = wish.name.clone();
    let visitor = visitor.map(|Extension(visitor)| visitor);
    let entered = enter(&web, wish, visitor.as_ref(), from).await;
    web.audit.tell(|| {
        let (outcome, who, detail) = match &entered {
            Ok(entered) => (Outcome::Done, entered.who.clone(), entered.with.as_str()),
            // People type passwords into the wrong field: only what is a name is told.
            Err(problem) => {
                let known = name.filter(|name| web.access.user(name).is_some());
                (Outcome::Refused, known, problem.detail())
            }
        };
        Entry {
            outcome,
            who,
            from: Some(from),
            door: Some("http".to_owned()),
            detail: Some(detail.to_owned()),
            ..Entry::new(Action::SignIn)
        }
    });
    let Entered { cookie, leads, .. } = entered?;
    let answer = match cookie {
        Some((secret, seconds)) => set(&headers, peer, &secret, seconds),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    Ok(match leads {
        Some(target) => (answer.into_parts().0.headers, Json(target)).into_response(),
        None => answer,
    })
}

/// Somebody who is signed in.
struct Entered {
    /// What the cookie is to hold, and for how many seconds; none where all stays as it is.
    cookie: Option<(String, u64)>,
    who: Option<String>,
    with: String,
    /// Where a link leads.
    leads: Option<Target>,
}

async fn enter(
    web: &Web,
    wish: SignIn,
    visitor: Option<&Visitor>,
    from: IpAddr,
) -> Result<Entered, Problem> {
    match wish {
        SignIn {
            share: Some(secret),
            token: None,
            name: None,
            password: None,
        } => {
            let Opened { share, comes_in } = web.access.open_share(&secret, visitor, from).await?;
            let left = share.expires.0.saturating_sub(Time::now().0) / 1_000_000;
            Ok(Entered {
                cookie: comes_in.then(|| (secret.as_str().to_owned(), left)),
                who: visitor
                    .filter(|_| !comes_in)
                    .and_then(|visitor| Some(visitor.name.as_deref()?.to_owned())),
                with: format!("with link {}: {}", share.id, share.title),
                leads: Some(share.target.clone()),
            })
        }
        SignIn {
            token: Some(token),
            name: None,
            password: None,
            share: None,
        } => {
            let visitor = web.access.bearer(token.as_str());
            let visitor = visitor.ok_or_else(|| wrong_token(web))?;
            Ok(Entered {
                cookie: Some((token.as_str().to_owned(), A_YEAR)),
                who: visitor.name.as_deref().map(str::to_owned),
                with: "with a token".to_owned(),
                leads: None,
            })
        }
        SignIn {
            token: None,
            name: Some(name),
            password: Some(password),
            share: None,
        } => {
            let secret = web.access.sign_in(&name, password, from).await?;
            Ok(Entered {
                cookie: Some((secret, LIFE.as_secs())),
                who: Some(name),
                with: "with a password".to_owned(),
                leads: None,
            })
        }
        _ => Err(Problem::bad(
            "sign in with \"token\", with \"name\" and \"password\", or with \"share\"",
        )),
    }
}

fn wrong_token(web: &Web) -> Problem {
    let message = if web.access.asks() {
        "that is no token here, or it counts no more; sign in another way"
    } else {
        "that is not this server's token; it was printed when the server was first started"
    };
    Problem::new(StatusCode::UNAUTHORIZED, Code::Forbidden, message)
}

/// Signs a browser out: ends its session, with all that is open of it, and forgets the cookie.
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "signOut", tag = "Server",
    responses((status = 204, description = "the cookie is gone")))]
pub async fn sign_out(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    visitor: Visitor,
    Caller(actor): Caller,
    headers: HeaderMap,
) -> Response {
    web.access.sign_out(&visitor).await;
    web.audit.tell(|| actor.entry(Action::SignOut));
    set(&headers, peer, "", 0)
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The one so far.
    #[schema(value_type = String)]
    old: Typed,
    /// The one from now on: 8 to 1024 bytes.
    #[schema(value_type = String)]
    new: Typed,
}

/// Changes your own password. Your other sessions end, this one goes on.
#[utoipa::path(post, path = "/api/v1/session/password", operation_id = "changePassword", tag = "Server",
    request_body(content = NewPassword, example = json!({"old": "PASSWORD", "new": "OTHER-PASSWORD"})),
    responses((status = 204, description = "it is changed")))]
pub async fn change_password(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    visitor: Visitor,
    Caller(actor): Caller,
    Body(NewPassword { old, new }): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    if visitor.name.is_none() {
        let message = "nobody is signed in, so there is no password to change";
        return Err(Problem::new(
            StatusCode::CONFLICT,
            Code::NotSupported,
            message,
        ));
    }
    let from = peer.address.ip();
    let changed = web.access.change_password(&visitor, old, new, from).await;
    web.audit.tell(|| Entry {
        outcome: match changed {
            Ok(()) => Outcome::Done,
            Err(_) => Outcome::Refused,
        },
        ..actor.entry(Action::Password)
    });
    changed?;
    Ok(StatusCode::NO_CONTENT)
}

fn set(headers: &HeaderMap, peer: Peer, secret: &str, seconds: u64) -> Response {
    let cookie = cookie(headers, peer, secret, seconds);
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (status, code) = match refused {
            Refused::Wrong | Refused::NoAccounts | Refused::NoLink => {
                (StatusCode::UNAUTHORIZED, Code::Forbidden)
            }
            Refused::SignedIn => (StatusCode::CONFLICT, Code::Conflict),
            Refused::Throttled(_) => (StatusCode::TOO_MANY_REQUESTS, Code::Throttled),
            Refused::Busy => (StatusCode::SERVICE_UNAVAILABLE, Code::TooMany),
            Refused::Random => (StatusCode::INTERNAL_SERVER_ERROR, Code::Failed),
        };
        let problem = Self::new(status, code, refused);
        match refused {
            Refused::Throttled(wait) => problem.with(Self::RETRY_AFTER, wait.as_secs()),
            _ => problem,
        }
    }
}

impl From<NotChanged> for Problem {
    fn from(error: NotChanged) -> Self {
        match error {
            NotChanged::Wrong => Self::forbidden(error),
            NotChanged::Refused(refused) => refused.into(),
            NotChanged::People(error) => error.into(),
        }
    }
}
