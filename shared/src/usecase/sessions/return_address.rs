//! Where a browser goes after a sign-out that an app asked for.

use crate::domain::id::UserId;
use crate::domain::issuer::Issuer;
use crate::domain::sessions::sign_out_request::SignOutRequest;
use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::named_client;
use crate::usecase::context::Context;

/// What is known of a sign-out before anything ends.
pub struct CheckedSignOut {
    /// Where the browser may go afterwards.
    pub return_to: Option<String>,
    /// The user whom the id token names.
    pub user: Option<UserId>,
}

/// Checks a request to sign out. The client of the id token stands for a client that the
/// request does not name. No request to DynamoDB while the client is in memory.
///
/// # Errors
/// `ParameterMissing` for a return address without a client; `ClientRejected`;
/// `RedirectUriRejected` for an address that the client has not registered;
/// `RequestMalformed` for an id token of another client.
pub async fn check_sign_out(
    context: &Context,
    asked: SignOutRequest<'_>,
) -> Result<CheckedSignOut, Failure> {
    let hint = match asked.id_token_hint {
        None => None,
        Some(token) => {
            let issuers = Issuer::all(&context.app.config.issuer);
            context.ring().await?.id_token_hint(token, &issuers)
        }
    };
    let user = hint.as_ref().map(|hint| hint.user);
    let hinted = hint.as_ref().map(|hint| hint.client.as_str());
    let Some((id, uri)) = asked.returns_to(hinted)? else {
        return Ok(CheckedSignOut {
            return_to: None,
            user,
        });
    };
    let named = named_client(context, id).await?;
    let uri = named.client.logout_uri(uri);
    let uri = uri.map_err(|refusal| context.app.named(refusal))?;
    Ok(CheckedSignOut {
        return_to: Some(uri.to_owned()),
        user,
    })
}
