//! New recovery codes, which the browser keeps sealed in a cookie while the settings page shows
//! them.

use axum::response::Response;

use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::factors::browser_recovery_codes::{
    KEPT_CODES_SECONDS, keep_recovery_codes, read_kept_codes,
};
use crate::wire::aidbox::pages::cookie;
use crate::wire::input::Input;

/// The page that shows the codes.
pub(crate) const SETTINGS: &str = "/auth/two-factor";

/// Adds the cookie with the codes, which open only with `binding`: the cookie of a session, or
/// the token of a login that waits for a new password.
pub(crate) async fn with_codes(
    input: &Input,
    binding: &Secret,
    codes: &[Secret],
    mut response: Response,
) -> Result<Response, Failure> {
    if !codes.is_empty() {
        let kept = keep_recovery_codes(&input.context, binding, codes).await?;
        let seconds = KEPT_CODES_SECONDS;
        cookie::set_for(&mut response, cookie::CODES, kept.expose(), seconds);
    }
    Ok(response)
}

/// The codes that the browser keeps, if they open with `binding`.
pub(crate) async fn kept_codes(input: &Input, binding: &str) -> Result<Vec<Secret>, Failure> {
    match cookie::read_text(&input.headers, cookie::CODES) {
        Some(kept) => Ok(read_kept_codes(&input.context, binding, kept).await?),
        None => Ok(Vec::new()),
    }
}
