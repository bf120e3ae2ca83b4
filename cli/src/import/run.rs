//! Brings the rows of a file into the table, some at a time.

use std::collections::{BTreeMap, HashSet};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use countersign::app::App;
use countersign::clock::Stopwatch;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::import::{
    Arrival, Arrived, import_users, stands_apart,
};
use serde_json::{Value, json};

use crate::age::keys::Identity;
use crate::import::auth0;
use crate::import::exported;
use crate::import::fields::ReadUser;
use crate::import::files::{Lines, refused};
use crate::import::rows::Row;
use crate::import::source::Source;
use crate::import::table;
use crate::problem::Problem;
use crate::report::Report;

/// How many users are brought in at once.
const BATCH: usize = 25;

/// How many reasons a summary shows.
const REASONS: usize = 10;

/// What to import.
#[derive(Args, Clone, Debug)]
pub struct ImportOptions {
    /// A JSON array, one JSON object a line, or CSV if its name ends in .csv
    file: PathBuf,
    /// The system that the file comes from
    #[arg(long, value_enum)]
    format: Format,
    /// Where refused rows go, each with its reason. A mended file of refused rows can be imported
    #[arg(long, value_name = "FILE")]
    rejects: PathBuf,
    /// Where each former identifier goes with the one that the user has here
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// With auth0: the list in app_metadata that has the role names
    #[arg(long, value_name = "FIELD")]
    roles: Option<String>,
    /// The secret key of an encrypted file, as age-keygen writes it
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Check every row, and write nothing but the file of refused rows
    #[arg(long)]
    dry_run: bool,
}

/// The systems whose files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Auth0's schema of bulk imports
    Auth0,
    /// What `export` of this tool wrote
    Countersign,
    /// ASP.NET Identity's users, or ABP's
    #[value(alias = "abp")]
    Aspnet,
    /// A table with the columns of docs/operate.md
    Table,
}

/// What became of the rows.
#[derive(Default)]
struct Counts {
    rows: u64,
    made: u64,
    kept: u64,
    refused: u64,
    without_password: u64,
    with_factors: u64,
    left_out: BTreeMap<String, u64>,
    reasons: BTreeMap<String, u64>,
}

/// An import under way.
struct Import<'a> {
    app: &'a App,
    operator: &'a Operator,
    options: &'a ImportOptions,
    rejects: Lines,
    ids: Option<Lines>,
    waiting: Vec<(Row, ReadUser)>,
    /// In a dry run, the names so far: the table does not learn them.
    names: HashSet<String>,
    counts: Counts,
}

/// Imports a file.
///
/// # Errors
/// One line if the file cannot be read, or if the table does not answer. The
/// same command again then goes on: users who were made stay as they are.
pub async fn import(
    app: &App,
    operator: &Operator,
    options: &ImportOptions,
) -> Result<Report, Problem> {
    let unreadable = |error: std::io::Error| {
        Problem::usage(format!("cannot read {}: {error}", options.file.display()))
    };
    let identities = match &options.identity {
        None => Vec::new(),
        Some(path) => Identity::read_file(path)?,
    };
    let opened = Source::open(&options.file, &identities);
    let (mut rows, size) = opened.map_err(unreadable)?;
    let ids = options.ids.as_deref();
    let ids = ids.map(|path| Lines::at(path, &options.file));
    let mut import = Import {
        app,
        operator,
        options,
        rejects: Lines::at(&options.rejects, &options.file)?,
        ids: ids.transpose()?,
        waiting: Vec::new(),
        names: HashSet::new(),
        counts: Counts::default(),
    };
    if !options.dry_run {
        let act = operator.clone().note("import");
        app.store.keep_act(&act).await?;
    }
    let watch = Stopwatch::start();
    loop {
        let row = match rows.next_row() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => {
                import.bring().await?;
                import.rejects.flush()?;
                let done = import.counts.rows;
                return Err(Problem::broken(format!(
                    "{}: {error}, behind row {done}; the rows before it were imported",
                    options.file.display()
                )));
            }
        };
        import.take(row).await?;
        if import.counts.rows.is_multiple_of(500) {
            progress(&import.counts, rows.read(), size, &watch);
        }
    }
    import.bring().await?;
    import.rejects.flush()?;
    if let Some(ids) = &mut import.ids {
        ids.flush()?;
    }
    clear_progress();
    Ok(import.counts.report(options))
}

