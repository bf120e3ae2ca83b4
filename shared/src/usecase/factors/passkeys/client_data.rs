//! What the browser or the app says of a ceremony, read as exactly as W3C Web Authentication
//! 7.1 and 7.2 demand. The crate compares origins as URLs, and so takes more than one text for
//! an origin. Some things the crate does not look at.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The members that are compared (Web Authentication 5.8.1). A member that comes twice is an
/// error, and so is a member of another kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    challenge: String,
    origin: String,
    cross_origin: Option<bool>,
    top_origin: Option<IgnoredAny>,
    token_binding: Option<TokenBinding>,
}

#[derive(Deserialize)]
struct TokenBinding {
    status: String,
}

/// Whether the client data has this challenge and one of these origins, letter by letter, and
/// no page of another site framed the page. A browser that has bound a token to TLS is
/// refused, because nothing here knows of such a token.
pub(super) fn is_expected(client_data: &[u8], challenge: &str, origins: &[String]) -> bool {
    let Ok(said) = serde_json::from_slice::<ClientData>(client_data) else {
        return false;
    };
    let is_framed = said.cross_origin == Some(true) || said.top_origin.is_some();
    let is_bound = said
        .token_binding
        .is_some_and(|it| it.status != "supported");
    said.challenge == challenge && origins.contains(&said.origin) && !is_framed && !is_bound
}

/// An `authn_response`, as far as its challenge is concerned.
#[derive(Deserialize)]
struct Signed {
    response: SignedResponse,
}

#[derive(Deserialize)]
struct SignedResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
}

/// The challenge that an authenticator says it has signed. `None` if the response cannot be
/// one of an authenticator.
pub(crate) fn signed_challenge(response: &str) -> Option<[u8; 32]> {
    let signed: Signed = serde_json::from_str(response).ok()?;
    let client_data = URL_SAFE_NO_PAD.decode(signed.response.client_data).ok()?;
    let said: ClientData = serde_json::from_slice(&client_data).ok()?;
    URL_SAFE_NO_PAD.decode(said.challenge).ok()?.try_into().ok()
}

/// The two names of a credential in an `authn_response`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    id: String,
    raw_id: String,
}

/// Whether both names in the response are those of this credential in base64url.
pub(super) fn names_it(response: &str, credential: &str) -> bool {
    let names: Option<Names> = serde_json::from_str(response).ok();
    names.is_some_and(|names| names.id == credential && names.raw_id == credential)
}
