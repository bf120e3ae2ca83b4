//! Forms as `multipart/form-data` (RFC 7578). OAuth does not use them, but ABP's React
//! Native apps before version 6 send such a form to the token endpoint.

use crate::domain::refusal::Refusal;

const MALFORMED: Refusal = Refusal::RequestMalformed("the body is not a form");

/// Whether the content type is `multipart/form-data`.
pub fn is_multipart(content_type: Option<&str>) -> bool {
    let kind = content_type.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

/// The names and texts of a form, in their order. A form with a file is refused.
///
/// # Errors
/// `RequestMalformed`.
pub fn read_multipart(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let boundary = parameter(content_type, "boundary").ok_or(MALFORMED)?;
    let body = std::str::from_utf8(body).map_err(|_| MALFORMED)?;
    // Each delimiter stands at the beginning of a line. The first delimiter may stand
    // at the beginning of the body.
    let delimiter = format!("\r\n--{boundary}");
    let body = format!("\r\n{body}");
    let parts = body.split(delimiter.as_str()).skip(1);
    let mut fields = Vec::new();
    for part in parts {
        if part.starts_with("--") {
            return Ok(fields);
        }
        let part = part.trim_start_matches([' ', '\t']);
        let (head, text) = part
            .strip_prefix("\r\n")
            .and_then(|part| part.split_once("\r\n\r\n"))
            .ok_or(MALFORMED)?;
        let disposition = head.split("\r\n").find_map(disposition);
        let disposition = disposition.ok_or(MALFORMED)?;
        if parameter(disposition, "filename").is_some() {
            return Err(Refusal::RequestMalformed("the form holds a file"));
        }
        let name = parameter(disposition, "name").ok_or(MALFORMED)?;
        fields.push((name.to_owned(), text.to_owned()));
    }
    // Without the last delimiter, the body is incomplete.
    Err(MALFORMED)
}

/// The value of a part's `Content-Disposition` header.
fn disposition(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    let form_data = value.split(';').next()?.trim();
    (name.eq_ignore_ascii_case("content-disposition")
        && form_data.eq_ignore_ascii_case("form-data"))
    .then_some(value)
}

/// A parameter of a header's value, with or without quotes. An empty parameter counts
/// as absent.
fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let mut parameters = value.split(';').skip(1);
    let found = parameters.find_map(|one| {
        let (known, value) = one.trim().split_once('=')?;
        known.eq_ignore_ascii_case(name).then_some(value)
    })?;
    let value = found.trim();
    let quoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let value = quoted.unwrap_or(value);
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, body: &str) -> Option<Vec<(String, String)>> {
        read_multipart(kind, body.as_bytes()).ok()
    }

    const KIND: &str = "multipart/form-data; boundary=\"x-1\"";

    #[test]
    fn a_form_of_parts_is_read_as_it_was_written() {
        let body = "--x-1\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nadmin\r\n\
            --x-1\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; name=password\r\n\
            \r\n 1q\r\n--x2w3E*\n\r\n--x-1\r\n\
            Content-Disposition: form-data; name=\"scope\"\r\n\r\n\r\n--x-1--\r\n";
        let wanted = [
            ("username", "admin"),
            ("password", " 1q\r\n--x2w3E*\n"),
            ("scope", ""),
        ];
        let wanted = wanted.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(read(KIND, body).unwrap(), wanted);
    }

    #[test]
    fn what_is_no_whole_form_of_texts_is_malformed() {
        let part = "--x-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n";
        let file = "--x-1\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\nb\r\n--x-1--";
        for (kind, body) in [
            (KIND, part),
            (KIND, file),
            (KIND, ""),
            (KIND, "--x-1\r\n\r\nb\r\n--x-1--"),
            (
                KIND,
                "--x-1\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nb\r\n--x-1--",
            ),
            (
                KIND,
                "--x-1\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x-1--",
            ),
            ("multipart/form-data", "--\r\n"),
            ("multipart/form-data; boundary=", "--\r\n"),
        ] {
            assert_eq!(read(kind, body), None, "{body:?}");
        }
    }
}
