//! The client that a deployment makes.

use crate::authorization::client::{
    Client, LONGEST_CLIENT_ID, OFFLINE_ACCESS, Scope, may_lead_back,
};
use crate::authorization::grant::Grant;
use crate::secret::Secret;

/// The shortest secret of a first client. A fast hash stores the secret, so
/// nobody must be able to guess it (RFC 6819 5.1.4.2.2).
const SHORTEST_SECRET: usize = 32;

/// The client that a deployment starts with.
pub struct FirstClient {
    /// The `client_id`: 1 to 256 visible ASCII characters.
    pub id: String,
    /// The secret, at least 32 characters. `None` makes a public client.
    pub secret: Option<Secret>,
    /// The client's audience. Empty for a client of our own endpoints only.
    pub audience: String,
    /// Space-separated scopes beside OIDC's own. Empty means `offline_access`.
    pub scopes: String,
    /// The grants that the client may use. A client with redirect URIs may use
    /// the implicit grant too.
    pub grants: Vec<Grant>,
    /// The redirect URIs, which a browser is sent back to with tokens or a code.
    pub redirect_uris: Vec<String>,
}

impl FirstClient {
    /// The problem with the client, as a sentence for the operator who deploys.
    pub fn problem(&self) -> Option<&'static str> {
        let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if self.id.is_empty() || self.id.len() > LONGEST_CLIENT_ID || !visible(&self.id) {
            return Some("the client id must have 1 to 256 visible ASCII characters");
        }
        let short = |secret: &Secret| secret.expose().len() < SHORTEST_SECRET;
        if self.secret.as_ref().is_some_and(short) {
            return Some("the client secret must have at least 32 characters");
        }
        if !visible(&self.audience) {
            return Some("the client's audience must have visible ASCII characters only");
        }
        if !self.redirect_uris.iter().all(|uri| may_lead_back(uri)) {
            return Some("a redirect URI must be absolute and without a fragment");
        }
        None
    }

    /// The stored form of the client, with these audiences of our own added. `hash` hashes
    /// the secret of a client with this id.
    pub fn into_client(self, own: Vec<String>, hash: fn(&str, &Secret) -> String) -> Client {
        let scopes = match self.scopes.trim() {
            "" => OFFLINE_ACCESS,
            scopes => scopes,
        };
        let hash = |secret: &Secret| hash(&self.id, secret);
        // A redirect URI means that a browser comes back to an app, and
        // Aidbox's apps use `response_type=token`.
        let implicit = (!self.redirect_uris.is_empty()).then_some(Grant::Implicit);
        Client {
            secret_hashes: self.secret.as_ref().map(hash).into_iter().collect(),
            scopes: Scope::parse(scopes).into_list(),
            audiences: [self.audience]
                .into_iter()
                .filter(|audience| !audience.is_empty())
                .chain(own)
                .collect(),
            grants: self.grants.into_iter().chain(implicit).collect(),
            redirect_uris: self.redirect_uris,
            ..Client::new(self.id)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> FirstClient {
        FirstClient {
            id: "app".into(),
            secret: None,
            audience: String::new(),
            scopes: String::new(),
            grants: vec![Grant::Password],
            redirect_uris: Vec::new(),
        }
    }

    #[test]
    fn the_first_wrong_field_is_told_in_a_sentence() {
        let id = "the client id must have 1 to 256 visible ASCII characters";
        let secret = "the client secret must have at least 32 characters";
        let audience = "the client's audience must have visible ASCII characters only";
        let uri = "a redirect URI must be absolute and without a fragment";
        let named = |id: &str| FirstClient {
            id: id.into(),
            ..app()
        };
        let kept = |secret: &str| FirstClient {
            secret: Some(Secret::new(secret)),
            ..app()
        };
        let leads = |uri: &str| FirstClient {
            redirect_uris: vec![uri.into()],
            ..app()
        };
        for (client, problem) in [
            (app(), None),
            (named(&"x".repeat(256)), None),
            (named(""), Some(id)),
            (named(&"x".repeat(257)), Some(id)),
            (named("my app"), Some(id)),
            (kept(&"s".repeat(32)), None),
            (kept(&"s".repeat(31)), Some(secret)),
            (
                FirstClient {
                    audience: "ä".into(),
                    ..app()
                },
                Some(audience),
            ),
            (leads("https://app.example.com/in"), None),
            (leads("/in"), Some(uri)),
            (leads("https://app.example.com/#in"), Some(uri)),
        ] {
            assert_eq!(client.problem(), problem, "{}", client.id);
        }
    }

    #[test]
    fn the_stored_client_has_the_audiences_of_ours_and_implicit_only_with_a_redirect_uri() {
        let hash = |id: &str, secret: &Secret| format!("{id} {}", secret.expose());
        let own = || vec!["ours".to_owned()];
        for (audience, uris, audiences, implicit) in [
            ("", &[][..], "ours", false),
            ("api", &[], "api ours", false),
            ("api", &["https://app.example.com/in"], "api ours", true),
        ] {
            let first = FirstClient {
                secret: Some(Secret::new("secret")),
                audience: audience.into(),
                redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
                ..app()
            };
            let client = first.into_client(own(), hash);
            assert_eq!(client.audiences.join(" "), audiences);
            assert_eq!(client.grants.allows(Grant::Implicit), implicit);
            assert_eq!(client.secret_hashes, ["app secret"]);
            assert_eq!(client.scopes, [OFFLINE_ACCESS]);
        }
    }
}
