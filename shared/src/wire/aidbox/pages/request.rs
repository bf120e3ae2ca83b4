//! The authorization request that a page is on the way to: it travels in the
//! query of each path, and is checked again each time.

use url::Url;
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::failure::Failure;
use crate::usecase::authorize::{Addressee, Asked, addressee};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// Names the dialect by whose issuer the client has found the pages.
pub const ISSUER: &str = "issuer";

/// The parameters that travel; `prompt` does not, because it has done its work.
const NAMES: [&str; 10] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "state",
    "scope",
    "audience",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    ISSUER,
];

/// What the request names.
pub fn asked(query: &Fields) -> Asked<'_> {
    Asked {
        client: query.get("client_id"),
        redirect_uri: query.get("redirect_uri"),
        response_type: query.get("response_type"),
        scope: query.get("scope"),
        audience: query.get("audience"),
        challenge: query.get("code_challenge"),
        method: query.get("code_challenge_method"),
        nonce: query.get("nonce"),
    }
}

/// Where a page leads in the end.
pub struct Journey {
    /// The query, with its question mark; empty without a client.
    query: String,
    /// The client that waits, if one does.
    to: Option<Addressee>,
}

impl Journey {
    /// The journey that this request is part of. One that names a client which
    /// is none, or a redirect URI that is not its own, ends here.
    ///
    /// # Errors
    /// `RequestMalformed`, `ClientRejected`, `RedirectUriRejected`.
    pub async fn of(app: &App, input: &Input) -> Result<Self, Failure> {
        let query = input.query()?;
        let asked = asked(query);
        if asked.client.is_none() {
            return Ok(Self {
                query: String::new(),
                to: None,
            });
        }
        let to = addressee(app, &input.caller, &asked).await?;
        let mut text = Serializer::for_suffix("?".to_owned(), 1);
        for name in NAMES {
            if let Some(value) = query.get(name) {
                text.append_pair(name, value);
            }
        }
        Ok(Self {
            query: text.finish(),
            to: Some(to),
        })
    }

    /// A path of ours on this journey.
    pub fn path(&self, path: &str) -> String {
        format!("{path}{}", self.query)
    }

    /// Where it goes on once the browser is signed in.
    pub fn onward(&self) -> String {
        match self.to {
            Some(_) => self.path("/auth/authorize"),
            None => "/auth/two-factor".to_owned(),
        }
    }

    /// The origin of its end, or the scheme where that is an app's own, as a
    /// content security policy names it.
    pub fn end(&self) -> Option<String> {
        let url = Url::parse(&self.to.as_ref()?.redirect_uri).ok()?;
        let origin = url.origin();
        if origin.is_tuple() {
            return Some(origin.ascii_serialization());
        }
        Some(format!("{}:", url.scheme()))
    }
}
