//! The way back to a client, with the answer to its authorization request: a redirect, a
//! form or a message.

use axum::http::StatusCode;
use axum::response::Response;
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::authorization::request_parameters::{ResponseMode, Unsupported};
use crate::domain::events::reason::Reason;
use crate::domain::events::verdict::Verdict;
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::usecase::authorization::authorize::Addressee;
use crate::wire::Outcome;
use crate::wire::aidbox::pages::authorization::answer_page::{form_post, web_message};
use crate::wire::aidbox::pages::authorization::request::issuer_of;
use crate::wire::aidbox::pages::page::redirect;
use crate::wire::auth0::login::token::FACTOR_REQUIRED;
use crate::wire::fields::Fields;

/// The way back to a client.
pub struct WayBack<'a> {
    issuer: String,
    to: &'a Addressee,
    mode: ResponseMode,
    state: Option<&'a str>,
    status: StatusCode,
}

impl<'a> WayBack<'a> {
    /// Uses the response mode that the request names. If that mode is missing or not
    /// allowed, uses the default mode of the `response_type`. `status` is 302, or 303
    /// after a form.
    ///
    /// # Errors
    /// `WebOriginRejected` if the answer would be a message to an origin that the client
    /// has not registered. Nothing may be sent there, so one of our pages says so.
    pub fn of(
        app: &App,
        to: &'a Addressee,
        request: &'a Fields,
        status: StatusCode,
    ) -> Result<Self, PageRefusal> {
        let kind = request.get("response_type");
        let mode = ResponseMode::parse(request.get("response_mode"), kind);
        let mode = mode.unwrap_or(ResponseMode::default_of(kind));
        if mode == ResponseMode::WebMessage && to.web_origin().is_none() {
            return Err(PageRefusal::WebOriginRejected);
        }
        Ok(Self {
            issuer: issuer_of(app, request).url(&app.config.issuer),
            to,
            mode,
            state: request.get("state"),
            status,
        })
    }

    /// An error (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6).
    pub fn error(&self, refusal: &Refusal) -> Result<Response, Failure> {
        let (error, description) = error_of(refusal);
        let description = refusal.sentence(description);
        self.send(&[("error", error), ("error_description", &description)])
    }

    /// The error for a fault. A redirect cannot tell the client a status, so the error
    /// code stands for it (RFC 6749 4.1.2.1).
    pub fn answer_broken(&self, broken: &Broken) -> Result<Response, Failure> {
        let (error, description) = match broken.transient {
            true => ("temporarily_unavailable", "try again"),
            false => ("server_error", "the service failed to answer"),
        };
        let mut response = self.send(&[("error", error), ("error_description", description)])?;
        let outcome = Outcome::Broken(broken.to_string());
        response.extensions_mut().insert(outcome);
        Ok(response)
    }

    /// The error for a kind of request that this service does not support.
    pub fn unsupported(&self, of: Unsupported) -> Result<Response, Failure> {
        let description = "send the parameters themselves";
        let parameters = [
            ("error", of.error_code()),
            ("error_description", description),
        ];
        let mut response = self.send(&parameters)?;
        let outcome = Outcome::Refused {
            reason: Reason::of_name(of.error_code()),
            part: None,
            verdict: Verdict::ByAttempt,
        };
        response.extensions_mut().insert(outcome);
        Ok(response)
    }

    /// The error for a user who declined.
    pub fn declined(&self) -> Result<Response, Failure> {
        let description = "the user has declined";
        self.send(&[
            ("error", "access_denied"),
            ("error_description", description),
        ])
    }

    /// Sends these parameters, `state` and `iss` to the redirect URI exactly as the request
    /// wrote it, or to its origin.
    pub fn send(&self, parameters: &[(&str, &str)]) -> Result<Response, Failure> {
        let uri = &self.to.redirect_uri;
        let mut all = parameters.to_vec();
        all.extend(self.state.map(|state| ("state", state)));
        all.push(("iss", &self.issuer));
        let joint = match self.mode {
            ResponseMode::FormPost => return Ok(form_post(uri, &all)?),
            ResponseMode::WebMessage => {
                let origin = self.to.web_origin().ok_or(PageRefusal::WebOriginRejected)?;
                return Ok(web_message(&origin, &all)?);
            }
            ResponseMode::Fragment => '#',
            ResponseMode::Query if uri.contains('?') => '&',
            ResponseMode::Query => '?',
        };
        let mut text = Serializer::new(String::new());
        text.extend_pairs(all);
        let to = format!("{uri}{joint}{}", text.finish());
        Ok(redirect(self.status, &to)?)
    }
}

/// The error code, and a sentence for the client's developer.
fn error_of(refusal: &Refusal) -> (&'static str, &'static str) {
    if let Refusal::ParameterMissing(_) = refusal {
        return ("invalid_request", "response_type is missing");
    }
    if let Refusal::RequestMalformed(problem) | Refusal::ParameterInvalid { problem, .. } = refusal
    {
        return ("invalid_request", problem);
    }
    if let Refusal::Page(PageRefusal::ResponseTypeUnsupported) = refusal {
        return ("unsupported_response_type", "use code, token or id_token");
    }
    if let Refusal::GrantNotAllowed = refusal {
        let why = "the client is not allowed this response_type";
        return ("unauthorized_client", why);
    }
    if let Refusal::ScopeNotAllowed(_) = refusal {
        return ("invalid_scope", "the client is not allowed a scope");
    }
    if let Refusal::AudienceNotAllowed(_) = refusal {
        return ("invalid_target", "the client is not allowed this audience");
    }
    if let Refusal::Page(PageRefusal::SignInRequired) = refusal {
        return ("login_required", "nobody is signed in who may be taken");
    }
    if let Refusal::Page(PageRefusal::SecondFactorRequired) = refusal {
        // auth0-spa-js opens its popup by this sentence.
        return ("login_required", FACTOR_REQUIRED);
    }
    ("access_denied", "this request is refused")
}
