//! The CloudFront distribution in front of the API, if there is one.

use super::reader::Reader;
use crate::domain::secret::Secret;

fn good_secret(text: &str) -> bool {
    (32..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl Reader<'_> {
    /// The secret that the distribution adds to each request. If it is set, the
    /// service refuses every request without it.
    pub fn edge_secret(&mut self, name: &str) -> Option<Secret> {
        let wants = "32 to 128 letters, digits, hyphens and underscores";
        let text = self.checked(name, wants, good_secret);
        text.map(Secret::new)
    }
}
