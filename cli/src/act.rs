//! What each command does.

use countersign::app::App;
use countersign::usecase::administration::operator::Operator;

use crate::import::run::import;
use crate::options::{Command, Options};
use crate::problem::Problem;
use crate::report::Report;
use crate::upkeep::doctor::{Patient, examine};
use crate::upkeep::keys;
use crate::{client, sends, session, user};

/// Does what the command line asks for.
///
/// # Errors
/// One line that says why it was not done.
pub async fn act(app: &App, options: &Options) -> Result<Report, Problem> {
    let operator = Operator {
        name: options.by.clone().unwrap_or_else(own_name),
        now: app.clock.now(),
        reason: None,
    };
    match &options.command {
        Command::Client(command) => client::act(app, operator, command).await,
        Command::User(command) => user::act(app, operator, command).await,
        Command::Session(command) => session::act(app, operator, command).await,
        Command::Sends(command) => sends::act(app, operator, command).await,
        Command::Keys(command) => keys::act(app, operator, command).await,
        Command::Import(options) => import(app, &operator, options).await,
        Command::Doctor => {
            let patient = Patient {
                app,
                aws: None,
                alarms: None,
            };
            examine(&patient).await
        }
        Command::Completions { .. } => Err(Problem::usage("completions need no deployment")),
    }
}

/// The name of the account on this machine.
fn own_name() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"];
    let found = names.iter().find_map(|name| std::env::var(name).ok());
    found.unwrap_or_else(|| "unknown".to_owned())
}
