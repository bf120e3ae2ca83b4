//! What the pages take, for the OpenAPI document: the queries of their paths and
//! the fields of their forms. Each form's `csrf` comes from the page it stands in
//! and is good with that page's cookie only.

use utoipa::{IntoParams, ToSchema};

/// The authorization request that a page is on the way to, if it is.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuthorizationQuery {
    /// The client; the others mean nothing without it.
    #[param(nullable = false, example = "web")]
    pub client_id: Option<String>,
    /// `token` or `code`.
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
    /// How the answer travels: `query` or `fragment`.
    #[param(nullable = false)]
    pub response_mode: Option<String>,
    /// Who is to sign in: stands in the form.
    #[param(nullable = false)]
    pub login_hint: Option<String>,
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
}

/// An authorization request (RFC 6749 4.1.1, RFC 7636, OpenID Connect Core 3.1.2.1).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuthorizeQuery {
    /// The client.
    #[param(example = "web")]
    pub client_id: String,
    /// `token` or `code`.
    #[param(example = "code")]
    pub response_type: String,
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
    /// The hash of a verifier (RFC 7636). A public client needs one for a code.
    #[param(nullable = false)]
    pub code_challenge: Option<String>,
    /// `S256`.
    #[param(nullable = false)]
    pub code_challenge_method: Option<String>,
    /// For the ID token.
    #[param(nullable = false)]
    pub nonce: Option<String>,
    /// `none`: no sign-in. `login`: another one in any case. `consent`,
    /// `select_account`: a question first. Several with spaces between.
    #[param(nullable = false)]
    pub prompt: Option<String>,
    /// The oldest sign-in that is taken, in seconds.
    #[param(nullable = false)]
    pub max_age: Option<String>,
    /// How the answer travels: `query` or `fragment`.
    #[param(nullable = false)]
    pub response_mode: Option<String>,
    /// Who is to sign in: stands in the form.
    #[param(nullable = false)]
    pub login_hint: Option<String>,
    /// An ID token of the user who is to be signed in.
    #[param(nullable = false)]
    pub id_token_hint: Option<String>,
    /// Refused: the parameters in a JWT.
    #[param(nullable = false)]
    pub request: Option<String>,
    /// Refused: where the parameters stand.
    #[param(nullable = false)]
    pub request_uri: Option<String>,
    /// Refused: a client's own metadata.
    #[param(nullable = false)]
    pub registration: Option<String>,
}

/// An authorization request as a form, with the members of the query of the
/// same path; or a user's choice.
#[derive(ToSchema)]
pub struct AuthorizeForm {
    /// The client.
    #[schema(nullable = false)]
    pub client_id: Option<String>,
    /// `token` or `code`.
    #[schema(nullable = false)]
    pub response_type: Option<String>,
    /// `continue`, `other` or `cancel`: the answer to the page that asks.
    #[schema(nullable = false)]
    pub choice: Option<String>,
    /// That page's form's token.
    #[schema(nullable = false)]
    pub csrf: Option<String>,
}

/// What the link of an e-mail holds.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinkQuery {
    /// The user.
    pub user: String,
    /// The token.
    pub token: String,
}

/// A step of the sign-in: name and password; a code; or a new password.
#[derive(ToSchema)]
pub struct SignInForm {
    /// The form's token.
    pub csrf: String,
    /// The user name or e-mail address.
    #[schema(nullable = false)]
    pub username: Option<String>,
    /// The password.
    #[schema(nullable = false)]
    pub password: Option<String>,
    /// Six digits, or a recovery code.
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// What `token` is of: `totp`, `recovery`, or a factor's identifier.
    #[schema(nullable = false)]
    pub factor: Option<String>,
    /// The factor that a code is to be sent to.
    #[schema(nullable = false)]
    pub send: Option<String>,
    /// Another factor to be asked for, as in `factor`.
    #[schema(rename = "use", nullable = false)]
    pub other: Option<String>,
    /// A new password, where it has to be changed.
    #[schema(nullable = false)]
    pub new_password: Option<String>,
}

/// Ends the session.
#[derive(ToSchema)]
pub struct SignOutForm {
    /// The form's token.
    pub csrf: String,
}

/// A code of a new authenticator app, or none: what was set up before.
#[derive(ToSchema)]
pub struct EnableForm {
    /// The form's token.
    pub csrf: String,
    /// Six digits.
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// Turns on what was set up before.
    #[schema(nullable = false)]
    pub on: Option<String>,
}

/// A code, or what is needed to have one.
#[derive(ToSchema)]
pub struct DisableForm {
    /// The form's token.
    pub csrf: String,
    /// Six digits, or a recovery code.
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// What `token` is of: `totp`, `recovery`, or a factor's identifier.
    #[schema(nullable = false)]
    pub factor: Option<String>,
    /// The factor that a code is to be sent to.
    #[schema(nullable = false)]
    pub send: Option<String>,
    /// Another factor to be asked for, as in `factor`.
    #[schema(rename = "use", nullable = false)]
    pub other: Option<String>,
}

/// A new user.
#[derive(ToSchema)]
pub struct SignUpForm {
    /// The form's token.
    pub csrf: String,
    /// The e-mail address, the user name too.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Confirms an address.
#[derive(ToSchema)]
pub struct ConfirmForm {
    /// The form's token.
    pub csrf: String,
    /// The user.
    pub user: String,
    /// The token of the link.
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// Asks for another link instead.
    #[schema(nullable = false)]
    pub send: Option<String>,
}

/// A forgotten password.
#[derive(ToSchema)]
pub struct ForgotForm {
    /// The form's token.
    pub csrf: String,
    /// The e-mail address.
    pub email: String,
}

/// A new password.
#[derive(ToSchema)]
pub struct ResetForm {
    /// The form's token.
    pub csrf: String,
    /// The user.
    pub user: String,
    /// The token of the link.
    pub token: String,
    /// The new password.
    pub new_password: String,
}
