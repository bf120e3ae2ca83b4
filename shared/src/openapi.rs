//! The OpenAPI document. It combines what the routes' lines and the handlers'
//! `#[operation]` attributes say with what all routes of a kind share.
//!
//! A handler documents only what is particular to its route: the summary, the
//! parameters, the answers, and the credentials. This module takes the rest from
//! [`ROUTES`] and from the dialect's [`Shape`]: method and path, the tag, the operation's
//! name, the form beside the JSON, and every refusal.
//!
//! The types only document. Handlers read `Fields` and write `json!`, because bodies
//! come in too many forms for a derive.
//!
//! No function uses this module, so no function's binary contains it. `cargo local`
//! serves the document, and a test keeps `docs/openapi.json` equal to it.

mod shapes;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};

use self::shapes::{HTML, JSON, STATUSES, bodies, headers};

pub use self::shapes::SHAPES;
use crate::routes::{OPERATIONS, ROUTES, Route};
use crate::wire::Shape;
use crate::wire::abp::login::token::AbpTokenError;
use crate::wire::abp::refusal::AbpError;
use crate::wire::aidbox::refusal::AidboxError;
use crate::wire::auth0::accounts::words::Auth0DatabaseError;
use crate::wire::auth0::factors::my_words::{Auth0Problem, Auth0ProblemField};
use crate::wire::auth0::refusal::{Auth0Error, Auth0ValidationError};
use crate::wire::codemaze::accounts::registration::CodeMazeRegistrationResponse;
use crate::wire::codemaze::login::first_step::CodeMazeAuthResponse;
use crate::wire::codemaze::refusal::{CodeMazeErrors, CodeMazeProblem};

/// The parts of the document besides the operations. The bodies of refusals stand here,
/// because no handler names them.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign",
        description = include_str!("openapi.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(
        Auth0Error, Auth0ValidationError, Auth0DatabaseError, Auth0Problem, Auth0ProblemField, AbpTokenError, AbpError, CodeMazeAuthResponse, CodeMazeProblem,
        CodeMazeRegistrationResponse, CodeMazeErrors, AidboxError
    )),
)]
struct Frame;

const FORM: &str = "application/x-www-form-urlencoded";

/// The whole document, OpenAPI 3.1. Its paths have the order of [`ROUTES`].
pub fn document() -> Value {
    let mut frame = Frame::openapi();
    let components = frame.components.get_or_insert_default();
    let mut paths = Map::new();
    for (route, operation) in ROUTES.iter().zip(OPERATIONS) {
        let said = operation();
        if let Some(named) = said.components {
            components.schemas.extend(named.schemas);
        }
        add(&mut paths, route, &json!(said.paths));
    }
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
    for (name, cookie, description) in [
        (
            "session",
            "__Host-countersign",
            "The cookie of a browser that has signed in.",
        ),
        (
            "login",
            "__Host-countersign-login",
            "The cookie of a browser whose sign-in waits for its next step.",
        ),
    ] {
        let cookie = ApiKeyValue::with_description(cookie, description);
        let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
        components
            .security_schemes
            .insert(name.to_owned(), scheme.into());
    }
    // This cannot fail, because every key is a text.
    let mut document = serde_json::to_value(frame).unwrap_or_default();
    document["components"]["responses"] = shared_responses();
    document["tags"] = json!([
        { "name": AUTH0, "description": "The password grant with the MFA API." },
        { "name": ABP, "description": "OpenIddict's token endpoint and the account REST." },
        { "name": CODEMAZE, "description": "ASP.NET Core Identity's account API." },
        { "name": AIDBOX, "description": "Aidbox's token endpoint and two-factor calls." },
        { "name": PAGES, "description": "The pages that a browser signs in on, and the way back to an app." },
        { "name": PLAIN, "description": "What every dialect's clients use." },
    ]);
    document["paths"] = Value::Object(paths);
    document
}

const AUTH0: &str = "Auth0";
const ABP: &str = "ABP";
const CODEMAZE: &str = "CodeMaze";
const AIDBOX: &str = "Aidbox";
const PAGES: &str = "Aidbox's pages";
const PLAIN: &str = "OAuth 2.0 and OpenID Connect";

fn tag(route: &Route) -> &'static str {
    match route.kind.words.shape {
        Shape::AidboxPage => PAGES,
        _ if route.kind.switch.is_none() => PLAIN,
        Shape::Auth0 | Shape::Auth0Database | Shape::Auth0MyAccount => AUTH0,
        Shape::AbpToken | Shape::AbpRest => ABP,
        Shape::CodeMazeLogin
        | Shape::CodeMazeText
        | Shape::CodeMazeRegistration
        | Shape::CodeMazeReset => CODEMAZE,
        Shape::Aidbox | Shape::AidboxTwoFactor => AIDBOX,
    }
}

