//! Reads a file of JSON objects as rows: an array, or one object a line. Only one row
//! is in memory at a time.

use std::io::{BufRead, Read};

/// The longest row in bytes.
pub(super) const LONGEST_ROW: usize = 1024 * 1024;

/// A row of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, starting at one.
    pub number: u64,
    /// Its bytes, or the reason why they are not a row.
    pub text: Result<Vec<u8>, &'static str>,
}

/// The rows of a file.
pub struct Rows<R> {
    from: R,
    form: Form,
    number: u64,
    /// How many bytes were read.
    pub read: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    Lines,
    Array,
    Ended,
}

impl<R: BufRead> Rows<R> {
    /// The rows of this file.
    pub fn of(from: R) -> Self {
        Self {
            from,
            form: Form::Unknown,
            number: 0,
            read: 0,
        }
    }

    /// The next row, or `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read, or an array is malformed. In a malformed array the next
    /// row cannot be found.
    pub fn next_row(&mut self) -> std::io::Result<Option<Row>> {
        if self.form == Form::Unknown {
            self.begin()?;
        }
        match self.form {
            Form::Ended | Form::Unknown => Ok(None),
            Form::Lines => self.line(),
            Form::Array => self.element(),
        }
    }

    fn row(&mut self, text: Result<Vec<u8>, &'static str>) -> Row {
        self.number += 1;
        Row {
            number: self.number,
            text,
        }
    }

    /// Finds out from the first bytes whether the file is an array.
    fn begin(&mut self) -> std::io::Result<()> {
        if self.from.fill_buf()?.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.take(3);
        }
        self.form = match self.skip(|byte| byte.is_ascii_whitespace())? {
            None => Form::Ended,
            Some(b'[') => {
                self.take(1);
                Form::Array
            }
            Some(_) => Form::Lines,
        };
        Ok(())
    }

    fn take(&mut self, bytes: usize) {
        self.from.consume(bytes);
        self.read += u64::try_from(bytes).unwrap_or(0);
    }

    /// Skips the bytes that meet the condition. Gives the first other byte without
    /// consuming it.
    fn skip(&mut self, of: impl Fn(u8) -> bool) -> std::io::Result<Option<u8>> {
        loop {
            match self.from.fill_buf()?.first().copied() {
                Some(byte) if of(byte) => self.take(1),
                other => return Ok(other),
            }
        }
    }

    fn line(&mut self) -> std::io::Result<Option<Row>> {
        if self.skip(|byte| byte.is_ascii_whitespace())?.is_none() {
            self.form = Form::Ended;
            return Ok(None);
        }
        let mut line = Vec::new();
        let most = u64::try_from(LONGEST_ROW).unwrap_or(u64::MAX) + 1;
        let got = self.from.by_ref().take(most).read_until(b'\n', &mut line)?;
        self.read += u64::try_from(got).unwrap_or(0);
        if line.len() <= LONGEST_ROW {
            return Ok(Some(self.row(Ok(line))));
        }
        // The rest of the line is skipped.
        self.skip(|byte| byte != b'\n')?;
        Ok(Some(self.row(Err("the row is longer than 1 MiB"))))
    }

    /// The next object of an array, found by its braces.
    fn element(&mut self) -> std::io::Result<Option<Row>> {
        let first = self.skip(|byte| byte.is_ascii_whitespace() || byte == b',')?;
        match first {
            Some(b']') => {
                self.take(1);
                self.form = Form::Ended;
                if self.skip(|byte| byte.is_ascii_whitespace())?.is_some() {
                    let what = "something stands behind the array";
                    return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, what));
                }
                return Ok(None);
            }
            Some(b'{') => {}
            Some(_) | None => {
                let what = "the array is malformed: an object or ] is missing";
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, what));
            }
        }
        let mut text = Vec::new();
        let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
        loop {
            let Some(byte) = self.from.fill_buf()?.first().copied() else {
                let what = "the array is malformed: an object does not end";
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, what));
            };
            self.take(1);
            if text.len() <= LONGEST_ROW {
                text.push(byte);
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        let text = match text.len() {
            0..=LONGEST_ROW => Ok(text),
            _ => Err("the row is longer than 1 MiB"),
        };
        Ok(Some(self.row(text)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{LONGEST_ROW, Rows};

    fn rows(text: &[u8]) -> Vec<String> {
        let mut rows = Rows::of(text);
        let mut all = Vec::new();
        while let Some(row) = rows.next_row().unwrap() {
            all.push(match row.text {
                Ok(text) => String::from_utf8(text).unwrap().trim().to_owned(),
                Err(why) => why.to_owned(),
            });
        }
        assert_eq!(rows.read, text.len() as u64);
        all
    }

    #[test]
    fn lines_and_arrays_give_the_same_rows() {
        let wanted = [r#"{"a":"}]\"{"}"#, r#"{"b":[{},[]]}"#];
        let lines = format!("\u{feff}\n{}\r\n\n{}", wanted[0], wanted[1]);
        assert_eq!(rows(lines.as_bytes()), wanted);
        let array = format!(" [ {} ,\n{}\n]", wanted[0], wanted[1]);
        assert_eq!(rows(array.as_bytes()), wanted);
        assert_eq!(rows(b""), [""; 0]);
        assert_eq!(rows(b"[]"), [""; 0]);
    }

    #[test]
    fn a_line_that_is_too_long_is_one_row_and_the_next_is_read() {
        let long = "x".repeat(LONGEST_ROW + 10);
        let found = rows(format!("{long}\n{{}}").as_bytes());
        assert_eq!(found, ["the row is longer than 1 MiB", "{}"]);
        let long = format!("[{{\"a\":\"{long}\"}},{{}}]");
        assert_eq!(
            rows(long.as_bytes()),
            ["the row is longer than 1 MiB", "{}"]
        );
    }

    #[test]
    fn an_array_that_ends_early_is_an_error_and_no_silent_end() {
        for text in ["[{}", "[{\"a\":1", "[{},1]", "[{}][{}]"] {
            let mut rows = Rows::of(text.as_bytes());
            let mut ended = rows.next_row();
            while let Ok(Some(_)) = ended {
                ended = rows.next_row();
            }
            assert!(ended.is_err(), "{text}");
        }
    }
}
