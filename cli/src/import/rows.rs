//! Reads a file of JSON objects as rows: an array, one object a line, or the array in a
//! field of one large object. Only one row is in memory at a time.

use std::io::{BufRead, Read};

/// The longest row in bytes.
pub(super) const LONGEST_ROW: usize = 1024 * 1024;

/// The longest field name that is compared.
const LONGEST_NAME: usize = 256;

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
    /// The field that holds the array, if the file may be one large object.
    list: Option<&'static str>,
    number: u64,
    /// How many bytes were read.
    pub read: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    Lines,
    Array,
    /// The array in a field of the file's object.
    Field,
    Ended,
}

impl<R: BufRead> Rows<R> {
    /// The rows of this file.
    pub fn of(from: R) -> Self {
        Self {
            from,
            form: Form::Unknown,
            list: None,
            number: 0,
            read: 0,
        }
    }

    /// The rows of a file that is one object with an array in this field. The file may
    /// also be an array, or a file of refused rows.
    pub fn within(from: R, list: &'static str) -> Self {
        let list = Some(list);
        Self {
            list,
            ..Self::of(from)
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
            Form::Array | Form::Field => self.element(),
        }
    }

    fn row(&mut self, text: Result<Vec<u8>, &'static str>) -> Row {
        self.number += 1;
        Row {
            number: self.number,
            text,
        }
    }

    /// Finds out from the first bytes which form the file has.
    fn begin(&mut self) -> std::io::Result<()> {
        if self.from.fill_buf()?.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.take(3);
        }
        let list = self.list;
        self.form = match self.skip(|byte| byte.is_ascii_whitespace())? {
            None => Form::Ended,
            Some(b'[') => {
                self.take(1);
                Form::Array
            }
            Some(_) => match list {
                Some(list) if !self.is_of_refused_rows()? => {
                    self.find_list(list)?;
                    Form::Field
                }
                _ => Form::Lines,
            },
        };
        Ok(())
    }

    /// Whether the file begins like a refused row of this tool.
    fn is_of_refused_rows(&mut self) -> std::io::Result<bool> {
        Ok(self.from.fill_buf()?.starts_with(br#"{"number":"#))
    }

    /// Skips to the first element of the array in this field of the file's object.
    fn find_list(&mut self, list: &str) -> std::io::Result<()> {
        let missing =
            format!("the file has no array {list:?}: name a file of one user a line users.ndjson");
        let malformed = |_| malformed(&missing);
        self.take(1);
        loop {
            self.skip(|byte| byte.is_ascii_whitespace() || byte == b',')?;
            let name = self.text()?.ok_or(()).map_err(malformed)?;
            self.skip(|byte| byte.is_ascii_whitespace())?;
            let colon = self.skip(|_| false)?;
            if colon != Some(b':') {
                return Err(malformed(()));
            }
            self.take(1);
            let first = self.skip(|byte| byte.is_ascii_whitespace())?;
            if name == list.as_bytes() && first == Some(b'[') {
                self.take(1);
                return Ok(());
            }
            self.skip_value(first)?;
        }
    }

    /// Reads a JSON string, and gives its text as written in the file. `None` if the
    /// next byte does not begin a string.
    fn text(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        if self.skip(|_| false)? != Some(b'"') {
            return Ok(None);
        }
        self.take(1);
        let (mut text, mut escaped) = (Vec::new(), false);
        while let Some(byte) = self.skip(|_| false)? {
            self.take(1);
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => return Ok(Some(text)),
                _ => {}
            }
            if text.len() < LONGEST_NAME {
                text.push(byte);
            }
        }
        Err(malformed("the file ends within a text"))
    }

    /// Skips a value that begins with this byte.
    fn skip_value(&mut self, first: Option<u8>) -> std::io::Result<()> {
        let mut depth = 0_u32;
        match first {
            Some(b'"') => return self.text().map(|_| ()),
            Some(b'{' | b'[') => {}
            _ => {
                return self.skip(|byte| !b",}]".contains(&byte)).map(|_| ());
            }
        }
        while let Some(byte) = self.skip(|byte| !b"\"{}[]".contains(&byte))? {
            match byte {
                b'"' => {
                    self.text()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                _ => depth -= 1,
            }
            self.take(1);
            if depth == 0 {
                return Ok(());
            }
        }
        Err(malformed("the file ends within a value"))
    }

    /// Checks that the file ends after the array, or after the rest of its object.
    fn end(&mut self) -> std::io::Result<()> {
        let mut last = None;
        while let Some(byte) = self.skip(|byte| byte.is_ascii_whitespace())? {
            self.take(1);
            last = Some(byte);
        }
        match (self.form, last) {
            (Form::Field, Some(b'}')) | (Form::Array, None) => Ok(()),
            (Form::Field, _) => Err(malformed("the file's object does not end")),
            _ => Err(malformed("something stands behind the array")),
        }
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
                self.end()?;
                self.form = Form::Ended;
                return Ok(None);
            }
            Some(b'{') => {}
            Some(_) | None => {
                let what = "the array is malformed: an object or ] is missing";
                return Err(malformed(what));
            }
        }
        let mut text = Vec::new();
        let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
        loop {
            let Some(byte) = self.from.fill_buf()?.first().copied() else {
                let what = "the array is malformed: an object does not end";
                return Err(malformed(what));
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

fn malformed(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{LONGEST_ROW, Rows};

    fn rows(text: &[u8]) -> Vec<String> {
        all_of(Rows::of(text), text)
    }

    fn all_of(mut rows: Rows<&[u8]>, text: &[u8]) -> Vec<String> {
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
    fn the_rows_of_a_field_are_found_whatever_stands_around_it() {
        for text in [
            r#"{"users":[{"a":1},{"users":[2]}]}"#,
            r#" { "id" : "]}\\\"", "clients":[{"users":[{}]},"}"], "n":-1, "users" : [ {"a":1} ,
               {"users":[2]} ] , "after":{"users":[{}]} } "#,
            r#"[{"a":1},{"users":[2]}]"#,
        ] {
            let found = all_of(Rows::within(text.as_bytes(), "users"), text.as_bytes());
            assert_eq!(found, [r#"{"a":1}"#, r#"{"users":[2]}"#], "{text}");
        }
        let refused = r#"{"number":3,"reason":"x","row":{}}"#;
        let found = all_of(
            Rows::within(refused.as_bytes(), "users"),
            refused.as_bytes(),
        );
        assert_eq!(found, [refused]);
    }

    #[test]
    fn a_file_without_that_field_or_without_its_end_is_an_error() {
        for text in [
            "{}",
            r#"{"id":1}"#,
            r#"{"users":{}}"#,
            r#"{"users""#,
            r#"{"a":[{}"#,
            r#"{"a":"b"#,
            r#"{"users":[{}]"#,
            r#"{"users":[{}"#,
            r#"{"users":[],"#,
        ] {
            let mut rows = Rows::within(text.as_bytes(), "users");
            let mut ended = rows.next_row();
            while let Ok(Some(_)) = ended {
                ended = rows.next_row();
            }
            assert!(ended.is_err(), "{text}");
        }
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
