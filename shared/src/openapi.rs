//! The OpenAPI document: what the handlers say of themselves with
//! `#[utoipa::path]`, completed by what is the same for all routes of a kind.
//!
//! A handler says what is its own: the summary, what it takes, what it gives,
//! and who may ask. From [`ROUTES`] and the dialect's [`Shape`] come the tag,
//! the operation's name, the form beside the JSON, and every way of saying no.
//!
//! No function reaches this module, so no function's binary holds any of it;
//! `cargo local` serves it, and a test keeps `docs/openapi.json` equal to it.

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::routes::{ROUTES, Route, dialect_of, words_of};
use crate::wire::Shape;
use crate::wire::abp::document::{AbpError, AbpTokenError};
use crate::wire::aspnet::document::{AspnetAuthResponse, AspnetProblem};
use crate::wire::auth0::document::Auth0Error;
use crate::wire::{abp, aspnet, auth0, oauth};

/// Every handler, in the order of [`ROUTES`].
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign",
        description = include_str!("openapi.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        auth0::token::token,
        oauth::revocation,
        oauth::userinfo,
        abp::token::token,
        auth0::mfa::authenticators,
        auth0::mfa::challenge,
        abp::account::providers,
        abp::account::send,
        abp::account::verify,
        auth0::mfa::verify,
        auth0::enrolment::associate,
        auth0::enrolment::remove,
        abp::authenticator::has_key,
        abp::authenticator::info,
        abp::authenticator::verify,
        abp::authenticator::reset,
        abp::authenticator::enabled,
        abp::authenticator::can_enable,
        abp::authenticator::set_enabled,
        abp::register::registered,
        abp::register::login,
        abp::password::send,
        abp::password::verify,
        abp::password::reset,
        abp::confirmation::send_email,
        abp::confirmation::verify_email,
        abp::confirmation::email,
        abp::confirmation::send_phone,
        abp::confirmation::phone,
        abp::confirmation::state,
        abp::profile::mine,
        abp::profile::password,
        abp::profile::by_user_name,
        abp::profile::by_email,
        abp::profile::by_id,
        aspnet::login::login,
        aspnet::login::two_step_verification,
        oauth::metadata,
        oauth::keys,
    ),
    components(schemas(
        Auth0Error, AbpTokenError, AbpError, AspnetAuthResponse, AspnetProblem
    )),
)]
struct Handlers;

/// Paths whose handler says another one of itself: the path, and that one.
const SAME: [(&str, &str); 2] = [
    ("/connect/userinfo", "/userinfo"),
    (
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ),
];

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const TEXT: &str = "text/plain";

/// The shapes of refusals, and how their responses are named in the document.
pub const SHAPES: [(Shape, &str); 5] = [
    (Shape::Auth0, "auth0"),
    (Shape::AbpToken, "abp-token"),
    (Shape::AbpRest, "abp-rest"),
    (Shape::AspnetLogin, "aspnet-login"),
    (Shape::AspnetText, "aspnet-text"),
];

/// What each status means that a refusal or a fault may have.
const STATUSES: [(u16, &str); 9] = [
    (400, "The request is malformed, or refused."),
    (401, "Who asks is not known, or no more."),
    (403, "Refused."),
    (
        404,
        "There is no such thing; or this dialect is switched off.",
    ),
    (405, "The path is there for another method."),
    (413, "The body is longer than 65,536 bytes."),
    (
        429,
        "Too many attempts, sends or requests. `Retry-After` says when to try again.",
    ),
    (500, "The service failed to answer this request."),
    (
        503,
        "The service, or the sending of codes, is unavailable. `Retry-After` says when to try again.",
    ),
];

/// The bodies that a shape has with a status, by content type; none if it never
/// has that status.
fn bodies(shape: Shape, status: u16) -> Vec<(&'static str, Value)> {
    let json_of = |name: &str| (JSON, reference(name));
    let problem = (PROBLEM, reference("AspnetProblem"));
    let text = (TEXT, json!({ "type": "string" }));
    // A fault is JSON everywhere; of these calls, a JSON text.
    let fault = (JSON, json!({ "type": "string" }));
    match (shape, status) {
        (Shape::Auth0, _) => vec![json_of("Auth0Error")],
        (Shape::AbpToken, _) => vec![json_of("AbpTokenError")],
        (Shape::AbpRest, _) => vec![json_of("AbpError")],
        (Shape::AspnetLogin | Shape::AspnetText, 403) | (Shape::AspnetText, 401) => vec![],
        (Shape::AspnetLogin, 400) => vec![problem],
        (Shape::AspnetLogin, _) => vec![json_of("AspnetAuthResponse")],
        (Shape::AspnetText, 400) => vec![text, problem],
        (Shape::AspnetText, 500) => vec![fault],
        (Shape::AspnetText, 503) => vec![text, fault],
        (Shape::AspnetText, _) => vec![text],
    }
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// The whole document, OpenAPI 3.1, its paths in the order of [`ROUTES`].
pub fn document() -> Value {
    let mut handlers = Handlers::openapi();
    let components = handlers.components.get_or_insert_default();
    for (name, scheme, description) in [
        ("access_token", HttpAuthScheme::Bearer, "An access token."),
        (
            "mfa_token",
            HttpAuthScheme::Bearer,
            "The token of a pending login.",
        ),
        (
            "client",
            HttpAuthScheme::Basic,
            "A confidential client's identifier and secret, each form-encoded first (RFC 6749 \
             2.3.1). They may stand in the body instead; a public client's identifier does.",
        ),
    ] {
        let scheme = Http::builder()
            .scheme(scheme)
            .description(Some(description));
        components
            .security_schemes
            .insert(name.to_owned(), SecurityScheme::Http(scheme.build()).into());
    }
    // Infallible: every key is a text.
    let mut document = serde_json::to_value(handlers).unwrap_or_default();
    document["components"]["responses"] = shared_responses();
    document["tags"] = json!([
        { "name": AUTH0, "description": "The password grant with the MFA API." },
        { "name": ABP, "description": "OpenIddict's token endpoint and the account REST." },
        { "name": ASPNET, "description": "ASP.NET Core Identity's account API." },
        { "name": PLAIN, "description": "What every dialect's clients use." },
    ]);
    document["paths"] = completed(document["paths"].take());
    document
}

const AUTH0: &str = "Auth0";
const ABP: &str = "ABP";
const ASPNET: &str = "CodeMaze";
const PLAIN: &str = "OAuth 2.0 and OpenID Connect";

fn tag(path: &str) -> &'static str {
    if dialect_of(path).is_none() {
        return PLAIN;
    }
    match words_of(path).shape {
        Shape::Auth0 => AUTH0,
        Shape::AbpToken | Shape::AbpRest => ABP,
        Shape::AspnetLogin | Shape::AspnetText => ASPNET,
    }
}