/// A response for each shape and status. The operations refer to these responses.
fn shared_responses() -> Value {
    let mut responses = Map::new();
    for (shape, name) in SHAPES {
        for (status, description) in STATUSES {
            let bodies = bodies(shape, status);
            if !bodies.is_empty() {
                let response = response((shape, status), description, bodies);
                responses.insert(format!("{name}-{status}"), response);
            }
        }
    }
    Value::Object(responses)
}

fn response((shape, status): (Shape, u16), description: &str, bodies: Vec<(&str, Value)>) -> Value {
    let content: Map<String, Value> = bodies
        .into_iter()
        .map(|(kind, schema)| (kind.to_owned(), json!({ "schema": schema })))
        .collect();
    let mut response = json!({ "description": description, "content": content });
    if let Some(headers) = headers(shape, status) {
        response["headers"] = headers;
    }
    response
}

/// Adds a route's operation, completed, under the method and the path of the route's line.
/// `said` has the one operation of the handler, under a method and a path that mean nothing.
fn add(paths: &mut Map<String, Value>, route: &Route, said: &Value) {
    let items = said.as_object().into_iter().flat_map(Map::values);
    let mut operations = items.filter_map(Value::as_object).flat_map(Map::values);
    if let Some(operation) = operations.next() {
        let mut operation = operation.clone();
        complete(&mut operation, route);
        let method = route.method.as_str().to_ascii_lowercase();
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[method] = operation;
    }
}

/// Adds the parts that all operations of a kind share.
fn complete(operation: &mut Value, route: &Route) {
    operation["tags"] = json!([tag(route)]);
    operation["operationId"] = json!(name_of(route));
    let shape = route.kind.words.shape;
    let is_page = shape == Shape::AidboxPage;
    let reads_body = ["POST", "PUT", "PATCH"].contains(&route.method.as_str());
    if let Some(members) = operation.as_object_mut() {
        if !reads_body {
            members.shift_remove("requestBody");
        }
        if let Some(content) = members
            .get_mut("requestBody")
            .map(|body| &mut body["content"])
        {
            content[FORM] = content[JSON].clone();
            // Every body is read as JSON or as a form, whatever its content type is.
            // But a browser posts a page's body only as a form.
            if let Some(content) = content.as_object_mut().filter(|_| is_page) {
                content.shift_remove(JSON);
            }
        }
    }
    if is_page {
        complete_page(&mut operation["responses"]);
    }
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
            Some(own) => either(own, response((shape, status), description, bodies)),
        };
    }
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.sort_keys();
    }
    add_proof(operation);
}

/// Adds the header with the proof of a key, where a client or an access token is checked.
fn add_proof(operation: &mut Value) {
    let ways = operation["security"].as_array().into_iter().flatten();
    let mut schemes = ways.filter_map(Value::as_object).flat_map(Map::keys);
    if !schemes.any(|scheme| scheme == "client" || scheme == "access_token") {
        return;
    }
    let parameter = json!({
        "name": "DPoP",
        "in": "header",
        "required": false,
        "description": "A proof of a key (RFC 9449). The tokens of the answer are bound to the \
                        key, and a token that is bound to a key needs the proof. The header \
                        `DPoP-Nonce` of the answer has the nonce for the next proof.",
        "schema": { "type": "string" },
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
}

/// Adds HTML or `Location` to a page's answers.
fn complete_page(responses: &mut Value) {
    let Some(responses) = responses.as_object_mut() else {
        return;
    };
    for (status, response) in responses {
        if status == "200" {
            response["content"] = json!({ HTML: { "schema": { "type": "string" } } });
        }
        let status = status.parse().unwrap_or_default();
        if let Some(headers) = headers(Shape::AidboxPage, status) {
            response["headers"] = headers;
        }
    }
}

/// The operation's name, such as `post_mfa_authenticators_id`.
fn name_of(route: &Route) -> String {
    let text = format!("{}{}", route.method, route.path).to_ascii_lowercase();
    let parts = text.split(|character: char| !character.is_ascii_alphanumeric());
    parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

/// Whether an operation may answer with a status that its handler does not document.
fn may_answer(operation: &Value, route: &Route, status: u16) -> bool {
    let takes = |member: &str| operation.get(member).is_some();
    let asks = takes("requestBody") || takes("parameters") || takes("security");
    match status {
        400 => takes("requestBody") || takes("parameters"),
        401 => takes("security"),
        403 | 429 => asks,
        404 => route.kind.switch.is_some(),
        413 | 422 => takes("requestBody"),
        // An operation in the document has its own method, so 405 does not apply.
        405 => false,
        _ => true,
    }
}

/// Combines an operation's own response with the shared response of the same status.
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
