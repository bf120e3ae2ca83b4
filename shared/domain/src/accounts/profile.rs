//! What a user or an app tells about the user, besides the names to sign in with.

use std::collections::BTreeMap;

/// The names and the picture that apps show, and what an app keeps with the user.
/// Nothing here decides who may sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The full name.
    pub name: Option<String>,
    pub nickname: Option<String>,
    /// The URL of a picture.
    pub picture: Option<String>,
    /// What an app keeps with the user. Only a read of the whole account reads it.
    pub metadata: UserMetadata,
}

/// Texts by name, as an app wrote them.
pub type UserMetadata = BTreeMap<String, String>;

/// The longest full name and nickname in characters, as in Auth0.
const LONGEST_NAME: usize = 300;

/// The largest number of texts in the metadata, as in Auth0.
const MOST_METADATA: usize = 10;

/// The longest name of a text in characters, as in Auth0.
const LONGEST_METADATA_NAME: usize = 100;

/// The longest text in characters, as in Auth0.
const LONGEST_METADATA_TEXT: usize = 500;

/// The longest URL of a picture in bytes.
const LONGEST_PICTURE: usize = 1024;

impl Profile {
    /// The sentence about the first part that is not acceptable, if any.
    pub fn problem(&self) -> Option<&'static str> {
        let long = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control)
        };
        if long(&self.name) || long(&self.nickname) {
            return Some("A name is longer than 300 characters or has control characters.");
        }
        if !self.picture.as_deref().is_none_or(is_picture) {
            return Some("The picture is no web address of at most 1024 characters.");
        }
        metadata_problem(&self.metadata)
    }
}

/// Whether a browser can load this text as a picture of another site, and the text runs no
/// script.
fn is_picture(text: &str) -> bool {
    let web = text.starts_with("https://") || text.starts_with("http://");
    web && text.len() <= LONGEST_PICTURE && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn metadata_problem(metadata: &UserMetadata) -> Option<&'static str> {
    if metadata.len() > MOST_METADATA {
        return Some("user_metadata has more than 10 properties.");
    }
    for (name, text) in metadata {
        if name.is_empty() || name.chars().count() > LONGEST_METADATA_NAME || name.contains('.') {
            return Some(
                "A name in user_metadata is empty, has a dot or is longer than 100 characters.",
            );
        }
        if text.chars().count() > LONGEST_METADATA_TEXT {
            return Some("A text in user_metadata is longer than 500 characters.");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Profile, UserMetadata};

    fn with_metadata(of: impl IntoIterator<Item = (String, String)>) -> Profile {
        Profile {
            metadata: UserMetadata::from_iter(of),
            ..Profile::default()
        }
    }

    #[test]
    fn metadata_has_at_most_ten_properties_of_limited_length() {
        let one = |name: usize, text: usize| [("n".repeat(name), "t".repeat(text))];
        let many = |count: usize| (0..count).map(|at| (format!("n{at}"), String::new()));
        assert_eq!(with_metadata(many(10)).problem(), None);
        assert_eq!(with_metadata(one(100, 500)).problem(), None);
        for bad in [
            with_metadata(many(11)),
            with_metadata(one(101, 1)),
            with_metadata(one(0, 1)),
            with_metadata(one(1, 501)),
            with_metadata([("a.b".to_owned(), String::new())]),
        ] {
            assert!(bad.problem().is_some(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_has_no_control_characters() {
        let named = |name: &str| Profile {
            name: Some(name.to_owned()),
            ..Profile::default()
        };
        assert_eq!(named(&"ä".repeat(300)).problem(), None);
        assert!(named(&"ä".repeat(301)).problem().is_some());
        assert!(named("Ann\u{7}").problem().is_some());
    }
}
