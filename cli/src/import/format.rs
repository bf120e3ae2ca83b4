//! The systems whose files the import reads, and the options of their readers.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use countersign::domain::Timestamp;

use crate::import::exported;
use crate::import::systems::fields::ReadUser;
use crate::import::systems::firebase::HashConfig;
use crate::import::systems::mapping::MappedColumn;
use crate::import::systems::{aidbox, auth0, cognito, firebase, keycloak, table};
use crate::problem::Problem;

/// The systems whose files the import reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Auth0's schema of bulk imports
    Auth0,
    /// What `export` of this tool wrote
    Countersign,
    /// ASP.NET Identity's users, or ABP's
    #[value(alias = "abp", alias = "openiddict")]
    Aspnet,
    /// `User` resources of Aidbox
    Aidbox,
    /// Keycloak's realm export
    Keycloak,
    /// `firebase auth:export`; needs --hash-config
    Firebase,
    /// Cognito's CSV or `list-users`: no passwords
    Cognito,
    /// A table with the columns of docs/operate.md
    Table,
}

/// The options of the readers.
#[derive(Args, Clone, Debug)]
pub struct Particulars {
    /// With auth0 and firebase: the list in app_metadata, or in the custom claims, that has the
    /// role names
    #[arg(long, value_name = "FIELD")]
    roles: Option<String>,
    /// With firebase: a file with the password hash parameters that the console shows
    #[arg(long, value_name = "FILE")]
    hash_config: Option<PathBuf>,
    /// With aidbox: the system had confirmed the e-mail address of every user
    #[arg(long)]
    email_confirmed: bool,
    /// With table: a column that has another name in the file, as in email=Login [repeatable]
    #[arg(long = "map", value_name = "OURS=THEIRS", value_parser = MappedColumn::parse)]
    mapped: Vec<MappedColumn>,
}

/// Reads rows as users.
pub struct Reader {
    format: Format,
    particulars: Particulars,
    hash_config: Option<HashConfig>,
    /// When the import began.
    now: Timestamp,
}

impl Reader {
    /// The reader of this format.
    ///
    /// # Errors
    /// One line if an option is missing or wrong, or belongs to another format.
    pub fn of(format: Format, particulars: &Particulars, now: Timestamp) -> Result<Self, Problem> {
        let of_format = [
            (
                "--roles",
                particulars.roles.is_some(),
                matches!(format, Format::Auth0 | Format::Firebase),
            ),
            (
                "--hash-config",
                particulars.hash_config.is_some(),
                format == Format::Firebase,
            ),
            (
                "--email-confirmed",
                particulars.email_confirmed,
                format == Format::Aidbox,
            ),
            (
                "--map",
                !particulars.mapped.is_empty(),
                format == Format::Table,
            ),
        ];
        for (option, given, fits) in of_format {
            if given && !fits {
                return Err(Problem::usage(format!("{option} is not of this format")));
            }
        }
        let hash_config = particulars.hash_config.as_deref().map(HashConfig::at);
        if format == Format::Firebase && hash_config.is_none() {
            return Err(Problem::usage(
                "firebase wants --hash-config: a file with what the console shows as password \
                 hash parameters",
            ));
        }
        Ok(Self {
            format,
            particulars: particulars.clone(),
            hash_config: hash_config.transpose()?,
            now,
        })
    }

    /// The field with the users, if the file is one JSON object.
    pub fn list(&self) -> Option<&'static str> {
        match self.format {
            Format::Auth0 | Format::Countersign | Format::Aspnet | Format::Table => None,
            Format::Aidbox => Some("entry"),
            Format::Keycloak | Format::Firebase => Some("users"),
            Format::Cognito => Some("Users"),
        }
    }

    /// Refuses a file that lacks a column of `--map`.
    ///
    /// # Errors
    /// One line that names the column.
    pub fn check(&self, columns: &[String]) -> Result<(), Problem> {
        let mut mapped = self.particulars.mapped.iter();
        match mapped.find(|column| !column.is_among(columns)) {
            Some(column) => {
                let missing = column.theirs();
                Err(Problem::usage(format!("the file has no column {missing}")))
            }
            None => Ok(()),
        }
    }

    /// The user of a row.
    ///
    /// # Errors
    /// The reason, for the file of refused rows.
    pub fn read(&self, row: &[u8]) -> Result<ReadUser, String> {
        let roles = self.particulars.roles.as_deref();
        match self.format {
            Format::Auth0 => auth0::read(row, roles),
            Format::Countersign => exported::read(row),
            Format::Aspnet => table::read(row, &[], self.now),
            Format::Aidbox => aidbox::read(row, self.particulars.email_confirmed),
            Format::Keycloak => keycloak::read(row),
            Format::Firebase => firebase::read(row, self.hash_config.as_ref(), roles),
            Format::Cognito => cognito::read(row),
            Format::Table => table::read(row, &self.particulars.mapped, self.now),
        }
    }

    /// Whether the import knows this field of the format, and leaves the field out.
    pub fn knows(&self, field: &str) -> bool {
        match self.format {
            Format::Auth0 | Format::Countersign => auth0::is_known(field),
            Format::Aspnet | Format::Table => table::is_known(field),
            Format::Aidbox => aidbox::is_known(field),
            Format::Keycloak => keycloak::is_known(field),
            Format::Firebase => firebase::is_known(field),
            Format::Cognito => cognito::is_known(field),
        }
    }
}
