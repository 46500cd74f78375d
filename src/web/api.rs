//! The REST interface: its routes and the document that describes them, OpenAPI 3.1, made from one list.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderName, header};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, ResponseBuilder};
use utoipa::{OpenApi, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::files::REVALIDATE;
use super::problem::{self, Problem};
use super::{
    Web, audit, bookings, control, doors, events, expect, flash, history, lend, marks, metrics,
    moment, oidc, pages, panels, ports, recording, request, run, say, search, session, shares,
    simple, socket, timeline, tokens, touch, trial, turn, users, values, write,
};

/// What errors are called in the document.
const PROBLEM: &str = "Problem";

/// The head of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "seriald",
        description = "Serial ports on the web: what the console does, for programs. Errors of every route are \
            `application/problem+json`, with `code` for programs and `detail` for people, which names the way out.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "Ports", description = "which there are, how they are, and changing them"),
        (name = "Writing", description = "to a device, and waiting for its reply"),
        (name = "Macros", description = "steps that the server takes, and ending them"),
        (name = "Booking", description = "ports that are somebody's for a time"),
        (name = "Looking back", description = "at what passed over the ports"),
        (name = "Panels", description = "boards of controls and pictures, with their triggers"),
        (name = "Pages", description = "of the user's own"),
        (name = "Sockets", description = "for what goes on and on, both ways"),
        (name = "People", description = "accounts, and what they give away: tokens to programs, links to guests"),
        (name = "Server", description = "signing in, and how it is"),
    ),
    // On this machine nobody is asked as long as there are no accounts.
    security((), ("token" = [])),
)]
struct Document;

/// Every route of the interface with what the document says of it.
fn list() -> OpenApiRouter<Web> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(ports::list))
        .routes(routes!(ports::show, ports::change))
        .routes(routes!(doors::show, doors::change))
        .routes(routes!(events::events))
        .routes(routes!(write::by_post))
        .routes(routes!(write::sent))
        .routes(routes!(expect::expect))
        .routes(routes!(control::send_break))
        .routes(routes!(control::pulse))
        .routes(routes!(lend::lend))
        .routes(routes!(flash::list))
        .routes(routes!(flash::show, flash::start, flash::end))
        .routes(routes!(run::run))
        .routes(routes!(run::stop))
        .routes(routes!(run::halt))
        .routes(routes!(touch::by_post))
        .routes(routes!(bookings::list, bookings::book))
        .routes(routes!(bookings::change, bookings::end))
        .routes(routes!(turn::change))
        .routes(routes!(say::by_post))
        .routes(routes!(history::history))
        .routes(routes!(moment::moment))
        .routes(routes!(timeline::timeline))
        .routes(routes!(values::values))
        .routes(routes!(marks::list, marks::make))
        .routes(routes!(search::find))
        .routes(routes!(recording::list))
        .routes(routes!(metrics::bridged))
        .routes(routes!(panels::list))
        .routes(routes!(panels::show, panels::put, panels::delete))
        .routes(routes!(panels::export))
        .routes(routes!(trial::trial))
        .routes(routes!(pages::list))
        .routes(routes!(pages::changes))
        .routes(routes!(socket::upgrade))
        .routes(routes!(simple::raw))
        .routes(routes!(simple::tutorial))
        .routes(routes!(session::show, session::sign_in, session::sign_out))
        .routes(routes!(session::change_password))
        .routes(routes!(oidc::begin))
        .routes(routes!(oidc::end))
        .routes(routes!(users::list, users::add))
        .routes(routes!(users::change, users::remove))
        .routes(routes!(tokens::list, tokens::make))
        .routes(routes!(tokens::revoke))
        .routes(routes!(shares::list, shares::make))
        .routes(routes!(shares::revoke))
        .routes(routes!(audit::list))
        .routes(routes!(document))
        .routes(routes!(healthz))
        .routes(routes!(metrics::metrics))
}

/// The routes.
pub fn router() -> Router<Web> {
    list().split_for_parts().0
}

/// The document, which is the same for as long as the program runs.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let document = finished(list().into_openapi());
    let text = document.to_json().expect("a document is plain data");
    text.into()
});

/// Tells what programs can ask: this document.
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "describe", tag = "Server",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
async fn document() -> ([(HeaderName, &'static str); 2], Bytes) {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, REVALIDATE),
    ];
    (headers, DOCUMENT.clone())
}

/// Tells that the server is there.
#[utoipa::path(get, path = "/healthz", operation_id = "checkHealth", tag = "Server", security(()),
    responses((status = 200, description = "`ok`", body = String)))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// What all routes have in common is said in one place.
