//! `keys`: the keys that codes, tokens and seeds depend on.

use clap::{Subcommand, ValueEnum};
use countersign::app::App;
use countersign::keyring::{KeyKind, KeyNeed, ListedKey, Purpose, ReplacedKind};
use countersign::usecase::administration::keys::{
    list_keys, replace_keys, retire_keys, rotate_keys,
};
use countersign::usecase::administration::operator::Operator;
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::report::progress::with_items_counted;
use crate::report::{Report, time};
use crate::user::reason::{because, parse_reason};

/// What to do with keys.
#[derive(Clone, Debug, Subcommand)]
pub enum KeysCommand {
    /// List every key: which is used, which is next and which is old
    #[command(after_help = "Example: countersign keys list")]
    List,
    /// Make the next key of a kind; nobody is signed out, and no code is lost
    #[command(after_help = "Example: countersign keys rotate seeds signing")]
    Rotate {
        /// The kinds
        #[arg(required = true, value_enum, value_name = "KIND")]
        kinds: Vec<KeyKindArgument>,
    },
    /// Delete the old keys that nothing needs any more; reads the whole table
    #[command(after_help = "Example: countersign keys retire --dry-run")]
    Retire {
        /// Say what each old key is needed for, and delete nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Replace every key of a kind at once by a new key, after a theft or a restored table;
    /// what the old keys made ends
    #[command(
        after_help = "Example: countersign keys replace tokens --reason 'table restored, ticket 4713' --yes"
    )]
    Replace {
        /// The kind
        #[arg(value_enum, value_name = "KIND")]
        kind: Replaceable,
        /// Why; kept for 90 days
        #[arg(long, value_parser = parse_reason)]
        reason: String,
        /// Say which keys would be deleted, and replace nothing
        #[arg(long)]
        dry_run: bool,
        /// Confirm the replacement: a deleted key cannot be restored
        #[arg(long)]
        yes: bool,
    },
}

/// A kind of keys that can be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Replaceable {
    /// The data key of codes and tokens: every session, pending login and sent code ends
    Tokens,
    /// The key pairs: their tokens are refused as soon as APIs have read the keys again
    Pair,
}

impl Replaceable {
    fn kind(self) -> ReplacedKind {
        match self {
            Self::Tokens => ReplacedKind::Tokens,
            Self::Pair => ReplacedKind::Pair,
        }
    }

    /// What the operator confirms.
    fn consequence(self) -> &'static str {
        match self {
            Self::Tokens => "every session, pending login and sent code ends",
            Self::Pair => "every access token and id token is refused before it expires",
        }
    }
}

/// A kind of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KeyKindArgument {
    /// The data key of codes, refresh tokens and every other opaque token
    Tokens,
    /// The data key of authenticator apps' seeds
    Seeds,
    /// The data key that seals the private keys
    Signing,
    /// The key pair that signs access tokens and id tokens
    Pair,
}

impl KeyKindArgument {
    fn kind(self) -> KeyKind {
        match self {
            Self::Tokens => KeyKind::Data(Purpose::Tokens),
            Self::Seeds => KeyKind::Data(Purpose::Seeds),
            Self::Signing => KeyKind::Data(Purpose::Signing),
            Self::Pair => KeyKind::Pair,
        }
    }
}

/// Runs a command of `keys`.
///
/// # Errors
/// One line that says why the command was not done.
pub async fn act(app: &App, operator: Operator, command: &KeysCommand) -> Result<Report, Problem> {
    match command {
        KeysCommand::List => {
            let keys = list_keys(app, &operator).await?;
            Ok(table(keys.iter().map(key_json).collect()))
        }
        KeysCommand::Rotate { kinds } => {
            let mut wanted: Vec<KeyKind> = Vec::new();
            for kind in kinds.iter().map(|kind| kind.kind()) {
                if !wanted.contains(&kind) {
                    wanted.push(kind);
                }
            }
            let made = rotate_keys(app, &operator, &wanted).await?;
            Ok(table(made.iter().map(key_json).collect()))
        }
        KeysCommand::Replace {
            kind,
            reason,
            dry_run,
            yes,
        } => {
            let operator = because(operator, reason);
            replace(app, &operator, *kind, (*dry_run, *yes)).await
        }
        KeysCommand::Retire { dry_run } => {
            let retired = retire_keys(app, &operator, !dry_run);
            let seen = with_items_counted(app, retired).await?;
            let row = |(key, need): &(ListedKey, KeyNeed)| {
                let mut row = key_json(key);
                if let Value::Object(fields) = &mut row {
                    fields.insert("needed".to_owned(), needed(*need));
                    let deleted = !dry_run && *need == KeyNeed::Nothing;
                    fields.insert("deleted".to_owned(), json!(deleted));
                }
                row
            };
            Ok(Report::Table {
                columns: &["key", "made_at", "needed", "deleted"],
                rows: seen.iter().map(row).collect(),
            })
        }
    }
}

async fn replace(
    app: &App,
    operator: &Operator,
    kind: Replaceable,
    (dry_run, yes): (bool, bool),
) -> Result<Report, Problem> {
    if dry_run {
        let mut keys = list_keys(app, operator).await?;
        keys.retain(|key| key.kind == kind.kind().kind());
        return Ok(replaced(&keys, "would be deleted", None));
    }
    if !yes {
        let what = kind.consequence();
        return Err(Problem::usage(format!(
            "{what}: repeat the command with --yes"
        )));
    }
    let done = replace_keys(app, operator, kind.kind()).await?;
    Ok(replaced(&done.deleted, "deleted", Some(&done.made)))
}

/// The keys of a replacement, with what was done to each.
fn replaced(old: &[ListedKey], what: &str, made: Option<&ListedKey>) -> Report {
    let row = |key: &ListedKey, what: &str| {
        let mut row = key_json(key);
        if let Value::Object(fields) = &mut row {
            fields.insert("done".to_owned(), json!(what));
        }
        row
    };
    let mut rows: Vec<Value> = old.iter().map(|key| row(key, what)).collect();
    rows.extend(made.map(|key| row(key, "made")));
    Report::Table {
        columns: &["key", "kind", "made_at", "done"],
        rows,
    }
}

fn table(rows: Vec<Value>) -> Report {
    Report::Table {
        columns: &["key", "kind", "state", "made_at", "used_from"],
        rows,
    }
}

fn key_json(key: &ListedKey) -> Value {
    json!({
        "key": key.name,
        "kind": key.kind.name(),
        "kid": key.kid,
        "state": key.state.name(),
        "made_at": time(key.made_at),
        "used_from": time(key.used_from),
    })
}

/// What an old key is needed for.
fn needed(need: KeyNeed) -> Value {
    match need {
        KeyNeed::Nothing => Value::Null,
        KeyNeed::Until(at) => match time(at) {
            Value::String(at) => json!(format!("until {at}")),
            other => other,
        },
        KeyNeed::Seeds(count) => json!(format!("{count} authenticator app(s)")),
        KeyNeed::Sessions(count) => json!(format!("{count} session(s)")),
        KeyNeed::Pairs(count) => json!(format!("{count} key pair(s)")),
    }
}
