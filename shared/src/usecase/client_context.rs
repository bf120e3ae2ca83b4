//! The request of an app whose client is authenticated.

use std::ops::Deref;
use std::sync::Arc;

use crate::domain::authorization::client::{Authorized, Client};
use crate::domain::refusal::Refusal;
use crate::domain::sessions::party::Party;
use crate::usecase::context::Context;

/// A request's `Context`, with its client. Only `authenticate_client`, `named_client` for
/// what strangers may ask for, and CodeMaze's endpoints, whose client is a setting, make a
/// `ClientContext`. A
/// use case that takes a `ClientContext` cannot run without a client.
#[derive(Clone)]
pub struct ClientContext {
    context: Context,
    /// The client, already authenticated or, where anybody may ask, only named.
    pub client: Arc<Client>,
}

impl ClientContext {
    /// The request of this client.
    pub(crate) fn new(context: &Context, client: Arc<Client>) -> Self {
        let context = context.clone();
        context.events.is_by_client(&client.id);
        Self { context, client }
    }

    /// What the request asks for, as far as the client may have it. It is bound to the key
    /// of the request's proof, if there is one (RFC 9449 5).
    ///
    /// # Errors
    /// `ScopeNotAllowed`, `AudienceNotAllowed`.
    pub(crate) fn bound_authorization(
        &self,
        scope: Option<&str>,
        audience: Option<&str>,
    ) -> Result<Authorized, Refusal> {
        let own = self.app.config.own_audiences();
        let authorized = self.client.authorized_for(scope, audience, &own);
        let authorized = authorized.map_err(|refusal| self.app.named(refusal))?;
        Ok(authorized.bound_to(self.proven_key()))
    }

    /// The party that asks for a login: this client.
    pub fn party(&self) -> Party<'_> {
        Party::App(&self.client)
    }
}

impl Deref for ClientContext {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}
