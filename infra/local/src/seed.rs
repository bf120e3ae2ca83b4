//! `--seed FILE`: clients and users instead of the demo data.
//!
//! The file is JSON with the types of [`content`]. `docs/seed.md` explains every field.
//! The file contains passwords, client secrets, seeds and recovery codes in clear text.
//! They are stored as the service stores them (hashed or sealed). [`field`] says what a
//! field accepts, [`check`] checks the file as a whole, [`make`] writes it into the table,
//! and [`export`] writes such a file from the table.

mod check;
mod content;
mod export;
mod field;
mod make;
#[cfg(test)]
mod tests;

use crate::problem::Problem;
pub use content::{Seed, SeedClient, SeedFactor, SeedUser};
pub use export::export;
pub use field::Password;
pub use make::{Made, make};
use std::path::Path;

impl Seed {
    /// Reads the file. Returns its text too.
    ///
    /// # Errors
    /// One line that names the file, the line, the wrong field and what the field
    /// accepts.
    pub fn read(file: &Path) -> Result<(Seed, String), Problem> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Problem::new(format!("cannot read the seed {}: {error}", file.display()))
        })?;
        match Seed::parse(&text) {
            Ok(seed) => Ok((seed, text)),
            Err(wrong) => Err(Problem::new(format!("{}: {wrong}", file.display()))),
        }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// Names the wrong field, its place and what the field accepts.
    pub fn parse(text: &str) -> Result<Seed, String> {
        // Some editors write a byte order mark before UTF-8 text.
        let text = text.trim_start_matches('\u{feff}');
        let mut json = serde_json::Deserializer::from_str(text);
        let seed: Seed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner();
            match path.as_str() {
                "." => inner.to_string(),
                field => format!("{field}: {inner}"),
            }
        })?;
        json.end().map_err(|error| error.to_string())?;
        check::check(&seed)?;
        Ok(seed)
    }
}
