//! The authorization request that waits while the browser goes through the pages. The
//! request is in the query of each page's path, and each page checks the request again.

use axum::response::Response;
use url::form_urlencoded::Serializer;
use url::{Host, Url};
use utoipa::IntoParams;

use crate::app::App;
use crate::domain::authorization::authorization_request::AuthorizationRequest;
use crate::domain::authorization::request_parameters::{Demand, Prompt, Unsupported};
use crate::domain::id::UserId;
use crate::domain::issuer::Issuer;
use crate::failure::Failure;
use crate::usecase::authorization::authorize::{Addressee, addressee};
use crate::wire::aidbox::pages::cookie;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// Our own parameter: the dialect whose issuer the client uses. `/abp/auth/authorize`
/// and `/aidbox/auth/authorize` add it.
pub const ISSUER: &str = "issuer";

/// The issuer that the request names, if its dialect is switched on. Otherwise the
/// plain issuer.
pub fn issuer_of(app: &App, query: &Fields) -> Issuer {
    let named = Issuer::of_name(query.get(ISSUER).unwrap_or_default());
    let served = |dialect| app.config.dialects.contains(&dialect);
    match named.dialect() {
        Some(dialect) if served(dialect) => named,
        Some(_) | None => Issuer::default(),
    }
}

/// The parameters that stay unchanged from page to page.
const NAMES: [&str; 14] = [
    "client_id",
    "response_type",
    "response_mode",
    "redirect_uri",
    "state",
    "scope",
    "audience",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "dpop_jkt",
    "login_hint",
    "acr_values",
    ISSUER,
];

/// The parameters that are dropped when a sign-in begins. What the sign-in still has to
/// meet is passed on as `prompt`, [`SINCE`] and [`AS`].
const DONE: [&str; 5] = ["prompt", "max_age", "id_token_hint", SINCE, AS];

/// Our own parameter: the sign-in must be at this time or later.
const SINCE: &str = "signed_in_since";
/// Our own parameter: the user who must sign in.
const AS: &str = "signed_in_as";

/// Reads the authorization request.
pub fn asked(query: &Fields) -> AuthorizationRequest<'_> {
    let unsupported = [
        ("request", Unsupported::Request),
        ("request_uri", Unsupported::RequestUri),
        ("registration", Unsupported::Registration),
    ];
    let unsupported = unsupported
        .into_iter()
        .find(|(name, _)| query.get(name).is_some());
    AuthorizationRequest {
        client: query.get("client_id"),
        redirect_uri: query.get("redirect_uri"),
        response_type: query.get("response_type"),
        scope: query.get("scope"),
        audience: query.get("audience"),
        challenge: query.get("code_challenge"),
        method: query.get("code_challenge_method"),
        nonce: query.get("nonce"),
        key: query.get("dpop_jkt"),
        response_mode: query.get("response_mode"),
        prompt: query.get("prompt"),
        max_age: query.get("max_age"),
        login_hint: query.get("login_hint"),
        id_token_hint: query.get("id_token_hint"),
        acr_values: query.get("acr_values"),
        unsupported: unsupported.map(|(_, unsupported)| unsupported),
        noted: Demand {
            since: query.get(SINCE).and_then(|since| since.parse().ok()),
            user: query.get(AS).and_then(UserId::parse),
        },
        agreed: false,
    }
}

/// The source for a content security policy that allows this URI: its origin, or only
/// its scheme. The scheme stands alone if it is an app's own scheme, or if the host is
/// an IPv6 address, which a policy cannot name.
pub fn policy_source(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let nameable = !matches!(url.host(), Some(Host::Ipv6(_)));
    if url.origin().is_tuple() && nameable {
        return Some(url.origin().ascii_serialization());
    }
    Some(format!("{}:", url.scheme()))
}

/// The authorization request that the browser returns to at the end, or none.
pub struct Journey {
    /// The query with its question mark. Empty if no client waits.
    query: String,
    /// The waiting client, if any.
    to: Option<Addressee>,
    /// Whether the query demands a sign-in since a time.
    new_sign_in: bool,
}

impl Journey {
    /// The journey of this request. Fails if the client is unknown or the redirect URI
    /// is not the client's own.
    ///
    /// # Errors
    /// `RequestMalformed`, `ClientRejected`, `RedirectUriRejected`.
    pub async fn of(input: &Input) -> Result<Self, Failure> {
        let query = input.query()?;
        let asked = asked(query);
        if asked.client.is_none() {
            return Ok(Self::nowhere());
        }
        let to = addressee(&input.context, &asked).await?;
        Ok(Self {
            query: query_of(query, &[&NAMES[..], &DONE[..]].concat()),
            to: Some(to),
            new_sign_in: query.get(SINCE).is_some(),
        })
    }

    /// A journey without a client. It ends on our own pages.
    pub fn nowhere() -> Self {
        Self {
            query: String::new(),
            to: None,
            new_sign_in: false,
        }
    }

    /// The journey to the sign-in. `demand` replaces the request's own conditions for
    /// the session.
    pub fn to_sign_in(query: &Fields, to: Addressee, demand: Demand) -> Self {
        let mut text = query_of(query, &NAMES);
        let mut add = Serializer::for_suffix(&mut text, 1);
        if Prompt::parse(query.get("prompt")).is_ok_and(|prompt| prompt.consent) {
            add.append_pair("prompt", "consent");
        }
        if let Some(since) = demand.since {
            add.append_pair(SINCE, &since.to_string());
        }
        if let Some(user) = demand.user {
            add.append_pair(AS, &user.dashed());
        }
        Self {
            query: text,
            to: Some(to),
            new_sign_in: demand.since.is_some(),
        }
    }

