//! Step-up (RFC 9470): the API may want a stronger or a younger login than a token shows.

use crate::token::{Claims, LEEWAY};

/// What the API wants of the login behind a token.
pub struct Demand {
    /// The levels of which one is enough, separated by spaces. Any level, if there is none.
    pub acr_values: Option<String>,
    /// How many seconds ago the user may have signed in. Any time, if there is none.
    pub max_age: Option<u64>,
}

impl Demand {
    /// Whether the login of this token is enough. The token of a machine has no login.
    pub fn is_met(&self, claims: &Claims) -> bool {
        let acr = claims.acr.as_deref().unwrap_or_default();
        let strong = self
            .acr_values
            .as_ref()
            .is_none_or(|values| values.split(' ').any(|value| value == acr));
        let now = jsonwebtoken::get_current_timestamp();
        let young = self.max_age.is_none_or(|most| {
            let at = claims.auth_time;
            at.is_some_and(|at| now.saturating_sub(at) <= most + LEEWAY)
        });
        strong && young
    }

    /// The challenge (RFC 9470 3). The app repeats the parameters to the issuer.
    pub fn challenge(&self, claims: &Claims) -> String {
        let scheme = if claims.cnf.is_some() {
            "DPoP"
        } else {
            "Bearer"
        };
        let mut text =
            format!("{scheme} realm=\"orders\", error=\"insufficient_user_authentication\"");
        if let Some(values) = &self.acr_values {
            text.push_str(&format!(", acr_values=\"{values}\""));
        }
        if let Some(most) = self.max_age {
            text.push_str(&format!(", max_age=\"{most}\""));
        }
        text
    }
}
