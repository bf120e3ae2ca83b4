//! A browser that a user trusts. Its cookie holds a token, which names the user and a random
//! value. The table has the hash of that value only.

use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::id::{BrowserId, UserId};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::token::{TokenBody, TrustedBrowserToken};
use crate::failure::{Broken, Failure};
use crate::keyring::{Ring, sha256};
use crate::usecase::context::Context;

/// How the table names the browser, in place of the thumbprint of a key.
pub(crate) fn key_of_browser(user: UserId, browser: BrowserId) -> Result<KeyThumbprint, Broken> {
    let hash = sha256(&[b"trusted browser", user.bytes(), browser.bytes()]);
    KeyThumbprint::parse(&hash).ok_or_else(|| Broken::internal("a hash is no thumbprint"))
}

/// What the cookie of a trusted browser names. `None` for every other text. No request to
/// DynamoDB.
pub(crate) async fn open_browser(
    context: &Context,
    cookie: Option<&str>,
) -> Result<Option<TrustedBrowserToken>, Broken> {
    let Some(cookie) = cookie else {
        return Ok(None);
    };
    let opened = context.open_token(
        TokenBody::trusted_browser,
        cookie,
        Refusal::LoginTokenMalformed,
    );
    match opened.await {
        Ok(token) => Ok(Some(token)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Broken(broken)) => Err(broken),
    }
}

/// The cookie of a browser that was just remembered.
pub(crate) fn browser_cookie(
    ring: &Ring,
    user: UserId,
    browser: BrowserId,
) -> Result<Secret, Broken> {
    ring.seal_token(TokenBody::TrustedBrowser(TrustedBrowserToken {
        user,
        browser,
    }))
}
