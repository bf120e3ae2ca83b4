//! `POST /_local/operate`: runs a command of the operators' tool on this service.
//!
//! `{"command": ["user", "show", "ann@example.com"]}` is the command `countersign --local
//! user show ann@example.com`. The answer is `{"exit_code", "text", "value"}`: what the
//! tool prints for people, and its JSON. `"password"` beside a `user add` is the new user's
//! password: the tool has no option for one, because no deployment may have such an option.
//!
//! A command that reads or writes files is refused, because a page in a browser must not reach the developer's files.

use std::ffi::OsString;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use clap::Parser;
use countersign::app::App;
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::secret::Secret;
use countersign::failure::Broken;
use countersign::keyring::random_bytes;
use countersign_cli::act::act;
use countersign_cli::options::{Command, Options};
use countersign_cli::problem::Problem;
use countersign_cli::user::UserCommand;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::own_host::{own_host_only, refusal};
use crate::seed::Password;

/// The exit code of a wrong command line.
const WRONG_COMMAND: u8 = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperateRequest {
    command: Vec<String>,
    password: Option<Password>,
}

pub fn operate_routes(app: App) -> Router {
    Router::new()
        .route("/_local/operate", post(operate))
        .layer(from_fn(own_host_only))
        .with_state(app)
}

async fn operate(State(app): State<App>, body: Bytes) -> Response {
    let Ok(OperateRequest { command, password }) = serde_json::from_slice(&body) else {
        return refusal(
            StatusCode::BAD_REQUEST,
            r#"wants a JSON body {"command": ["user", "show", "ann@example.com"]}"#,
        );
    };
    let name = std::iter::once("countersign".to_owned());
    let words = name.chain(command).map(OsString::from);
    let mut options = match Options::try_parse_from(words) {
        Ok(options) => options,
        Err(wrong) => {
            let code = u8::try_from(wrong.exit_code()).unwrap_or(WRONG_COMMAND);
            return Json(answer(code, &wrong.render().to_string(), Value::Null)).into_response();
        }
    };
    if options.connection.names_a_deployment() || options.command.reaches_outside() {
        return refusal(
            StatusCode::BAD_REQUEST,
            "runs on this service alone, and reads and writes no file",
        );
    }
    if let Some(password) = password {
        let Command::User(UserCommand::Add(new)) = &mut options.command else {
            return refusal(
                StatusCode::BAD_REQUEST,
                "a password stands beside user add only",
            );
        };
        match hashed(&app, &password) {
            Ok(hash) => new.password = Some(hash),
            Err(problem) => return Json(refused(&problem)).into_response(),
        }
    }
    // On the heap, because the future of a command is large.
    let done = Box::pin(act(&app, &options)).await;
    Json(match done {
        Ok(report) => {
            let value = serde_json::from_str(&report.text(true)).unwrap_or_default();
            answer(report.exit_code(), &report.text(false), value)
        }
        Err(problem) => refused(&problem),
    })
    .into_response()
}

/// As in a seed file, no password policy applies.
fn hashed(app: &App, password: &Password) -> Result<PasswordHash, Problem> {
    let salt = random_bytes()?;
    let hash = app.hasher.hash(&Secret::new(password.as_str()), salt);
    hash.map_err(|unusable| Broken::internal(unusable.0).into())
}

fn refused(problem: &Problem) -> Value {
    answer(problem.exit_code(), &problem.to_string(), Value::Null)
}

fn answer(exit_code: u8, text: &str, value: Value) -> Value {
    json!({ "exit_code": exit_code, "text": text, "value": value })
}
