//! Authenticates the client of a request (RFC 6749 2.3).

use std::sync::Arc;

use crate::domain::authorization::client::{Client, LONGEST_CLIENT_ID};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::sha256;
use crate::usecase::client_context::ClientContext;
use crate::usecase::context::Context;

pub struct ClientCredentials {
    /// The `client_id`.
    pub id: String,
    /// The `client_secret`, if the client sent one.
    pub secret: Option<Secret>,
    /// Whether the credentials came in the `Authorization` header.
    pub in_header: bool,
}

/// The request of the client that shows these credentials, and of the holder of the key if
/// the request has a proof of a key. No read while the client is in memory.
///
/// # Errors
/// `ClientRejected`: the client is unknown, the secret is wrong or missing, or
/// a public client sent a secret. `ProofWrong`, `ProofNonceWanted`.
pub async fn authenticate_client(
    context: &Context,
    credentials: &ClientCredentials,
) -> Result<ClientContext, Failure> {
    let in_header = credentials.in_header;
    let rejected = || {
        Failure::from(
            context
                .app
                .named(Refusal::client_rejected(&credentials.id, in_header)),
        )
    };
    if credentials.id.is_empty() || credentials.id.len() > LONGEST_CLIENT_ID {
        return Err(rejected());
    }
    let client = context
        .app
        .find_known_client(&credentials.id, context.now())
        .await?
        .ok_or_else(rejected)?;
    let right = client.accepts_secret(credentials.secret.as_ref(), client_secret_hash);
    if right {
        context.check_client_proof().await?;
        Ok(ClientContext::new(context, client))
    } else {
        Err(rejected())
    }
}

/// The request of the client that is named, confidential or not, without its secret. Only
/// for what any stranger may ask for: the name says where the request comes from, and
/// proves nothing. No read while the client is in memory.
///
/// # Errors
/// `ClientRejected`: the client is unknown.
pub async fn named_client(context: &Context, id: &str) -> Result<ClientContext, Failure> {
    let found = find_client(context, id).await?;
    let unknown = || context.app.named(Refusal::client_rejected(id, false));
    let client = found.ok_or_else(unknown)?;
    Ok(ClientContext::new(context, client))
}

/// Whether there is such a client. The client is the subject of the request, and does not
/// make the request. No read while the client is in memory.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn has_client(context: &Context, id: &str) -> Result<bool, Broken> {
    Ok(find_client(context, id).await?.is_some())
}

async fn find_client(context: &Context, id: &str) -> Result<Option<Arc<Client>>, Broken> {
    match id.is_empty() || id.len() > LONGEST_CLIENT_ID {
        true => Ok(None),
        false => context.app.find_known_client(id, context.now()).await,
    }
}

/// The request of the client that CodeMaze's apps sign in with. Their requests
/// name no client, so a setting names the client.
///
/// # Errors
/// `Broken` if that client does not exist.
pub async fn codemaze_client(context: &Context) -> Result<ClientContext, Failure> {
    let found = match context.app.config.codemaze_client.as_deref() {
        Some(setting) => {
            context
                .app
                .find_known_client(setting, context.now())
                .await?
        }
        None => None,
    };
    let client = found.ok_or_else(|| {
        Broken::internal("the client that COUNTERSIGN_CODEMAZE_CLIENT names is not in the table")
    })?;
    Ok(ClientContext::new(context, client))
}

/// The stored hash of a client's secret. It is computed for each request.
/// Secrets are long random texts, so a fast hash is enough.
pub fn client_secret_hash(client: &str, secret: &Secret) -> String {
    sha256(&[
        b"client secret",
        client.as_bytes(),
        secret.expose().as_bytes(),
    ])
}
