//! `sends`: what a destination has used of its budgets of messages.

use clap::Subcommand;
use countersign::app::App;
use countersign::domain::Timestamp;
use countersign::domain::id::UserId;
use countersign::domain::messages::payers::Limit;
use countersign::store::Used;
use countersign::usecase::administration::destinations::{
    NamedDestination, open_destination, read_destination,
};
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::find::find_user_for_operator;
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::report::{Report, time};

/// What to do with budgets of messages.
#[derive(Clone, Debug, Subcommand)]
pub enum SendsCommand {
    /// Show what a destination has used
    #[command(after_help = "Example: countersign sends show ann@example.com")]
    Show {
        /// An e-mail address or a phone number
        destination: String,
        /// Also the budgets of this account, over all its destinations
        #[arg(long)]
        user: Option<String>,
    },
    /// Make the destination's own budgets whole again, and forget today's first asks
    #[command(after_help = "Example: countersign sends open +15555550100")]
    Open {
        /// An e-mail address or a phone number
        destination: String,
        /// Also the budgets of this account, over all its destinations
        #[arg(long)]
        user: Option<String>,
    },
}

/// Does what was asked for.
///
/// # Errors
/// One line that says why it was not done.
pub async fn act(app: &App, operator: Operator, command: &SendsCommand) -> Result<Report, Problem> {
    match command {
        SendsCommand::Show { destination, user } => {
            let user = id_of(app, user.as_deref()).await?;
            let destination = NamedDestination::parse(destination)?;
            let used = read_destination(app, &operator, &destination, user).await?;
            let now = operator.now;
            Ok(Report::Table {
                columns: &["budget", "used", "of", "whole_at", "last_at", "first_asks"],
                rows: used.iter().map(|used| shown(used, now)).collect(),
            })
        }
        SendsCommand::Open { destination, user } => {
            let user = id_of(app, user.as_deref()).await?;
            let destination = NamedDestination::parse(destination)?;
            open_destination(app, &operator, &destination, user).await?;
            Ok(Report::Done {
                sentence: format!("The budgets of {} are whole again.", destination.to),
                value: json!({ "destination": destination.to, "opened": true }),
            })
        }
    }
}

async fn id_of(app: &App, user: Option<&str>) -> Result<Option<UserId>, Problem> {
    match user {
        None => Ok(None),
        Some(user) => Ok(Some(find_user_for_operator(app, user).await?.user.id)),
    }
}

fn shown(used: &Used, now: Timestamp) -> Value {
    let (spent, most, whole_at) = match used.payer.limit {
        Limit::Day(most) => (used.today.unwrap_or(0), most, None),
        Limit::Steady { budget, .. } | Limit::Open { budget, .. } => {
            let left = used.full_at.unwrap_or(0) - now;
            // Each message takes one interval to come back.
            let spent = left.max(0).div_euclid(budget.interval)
                + i64::from(left.max(0).rem_euclid(budget.interval) > 0);
            let whole_at = used.full_at.filter(|at| *at > now);
            (spent, budget.burst, whole_at)
        }
    };
    json!({
        "budget": used.payer.row.name(),
        "used": spent,
        "of": most,
        "whole_at": whole_at.map(time),
        "last_at": used.last_at.map(time),
        "first_asks": used.first_asks,
    })
}
