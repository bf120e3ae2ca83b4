//! Login names, in the form in which names are compared.

use unicode_normalization::UnicodeNormalization;

use crate::typed_text::trimmed;

/// A login name (user name or e-mail address) in the form in which names are
/// compared: NFKC, lower case, without white space and invisible characters
/// around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginName(String);

impl LoginName {
    /// Normalises typed text. `None` if the result is empty, if the text is longer than
    /// 320 bytes, or if it contains control characters.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 4 * LONGEST_NAME {
            return None;
        }
        let name: String = trimmed(typed).nfkc().flat_map(char::to_lowercase).collect();
        let fits = !name.is_empty() && name.len() <= LONGEST_NAME;
        (fits && !name.chars().any(char::is_control)).then_some(Self(name))
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Longest login name in bytes after normalisation. An e-mail address has at
/// most 254 bytes (RFC 5321), and user names of other systems have at most 256.
pub(crate) const LONGEST_NAME: usize = 320;
