//! Which secrets open a client, and which stay when the client gets another.

use subtle::ConstantTimeEq;

use crate::accounts::foreign::pbkdf2::Pbkdf2;
use crate::authorization::client::Client;
use crate::secret::Secret;

impl Client {
    /// Whether these credentials are the client's: one of the secrets of a confidential
    /// client, or none of a public client. `hash` hashes the secret of a client with this id.
    pub fn accepts_secret(
        &self,
        secret: Option<&Secret>,
        hash: fn(&str, &Secret) -> String,
    ) -> bool {
        let Some(secret) = secret else {
            return self.is_public();
        };
        let shown = hash(&self.id, secret);
        let mut stored = self.secret_hashes.iter();
        stored.any(|stored| is_hash_of(stored, &shown, secret))
    }

    /// The hashes of the secrets after the client gets a new secret with this hash. The newest
    /// secret before stays valid, so that the app can be changed without a pause, unless
    /// `end_old` ends it.
    pub fn secrets_with(&self, new: String, end_old: bool) -> Vec<String> {
        let old = self.secret_hashes.first().filter(|_| !end_old);
        [new].into_iter().chain(old.cloned()).collect()
    }
}

/// Whether the stored hash is of this secret, whose hash here is `shown`. A client
/// of OpenIddict keeps the hash that OpenIddict made.
fn is_hash_of(stored: &str, shown: &str, secret: &Secret) -> bool {
    match Pbkdf2::of_text(stored) {
        Ok(moved) => moved.matches(secret.expose()),
        Err(_) => stored.as_bytes().ct_eq(shown.as_bytes()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Secret};

    fn client(hashes: &[&str]) -> Client {
        Client {
            secret_hashes: hashes.iter().map(|hash| (*hash).to_owned()).collect(),
            ..Client::new("app")
        }
    }

    #[test]
    fn a_confidential_client_shows_one_of_its_secrets_and_a_public_client_none() {
        let hash = |id: &str, secret: &Secret| format!("{id} {}", secret.expose());
        for (hashes, shown, right) in [
            (&[][..], None, true),
            (&[], Some("a"), false),
            (&["app a"], None, false),
            (&["app a"], Some("a"), true),
            (&["app b", "app a"], Some("a"), true),
            (&["app a"], Some("b"), false),
            (&["app a"], Some("app a"), false),
        ] {
            let secret = shown.map(Secret::new);
            let found = client(hashes).accepts_secret(secret.as_ref(), hash);
            assert_eq!(found, right, "{hashes:?} {shown:?}");
        }
    }

    #[test]
    fn the_newest_secret_before_stays_unless_it_is_ended() {
        for (hashes, end_old, expected) in [
            (&["old"][..], false, &["new", "old"][..]),
            (&["old", "older"], false, &["new", "old"]),
            (&["old", "older"], true, &["new"]),
        ] {
            let found = client(hashes).secrets_with("new".into(), end_old);
            assert_eq!(found, expected);
        }
    }
}
