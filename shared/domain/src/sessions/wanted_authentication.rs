//! How a user has to have authenticated, as a token request says it (RFC 9470 4).

use crate::Timestamp;
use crate::authorization::request_parameters::read_seconds;
use crate::refusal::Refusal;
use crate::sessions::authentication::Authentication;

/// The name by which Auth0's apps and APIs ask for a second factor.
pub const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/// The names of the second assurance level: ours, and the one that Auth0's APIs ask for.
const SECOND_LEVEL: [&str; 2] = ["aal2", MULTI_FACTOR];

/// What `acr_values` of an authorization request wishes. The parameter is a wish (OpenID
/// Connect Core 3.1.2.1), so an unknown level wishes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WishedLevel {
    /// Whether the user has to show a second factor, if the user has one. A user who has a
    /// factor that gives `aal2` has to show such a factor.
    pub factor: bool,
    /// Whether the ID token names the level as Auth0 does.
    pub named_as_auth0: bool,
}

impl WishedLevel {
    /// Reads `acr_values`.
    pub fn parse(acr_values: Option<&str>) -> Self {
        let values = acr_values.unwrap_or_default();
        let mut named = values.split_ascii_whitespace();
        let first = named.clone().any(|value| value == "aal1");
        let named_as_auth0 = named.clone().any(|value| value == MULTI_FACTOR);
        Self {
            factor: !first && named.any(|value| SECOND_LEVEL.contains(&value)),
            named_as_auth0,
        }
    }
}

/// What a token request wants of the authentication behind its tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WantedAuthentication {
    /// Whether the user has to have shown a factor of the second level.
    pub second_level: bool,
    /// How many seconds the authentication may be old.
    pub max_age: Option<i64>,
}

impl WantedAuthentication {
    /// Reads `acr_values`, of which one has to be met, and `max_age`.
    ///
    /// # Errors
    /// `RequestMalformed` if no value of `acr_values` is a level of this service, because a
    /// client that wants another level must not mistake the tokens for that level.
    pub fn parse(acr_values: Option<&str>, max_age: Option<&str>) -> Result<Self, Refusal> {
        let values = acr_values.unwrap_or_default();
        let values: Vec<&str> = values.split_ascii_whitespace().collect();
        let first = values.contains(&"aal1");
        let second = values.iter().any(|value| SECOND_LEVEL.contains(value));
        if !values.is_empty() && !first && !second {
            return Err(Refusal::RequestMalformed("acr_values names aal1 or aal2"));
        }
        Ok(Self {
            second_level: second && !first,
            max_age: read_seconds(max_age)?,
        })
    }

    /// Whether this authentication is enough at `now`.
    pub fn is_met_by(self, authentication: Authentication, now: Timestamp) -> bool {
        let young = |age: i64| authentication.at >= now.saturating_sub(age);
        let strong = !self.second_level || authentication.acr() == "aal2";
        strong && self.max_age.is_none_or(young)
    }
}

#[cfg(test)]
mod tests {
    use super::{MULTI_FACTOR, WantedAuthentication, WishedLevel};
    use crate::factors::factor::Method;
    use crate::refusal::Refusal;
    use crate::sessions::authentication::{Authentication, FirstFactor};

    fn wanted(acr_values: &str, max_age: Option<&str>) -> WantedAuthentication {
        WantedAuthentication::parse(Some(acr_values), max_age).unwrap()
    }

    #[test]
    fn one_value_has_to_be_met_and_an_unknown_level_alone_is_refused() {
        for (values, second_level) in [
            ("", false),
            ("aal1", false),
            ("aal2", true),
            ("aal2 aal1", false),
            ("other aal2", true),
            (
                "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
                true,
            ),
        ] {
            assert_eq!(wanted(values, None).second_level, second_level, "{values}");
        }
        let unknown = WantedAuthentication::parse(Some("AAL2"), None);
        let problem = "acr_values names aal1 or aal2";
        assert_eq!(unknown, Err(Refusal::RequestMalformed(problem)));
        assert!(WantedAuthentication::parse(None, Some("-1")).is_err());
    }

    #[test]
    fn a_wish_for_a_second_factor_is_read_among_others() {
        for (values, factor, named_as_auth0) in [
            ("", false, false),
            ("loa3", false, false),
            ("aal2", true, false),
            ("loa3 aal2", true, false),
            ("aal1 aal2", false, false),
            (MULTI_FACTOR, true, true),
        ] {
            let expected = WishedLevel {
                factor,
                named_as_auth0,
            };
            assert_eq!(WishedLevel::parse(Some(values)), expected, "{values}");
        }
    }

    #[test]
    fn a_weaker_or_an_older_authentication_is_not_enough() {
        let at = |method| Authentication {
            at: 1000,
            first: FirstFactor::Password,
            method,
            key: None,
        };
        let met = |wanted: WantedAuthentication, method, now| wanted.is_met_by(at(method), now);
        assert!(met(wanted("aal2", None), Some(Method::Totp), 9000));
        assert!(!met(wanted("aal2", None), Some(Method::Email), 1000));
        assert!(!met(wanted("aal2", None), None, 1000));
        assert!(met(wanted("", Some("60")), None, 1060));
        assert!(!met(wanted("", Some("60")), None, 1061));
        assert!(!met(wanted("aal2", Some("60")), Some(Method::Totp), 1061));
    }
}
