//! The file of an import, which is read row by row.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::age::FIRST_LINE;
use crate::age::keys::Identity;
use crate::age::stream::DecryptingReader;
use crate::import::csv::CsvRows;
use crate::import::rows::{Row, Rows};
use crate::import::utf16::{ByteOrder, Utf16Reader};

/// An open file.
pub struct OpenedFile {
    pub rows: Source,
    /// The size in bytes.
    pub size: u64,
    /// Whether the file is encrypted.
    pub encrypted: bool,
}

/// The rows of a file: CSV if the file's name ends in `.csv`, and JSON otherwise.
pub enum Source {
    /// A JSON array, one JSON object a line, or an array in a JSON object.
    Json(Rows<Box<dyn BufRead + Send>>),
    Csv(CsvRows<Box<dyn BufRead + Send>>),
}

impl Source {
    /// Opens a file. `list` names the field of a JSON object
    /// whose array holds the rows. An encrypted file is decrypted with one of these
    /// identities.
    ///
    /// # Errors
    /// The file cannot be read, or not be decrypted.
    pub fn open(
        path: &Path,
        list: Option<&'static str>,
        identities: &[Identity],
    ) -> std::io::Result<OpenedFile> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut file = BufReader::with_capacity(256 * 1024, file);
        let encrypted = file.fill_buf()?.starts_with(FIRST_LINE);
        let file = match encrypted {
            true => decrypted(file, identities)?,
            false => in_utf8(file)?,
        };
        let ending = path.extension().unwrap_or_default();
        let is = |known: &str| ending.eq_ignore_ascii_case(known);
        let rows = match list {
            _ if is("csv") => Self::Csv(CsvRows::of(file)?),
            Some(list) if !is("ndjson") => Self::Json(Rows::within(file, list)),
            _ => Self::Json(Rows::of(file)),
        };
        Ok(OpenedFile {
            rows,
            size,
            encrypted,
        })
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

    /// The columns in the first line of a CSV file.
    pub fn columns(&self) -> Option<&[String]> {
        match self {
            Self::Json(_) => None,
            Self::Csv(rows) => Some(&rows.names),
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

/// The file in UTF-8. Only UTF-16 is converted, because a file of UTF-8 is read as it is. An
/// encrypted file is one of `export`, which is in UTF-8.
fn in_utf8(mut file: BufReader<File>) -> std::io::Result<Box<dyn BufRead + Send>> {
    Ok(match ByteOrder::of(file.fill_buf()?) {
        None => Box::new(file),
        Some(order) => {
            let converted = Utf16Reader::of(file, order);
            Box::new(BufReader::with_capacity(256 * 1024, converted))
        }
    })
}

/// The file as it was before it was encrypted.
fn decrypted(
    file: BufReader<File>,
    identities: &[Identity],
) -> std::io::Result<Box<dyn BufRead + Send>> {
    if identities.is_empty() {
        let why = "the file is encrypted: name the file of its secret key with --identity";
        return Err(std::io::Error::other(why));
    }
    let file = DecryptingReader::begin(file, identities)?;
    Ok(Box::new(BufReader::with_capacity(256 * 1024, file)))
}
