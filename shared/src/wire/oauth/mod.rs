//! Plain OAuth 2.0 and OpenID Connect: metadata, keys, revocation, user
//! information. The token endpoints of the dialects share `wire/grants.rs`.

pub mod accounts;
pub mod keys;
pub mod machine_answer;
pub mod sessions;

use utoipa::ToSchema;

/// Nothing.
#[derive(ToSchema)]
pub struct Empty {}