impl Import<'_> {
    /// Takes one row.
    async fn take(&mut self, row: Row) -> Result<(), Problem> {
        self.counts.rows += 1;
        let read = match &row.text {
            Err(why) => Err((*why).to_owned()),
            Ok(text) => match self.options.format {
                Format::Auth0 => auth0::read(text, self.options.roles.as_deref()),
                Format::Countersign => exported::read(text),
                Format::Aspnet => table::read(text, "aspnet"),
                Format::Table => table::read(text, "table"),
            },
        };
        let read = match read {
            Ok(read) => read,
            Err(reason) => return self.refuse(&row, &reason),
        };
        if self.options.dry_run && !self.is_new(&read.arrival) {
            return self.refuse(&row, "the name or the identifier stands in an earlier row");
        }
        let waiting: Vec<&Arrival> = self.waiting.iter().map(|(_, read)| &read.arrival).collect();
        if !stands_apart(&waiting, &read.arrival) {
            self.bring().await?;
        }
        self.waiting.push((row, read));
        if self.waiting.len() >= BATCH {
            self.bring().await?;
        }
        Ok(())
    }

    /// Whether no earlier row of this dry run has a name or the identifier.
    fn is_new(&mut self, arrival: &Arrival) -> bool {
        let names = arrival.names();
        let mut all: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
        all.push(arrival.id.to_string());
        let known = all.iter().any(|name| self.names.contains(name));
        self.names.extend(all);
        !known
    }

    /// Brings the waiting users into the table.
    async fn bring(&mut self) -> Result<(), Problem> {
        let waiting = std::mem::take(&mut self.waiting);
        let (rows, users): (Vec<Row>, Vec<ReadUser>) = waiting.into_iter().unzip();
        let mut arrivals = Vec::new();
        let mut beside = Vec::new();
        for ReadUser {
            arrival,
            former_id,
            left_out,
        } in users
        {
            arrivals.push(arrival);
            beside.push((former_id, left_out));
        }
        let done = import_users(self.app, self.operator, &arrivals, self.options.dry_run);
        let done = done.await?;
        let each = rows.iter().zip(&arrivals).zip(beside).zip(done);
        for (((row, arrival), (former_id, left_out)), arrived) in each {
            match arrived {
                Arrived::Refused(reason) => {
                    self.refuse(row, &reason)?;
                    continue;
                }
                Arrived::Made => self.counts.made += 1,
                Arrived::Kept => self.counts.kept += 1,
            }
            self.counts.without_password += u64::from(arrival.password.is_none());
            self.counts.with_factors += u64::from(!arrival.factors.is_empty());
            for field in left_out {
                *self
                    .counts
                    .left_out
                    .entry(known_field(self.options.format, field))
                    .or_default() += 1;
            }
            if let (Some(ids), Some(former)) = (&mut self.ids, former_id) {
                ids.write(&json!({ "former": former, "id": arrival.id.dashed() }))?;
            }
        }
        Ok(())
    }

    fn refuse(&mut self, row: &Row, reason: &str) -> Result<(), Problem> {
        self.counts.refused += 1;
        // A reason may name a user; a summary does not.
        let kind = reason.split(['"', '\'']).next().unwrap_or(reason);
        let kinds = &mut self.counts.reasons;
        if kinds.len() < REASONS || kinds.contains_key(kind) {
            *kinds.entry(kind.trim().to_owned()).or_default() += 1;
        }
        let text = row.text.as_deref().unwrap_or_default();
        self.rejects.write(&refused(row.number, reason, text))
    }
}

/// The name of a field that was left out. A file may have any number of names.
fn known_field(format: Format, field: String) -> String {
    let known = match format {
        Format::Auth0 | Format::Countersign => auth0::is_known(&field),
        Format::Aspnet | Format::Table => table::is_known(&field),
    };
    match known {
        true => field,
        false => "other fields".to_owned(),
    }
}

impl Counts {
    fn report(self, options: &ImportOptions) -> Report {
        let Self {
            rows,
            made,
            kept,
            refused,
            ..
        } = self;
        let value = json!({
            "rows": rows,
            "made": made,
            "kept": kept,
            "refused": refused,
            "without_password": self.without_password,
            "with_factors": self.with_factors,
            "left_out": self.left_out,
            "reasons": self.reasons,
            "dry_run": options.dry_run,
        });
        let would = if options.dry_run {
            "would be made"
        } else {
            "made"
        };
        let mut sentence = format!("{rows} rows: {made} {would}, {kept} kept, {refused} refused.");
        if self.without_password > 0 {
            let count = self.without_password;
            sentence += &format!(
                "\n{count} without a password: they set one by the page for a forgotten password."
            );
        }
        if let Value::Object(fields) = &value["left_out"]
            && !fields.is_empty()
        {
            let fields = fields.iter().map(|(name, count)| format!("{name} {count}"));
            sentence += &format!("\nLeft out: {}.", fields.collect::<Vec<_>>().join(", "));
        }
        if refused > 0 {
            sentence += &format!("\nThe refused rows are in {}:", options.rejects.display());
            for (reason, count) in &self.reasons {
                sentence += &format!("\n  {count:>7}  {reason}");
            }
        }
        Report::Imported {
            sentence,
            value,
            whole: refused == 0,
        }
    }
}

/// Shows how far an import is, where somebody looks.
fn progress(counts: &Counts, read: u64, size: u64, watch: &Stopwatch) {
    let mut terminal = std::io::stderr();
    if !terminal.is_terminal() || read == 0 {
        return;
    }
    let seconds = watch.elapsed().as_secs_f64().max(0.001);
    let percent = 100 * read / size.max(1);
    #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
    let (rows, left) = (
        counts.rows as f64 / seconds,
        seconds * (size.saturating_sub(read)) as f64 / read as f64,
    );
    let _closed = write!(
        terminal,
        "\r\u{1b}[K{percent} %, {} rows, {rows:.0} a second, {left:.0} s left, {} refused",
        counts.rows, counts.refused
    );
}

fn clear_progress() {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        let _closed = write!(terminal, "\r\u{1b}[K");
    }
}
