//! The bodies of refusals and faults in the document, for each shape.

use serde_json::{Value, json};

use crate::wire::Shape;

pub(super) const JSON: &str = "application/json";
pub(super) const HTML: &str = "text/html";
const PROBLEM: &str = "application/problem+json";
const TEXT: &str = "text/plain";

/// The shapes, and the names of their responses in the document.
pub const SHAPES: [(Shape, &str); 12] = [
    (Shape::Auth0, "auth0"),
    (Shape::Auth0Database, "auth0-database"),
    (Shape::Auth0MyAccount, "auth0-my-account"),
    (Shape::AbpToken, "abp-token"),
    (Shape::AbpRest, "abp-rest"),
    (Shape::CodeMazeLogin, "codemaze-login"),
    (Shape::CodeMazeText, "codemaze-text"),
    (Shape::CodeMazeRegistration, "codemaze-registration"),
    (Shape::CodeMazeReset, "codemaze-reset"),
    (Shape::Aidbox, "aidbox"),
    (Shape::AidboxTwoFactor, "aidbox-two-factor"),
    (Shape::AidboxPage, "aidbox-page"),
];

/// The description of each status that a refusal or a fault may have.
pub(super) const STATUSES: [(u16, &str); 10] = [
    (400, "The request is malformed, or refused."),
    (401, "Who asks is not known, or no more."),
    (403, "Refused."),
    (
        404,
        "There is no such thing; or this dialect is switched off.",
    ),
    (405, "The path is there for another method."),
    (413, "The body is longer than 65,536 bytes."),
    (422, "The request is understood, and refused."),
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

/// The bodies of a shape with a status, by content type. Empty if the shape never has
/// the status.
pub(super) fn bodies(shape: Shape, status: u16) -> Vec<(&'static str, Value)> {
    let json_of = |name: &str| (JSON, reference(name));
    let problem = (PROBLEM, reference("CodeMazeProblem"));
    let text = (TEXT, json!({ "type": "string" }));
    // A fault has a JSON body, except on pages. In the plain-text calls, the JSON is a
    // text.
    let fault = (JSON, json!({ "type": "string" }));
    match (shape, status) {
        (Shape::Aidbox | Shape::AidboxTwoFactor, _) => vec![json_of("AidboxError")],
        (_, 422) => vec![],
        (Shape::AidboxPage, _) => vec![(HTML, json!({ "type": "string" }))],
        (Shape::Auth0, _) => vec![json_of("Auth0Error")],
        (Shape::Auth0MyAccount, _) => vec![json_of("Auth0Problem")],
        (Shape::Auth0Database, _) => vec![json_of("Auth0DatabaseError")],
        (Shape::AbpToken, _) => vec![json_of("AbpTokenError")],
        (Shape::AbpRest, _) => vec![json_of("AbpError")],
        (Shape::CodeMazeLogin, 403) => vec![],
        (Shape::CodeMazeLogin, 400) => vec![problem],
        (Shape::CodeMazeLogin, _) => vec![json_of("CodeMazeAuthResponse")],
        (Shape::CodeMazeText | Shape::CodeMazeRegistration | Shape::CodeMazeReset, 401 | 403) => {
            vec![]
        }
        (Shape::CodeMazeText, 400) => vec![text, problem],
        (Shape::CodeMazeText, 500) => vec![fault],
        (Shape::CodeMazeText, 503) => vec![text, fault],
        (Shape::CodeMazeText, _) => vec![text],
        (Shape::CodeMazeRegistration, 400) => {
            vec![json_of("CodeMazeRegistrationResponse"), problem]
        }
        (Shape::CodeMazeRegistration, _) => vec![json_of("CodeMazeRegistrationResponse")],
        (Shape::CodeMazeReset, 400) => vec![json_of("CodeMazeErrors"), problem],
        (Shape::CodeMazeReset, _) => vec![json_of("CodeMazeErrors")],
    }
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// The headers of a shape's answers with a status. A redirect always has `Location`.
/// Most answers of a page set or delete cookies.
pub(super) fn headers(shape: Shape, status: u16) -> Option<Value> {
    let mut headers = json!({});
    if let 429 | 503 = status {
        headers["Retry-After"] = json!({
            "description": "Seconds until it is worth trying again.",
            "schema": { "type": "integer" },
        });
    }
    if let 302 | 303 = status {
        headers["Location"] = json!({
            "description": "Where the browser goes on.",
            "required": true,
            "schema": { "type": "string" },
        });
    }
    if shape == Shape::AidboxPage {
        headers["Set-Cookie"] = json!({
            "description": "A session, a sign-in that has begun or a form, as it begins or ends.",
            "schema": { "type": "string" },
        });
    }
    let some = headers.as_object().is_some_and(|some| !some.is_empty());
    some.then_some(headers)
}
