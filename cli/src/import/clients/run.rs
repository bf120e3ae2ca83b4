//! Imports the clients of a file.

use countersign::app::App;
use countersign::domain::accounts::moving_in::known_users::Arrived;
use countersign::usecase::administration::act_failure::ActFailure;
use countersign::usecase::administration::clients::import::import_client;
use countersign::usecase::administration::operator::Operator;

use crate::import::clients::grants::{Beside, ReadClient};
use crate::import::clients::{auth0_client, openiddict};
use crate::import::counts::Counts;
use crate::import::files::{Lines, refused};
use crate::import::format::Format;
use crate::import::options::ImportOptions;
use crate::import::source::{OpenedFile, Source};
use crate::problem::Problem;
use crate::report::Report;
use crate::report::progress::Progress;

/// Imports the clients of a file. A client that already exists stays unchanged.
///
/// # Errors
/// One line if the file cannot be read, or if the table does not answer.
pub async fn import_clients(
    app: &App,
    operator: &Operator,
    options: &ImportOptions,
) -> Result<Report, Problem> {
    let read: fn(&[u8], &Beside<'_>) -> Result<ReadClient, String> = match options.format {
        Format::Auth0 => auth0_client::read,
        Format::Aspnet => openiddict::read,
        _ => {
            return Err(Problem::usage(
                "--clients reads the formats auth0 and openiddict",
            ));
        }
    };
    let whole = |audience: &String| audience.replace("{issuer}", &app.config.issuer);
    let beside = Beside {
        audiences: options.beside.audiences.iter().map(whole).collect(),
        scopes: &options.beside.scopes,
        mfa_audience: app.config.mfa_audience(),
        account_audience: app.config.account_audience(),
    };
    let unreadable = |error: std::io::Error| {
        Problem::usage(format!("cannot read {}: {error}", options.file.display()))
    };
    // With `include_totals`, Auth0 answers with an object that contains the list.
    let list = (options.format == Format::Auth0).then_some("clients");
    let opened = Source::open(&options.file, list, &[]).map_err(unreadable)?;
    let OpenedFile { mut rows, size, .. } = opened;
    let mut rejects = Lines::at(&options.rejects, &options.file, &[])?;
    let mut counts = Counts::default();
    let progress = Progress::begin();
    while let Some(row) = rows.next_row().map_err(unreadable)? {
        counts.rows += 1;
        progress.show(&counts.stage("clients", (rows.read(), size), &counts.beside()));
        let text = row.text.as_deref().unwrap_or_default();
        let client = match row.text {
            Err(why) => Err(why.to_owned()),
            Ok(_) => read(text, &beside),
        };
        let arrived = match client {
            Err(why) => Err(why),
            Ok(ReadClient { client, left_out }) => {
                match import_client(app, operator, client, options.dry_run).await {
                    Err(ActFailure::Refused(why)) => Err(why),
                    other => Ok((other?, left_out)),
                }
            }
        };
        let why = match arrived {
            Ok((Arrived::Made, left_out)) => {
                counts.made += 1;
                for what in left_out {
                    *counts.left_out.entry(what).or_default() += 1;
                }
                continue;
            }
            Ok((Arrived::Kept, _)) => {
                counts.kept += 1;
                continue;
            }
            Ok((Arrived::Refused(why), _)) | Err(why) => why,
        };
        counts.refuse(&why);
        rejects.write(&refused(row.number, &why, text))?;
    }
    rejects.finish()?;
    drop(progress);
    Ok(counts.report("clients", (&options.rejects, false), options.dry_run))
}
