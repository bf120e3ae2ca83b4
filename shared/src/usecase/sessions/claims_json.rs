//! The claims of a token as JSON.

use serde_json::{Value, json};

use crate::domain::sessions::claims::{ClaimValue, IssuedClaims};
use crate::usecase::sessions::requirement::TokenClaims;

/// The claims as the members of a JSON object, in their order.
pub(crate) fn claims_json(claims: IssuedClaims) -> TokenClaims {
    let value = |value: ClaimValue| -> Value {
        match value {
            ClaimValue::Text(text) => text.into(),
            ClaimValue::Number(number) => number.into(),
            ClaimValue::Count(count) => count.into(),
            ClaimValue::Flag(is_so) => is_so.into(),
            ClaimValue::List(texts) => texts.into(),
            ClaimValue::BoundKey(key) => json!({ "jkt": key }),
        }
    };
    let members = claims.into_iter();
    members
        .map(|(name, one)| (name.to_owned(), value(one)))
        .collect()
}
