//! `sends`: what a destination has used of its budgets of messages.

use clap::Subcommand;
use countersign::app::App;
use countersign::domain::Timestamp;
use countersign::domain::id::UserId;
use countersign::domain::messages::delivery::{DeliveryMark, Trouble};
use countersign::domain::messages::payers::Limit;
use countersign::store::Used;
use countersign::usecase::administration::destinations::{
    named_destination, open_destination, read_account_budgets, read_country_budgets,
    read_destination, troubles_at,
};
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::find::find_user_for_operator;
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::report::{Report, time};

/// The commands for budgets of messages.
#[derive(Clone, Debug, Subcommand)]
pub enum SendsCommand {
    /// Show what a destination has used
    #[command(after_help = "Example: countersign sends show ann@example.com\n\
                      Example: countersign sends show --user ann\n\
                      Example: countersign sends show --country DE")]
    Show {
        /// An e-mail address or a phone number
        #[arg(required_unless_present_any = ["user", "country"])]
        destination: Option<String>,
        /// The budgets of this account over all its destinations; with a destination, both
        #[arg(long)]
        user: Option<String>,
        /// The text messages of today to unconfirmed numbers of this country: two letters, or a
        /// calling code such as +49
        #[arg(long, value_name = "COUNTRY", conflicts_with_all = ["destination", "user"])]
        country: Option<String>,
    },
    /// Refill the destination's own budgets, and clear its first asks of today and its delivery
    /// mark
    #[command(after_help = "Example: countersign sends open +15555550100")]
    Open {
        /// An e-mail address or a phone number
        destination: String,
        /// Also the budgets of this account, over all its destinations
        #[arg(long)]
        user: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// The reason, in one line, if the command fails.
pub async fn act(app: &App, operator: Operator, command: &SendsCommand) -> Result<Report, Problem> {
    match command {
        SendsCommand::Show {
            destination: Some(destination),
            user,
            ..
        } => show_destination(app, &operator, destination, user.as_deref()).await,
        SendsCommand::Show {
            country: Some(country),
            ..
        } => show_country(app, &operator, country).await,
        SendsCommand::Show { user, .. } => {
            let user = user.as_deref().unwrap_or_default();
            show_account(app, &operator, user).await
        }
        SendsCommand::Open { destination, user } => {
            let user = id_of(app, user.as_deref()).await?;
            let destination = named_destination(destination)?;
            open_destination(app, &operator, &destination, user).await?;
            Ok(Report::Done {
                sentence: format!("The budgets of {} were reset.", destination.to),
                value: json!({ "destination": destination.to, "opened": true }),
            })
        }
    }
}

async fn show_destination(
    app: &App,
    operator: &Operator,
    destination: &str,
    user: Option<&str>,
) -> Result<Report, Problem> {
    let user = id_of(app, user).await?;
    let destination = named_destination(destination)?;
    let used = read_destination(app, operator, &destination, user).await?;
    let now = operator.now;
    let mut rows: Vec<Value> = used.iter().map(|used| used_json(used, now)).collect();
    let troubles = troubles_at(app, &destination, user).await?;
    rows.extend(troubles.iter().map(|(user, mark)| came_back(*user, mark)));
    Ok(Report::Table {
        columns: match troubles.is_empty() {
            true => &["budget", "used", "of", "whole_at", "last_at", "first_asks"],
            false => &[
                "budget",
                "used",
                "of",
                "whole_at",
                "last_at",
                "first_asks",
                "came_back",
                "user",
            ],
        },
        rows,
    })
}

async fn show_account(app: &App, operator: &Operator, user: &str) -> Result<Report, Problem> {
    let user = find_user_for_operator(app, user).await?.user.id;
    let uses = read_account_budgets(app, operator, user).await?;
    let rows = uses.iter().map(|one| {
        let mut row = used_json(&one.used, operator.now);
        row["for"] = json!(one.destinations);
        row
    });
    Ok(Report::Table {
        columns: &["budget", "for", "used", "of", "whole_at", "last_at"],
        rows: rows.collect(),
    })
}

async fn show_country(app: &App, operator: &Operator, country: &str) -> Result<Report, Problem> {
    let used = read_country_budgets(app, operator, country).await?;
    let rows = used.iter().map(|used| {
        let mut row = used_json(used, operator.now);
        row["for"] = json!(used.payer.who);
        row
    });
    Ok(Report::Table {
        columns: &["budget", "for", "used", "of"],
        rows: rows.collect(),
    })
}

async fn id_of(app: &App, user: Option<&str>) -> Result<Option<UserId>, Problem> {
    match user {
        None => Ok(None),
        Some(user) => Ok(Some(find_user_for_operator(app, user).await?.user.id)),
    }
}

/// What SES or SNS reported about a destination of this user.
fn came_back(user: UserId, mark: &DeliveryMark) -> Value {
    json!({
        "came_back": mark.trouble.map(Trouble::name),
        "last_at": time(mark.at),
        "user": user.dashed(),
    })
}

fn used_json(used: &Used, now: Timestamp) -> Value {
    let (spent, most, whole_at) = match used.payer.limit {
        Limit::Day(most) => (used.today.unwrap_or(0), most, None),
        Limit::Steady { budget, .. } | Limit::Open { budget, .. } => {
            let left = used.full_at.unwrap_or(0) - now;
            // The budget gets one message back in each interval.
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
