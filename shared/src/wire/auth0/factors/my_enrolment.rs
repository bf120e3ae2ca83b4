//! `POST /me/v1/authentication-methods`, and `/verify` behind it: a signed-in user adds a
//! factor.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::domain::factors::enrolling::new_factor::NewFactor;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Channel, Method};
use crate::domain::factors::sent_code::six_digits;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::factors::auth0_my_account::{
    MyEnrolmentCode, begin_my_recovery_code, enroll_mine, verify_mine, verify_my_recovery_code,
};
use crate::usecase::factors::enrolment_code::EnrolmentChallenge;
use crate::usecase::factors::passkeys::auth0_enrol::{
    NewPasskeyResponse, add_passkey, begin_passkey,
};
use crate::wire::auth0::accounts::connection::check_connection;
use crate::wire::auth0::accounts::my_password::{
    MyPasswordPolicy, begun_password, password_owner, set_password_of,
};
use crate::wire::auth0::factors::authenticator;
use crate::wire::auth0::factors::my_methods::{
    MyMethod, method_of, passkey_of, recovery_code_of, text_of,
};
use crate::wire::credentials::bearer;
use crate::wire::fields::Fields;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

const PATH: &str = "me/v1/authentication-methods/";

/// A new method.
#[derive(ToSchema)]
#[schema(example = json!({ "type": "totp" }))]
pub struct MyNewMethod {
    /// `totp`, `email`, `phone`, `recovery-code`, `passkey` or `password`.
    #[schema(rename = "type")]
    pub kind: String,
    /// With `email`: the address.
    pub email: Option<String>,
    /// With `phone`: the number in E.164.
    pub phone_number: Option<String>,
    /// With `phone`: `sms`.
    pub preferred_authentication_method: Option<String>,
    /// With `passkey` and `password`: a name of the directory of users.
    pub connection: Option<String>,
    /// With `passkey` and `password`: the user, as `sub` of the tokens.
    pub identity_user_id: Option<String>,
}

/// A method that has begun.
#[derive(ToSchema)]
pub struct MyBegunMethod {
    /// Its identifier. A passkey has none yet.
    #[schema(nullable = false)]
    pub id: Option<String>,
    /// Has to come with the first code.
    pub auth_session: String,
    /// With `totp`: what the QR code holds.
    #[schema(nullable = false)]
    pub barcode_uri: Option<String>,
    /// With `totp`: the seed, in base32.
    #[schema(nullable = false)]
    pub manual_input_code: Option<String>,
    /// With `recovery-code`: the code, shown once. It is good at once.
    #[schema(nullable = false)]
    pub recovery_code: Option<String>,
    /// With `password`: what the new password has to be.
    #[schema(nullable = false)]
    pub policy: Option<MyPasswordPolicy>,
    /// With `passkey`: what the app hands to the authenticator.
    #[schema(nullable = false)]
    pub authn_params_public_key: Option<MyCreationOptions>,
    /// With the first method: shown once. Not in Auth0.
    #[schema(nullable = false)]
    pub recovery_codes: Option<Vec<String>>,
}

/// `PublicKeyCredentialCreationOptions` of W3C Web Authentication, with base64url for bytes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct MyCreationOptions {
    /// What is signed.
    pub challenge: String,
    /// How long the user may take, in milliseconds.
    pub timeout: i64,
    /// Whom the passkey is for.
    pub rp: MyRelyingParty,
    /// Whose passkey it is.
    pub user: MyPasskeyUser,
    /// The algorithms, the preferred one first.
    pub pub_key_cred_params: Vec<MyKeyParameters>,
    /// What the authenticator has to do.
    pub authenticator_selection: MyAuthenticatorSelection,
}

/// Whom a passkey is for.
#[derive(ToSchema)]
pub struct MyRelyingParty {
    /// The domain that the passkeys belong to.
    pub id: String,
    /// The product.
    pub name: String,
}

/// Whose passkey it is.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct MyPasskeyUser {
    /// What the authenticator knows the user by.
    pub id: String,
    /// The e-mail address, or else the user name.
    pub name: String,
    /// The name that people read.
    pub display_name: String,
}

