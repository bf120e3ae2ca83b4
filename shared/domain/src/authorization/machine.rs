//! What a client may ask for itself, without a user (RFC 6749 4.4).

use crate::authorization::client::{Authorized, Client, Scope};
use crate::authorization::known_scope::KnownScope;
use crate::refusal::Refusal;
use crate::refused_value::Refused;

impl Client {
    /// Decides what a token for the client alone is granted. Only a client with a secret
    /// may ask. Without a scope, the token gets the scopes that the client lists. A scope
    /// that this service reads is about a user, so no such token has that scope. Without
    /// an audience, the token is for the first API that the client lists. `own` are the
    /// audiences of our own endpoints, which are for users only.
    ///
    /// # Errors
    /// `GrantNotAllowed`, `ScopeNotAllowed`, `AudienceNotAllowed`.
    pub fn authorize_machine(
        &self,
        scope: Option<&str>,
        audience: Option<&str>,
        own: &[String],
    ) -> Result<Authorized, Refusal> {
        if self.is_public() {
            return Err(Refusal::GrantNotAllowed);
        }
        let scope = match scope {
            Some(text) => self.allowed_without_user(text)?,
            None => self.scopes_without_user(),
        };
        let asked = audience.unwrap_or("(none)");
        let mut audiences = self.audiences.iter().filter(|one| !own.contains(one));
        let found = audiences.find(|one| audience.is_none_or(|asked| asked == *one));
        let found = found.ok_or_else(|| {
            let refused = Refused::new("audience", asked);
            Refusal::AudienceNotAllowed(refused)
        })?;
        Ok(Authorized {
            client: self.id.clone(),
            scope,
            audience: vec![found.clone()],
            key: None,
            code: None,
        })
    }

    fn scopes_without_user(&self) -> Scope {
        let scopes = self.scopes.iter().filter(|scope| !is_about_user(scope));
        let scopes: Vec<&str> = scopes.map(String::as_str).collect();
        Scope::parse(&scopes.join(" "))
    }

    fn allowed_without_user(&self, text: &str) -> Result<Scope, Refusal> {
        let scope = self.allowed_scopes(text)?;
        match scope
            .clone()
            .into_list()
            .iter()
            .find(|one| is_about_user(one))
        {
            Some(refused) => Err(Refusal::ScopeNotAllowed(Refused::new("scope", refused))),
            None => Ok(scope),
        }
    }
}

fn is_about_user(scope: &str) -> bool {
    KnownScope::from_name(scope).is_some()
}
