//! The distribution that stands before the API, if one does.

use super::reader::Reader;
use crate::domain::secret::Secret;

fn good_secret(text: &str) -> bool {
    (32..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl Reader<'_> {
    /// What the distribution shows with each request. With a secret no request
    /// is answered that does not show it.
    pub fn edge_secret(&mut self, name: &str) -> Option<Secret> {
        let wants = "32 to 128 letters, digits, hyphens and underscores";
        let text = self.checked(name, wants, good_secret);
        text.map(Secret::new)
    }
}
