//! Runs each command.

use countersign::app::App;
use countersign::notify::event_bus::cloud_event;
use countersign::usecase::administration::operator::Operator;
use serde_json::Value;

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
    announced(app, &operator, done).await
}

/// Delivers the acts of a command that is done, and adds the acts that the bus did not
/// take to the result.
pub(crate) async fn announced(
    app: &App,
    operator: &Operator,
    done: Result<Report, Problem>,
) -> Result<Report, Problem> {
    if done.is_ok() {
        operator.deliver_acts(app).await;
    }
    let lost = operator.take_unannounced();
    let lost = lost.iter().map(|act| cloud_event(act, &app.config.issuer));
    let lost: Vec<Value> = lost.collect();
    match done {
        done if lost.is_empty() => done,
        Ok(report) => Ok(Report::Unannounced {
            report: Box::new(report),
            acts: lost,
        }),
        Err(problem) => Err(problem.with_unannounced(lost)),
    }
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