/// A kind of key.
#[derive(ToSchema)]
pub struct MyKeyParameters {
    /// `public-key`.
    #[schema(rename = "type")]
    pub kind: String,
    /// The number of the algorithm (RFC 9053).
    pub alg: i32,
}

/// What the authenticator has to do.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct MyAuthenticatorSelection {
    /// `required`.
    pub resident_key: String,
    /// `preferred`.
    pub user_verification: String,
}

/// `POST /me/v1/authentication-methods`: begins a method. The session has to have shown the
/// user's strongest factor in the last ten minutes.
#[operation(
    summary = "Begins a method of the user's, and sends its first code.",
    request_body = MyNewMethod,
    responses((status = 202, description = "What the first code is made by or answers.", body = MyBegunMethod, headers(("Location" = String, description = "The method.")))),
    security(("access_token" = ["create:me:authentication_methods"])),
)]
pub async fn begin_my_method(input: Input) -> Response {
    let begun = begun(&input).await;
    at_place(&input, StatusCode::ACCEPTED, begun)
}

/// The place of a passkey that is not there yet.
const NEW_PASSKEY: &str = "passkey|new";

async fn begun(input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    let (app, fields) = (&input.context.app, input.fields()?);
    let takes_passkeys = app.config.passkeys.domain.is_some();
    if takes_passkeys && fields.get("type") == Some("passkey") {
        if let Some(name) = fields.get("connection") {
            check_connection(app, name)?;
        }
        let identity = fields.get("identity_user_id");
        let begun = begin_passkey(&input.context, token, identity).await?;
        return Ok(json!({
            "auth_session": begun.auth_session.expose(),
            "authn_params_public_key": begun.options,
        }));
    }
    if fields.get("type") == Some("recovery-code") {
        let (made, auth_session) = begin_my_recovery_code(&input.context, token).await?;
        let codes: Vec<&str> = made.code.iter().map(Secret::expose).collect();
        return Ok(json!({
            "id": authenticator::authenticator_id(Method::RecoveryCode, made.id),
            "auth_session": auth_session.expose(),
            "recovery_code": codes.concat(),
        }));
    }
    if fields.get("type") == Some("password") {
        return begun_password(input, fields).await;
    }
    let new = new_factor(fields)?;
    let method = match &new {
        NewFactor::Totp => Method::Totp,
        NewFactor::Passkey => Method::Passkey,
        NewFactor::Address { channel, .. } | NewFactor::Confirmed(channel) => (*channel).into(),
    };
    let mine = enroll_mine(&input.context, token, &new).await?;
    let begun = &mine.begun;
    let mut body = json!({
        "id": authenticator::authenticator_id(method, begun.factor),
        "auth_session": mine.auth_session.expose(),
    });
    if let EnrolmentChallenge::Totp { secret, uri } = &begun.challenge {
        body["barcode_uri"] = json!(uri.expose());
        body["manual_input_code"] = json!(secret.expose());
    }
    if !begun.recovery_codes.is_empty() {
        let codes: Vec<&str> = begun.recovery_codes.iter().map(Secret::expose).collect();
        body["recovery_codes"] = json!(codes);
    }
    Ok(body)
}

fn new_factor(fields: &Fields) -> Result<NewFactor, Refusal> {
    let to = |name| fields.required(name).map(|to| Some(to.to_owned()));
    match fields.required("type")? {
        "totp" => Ok(NewFactor::Totp),
        "email" => Ok(NewFactor::Address {
            channel: Channel::Email,
            to: to("email")?,
        }),
        "phone" => match fields.get("preferred_authentication_method") {
            None | Some("sms") => Ok(NewFactor::Address {
                channel: Channel::Sms,
                to: to("phone_number")?,
            }),
            Some(_) => Err(invalid(
                "preferred_authentication_method",
                "preferred_authentication_method is sms",
            )),
        },
        "passkey" => Err(invalid("type", "passkeys are not switched on here")),
        _ => Err(invalid(
            "type",
            "type is totp, email, phone, recovery-code, passkey or password",
        )),
    }
}

fn invalid(name: &'static str, problem: &'static str) -> Refusal {
    Refusal::ParameterInvalid { name, problem }
}

