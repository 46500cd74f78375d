//! `/api/v1/panels`: the panels, and their files.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::StringRejection;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::Web;
use super::problem::Problem;
use super::request::{Administrator, Named};
use super::sight;
use crate::access::Visitor;
use crate::audit::Action;
use crate::panels::{Condition, PanelsError};
use crate::wire::talk::{Code, Panel};

/// Lists the panels for ports that you may see, as they are on disk now.
#[utoipa::path(get, path = "/api/v1/panels", operation_id = "listPanels", tag = "Panels",
    responses((status = 200, description = "each of them, with the ports that it is for now", body = Vec<Panel>)))]
pub async fn list(State(web): State<Web>, visitor: Visitor) -> Json<Vec<Panel>> {
    let all = web.panels.list().await;
    Json(sight::panels(&all, &visitor.rights).into_owned())
}

/// Shows a panel's file as it is, right or wrong.
#[utoipa::path(get, path = "/api/v1/panels/{name}", operation_id = "showPanel", tag = "Panels",
    responses(
        (status = 200, description = "the file", body = Object, headers(("etag", description = "its version, in quotes"))),
        (status = 304, description = "it is the version that If-None-Match names")))]
pub async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Named(name): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    web.expect_panel(&visitor.rights, &name)?;
    let (text, version) = web.panels.file(&name).await?;
    let is_known = versions(&headers, &IF_NONE_MATCH)?
        .is_some_and(|known| known.is_empty() || known.contains(&version));
    let tag = [(ETAG, tag(&version))];
    Ok(if is_known {
        (StatusCode::NOT_MODIFIED, tag).into_response()
    } else {
        (JSON, tag, text).into_response()
    })
}

/// Gives a panel's file for taking away.
#[utoipa::path(get, path = "/api/v1/panels/{name}/export", operation_id = "exportPanel", tag = "Panels",
    responses((status = 200, description = "the file, under its name", body = Object)))]
pub async fn export(
    State(web): State<Web>,
    visitor: Visitor,
    Named(name): Named,
) -> Result<Response, Problem> {
    web.expect_panel(&visitor.rights, &name)?;
    let (text, version) = web.panels.file(&name).await?;
    // Nothing in a panel's name needs quoting.
    let disposition = format!("attachment; filename=\"{name}.json\"");
    let headers = [
        (ETAG, tag(&version)),
        (
            CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).map_err(Problem::bad)?,
        ),
    ];
    Ok((JSON, headers, text).into_response())
}

const JSON: [(HeaderName, &str); 2] = [
    (CONTENT_TYPE, "application/json"),
    (CACHE_CONTROL, "no-cache"),
];

/// The panel as it was kept.
#[derive(Serialize, ToSchema)]
#[schema(as = PanelKept)]
pub struct Kept {
    /// Another one after each change.
    version: String,
}

/// Keeps a panel.
///
/// `If-Match` with the version that is replaced refuses (`412`) what was changed meanwhile, `If-None-Match: *` what is there
/// already. `at` in a problem says where the file is wrong.
#[utoipa::path(put, path = "/api/v1/panels/{name}", operation_id = "keepPanel", tag = "Panels",
    request_body(content = Object, content_type = "application/json", description = "the file"),
    responses(
        (status = 200, description = "it took the place of an older one", body = Kept),
        (status = 201, description = "it is new", body = Kept)))]
pub async fn put(
    State(web): State<Web>,
    Administrator(actor): Administrator,
    Named(name): Named,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Result<Response, Problem> {
    let text = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("this panel", web.limits.message),
        _ => Problem::bad(error),
    })?;
    let condition = condition(&headers)?;
    let (version, is_new) = web.panels.put(&name, text, &condition).await?;
    web.tell(&actor, Action::Panel, || format!("{name} was kept"));
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, [(ETAG, tag(&version))], Json(Kept { version })).into_response())
}

/// Deletes a panel.
#[utoipa::path(delete, path = "/api/v1/panels/{name}", operation_id = "deletePanel", tag = "Panels",
    responses((status = 204, description = "it is gone")))]
pub async fn delete(
    State(web): State<Web>,
    Administrator(actor): Administrator,
    Named(name): Named,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    web.panels.delete(&name, &condition(&headers)?).await?;
    web.tell(&actor, Action::Panel, || format!("{name} was deleted"));
    Ok(StatusCode::NO_CONTENT)
}

fn tag(version: &str) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).expect("a version is hex digits")
}

/// The versions that a header names; none of them stands for `*`.
fn versions(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Vec<String>>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(Problem::bad)?.trim();
    if text == "*" {
        return Ok(Some(Vec::new()));
    }
    let tags = text.split(',').map(|tag| {
        let tag = tag.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        version.map(str::to_owned).ok_or_else(|| {
            Problem::bad(format_args!(
                "{name} holds \"VERSION\", in quotes as in the ETag, or *"
            ))
        })
    });
    tags.collect::<Result<_, _>>().map(Some)
}

fn condition(headers: &HeaderMap) -> Result<Condition, Problem> {
    let wanted = versions(headers, &IF_MATCH)?;
    let unwanted = versions(headers, &IF_NONE_MATCH)?;
    match (wanted, unwanted) {
        (None, None) => Ok(Condition::None),
        (Some(any), None) if any.is_empty() => Ok(Condition::Present),
        (Some(versions), None) => Ok(Condition::Version(versions)),
        (None, Some(any)) if any.is_empty() => Ok(Condition::Absent),
        _ => Err(Problem::bad(
            "give one of If-Match, with the ETag of what is replaced, and If-None-Match: *",
        )),
    }
}

impl From<PanelsError> for Problem {
    fn from(error: PanelsError) -> Self {
        let message = error.to_string();
        let (status, code) = match error {
            PanelsError::Fault(fault) => return Self::from(fault),
            PanelsError::Name(_) => (StatusCode::BAD_REQUEST, Code::BadMessage),
            PanelsError::Unknown { .. } => (StatusCode::NOT_FOUND, Code::UnknownPanel),
            PanelsError::Broken { .. } => (StatusCode::CONFLICT, Code::BadPanel),
            PanelsError::Changed(_) | PanelsError::Exists(_) => {
                (StatusCode::PRECONDITION_FAILED, Code::Changed)
            }
            PanelsError::TooMany => (StatusCode::CONFLICT, Code::TooMany),
            PanelsError::NoFolder => (StatusCode::CONFLICT, Code::NotSupported),
            PanelsError::Disk { .. } => (StatusCode::INSUFFICIENT_STORAGE, Code::Device),
        };
        Self::new(status, code, message)
    }
}
