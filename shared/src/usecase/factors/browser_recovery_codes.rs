//! Recovery codes that a browser has shown, and may show again in the same
//! visit.

use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::usecase::context::Context;

/// How long the browser may show them again, in seconds.
pub const KEPT_CODES_SECONDS: i64 = 900;

/// The sealed codes that the browser keeps. They open only with this cookie of
/// the browser's session. No request to DynamoDB.
///
/// # Errors
/// `Broken` if this function has no data key for seeds.
pub async fn keep_recovery_codes(
    context: &Context,
    cookie: &Secret,
    codes: &[Secret],
) -> Result<Secret, Failure> {
    let ring = context.ring().await?;
    let texts: Vec<&str> = codes.iter().map(Secret::expose).collect();
    let (text, until) = (
        Secret::new(texts.join(" ")),
        context.now() + KEPT_CODES_SECONDS,
    );
    Ok(ring.seal_page_text(cookie.expose(), &text, until)?)
}

/// The codes again. None after their time, and none for another session. No
/// request to DynamoDB.
///
/// # Errors
/// `Broken` if there are no keys.
pub async fn read_kept_codes(
    context: &Context,
    cookie: &str,
    kept: &str,
) -> Result<Vec<Secret>, Broken> {
    let ring = context.ring().await?;
    let text = ring.open_page_text(cookie, kept, context.now());
    let codes = text.as_ref().map_or("", |text| text.expose());
    Ok(codes.split_ascii_whitespace().map(Secret::new).collect())
}
