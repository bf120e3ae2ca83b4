//! `--map`: columns of a table that have other names in the file.

use crate::import::systems::fields::{Columns, plain};

/// The columns that a table may have.
const KNOWN: [&str; 22] = [
    "id",
    "username",
    "email",
    "emailconfirmed",
    "phone",
    "phoneconfirmed",
    "givenname",
    "familyname",
    "displayname",
    "nickname",
    "picture",
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

/// `--map email=Login`: our name of a column, and the file's name.
#[derive(Clone, Debug)]
pub struct MappedColumn {
    ours: String,
    theirs: String,
}

impl MappedColumn {
    /// Reads `OURS=THEIRS`.
    ///
    /// # Errors
    /// The reason why the text is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (ours, theirs) = text.split_once('=').ok_or("wants OURS=THEIRS")?;
        let ours = plain(ours);
        if !KNOWN.contains(&ours.as_str()) {
            return Err(format!("our column is one of {}", KNOWN.join(", ")));
        }
        let theirs = theirs.to_owned();
        Ok(Self { ours, theirs })
    }

    /// Gives the column our name. If another column of the file already has our name,
    /// that column is removed, because it means something else.
    pub(super) fn apply(&self, columns: &mut Columns) {
        columns.0.remove(&self.ours);
        if let Some(value) = columns.0.remove(&plain(&self.theirs)) {
            columns.0.insert(self.ours.clone(), value);
        }
    }

    /// Whether the column is among the columns of a file.
    pub fn is_among(&self, names: &[String]) -> bool {
        names.iter().any(|name| plain(name) == plain(&self.theirs))
    }

    /// The column's name in the file.
    pub fn theirs(&self) -> &str {
        &self.theirs
    }
}
