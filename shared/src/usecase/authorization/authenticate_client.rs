//! Which client asks (RFC 6749 2.3).

use std::sync::Arc;

use subtle::ConstantTimeEq;

use crate::app::App;
use crate::domain::client::{Client, LONGEST_CLIENT_ID};
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::keyring::sha256;
use crate::usecase::Caller;

/// What a client shows of itself.
pub struct ClientCredentials {
    /// The `client_id`.
    pub id: String,
    /// The `client_secret`, if it sent one.
    pub secret: Option<Secret>,
    /// Whether they stood in the `Authorization` header.
    pub in_header: bool,
}

/// The client that these credentials belong to. No read while it is remembered.
///
/// # Errors
/// `ClientRejected`: unknown, wrong secret, no secret where one is needed, or
/// one where none belongs.
pub async fn authenticate_client(
    app: &App,
    caller: &Caller,
    credentials: &ClientCredentials,
) -> Result<Arc<Client>, Failure> {
    let in_header = credentials.in_header;
    let rejected = || Failure::from(app.named(Refusal::client(&credentials.id, in_header)));
    if credentials.id.is_empty() || credentials.id.len() > LONGEST_CLIENT_ID {
        return Err(rejected());
    }
    let client = app
        .client(&credentials.id, caller.now)
        .await?
        .ok_or_else(rejected)?;
    let right = match &credentials.secret {
        None => client.is_public(),
        Some(secret) => {
            let shown = client_secret_hash(&client.id, secret);
            client
                .secret_hashes
                .iter()
                .any(|stored| bool::from(stored.as_bytes().ct_eq(shown.as_bytes())))
        }
    };
    if right { Ok(client) } else { Err(rejected()) }
}

/// The hash under which a client's secret is stored. Secrets are long random
/// texts, so a fast hash does; it is computed for each request.
pub fn client_secret_hash(client: &str, secret: &Secret) -> String {
    sha256(&[
        b"client secret",
        client.as_bytes(),
        secret.expose().as_bytes(),
    ])
}
