//! The refusals that occur only on our own pages.

use crate::refused_value::Refused;

/// A "no" of the pages that authorize an app and manage an account in a browser. Only the words
/// of the pages match the list, and those of Auth0, where an app pushes the request of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageRefusal {
    /// The client has not registered this redirect URI. The browser is not sent there.
    RedirectUriRejected(Refused),
    /// The client has not registered the origin that an answer as a message would go to.
    WebOriginRejected,
    /// The request that the client pushed is not valid any more, or is another client's.
    PushedRequestInvalid,
    /// The service does not support this response type of an authorization request.
    ResponseTypeUnsupported,
    /// No user is signed in in this browser.
    SignInRequired,
    /// The user who is signed in has to show a second factor, and the app forbids to ask.
    SecondFactorRequired,
    /// The form does not come from a page that the service gave to this browser.
    FormRejected,
}

impl PageRefusal {
    /// The name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RedirectUriRejected(_) => "redirect_uri_rejected",
            Self::WebOriginRejected => "web_origin_rejected",
            Self::PushedRequestInvalid => "pushed_request_invalid",
            Self::ResponseTypeUnsupported => "response_type_unsupported",
            Self::SignInRequired => "sign_in_required",
            Self::SecondFactorRequired => "second_factor_required",
            Self::FormRejected => "form_rejected",
        }
    }
}
