//! The redirect back to a client, with the answer to its authorization request.

use axum::http::StatusCode;
use axum::response::Response;
use url::form_urlencoded::Serializer;

use crate::app::App;
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::authorization::request::{ResponseMode, Unsupported};
use crate::domain::events::reason::Reason;
use crate::domain::events::verdict::Verdict;
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::usecase::authorization::authorize::Addressee;
use crate::wire::Outcome;
use crate::wire::aidbox::pages::authorization::request::issuer_of;
use crate::wire::aidbox::pages::page::redirect;
use crate::wire::fields::Fields;

/// The redirect back to a client.
pub struct Back<'a> {
    issuer: String,
    to: &'a Addressee,
    mode: ResponseMode,
    state: Option<&'a str>,
    status: StatusCode,
}

impl<'a> Back<'a> {
    /// Uses the response mode that the request names. If that mode is missing or not
    /// allowed, uses the default mode of the `response_type`. `status` is 302, or 303
    /// after a form.
    pub fn of(app: &App, to: &'a Addressee, request: &'a Fields, status: StatusCode) -> Self {
        let kind = request.get("response_type");
        let mode = ResponseMode::parse(request.get("response_mode"), kind);
        Self {
            issuer: issuer_of(app, request).url(&app.config.issuer),
            to,
            mode: mode.unwrap_or(ResponseMode::default_of(kind)),
            state: request.get("state"),
            status,
        }
    }

    /// An error (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6).
    pub fn error(&self, refusal: &Refusal) -> Result<Response, Failure> {
        let (error, description) = error_of(refusal);
        let description = refusal.sentence(description);
        self.send(&[("error", error), ("error_description", &description)])
    }

    /// The error for a fault. A redirect cannot tell the client a status, so the error
    /// code stands for it (RFC 6749 4.1.2.1).
    pub fn broken(&self, broken: &Broken) -> Result<Response, Failure> {
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
        let parameters = [("error", of.error()), ("error_description", description)];
        let mut response = self.send(&parameters)?;
        let outcome = Outcome::Refused {
            reason: Reason::named(of.error()),
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

    /// Redirects to the redirect URI exactly as the request wrote it. Adds these
    /// parameters, `state` and `iss`.
    pub fn send(&self, parameters: &[(&str, &str)]) -> Result<Response, Failure> {
        let uri = &self.to.redirect_uri;
        let joint = match self.mode {
            ResponseMode::Fragment => '#',
            ResponseMode::Query if uri.contains('?') => '&',
            ResponseMode::Query => '?',
        };
        let mut text = Serializer::new(String::new());
        text.extend_pairs(parameters);
        if let Some(state) = self.state {
            text.append_pair("state", state);
        }
        text.append_pair("iss", &self.issuer);
        let to = format!("{uri}{joint}{}", text.finish());
        Ok(redirect(self.status, &to)?)
    }
}

/// The error code, and a sentence for the client's developer.
fn error_of(refusal: &Refusal) -> (&'static str, &'static str) {
    if let Refusal::ParameterMissing(_) = refusal {
        return ("invalid_request", "response_type is missing");
    }
    if let Refusal::RequestMalformed(problem) = refusal {
        return ("invalid_request", problem);
    }
    if let Refusal::Page(PageRefusal::ResponseTypeUnsupported) = refusal {
        return ("unsupported_response_type", "use code or token");
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
    ("access_denied", "this request is refused")
}
