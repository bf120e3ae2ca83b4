//! `acts`: what operators did.

use clap::Subcommand;
use countersign::app::App;
use countersign::usecase::administration::acts::list_every_act;

use crate::problem::Problem;
use crate::report::Report;
use crate::user::events::row;

/// The commands for acts.
#[derive(Clone, Debug, Subcommand)]
pub enum ActsCommand {
    /// List what operators did, the newest first: upon users, clients, keys and destinations,
    /// and every import and export
    #[command(after_help = "Example: countersign acts list --limit 20")]
    List {
        /// How many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
        limit: u16,
        /// Only those before the act with this log_id: the next page
        #[arg(long, value_name = "LOG_ID")]
        before: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// The reason, in one line, if the command fails.
pub async fn act(app: &App, command: &ActsCommand) -> Result<Report, Problem> {
    let ActsCommand::List { limit, before } = command;
    let acts = list_every_act(app, before.as_deref(), usize::from(*limit)).await?;
    Ok(Report::Table {
        columns: &["date", "type", "act", "subject", "by", "why", "log_id"],
        rows: acts.iter().map(row).collect(),
    })
}