/// One response for each shape and status, which the operations refer to.
fn shared_responses() -> Value {
    let mut responses = Map::new();
    for (shape, name) in SHAPES {
        for (status, description) in STATUSES {
            let bodies = bodies(shape, status);
            if !bodies.is_empty() {
                let response = response(status, description, bodies);
                responses.insert(format!("{name}-{status}"), response);
            }
        }
    }
    Value::Object(responses)
}

fn response(status: u16, description: &str, bodies: Vec<(&str, Value)>) -> Value {
    let content: Map<String, Value> = bodies
        .into_iter()
        .map(|(kind, schema)| (kind.to_owned(), json!({ "schema": schema })))
        .collect();
    let mut response = json!({ "description": description, "content": content });
    if let 429 | 503 = status {
        response["headers"] = json!({ "Retry-After": {
            "description": "Seconds until it is worth trying again.",
            "schema": { "type": "integer" },
        } });
    }
    response
}

/// The paths of the handlers, completed. What is no route stays as it is, at
/// the end, for the test that finds it.
fn completed(mut said: Value) -> Value {
    for (path, like) in SAME {
        said[path] = said[like].clone();
    }
    let mut paths = Map::new();
    for route in ROUTES {
        let method = route.method.as_str().to_ascii_lowercase();
        let Some(mut operation) = said[route.path]
            .as_object_mut()
            .and_then(|item| item.remove(&method))
        else {
            continue;
        };
        complete(&mut operation, route);
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[method] = operation;
    }
    let rest = said.as_object_mut().map(std::mem::take).unwrap_or_default();
    let rest = rest.into_iter();
    paths.extend(rest.filter(|(_, item)| item.as_object().is_some_and(|item| !item.is_empty())));
    Value::Object(paths)
}

/// What a handler does not say, because it is the same for all of a kind.
fn complete(operation: &mut Value, route: &Route) {
    operation["tags"] = json!([tag(route.path)]);
    operation["operationId"] = json!(name_of(route));
    let reads_body = ["POST", "PUT", "PATCH"].contains(&route.method.as_str());
    if let Some(members) = operation.as_object_mut() {
        if !reads_body {
            members.shift_remove("requestBody");
        }
        if let Some(content) = members
            .get_mut("requestBody")
            .map(|body| &mut body["content"])
        {
            // Every body is read as either, whatever its content type.
            content[FORM] = content[JSON].clone();
        }
    }
    let shape = words_of(route.path).shape;
    let name = SHAPES.iter().find(|(known, _)| *known == shape);
    let name = name.map(|(_, name)| *name).unwrap_or_default();
    for (status, description) in STATUSES {
        let own = operation["responses"].get(status.to_string()).cloned();
        let bodies = bodies(shape, status);
        if bodies.is_empty() || !(own.is_some() || may_answer(operation, route, status)) {
            continue;
        }
        operation["responses"][status.to_string()] = match own {
            None => json!({ "$ref": format!("#/components/responses/{name}-{status}") }),
            Some(own) => either(own, response(status, description, bodies)),
        };
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.sort_keys();
    }
}

/// `post_mfa_authenticators_id`.
fn name_of(route: &Route) -> String {
    let text = format!("{}{}", route.method, route.path).to_ascii_lowercase();
    let parts = text.split(|character: char| !character.is_ascii_alphanumeric());
    parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

/// Whether an operation may answer with a status that its handler does not name.
fn may_answer(operation: &Value, route: &Route, status: u16) -> bool {
    let takes = |member: &str| operation.get(member).is_some();
    let asks = takes("requestBody") || takes("parameters") || takes("security");
    match status {
        400 => takes("requestBody") || takes("parameters"),
        401 => takes("security"),
        403 | 429 => asks,
        404 => dialect_of(route.path).is_some(),
        413 => takes("requestBody"),
        // An operation is never asked with another method than its own.
        405 => false,
        _ => true,
    }
}

/// A response of an operation's own and the one of its shape, under one status.
fn either(mut own: Value, shared: Value) -> Value {
    if let Some(headers) = shared.get("headers") {
        own["headers"] = headers.clone();
    }
    let contents = shared["content"].as_object().cloned().unwrap_or_default();
    for (kind, content) in contents {
        let schema = &mut own["content"][kind.as_str()]["schema"];
        *schema = match schema.take() {
            Value::Null => content["schema"].clone(),
            own if own == content["schema"] => own,
            own => json!({ "anyOf": [own, content["schema"]] }),
        };
    }
    own
}
