//! The command line of an import.

use std::path::PathBuf;

use clap::Args;

use crate::import::format::{Format, Particulars};

/// What to import.
#[derive(Args, Clone, Debug)]
pub struct ImportOptions {
    /// A JSON array, one JSON object a line, the system's own JSON document, or CSV if its name
    /// ends in .csv
    pub(super) file: PathBuf,
    /// The system that the file comes from
    #[arg(long, value_enum)]
    pub(super) format: Format,
    /// Where refused rows go, each with its reason. A corrected file of refused rows
    /// can be imported
    #[arg(long, value_name = "FILE")]
    pub(super) rejects: PathBuf,
    /// JSON lines with each user's former identifier and the identifier here
    #[arg(long, value_name = "FILE")]
    pub(super) ids: Option<PathBuf>,
    /// The options of some formats.
    #[command(flatten)]
    pub(super) particulars: Particulars,
    /// The file has clients and not users. With auth0: the answer of `GET
    /// /api/v2/clients`. With openiddict: the table OpenIddictApplications
    #[arg(long, conflicts_with_all = ["roles", "hash_config", "email_confirmed", "mapped", "ids"])]
    pub(super) clients: bool,
    /// What every client gets in addition.
    #[command(flatten)]
    pub(super) beside: BesideClients,
    /// Check every row, and write nothing but the file of refused rows
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// What every client of a file gets in addition to the content of its row.
#[derive(Args, Clone, Debug)]
pub struct BesideClients {
    /// With --clients: an audience that each client may ask for; the first is the default.
    /// `{issuer}` stands for the issuer [repeatable]
    #[arg(long = "audience", value_name = "AUDIENCE", requires = "clients")]
    pub(super) audiences: Vec<String>,
    /// With --clients: a scope that each client may ask for [repeatable]
    #[arg(long = "scope", value_name = "SCOPE", requires = "clients")]
    pub(super) scopes: Vec<String>,
}
