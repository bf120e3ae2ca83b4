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
        let mut name = compared(typed);
        // NFKC turns some accents into a space and the accent. So what is around the name can
        // be white space again, and the form of a form must be the form.
        for _ in 0..FORMS {
            let again = compared(&name);
            if again == name {
                break;
            }
            name = again;
        }
        let fits = !name.is_empty() && name.len() <= LONGEST_NAME;
        (fits && !name.chars().any(char::is_control)).then_some(Self(name))
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How often the form of a name can change before it stays.
const FORMS: usize = 4;

fn compared(text: &str) -> String {
    trimmed(text).nfkc().flat_map(char::to_lowercase).collect()
}

/// Longest login name in bytes after normalisation. An e-mail address has at
/// most 254 bytes (RFC 5321), and user names of other systems have at most 256.
pub(crate) const LONGEST_NAME: usize = 320;
