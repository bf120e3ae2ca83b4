//! Reads a CSV file (RFC 4180) as rows. Each row becomes an object of texts, with the
//! names in the first line. The first line also shows whether commas or semicolons
//! separate the fields.

use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use crate::import::rows::{LONGEST_ROW, Row};

/// The rows of a CSV file.
pub struct CsvRows<R> {
    from: R,
    /// The columns.
    pub(super) names: Vec<String>,
    separator: u8,
    number: u64,
    /// How many bytes were read.
    pub read: u64,
}

impl<R: BufRead> CsvRows<R> {
    /// The rows of this file, whose first line names the columns.
    ///
    /// # Errors
    /// The file cannot be read, or its first line is malformed.
    pub fn of(from: R) -> std::io::Result<Self> {
        let mut rows = Self {
            from,
            names: Vec::new(),
            separator: b',',
            number: 0,
            read: 0,
        };
        let head = rows.record()?.unwrap_or_default();
        let count = |separator: u8| head.iter().filter(|byte| **byte == separator).count();
        if count(b';') > count(b',') {
            rows.separator = b';';
        }
        let malformed = || {
            let what = "the first line does not name columns in UTF-8 or UTF-16: convert the file \
                        (iconv -t UTF-8)";
            std::io::Error::new(std::io::ErrorKind::InvalidData, what)
        };
        let text = String::from_utf8(head).map_err(|_| malformed())?;
        let text = text.trim_start_matches('\u{feff}');
        rows.names = fields(text, rows.separator).ok_or_else(malformed)?;
        Ok(rows)
    }

    /// The next row, or `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_row(&mut self) -> std::io::Result<Option<Row>> {
        let Some(record) = self.record()? else {
            return Ok(None);
        };
        self.number += 1;
        Ok(Some(Row {
            number: self.number,
            text: self.object(record),
        }))
    }

    fn object(&self, record: Vec<u8>) -> Result<Vec<u8>, &'static str> {
        if record.len() > LONGEST_ROW {
            return Err("the row is longer than 1 MiB");
        }
        let text = String::from_utf8(record)
            .map_err(|_| "the row is not UTF-8: convert the file (iconv -t UTF-8)")?;
        let values =
            fields(&text, self.separator).ok_or("the row has a quote that does not end")?;
        if values.len() != self.names.len() {
            return Err("the row has another number of fields than the first line");
        }
        let named = self.names.iter().cloned().zip(values);
        // Databases write an empty field or NULL for a missing value.
        let named = named.filter(|(_, value)| !value.is_empty() && value != "NULL");
        let object: Map<String, Value> = named
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        Ok(Value::Object(object).to_string().into_bytes())
    }

    /// One record, which may have line ends in quotes. Empty lines are skipped. If a
    /// record is too long, it is read to the end of its line, and only its beginning is
    /// kept.
    fn record(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let most = u64::try_from(LONGEST_ROW).unwrap_or(u64::MAX) + 1;
        let mut record = Vec::new();
        loop {
            let line = self
                .from
                .by_ref()
                .take(most)
                .read_until(b'\n', &mut record)?;
            self.read += u64::try_from(line).unwrap_or(0);
            if record.len() > LONGEST_ROW {
                if !record.ends_with(b"\n") {
                    self.skip_line()?;
                }
                return Ok(Some(record));
            }
            let quotes = record.iter().filter(|byte| **byte == b'"').count();
            if line > 0 && !quotes.is_multiple_of(2) {
                continue;
            }
            while record.last().is_some_and(|byte| b"\r\n".contains(byte)) {
                record.pop();
            }
            match (record.is_empty(), line) {
                (true, 0) => return Ok(None),
                (true, _) => {}
                (false, _) => return Ok(Some(record)),
            }
        }
    }

    fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            let some = self.from.fill_buf()?;
            let (taken, ended) = match some.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (some.len(), some.is_empty()),
            };
            self.from.consume(taken);
            self.read += u64::try_from(taken).unwrap_or(0);
            if ended {
                return Ok(());
            }
        }
    }
}

/// The fields of a record. `None` if a quote does not end.
fn fields(record: &str, separator: u8) -> Option<Vec<String>> {
    let separator = char::from(separator);
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = record.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            one if one == separator && !quoted => all.push(std::mem::take(&mut field)),
            one => field.push(one),
        }
    }
    all.push(field);
    (!quoted).then_some(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::CsvRows;

    fn rows(text: &str) -> Vec<String> {
        let mut rows = CsvRows::of(text.as_bytes()).unwrap();
        let mut all = Vec::new();
        while let Some(row) = rows.next_row().unwrap() {
            all.push(match row.text {
                Ok(text) => String::from_utf8(text).unwrap(),
                Err(why) => why.to_owned(),
            });
        }
        assert_eq!(rows.read, text.len() as u64);
        all
    }

    #[test]
    fn quotes_line_ends_and_nothing_are_read_as_they_are_meant() {
        let text = "\u{feff}Id,Name,\"E,mail\"\r\n1,\"a \"\"b\"\"\nc\",NULL\r\n\r\n2,,x";
        let wanted = [
            r#"{"Id":"1","Name":"a \"b\"\nc"}"#,
            r#"{"Id":"2","E,mail":"x"}"#,
        ];
        assert_eq!(rows(text), wanted);
        assert_eq!(rows("Id;Name\n1;a,b\n"), [r#"{"Id":"1","Name":"a,b"}"#]);
        assert_eq!(rows("Id\n"), [""; 0]);
    }

    #[test]
    fn a_row_of_another_length_is_one_refused_row() {
        let found = rows("Id,Name\n1\n2,b\n\"3,c");
        let wanted = [
            "the row has another number of fields than the first line",
            r#"{"Id":"2","Name":"b"}"#,
            "the row has a quote that does not end",
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_row_that_is_too_long_is_refused_and_the_next_is_read() {
        let long = "x".repeat(1024 * 1024 + 10);
        let found = rows(&format!("Id\n{long}\n2\n"));
        assert_eq!(found, ["the row is longer than 1 MiB", r#"{"Id":"2"}"#]);
    }
}
