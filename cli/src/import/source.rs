//! The file of an import, which is read row by row.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::import::csv::CsvRows;
use crate::import::rows::{Row, Rows};

/// The rows of a file: CSV if the file's name ends in `.csv`, and JSON otherwise.
pub enum Source {
    /// A JSON array, or one JSON object a line.
    Json(Rows<BufReader<File>>),
    /// CSV.
    Csv(CsvRows<BufReader<File>>),
}

impl Source {
    /// Opens a file, and also gives its size.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(path: &Path) -> std::io::Result<(Self, u64)> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let file = BufReader::with_capacity(256 * 1024, file);
        let ending = path.extension();
        let csv = ending.is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let source = match csv {
            true => Self::Csv(CsvRows::of(file)?),
            false => Self::Json(Rows::of(file)),
        };
        Ok((source, size))
    }

    /// The next row, or `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read any further.
    pub fn next_row(&mut self) -> std::io::Result<Option<Row>> {
        match self {
            Self::Json(rows) => rows.next_row(),
            Self::Csv(rows) => rows.next_row(),
        }
    }

    /// How many bytes were read.
    pub fn read(&self) -> u64 {
        match self {
            Self::Json(rows) => rows.read,
            Self::Csv(rows) => rows.read,
        }
    }
}
