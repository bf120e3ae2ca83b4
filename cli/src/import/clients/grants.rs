//! What the readers of all systems' clients share.

use countersign::domain::authorization::client::{Client, OFFLINE_ACCESS};
use countersign::domain::authorization::grant::{Grant, Grants};

use crate::client::known_grant;

/// A client that was read.
pub struct ReadClient {
    pub client: Client,
    /// Names of what the import leaves out.
    pub left_out: Vec<String>,
}

/// The settings that every client of a file gets from the operator and the deployment.
pub struct Beside<'a> {
    /// The audiences that the operator names. The first is the default.
    pub audiences: Vec<String>,
    /// The scopes that the operator names.
    pub scopes: &'a [String],
    /// The audience of enrolment.
    pub mfa_audience: String,
    /// The audience of users' own accounts.
    pub account_audience: String,
}

/// What a row says of a client first.
pub(super) struct Named {
    pub id: String,
    pub grants: Vec<String>,
    /// Whether the client has no secret.
    pub public: bool,
}

/// Begins a client without secrets. The client keeps the grants that the service knows,
/// but a public client gets no token of its own.
pub(super) fn begin(named: Named, beside: &Beside<'_>) -> Result<ReadClient, String> {
    let Named { id, grants, public } = named;
    let mut left_out = Vec::new();
    let mut known = Vec::new();
    for grant in &grants {
        match known_grant(grant) {
            Ok(Grant::ClientCredentials) if public => {
                left_out.push(format!("the grant {grant} of a public client"));
            }
            Ok(grant) => known.push(grant),
            Err(_) => left_out.push(format!("the grant {grant:.64}")),
        }
    }
    if known.is_empty() {
        let grants = grants.join(", ");
        return Err(format!(
            "the client may use none of its grants here: {grants:.200}"
        ));
    }
    let refreshes = known.contains(&Grant::RefreshToken);
    let offline = refreshes.then(|| OFFLINE_ACCESS.to_owned());
    let client = Client {
        grants: Grants::from_iter(known),
        scopes: offline.into_iter().chain(beside.scopes.to_vec()).collect(),
        audiences: beside.audiences.clone(),
        ..Client::new(id)
    };
    Ok(ReadClient { client, left_out })
}

/// Refuses a redirect URI with a wildcard, because the service compares redirect URIs
/// exactly.
pub(super) fn without_wildcards(uris: Vec<String>) -> Result<Vec<String>, String> {
    match uris.iter().find(|uri| uri.contains('*')) {
        Some(uri) => Err(format!("a redirect URI has a wildcard: {uri:.200}")),
        None => Ok(uris),
    }
}

/// Adds the texts that the list does not have yet.
pub(super) fn add(list: &mut Vec<String>, more: &[&str]) {
    for one in more {
        if !list.iter().any(|known| known == one) {
            list.push((*one).to_owned());
        }
    }
}
