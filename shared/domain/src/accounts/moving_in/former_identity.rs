//! Who a user of a former system is here.

use crate::accounts::user::User;
use crate::dialect::SUBJECT_OF_A_CLIENT;
use crate::id::UserId;

/// The longest `sub` in characters (OpenID Connect Core 2).
const LONGEST_SUBJECT: usize = 255;

/// The identifier of a user who comes from a former system, and the `sub` of the user's
/// tokens there. Both are the same each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerIdentity {
    pub id: UserId,
    /// The `sub` that stays. `None` if the text of the identifier is the `sub`.
    pub subject: Option<String>,
}

impl FormerIdentity {
    /// The user whom the tokens of the former system name by this `sub`. The tokens here
    /// name the user by the same `sub`, if a token may.
    pub fn of_subject(former: &str) -> Self {
        let id = UserId::of_subject(former);
        let differs = former != id.dashed() && is_subject(former);
        Self {
            id,
            subject: differs.then(|| former.to_owned()),
        }
    }

    /// A user of whom no `sub` is known: the identifier is derived from the name.
    pub fn of_name(name: &str) -> Self {
        Self {
            id: UserId::of_name(&format!("mailto:{}", name.to_lowercase())),
            subject: None,
        }
    }

    /// The user with this `sub`, if one is known, or else with this name.
    pub fn of(former: Option<&str>, name: &str) -> Self {
        former.map_or_else(|| Self::of_name(name), Self::of_subject)
    }
}

impl User {
    /// The `sub` of the user's tokens: the `sub` of the user's former system, or the
    /// identifier. `UserId::of_subject` finds the user.
    pub fn subject(&self) -> String {
        let former = self.former_subject.clone();
        former.unwrap_or_else(|| self.id.dashed())
    }
}

/// Whether a token may name this text as a user's `sub`: at most 255 characters of ASCII
/// (OpenID Connect Core 2), without space and control characters, and not the `sub` of a
/// client (RFC 9068 5).
pub fn is_subject(text: &str) -> bool {
    let fits = (1..=LONGEST_SUBJECT).contains(&text.len());
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    fits && plain && !text.ends_with(SUBJECT_OF_A_CLIENT)
}

#[cfg(test)]
mod tests {
    use super::{FormerIdentity, UserId};

    #[test]
    fn a_sub_stays_if_a_token_may_name_it_and_leads_back_to_the_user() {
        let long = "x".repeat(255);
        let too_long = "x".repeat(256);
        for (former, stays) in [
            ("auth0|583c3ac3f38e84297c002546", true),
            ("42", true),
            (long.as_str(), true),
            // The dashed text is the identifier. Another spelling of a UUID stays.
            ("0198c0de-0000-7000-8000-0000000000aa", false),
            ("0198C0DE-0000-7000-8000-0000000000AA", true),
            (too_long.as_str(), false),
            ("ann lee", false),
            ("änn", false),
            ("", false),
            ("billing@clients", false),
        ] {
            let found = FormerIdentity::of_subject(former);
            let subject = stays.then(|| former.to_owned());
            assert_eq!(found.subject, subject, "{former}");
            let sub = found.subject.unwrap_or_else(|| found.id.dashed());
            assert_eq!(UserId::of_subject(&sub), found.id, "{former}");
        }
    }

    #[test]
    fn without_a_sub_the_name_in_any_case_decides() {
        let of = |name| FormerIdentity::of(None, name);
        assert_eq!(of("Ann@Example.com"), of("ann@example.com"));
        assert_ne!(of("ann@example.com"), of("bob@example.com"));
        let both = FormerIdentity::of(Some("42"), "ann@example.com");
        assert_eq!(both, FormerIdentity::of_subject("42"));
    }
}