fn finished(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let components = document.components.get_or_insert_default();
    let mut schemas = vec![(PROBLEM.to_owned(), problem::Told::schema())];
    problem::Told::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.schemas.values_mut().for_each(flatten);
    let body = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(PROBLEM)))
        .build();
    let problem = ResponseBuilder::new()
        .description("It was not done; `detail` says why, and names the way out.")
        .content(Problem::KIND, body)
        .build();
    components
        .responses
        .insert(PROBLEM.to_owned(), problem.into());
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token of an account. As long as there are no accounts: the token that the server printed when it was first \
             started; on the machine itself it then asks for none.",
        ))
        .build();
    components
        .security_schemes
        .insert("token".to_owned(), SecurityScheme::Http(token).into());
    for (path, item) in &mut document.paths.paths {
        let is_port = path.starts_with("/api/v1/ports/");
        if path.contains("{name}") {
            let whose = if is_port {
                "The port's name."
            } else {
                "The panel's name."
            };
            item.parameters = Some(vec![text("name", ParameterIn::Path, whose)]);
        }
        for operation in operations(item) {
            let problem = RefOr::Ref(Ref::from_response_name(PROBLEM));
            operation
                .responses
                .responses
                .insert("default".to_owned(), problem);
        }
        let acting = [&mut item.post, &mut item.put, &mut item.patch];
        for operation in acting.into_iter().flatten().filter(|_| is_port) {
            let what =
                "What the caller is called: stands beside what it does, in 1 to 64 characters.";
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(text(request::NAME.as_str(), ParameterIn::Header, what));
        }
    }
    document
}

/// Of what is put together, a part that may be absent leaves fields away; it is not `null`.
fn flatten(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::AllOf(whole)) = schema else {
        return;
    };
    for part in &mut whole.items {
        let RefOr::T(Schema::OneOf(either)) = part else {
            continue;
        };
        let mut any = AnyOfBuilder::new();
        for item in std::mem::take(&mut either.items) {
            any = match item {
                RefOr::T(Schema::Object(object))
                    if object.schema_type == SchemaType::Type(Type::Null) =>
                {
                    any.item(ObjectBuilder::new())
                }
                item => any.item(item),
            };
        }
        *part = any.into();
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ];
    all.into_iter().flatten()
}

/// A parameter that is a text; one in the path is always there.
fn text(name: &str, place: ParameterIn, description: &str) -> RefOr<Parameter> {
    let schema = ObjectBuilder::new().schema_type(Type::String).build();
    let required = match place {
        ParameterIn::Path => Required::True,
        _ => Required::False,
    };
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .description(Some(description))
        .required(required)
        .schema(Some(schema));
    parameter.build().into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn document() -> Value {
        serde_json::from_slice(&DOCUMENT).unwrap()
    }

    fn each_operation(document: &Value, mut each: impl FnMut(&str, &str, &Value)) {
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if method != "parameters" {
                    each(path, method, operation);
                }
            }
        }
    }

    #[test]
    fn every_route_says_what_it_does_and_how_it_fails() {
        let document = document();
        let tags = document["tags"].as_array().unwrap().iter();
        let tags: BTreeSet<_> = tags.map(|tag| tag["name"].as_str().unwrap()).collect();
        let mut ids = BTreeSet::new();
        each_operation(&document, |path, method, operation| {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(summary.ends_with('.'), "{method} {path}: {summary:?}");
            assert!(tags.contains(operation["tags"][0].as_str().unwrap()));
            assert_eq!(
                operation["responses"]["default"]["$ref"],
                "#/components/responses/Problem"
            );
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let what = parameter["description"].as_str().unwrap_or_default();
                assert!(!what.is_empty(), "{method} {path}: {}", parameter["name"]);
            }
        });
        assert!(ids.len() > 30);
    }

    #[test]
    fn what_is_put_together_can_be_all_of_that() {
        fn look(value: &Value, document: &Value) {
            for part in value["allOf"].as_array().into_iter().flatten() {
                let place = part["$ref"].as_str().map_or("", |place| &place[1..]);
                let named = document.pointer(place).filter(|_| !place.is_empty());
                let kind = &named.unwrap_or(part)["type"];
                assert!(kind.is_null() || kind == "object", "{value}");
                let either = part["oneOf"].as_array();
                let is_null = |one: &Value| one["type"] == "null";
                assert!(
                    !either.is_some_and(|all| all.iter().any(is_null)),
                    "{value}"
                );
            }
            match value {
                Value::Object(fields) => fields.values().for_each(|value| look(value, document)),
                Value::Array(values) => values.iter().for_each(|value| look(value, document)),
                _ => {}
            }
        }
        let document = document();
        look(&document, &document);
    }

    #[test]
    fn what_is_referred_to_is_there_and_described() {
        fn refer(value: &Value, to: &mut BTreeSet<String>) {
            match value {
                Value::Object(fields) => {
                    to.extend(
                        fields
                            .get("$ref")
                            .and_then(Value::as_str)
                            .map(str::to_owned),
                    );
                    fields.values().for_each(|value| refer(value, to));
                }
                Value::Array(values) => values.iter().for_each(|value| refer(value, to)),
                _ => {}
            }
        }
        let document = document();
        let mut all = BTreeSet::new();
        refer(&document, &mut all);
        for reference in all {
            let found = document.pointer(&reference[1..]).expect(&reference);
            assert!(found["description"].is_string(), "{reference}: {found}");
        }
    }
}
