//! Runs each command.

use countersign::app::App;
use countersign::usecase::administration::operator::Operator;

use crate::export::all::export;
use crate::import::run::import;
use crate::options::{Command, Options};
use crate::problem::Problem;
use crate::report::Report;
use crate::upkeep::doctor::{Patient, examine};
use crate::upkeep::keys;
use crate::{acts, client, sends, session, user};

/// Runs the command of the command line.
///
/// # Errors
/// The reason, in one line, if the command fails.
pub async fn act(app: &App, options: &Options) -> Result<Report, Problem> {
    let operator = operator_of(app, options);
    let done = act_as(app, operator.clone(), options).await;
    operator.tell_failed_acts(app).await;
    done
}

async fn act_as(app: &App, operator: Operator, options: &Options) -> Result<Report, Problem> {
    match &options.command {
        Command::Client(command) => client::act(app, operator, command).await,
        Command::User(command) => user::act(app, operator, command).await,
        Command::Session(command) => session::act(app, operator, command).await,
        Command::Sends(command) => sends::act(app, operator, command).await,
        Command::Keys(command) => keys::act(app, operator, command).await,
        Command::Acts(command) => acts::act(app, command).await,
        Command::Import(options) => import(app, &operator, options).await,
        Command::Export(options) => export(app, &operator, options).await,
        Command::Doctor { .. } => {
            let patient = Patient {
                app,
                aws: None,
                alarms: None,
            };
            examine(&patient).await
        }
        Command::Try(_) => Err(Problem::usage("only the tool itself calls the API")),
        Command::Completions { .. } => Err(Problem::usage("completions need no deployment")),
    }
}

/// The operator whom the command line names.
pub(crate) fn operator_of(app: &App, options: &Options) -> Operator {
    let name = options.by.clone().unwrap_or_else(own_name);
    Operator::new(name, app.clock.now())
}

/// The name of the account on this machine.
fn own_name() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"];
    let found = names.iter().find_map(|name| std::env::var(name).ok());
    found.unwrap_or_else(|| "unknown".to_owned())
}
