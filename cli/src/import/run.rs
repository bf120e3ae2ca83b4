//! Imports the rows of a file, in batches.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use countersign::app::App;
use countersign::domain::accounts::moving_in::arrival::Arrival;
use countersign::domain::accounts::moving_in::known_users::Arrived;
use countersign::domain::events::operator_command::{ActSubject, OperatorCommand};
use countersign::usecase::administration::operator::Operator;
use serde_json::json;

use crate::age::keys::{Identity, Recipient};
use crate::import::clients::run::import_clients;
use crate::import::counts::Counts;
use crate::import::files::{Lines, refused};
use crate::import::flight::{Flights, Landed, keys_of};
use crate::import::format::Reader;
use crate::import::options::ImportOptions;
use crate::import::rows::Row;
use crate::import::source::{OpenedFile, Source};
use crate::problem::Problem;
use crate::report::Report;
use crate::report::progress::Progress;

/// An import under way.
struct Import<'a> {
    options: &'a ImportOptions,
    reader: Reader,
    rejects: Lines,
    ids: Option<Lines>,
    flights: Flights,
    /// Hashes of the names and identifiers of the rows so far. Only a dry run needs them,
    /// because it writes no names to the table. A hash of 8 bytes keeps the memory small.
    names: HashSet<u64>,
    hashing: RandomState,
    counts: Counts,
}

/// Imports a file.
///
/// # Errors
/// One line if the file cannot be read, or if the table does not answer. The operator
/// can then repeat the command: users who were already imported stay as they are.
pub async fn import(
    app: &App,
    operator: &Operator,
    options: &ImportOptions,
) -> Result<Report, Problem> {
    let unreadable = |error: std::io::Error| {
        Problem::usage(format!("cannot read {}: {error}", options.file.display()))
    };
    if options.clients {
        return import_clients(app, operator, options).await;
    }
    let reader = Reader::of(options.format, &options.particulars, app.clock.now())?;
    let identities = match &options.identity {
        None => Vec::new(),
        Some(path) => Identity::read_file(path)?,
    };
    let opened = Source::open(&options.file, reader.list(), &identities);
    let opened = opened.map_err(unreadable)?;
    if let Some(columns) = opened.rows.columns() {
        reader.check(columns)?;
    }
    let ids = options.ids.as_deref();
    let ids = ids.map(|path| Lines::at(path, &options.file, &[]));
    // A row of an encrypted file is written for the same keys only.
    let recipients: Vec<Recipient> = match opened.encrypted {
        true => Identity::recipients(&identities)?,
        false => Vec::new(),
    };
    let mut import = Import {
        options,
        reader,
        rejects: Lines::at(&options.rejects, &options.file, &recipients)?,
        ids: ids.transpose()?,
        flights: Flights::new(app, operator, options.dry_run),
        names: HashSet::new(),
        hashing: RandomState::new(),
        counts: Counts::default(),
    };
    if !options.dry_run {
        let many = ActSubject::Many(OperatorCommand::Import);
        let recorded = operator.record_act(app, OperatorCommand::Import, many);
        recorded.await?;
    }
    let read = import.take_all(opened).await;
    let Import {
        rejects,
        ids,
        counts,
        ..
    } = import;
    // The files have an end, however the import ended.
    rejects.finish()?;
    ids.map_or(Ok(()), Lines::finish)?;
    read?;
    let encrypted = !recipients.is_empty();
    Ok(counts.report("rows", (&options.rejects, encrypted), options.dry_run))
}

impl Import<'_> {
    /// Imports every row, as far as the file can be read.
    async fn take_all(&mut self, opened: OpenedFile) -> Result<(), Problem> {
        let OpenedFile { mut rows, size, .. } = opened;
        let progress = Progress::begin();
        loop {
            let row = match rows.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => return self.land_all().await,
                Err(error) => {
                    self.land_all().await?;
                    let done = self.counts.rows;
                    return Err(Problem::broken(format!(
                        "{}: {error}, behind row {done}; the rows before it were imported",
                        self.options.file.display()
                    )));
                }
            };
            self.take(row).await?;
            if self.counts.rows.is_multiple_of(500) {
                let beside = self.counts.beside();
                let stage = self.counts.stage("rows", (rows.read(), size), &beside);
                progress.show(&stage);
            }
        }
    }

    async fn take(&mut self, row: Row) -> Result<(), Problem> {
        self.counts.rows += 1;
        let read = match &row.text {
            Err(why) => Err((*why).to_owned()),
            Ok(text) => self.reader.read(text),
        };
        let read = match read {
            Ok(read) => read,
            Err(reason) => return self.refuse(&row, &reason),
        };
        if self.options.dry_run && !self.is_new(&read.arrival) {
            return self.refuse(
                &row,
                "the name, the identifier or the passkey_handle stands in an earlier row",
            );
        }
        let landed = self.flights.take(row, read).await?;
        self.count(landed)
    }

    /// Whether no earlier row of this dry run has one of the names or the identifier.
    fn is_new(&mut self, arrival: &Arrival) -> bool {
        let all = keys_of(arrival).into_iter();
        let all: Vec<u64> = all.map(|key| self.hashing.hash_one(key)).collect();
        let new = !all.iter().any(|name| self.names.contains(name));
        if new {
            self.names.extend(all);
        }
        new
    }

    /// Waits until every user has arrived.
    async fn land_all(&mut self) -> Result<(), Problem> {
        let landed = self.flights.land_all().await?;
        self.count(landed)
    }

    fn count(&mut self, landed: Vec<Landed>) -> Result<(), Problem> {
        for Landed { passenger, arrived } in landed {
            match arrived {
                Arrived::Refused(reason) => {
                    self.refuse(&passenger.row, &reason)?;
                    continue;
                }
                Arrived::Made => {
                    self.counts.made += 1;
                    self.counts.locked_out += u64::from(passenger.is_locked_out);
                }
                Arrived::Kept => self.counts.kept += 1,
            }
            self.counts.without_password += u64::from(!passenger.has_password);
            self.counts.with_factors += u64::from(passenger.has_factors);
            for field in passenger.left_out {
                let known = self.reader.knows(&field);
                self.counts.leave_out(field, known);
            }
            if let (Some(ids), Some(former)) = (&mut self.ids, passenger.former_id) {
                ids.write(&json!({ "former": former, "id": passenger.id.dashed() }))?;
            }
        }
        Ok(())
    }

    fn refuse(&mut self, row: &Row, reason: &str) -> Result<(), Problem> {
        self.counts.refuse(reason);
        let text = row.text.as_deref().unwrap_or_default();
        self.rejects.write(&refused(row.number, reason, text))
    }
}