    /// The journey with all parameters of the authorization request.
    pub fn whole(query: &Fields, to: Addressee) -> Self {
        Self {
            query: query_of(query, &[&NAMES[..], &DONE[..]].concat()),
            to: Some(to),
            new_sign_in: query.get(SINCE).is_some(),
        }
    }

    /// One of our paths, with the journey's query.
    pub fn path(&self, path: &str) -> String {
        format!("{path}{}", self.query)
    }

    /// The path with more query parameters, such as the step.
    pub fn step(&self, path: &str, more: &[(&str, &str)]) -> String {
        let query = self.query.strip_prefix('?').unwrap_or_default();
        let mut text = Serializer::new(query.to_owned());
        text.extend_pairs(more);
        format!("{path}?{}", text.finish())
    }

    /// The journey that this browser was on when it asked for a message, if the cookie
    /// has one and its client is still valid. The link in the message does not contain
    /// the journey. Otherwise an attacker could ask for the message and put a client
    /// into the link.
    pub async fn of_cookie(input: &Input) -> Self {
        let none = Self::nowhere();
        let Some(query) = cookie::read_text(&input.headers, cookie::JOURNEY) else {
            return none;
        };
        let Ok(fields) = Fields::from_form(query.as_bytes()) else {
            return none;
        };
        match addressee(&input.context, &asked(&fields)).await {
            Ok(to) => Self::whole(&fields, to),
            Err(_) => none,
        }
    }

    /// Stores this journey in a cookie for an hour, until the browser opens the link
    /// from the message.
    pub fn keep(&self, response: &mut Response) {
        let query = self.query.strip_prefix('?').unwrap_or_default();
        if !query.is_empty() && query.len() <= cookie::LONGEST_TEXT {
            cookie::set_for(response, cookie::JOURNEY, query, 3600);
        }
    }

    /// Whether the request wants a sign-in that is newer than the browser's session: a trusted
    /// browser does not stand in for the factor then.
    pub fn wants_new_sign_in(&self) -> bool {
        self.new_sign_in
    }

    /// Whether a client waits at the end of the journey.
    pub fn leads_on(&self) -> bool {
        self.to.is_some()
    }

    /// The path after the sign-in.
    pub fn onward(&self) -> String {
        match self.to {
            Some(_) => self.path("/auth/authorize"),
            None => "/auth/two-factor".to_owned(),
        }
    }

    /// The end of the journey, as a source for a content security policy.
    pub fn end(&self) -> Option<String> {
        policy_source(&self.to.as_ref()?.redirect_uri)
    }
}

/// The authorization request of these fields as the text of a query, without the question
/// mark.
pub fn request_text(fields: &Fields) -> String {
    let text = query_of(
        fields,
        &[&NAMES[..], &["prompt", "max_age", "id_token_hint"]].concat(),
    );
    text.trim_start_matches('?').to_owned()
}

/// A query with those of the named parameters that the request has.
fn query_of(query: &Fields, names: &[&str]) -> String {
    let mut text = Serializer::for_suffix("?".to_owned(), 1);
    for name in names {
        if let Some(value) = query.get(name) {
            text.append_pair(name, value);
        }
    }
    text.finish()
}

/// The authorization request that a page is on the way to, if it is.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuthorizationQuery {
    /// The client; the others mean nothing without it.
    #[param(nullable = false, example = "web")]
    pub client_id: Option<String>,
    /// `code`, `token` or `id_token`.
    #[param(nullable = false)]
    pub response_type: Option<String>,
    /// One that is registered for the client; its only one if absent.
    #[param(nullable = false)]
    pub redirect_uri: Option<String>,
    /// Comes back as it is.
    #[param(nullable = false)]
    pub state: Option<String>,
    /// Scopes, separated by spaces.
    #[param(nullable = false)]
    pub scope: Option<String>,
    /// The API that the access token is for; the client's first one if absent.
    #[param(nullable = false)]
    pub audience: Option<String>,
    /// The hash of a verifier (RFC 7636).
    #[param(nullable = false)]
    pub code_challenge: Option<String>,
    /// `S256`.
    #[param(nullable = false)]
    pub code_challenge_method: Option<String>,
    /// For the ID token.
    #[param(nullable = false)]
    pub nonce: Option<String>,
    /// The thumbprint of the key that the code is bound to (RFC 9449 10).
    #[param(nullable = false)]
    pub dpop_jkt: Option<String>,
    /// How the answer travels: `query` or `fragment`.
    #[param(nullable = false)]
    pub response_mode: Option<String>,
    /// Who is to sign in: stands in the form.
    #[param(nullable = false)]
    pub login_hint: Option<String>,
    /// The levels of which the user has to show one.
    #[param(nullable = false)]
    pub acr_values: Option<String>,
    /// What is left of it: `consent`.
    #[param(nullable = false)]
    pub prompt: Option<String>,
    /// Since when the user has to be signed in, in seconds since the Unix epoch:
    /// what is left of `max_age` and `prompt=login`.
    #[param(nullable = false)]
    pub signed_in_since: Option<String>,
    /// As whom: what is left of `id_token_hint`.
    #[param(nullable = false)]
    pub signed_in_as: Option<String>,
    /// `sent`: what has become of the page's form.
    #[param(nullable = false)]
    pub step: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::policy_source;

    #[test]
    fn a_policy_names_an_origin_or_a_scheme() {
        for (uri, source) in [
            ("https://a.example/cb?x=1", "https://a.example"),
            ("http://127.0.0.1:51234/cb", "http://127.0.0.1:51234"),
            ("http://[::1]:51234/cb", "http:"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(policy_source(uri).unwrap(), source);
        }
    }
}
