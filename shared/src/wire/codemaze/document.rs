//! What CodeMaze's routes take and give, for the OpenAPI document. The tests
//! hold every answer to these types.

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// `AuthResponseDto`: nulls are written out.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CodeMazeAuthResponse {
    /// Whether `token` is there.
    pub is_auth_successful: bool,
    /// Why not.
    #[schema(required)]
    pub error_message: Option<String>,
    /// The access token.
    #[schema(required)]
    pub token: Option<String>,
    /// Whether a code is on its way that the second step takes.
    #[schema(rename = "is2StepVerificationRequired")]
    pub is_2_step_verification_required: bool,
    /// `Email`, with the second step.
    #[schema(required)]
    pub provider: Option<String>,
}

/// The first step.
#[derive(ToSchema)]
#[schema(example = json!({ "email": "user@example.com", "password": "pwd" }))]
pub struct CodeMazeLoginRequest {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Where a message about a lockout leads, on a named origin.
    #[schema(rename = "clientURI")]
    pub client_uri: Option<String>,
}

/// The second step.
#[derive(ToSchema)]
#[schema(example = json!({ "email": "user@example.com", "provider": "Email", "token": "123456" }))]
pub struct CodeMazeTwoStepRequest {
    /// The e-mail address.
    pub email: String,
    /// `Email`.
    pub provider: String,
    /// The code that came by e-mail.
    pub token: String,
}

/// What is wrong with a request's form (RFC 9457), as ASP.NET Core writes it.
#[derive(ToSchema)]
pub struct CodeMazeProblem {
    /// Where the class of problem is explained.
    #[schema(rename = "type")]
    pub kind: String,
    /// `One or more validation errors occurred.`
    pub title: String,
    /// 400.
    pub status: i32,
    /// By field: what is wrong with it.
    pub errors: BTreeMap<String, Vec<String>>,
}

/// A new user.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "firstName": "New", "lastName": "User", "email": "new.user@example.com",
    "password": "plum tractor lighthouse", "confirmPassword": "plum tractor lighthouse",
    "clientURI": "http://localhost:4200/authentication/emailconfirmation"
}))]
pub struct CodeMazeRegistration {
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
    /// The e-mail address, the user name too.
    pub email: String,
    /// The password.
    pub password: String,
    /// The same.
    pub confirm_password: String,
    /// Where the link leads, on a named origin.
    #[schema(rename = "clientURI")]
    pub client_uri: Option<String>,
}

/// Has a reset link sent.
#[derive(ToSchema)]
pub struct CodeMazeForgotPassword {
    /// The e-mail address.
    pub email: String,
    /// Where the link leads, on a named origin.
    #[schema(rename = "clientURI")]
    pub client_uri: String,
}

/// Sets a new password.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CodeMazeResetPassword {
    /// The new password.
    pub password: String,
    /// The same.
    pub confirm_password: String,
    /// The e-mail address.
    pub email: String,
    /// The token of the link.
    pub token: String,
}

/// Why nobody was registered.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CodeMazeRegistrationResponse {
    /// `false`.
    pub is_successful_registration: bool,
    /// Sentences for the user.
    pub errors: Vec<String>,
}

/// Why the password stays as it was.
#[derive(ToSchema)]
pub struct CodeMazeErrors {
    /// Sentences for the user.
    pub errors: Vec<String>,
}
