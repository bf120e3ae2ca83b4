//! `export`: every user, in batches.

use std::path::PathBuf;

use clap::Args;
use countersign::app::App;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::export::begin_export;
use serde_json::json;

use crate::export::file::{ExportFile, Protection};
use crate::export::row::exported_row;
use crate::problem::Problem;
use crate::report::Report;
use crate::report::progress::{Progress, Stage};

/// The options of `export`.
#[derive(Args, Clone, Debug)]
pub struct ExportOptions {
    /// The file, which must not exist. `import --format countersign` reads it
    file: PathBuf,
    /// Who can read it.
    #[command(flatten)]
    protection: Protection,
}

/// Exports every user.
///
/// # Errors
/// One line if the file cannot be written, or if the table or the keys do not
/// answer. Then there is no file, and the operator may repeat the command.
pub async fn export(
    app: &App,
    operator: &Operator,
    options: &ExportOptions,
) -> Result<Report, Problem> {
    let mut file = ExportFile::begin(&options.file, &options.protection)?;
    let written = write_users(app, operator, &mut file).await;
    let users = match written {
        Ok(users) => users,
        Err(problem) => {
            file.discard();
            return Err(problem);
        }
    };
    file.finish()?;
    let (keys, path) = (options.protection.keys(), options.file.display());
    let how = match keys {
        0 => "not encrypted".to_owned(),
        1 => "encrypted to 1 key".to_owned(),
        keys => format!("encrypted to {keys} keys"),
    };
    Ok(Report::Done {
        sentence: format!("{users} users are in {path}, {how}."),
        value: json!({ "users": users, "file": path.to_string(), "keys": keys }),
    })
}

async fn write_users(
    app: &App,
    operator: &Operator,
    file: &mut ExportFile,
) -> Result<u64, Problem> {
    let mut departure = begin_export(app, operator).await?;
    let progress = Progress::begin();
    let whole = progress.items_of_table(app).await;
    let before = app.store.items_scanned();
    let mut users = 0;
    loop {
        let some = departure.next_users().await?;
        if some.is_empty() {
            break;
        }
        for user in &some {
            file.write(&exported_row(user))?;
            users += 1;
        }
        progress.show(&Stage {
            part: app.store.items_scanned().saturating_sub(before),
            whole,
            count: users,
            things: "users",
            beside: "",
        });
    }
    Ok(users)
}
