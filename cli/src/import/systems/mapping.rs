//! Columns of a table that have other names than here.

use crate::import::systems::fields::{Columns, plain};

/// The columns that a table may have.
const KNOWN: [&str; 19] = [
    "id",
    "username",
    "email",
    "emailconfirmed",
    "phone",
    "phoneconfirmed",
    "givenname",
    "familyname",
    "active",
    "isdeleted",
    "lockoutend",
    "passwordhash",
    "mustchangepassword",
    "twofactor",
    "totpsecret",
    "roles",
    "recoverycodes",
    "claims",
    "tokens",
];

/// `--map email=Login`: our column, and the file's name of it.
#[derive(Clone, Debug)]
pub struct MappedColumn {
    ours: String,
    theirs: String,
}

impl MappedColumn {
    /// Reads `OURS=THEIRS`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (ours, theirs) = text.split_once('=').ok_or("wants OURS=THEIRS")?;
        let ours = plain(ours);
        if !KNOWN.contains(&ours.as_str()) {
            return Err(format!("our column is one of {}", KNOWN.join(", ")));
        }
        let theirs = theirs.to_owned();
        Ok(Self { ours, theirs })
    }

    /// Gives the column our name. A column of the file that has our name means
    /// something else, so it goes.
    pub(super) fn apply(&self, columns: &mut Columns) {
        columns.0.remove(&self.ours);
        if let Some(value) = columns.0.remove(&plain(&self.theirs)) {
            columns.0.insert(self.ours.clone(), value);
        }
    }

    /// Whether a file with these columns has this column.
    pub fn is_among(&self, names: &[String]) -> bool {
        names.iter().any(|name| plain(name) == plain(&self.theirs))
    }

    /// The file's name of the column.
    pub fn theirs(&self) -> &str {
        &self.theirs
    }
}
