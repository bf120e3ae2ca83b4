//! `user delete`: what goes, or would go.

use clap::Args;
use countersign::app::App;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::delete::{delete_user, preview_deletion};
use countersign::usecase::administration::users::find::find_user_for_operator;
use serde_json::json;

use crate::problem::Problem;
use crate::report::Report;
use crate::report::progress::with_items_counted;

/// Which user goes, and whether really.
#[derive(Args, Clone, Debug)]
pub struct DeleteUserOptions {
    /// User name, e-mail address or identifier
    #[arg(value_name = "USER")]
    who: String,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Confirm the deletion: a deleted user cannot be restored
    #[arg(long)]
    yes: bool,
}

pub(super) async fn delete(
    app: &App,
    operator: &Operator,
    options: &DeleteUserOptions,
) -> Result<Report, Problem> {
    let who = &options.who;
    if !options.yes && !options.dry_run {
        let account = find_user_for_operator(app, who).await?;
        return Err(Problem::usage(format!(
            "nothing brings {} back: repeat the command with --yes",
            account.user.user_name
        )));
    }
    let ((id, removed), done, member) = if options.dry_run {
        let work = Box::pin(preview_deletion(app, who));
        let found = with_items_counted(app, work).await?;
        (found, "would be deleted", "would_be_deleted")
    } else {
        let work = Box::pin(delete_user(app, operator, who));
        let found = with_items_counted(app, work).await?;
        (found, "is deleted", "deleted")
    };
    let list = removed
        .iter()
        .map(|(kind, count)| format!("{kind} {count}"));
    let list = list.collect::<Vec<_>>().join(", ");
    Ok(Report::Done {
        sentence: format!("The user {} {done}: {list}.", id.dashed()),
        value: json!({ "id": id.dashed(), member: removed }),
    })
}
