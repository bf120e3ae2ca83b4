//! `session`: the signed-in apps and browsers of a user.

use clap::Subcommand;
use countersign::app::App;
use countersign::domain::id::SessionId;
use countersign::domain::sessions::session::Session;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::sessions::end_session_by_operator;
use countersign::usecase::administration::users::find::find_user_for_operator;
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::report::{Report, time};

/// The commands for sessions.
#[derive(Clone, Debug, Subcommand)]
pub enum SessionCommand {
    /// List the sessions of a user; those that have ended too with --all
    #[command(after_help = "Example: countersign session list ann@example.com")]
    List {
        /// User name, e-mail address or identifier
        user: String,
        /// Also those that have ended
        #[arg(long)]
        all: bool,
    },
    /// End one session
    #[command(
        after_help = "Example: countersign session end ann@example.com 0198c0de-0000-7000-8000-000000000001"
    )]
    End {
        /// User name, e-mail address or identifier
        user: String,
        /// The identifier that `session list` shows
        session: String,
    },
}

/// Runs the command.
///
/// # Errors
/// The reason, in one line, if the command fails.
pub async fn act(
    app: &App,
    operator: Operator,
    command: &SessionCommand,
) -> Result<Report, Problem> {
    match command {
        SessionCommand::List { user, all } => {
            let user = find_user_for_operator(app, user).await?.user;
            let sessions = app.store.list_sessions(user.id).await?;
            let live = |one: &Session| one.is_live(user.epoch, operator.now);
            let wanted = sessions.iter().filter(|one| *all || live(one));
            Ok(Report::Table {
                columns: &[
                    "id",
                    "client",
                    "dialect",
                    "signed_in_at",
                    "used_at",
                    "expires_at",
                    "live",
                ],
                rows: wanted.map(|one| session_json(one, live(one))).collect(),
            })
        }
        SessionCommand::End { user, session } => {
            let user = find_user_for_operator(app, user).await?.user;
            let unreadable = || Problem::usage(format!("{session} is no identifier of a session"));
            let session = SessionId::parse(session).ok_or_else(unreadable)?;
            end_session_by_operator(app, &operator, user.id, session).await?;
            Ok(Report::Done {
                sentence: format!(
                    "The session {} of {} has ended.",
                    session.dashed(),
                    user.user_name
                ),
                value: json!({ "id": session.dashed(), "ended": true }),
            })
        }
    }
}

/// A session in a table.
pub fn session_json(session: &Session, live: bool) -> Value {
    let client = Some(&session.authorized.client).filter(|client| !client.is_empty());
    json!({
        "id": session.id.dashed(),
        // Our own pages have no client.
        "client": client.map_or("our pages", String::as_str),
        "dialect": session.dialect.name(),
        "scope": session.authorized.scope.to_text(),
        "signed_in_at": time(session.authentication.at),
        "used_at": time(session.rotated_at),
        "expires_at": time(session.expires_at.min(session.ends_at)),
        "live": live,
    })
}
