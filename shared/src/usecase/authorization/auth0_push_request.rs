//! Keeps an authorization request that a client pushes before it sends the browser (RFC
//! 9126).

use std::sync::Arc;

use crate::domain::authorization::authorization_request::AuthorizationRequest;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::keyring::sha256;
use crate::usecase::authorization::authorize::{Addressee, check_request};
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;

/// How long the browser may take to bring the request.
pub const PUSHED_SECONDS: i64 = 60;

/// What a `request_uri` of a pushed request begins with (RFC 9126 2.2).
pub const PUSHED_PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The `request_uri` of a request that is right, with `text` sealed inside. Nobody but this
/// service can read or change the text, and no table keeps it. No request to DynamoDB.
///
/// # Errors
/// Those of `check_request`, and `RedirectUriRejected`.
pub async fn push_request(
    context: &ClientContext,
    asked: &AuthorizationRequest<'_>,
    text: &str,
) -> Result<Secret, Failure> {
    let to = Addressee::of(Arc::clone(&context.client), asked);
    let to = to.map_err(|refusal| context.app.named(refusal))?;
    check_request(&context.app, &to, asked)?;
    let ring = context.ring().await?;
    let until = context.now() + PUSHED_SECONDS;
    let sealed = ring.seal_page_text(&binding(&context.client.id), &Secret::new(text), until)?;
    Ok(Secret::new(format!("{PUSHED_PREFIX}{}", sealed.expose())))
}

/// A pushed request that a browser brings.
#[derive(Clone, Copy)]
pub struct BroughtRequest<'a> {
    pub client: &'a str,
    /// The `request_uri` without [`PUSHED_PREFIX`].
    pub sealed: &'a str,
    /// The random value in the browser's cookie.
    pub browser: &'a str,
}

/// The text of the request that this client pushed, for the first browser that brings the
/// request (RFC 9126 7.3). That browser may load the page again. One request to DynamoDB;
/// none for a request that is forged, too old or another client's.
///
/// # Errors
/// `PushedRequestInvalid`.
pub async fn open_request(
    context: &Context,
    brought: BroughtRequest<'_>,
) -> Result<Secret, Failure> {
    let BroughtRequest {
        client,
        sealed,
        browser,
    } = brought;
    let invalid = || Failure::from(PageRefusal::PushedRequestInvalid);
    let (ring, now) = (context.ring().await?, context.now());
    let opened = ring.open_page_text(&binding(client), sealed, now);
    let opened = opened.ok_or_else(invalid)?;
    // The number of the key, which stands first, has several spellings.
    let (_, bytes) = sealed.split_once('.').ok_or_else(invalid)?;
    let request = sha256(&[b"pushed request", bytes.as_bytes()]);
    let browser = sha256(&[b"browser of a pushed request", browser.as_bytes()]);
    let store = &context.app.store;
    let first = store.bring_pushed_request(&request, &browser, now + PUSHED_SECONDS);
    match first.await? {
        true => Ok(opened),
        false => Err(invalid()),
    }
}

/// What ties the sealed text to its client. No cookie has a space, so no page's text is
/// taken for a request.
fn binding(client: &str) -> String {
    format!("pushed by {client}")
}