/// The first code of a method.
#[derive(ToSchema)]
pub struct MyVerification {
    /// What the beginning gave.
    pub auth_session: String,
    /// Six digits, with `totp`, `email` and `phone`.
    pub otp_code: Option<String>,
    /// With `password`: the new password.
    pub new_password: Option<String>,
    /// With `passkey`: what the authenticator gave, as an object or as its JSON.
    pub authn_response: Option<MyAttestation>,
}

/// A new `PublicKeyCredential` of W3C Web Authentication, with base64url for bytes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct MyAttestation {
    /// The credential.
    pub id: String,
    /// The credential again.
    pub raw_id: String,
    /// `public-key`.
    #[schema(rename = "type")]
    pub kind: String,
    /// The new public key.
    pub response: MyAttestationResponse,
}

/// A new public key.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct MyAttestationResponse {
    /// What the browser or the app says of the ceremony.
    #[schema(rename = "clientDataJSON")]
    pub client_data_json: String,
    /// What the authenticator says of the ceremony, with the key.
    pub attestation_object: String,
}

/// `POST /me/v1/authentication-methods/{id}/verify`: confirms a method by its first code, or
/// sets the new password.
#[operation(
    summary = "Confirms a method by its first code, or sets the new password.",
    params(("id" = String, Path, description = "Its identifier, as the beginning gave it.", example = "totp|dev_0123456789abcdef0123456789abcdef")),
    request_body = MyVerification,
    responses((status = 201, description = "The method.", body = MyMethod, headers(("Location" = String, description = "The method.")))),
    security(("access_token" = ["create:me:authentication_methods"])),
)]
pub async fn verify_my_method(id: Result<Path<String>, PathRejection>, input: Input) -> Response {
    let verified = verified(&text_of(id), &input).await;
    at_place(&input, StatusCode::CREATED, verified)
}

async fn verified(id: &str, input: &Input) -> Result<Value, Failure> {
    let token = bearer(&input.headers)?;
    if id == NEW_PASSKEY {
        let fields = input.fields()?;
        let new = NewPasskeyResponse {
            auth_session: fields.required("auth_session")?,
            response: fields.required_secret("authn_response")?,
        };
        if serde_json::from_str::<Map<String, Value>>(new.response.expose()).is_err() {
            let problem = "authn_response is an object, or its JSON as a text";
            return Err(invalid("authn_response", problem).into());
        }
        let (user, factor) = add_passkey(&input.context, token, &new).await?;
        return Ok(passkey_of(&factor, &user));
    }
    if let Some(owner) = password_owner(id) {
        return set_password_of(input, owner).await;
    }
    let (method, factor) = authenticator::parse_id(id).ok_or(EnrolmentRefusal::EnrolmentMissing)?;
    let fields = input.fields()?;
    if method == Method::RecoveryCode {
        let shown = (factor, fields.required("auth_session")?);
        let account = verify_my_recovery_code(&input.context, token, shown).await?;
        return Ok(recovery_code_of(factor, &account.user));
    }
    let first = MyEnrolmentCode {
        factor,
        auth_session: fields.required("auth_session")?,
        code: fields.required_secret("otp_code")?,
    };
    // A wrong code uses up a guess. A text that can be no code does not.
    if six_digits(first.code.expose()).is_none() {
        return Err(invalid("otp_code", "otp_code has six digits").into());
    }
    let factor = verify_mine(&input.context, token, &first).await?;
    Ok(method_of(&factor))
}

/// The answer with the place of the method. The place is a whole URL, because auth0-spa-js
/// reads a path as a path of its own page.
fn at_place(input: &Input, status: StatusCode, made: Result<Value, Failure>) -> Response {
    let body = match made {
        Ok(body) => body,
        Err(refused) => return failure(input.words, refused, input.context.now()),
    };
    let mut response = private_json(status, &body);
    let id = body["id"].as_str().unwrap_or(NEW_PASSKEY);
    let id = id.replace('|', "%7C");
    let place = format!("{}{PATH}{id}", input.context.app.config.issuer);
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(LOCATION, place);
    }
    response
}
