//! `user export`: all data of one user.

use std::path::PathBuf;

use clap::Args;
use countersign::app::App;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::events::list_user_events;
use countersign::usecase::administration::users::export::export_user;
use serde_json::{Value, json};

use crate::export::file::{ExportFile, Protection};
use crate::export::row::exported_row;
use crate::problem::Problem;
use crate::report::{Report, time};
use crate::session::session_json;
use crate::user::events::row as event_row;
use crate::user::sheet::{act, came_back};

/// What to export of a user, and where to.
#[derive(Args, Clone, Debug)]
pub struct ExportUserOptions {
    /// User name, e-mail address or identifier
    #[arg(value_name = "USER")]
    who: String,
    /// Write everything, password hash and seeds included, to this file, which must not exist.
    /// Without this option, the command prints the user without these secrets, as for the user
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Who can read it.
    #[command(flatten)]
    protection: Protection,
}

impl ExportUserOptions {
    /// Whether the user is written to a file, and not printed.
    pub(crate) fn writes_a_file(&self) -> bool {
        self.to.is_some()
    }
}

/// Exports one user.
///
/// # Errors
/// One line if there is no such user, if the file cannot be written, or if the
/// table or the keys do not answer.
pub async fn export_one(
    app: &App,
    operator: &Operator,
    options: &ExportUserOptions,
) -> Result<Report, Problem> {
    let mut file = match &options.to {
        None => None,
        Some(path) => Some(ExportFile::begin(path, &options.protection)?),
    };
    let whole = whole_user(app, operator, &options.who).await;
    let (Some(mut file), Some(path)) = (file.take(), &options.to) else {
        return Ok(Report::Json(without_secrets(whole?)));
    };
    let written = whole.and_then(|row| file.write(&row));
    if let Err(problem) = written {
        file.discard();
        return Err(problem);
    }
    file.finish()?;
    let path = path.display().to_string();
    Ok(Report::Done {
        sentence: format!("The user is in {path}."),
        value: json!({ "file": path, "keys": options.protection.keys() }),
    })
}

/// The row of the user, with the sessions, the events, the acts of operators, and the
/// destinations from which messages came back.
async fn whole_user(app: &App, operator: &Operator, who: &str) -> Result<Value, Problem> {
    let departing = export_user(app, operator, who).await?;
    let user = &departing.account.user;
    let sessions = app.store.list_sessions(user.id).await?;
    let acts = app
        .store
        .list_acts(&user.id.to_string(), usize::MAX)
        .await?;
    // The table keeps the events of 90 days.
    let events = list_user_events(app, &user.id.dashed(), None, usize::MAX).await?;
    let live = |one| {
        (
            one,
            countersign::domain::sessions::session::Session::is_live(one, user.epoch, operator.now),
        )
    };
    let sessions: Vec<Value> = sessions
        .iter()
        .map(live)
        .map(|(one, live)| session_json(one, live))
        .collect();
    let mut row = exported_row(&departing);
    if let Some(Value::Object(own)) = row.get_mut("countersign") {
        own.insert("exported_at".to_owned(), time(operator.now));
        own.insert("sessions".to_owned(), json!(sessions));
        let acts: Vec<Value> = acts.iter().map(act).collect();
        own.insert("acts".to_owned(), json!(acts));
        let events: Vec<Value> = events.iter().map(event_row).collect();
        own.insert("events".to_owned(), json!(events));
        let came_back: Vec<Value> = user.troubles().map(came_back).collect();
        own.insert("came_back".to_owned(), json!(came_back));
    }
    Ok(row)
}

/// The row as its user may have it. In place of a hash, a seed or a recovery code,
/// the row says that the value is left out.
fn without_secrets(mut row: Value) -> Value {
    const LEFT_OUT: &str = "left out";
    for pointer in [
        "/password_hash",
        "/custom_password_hash",
        "/countersign/password_hash",
        "/countersign/recovery_codes/hashes",
    ] {
        if let Some(secret) = row.pointer_mut(pointer) {
            *secret = json!(LEFT_OUT);
        }
    }
    if let Some(Value::Array(factors)) = row.get_mut("mfa_factors") {
        for factor in factors {
            if let Some(secret) = factor.pointer_mut("/totp/secret") {
                *secret = json!(LEFT_OUT);
            }
        }
    }
    row
}
