//! `PATCH /me/v1/authentication-methods/{id}`: a signed-in user names a method.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::id::FactorId;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::factors::auth0_my_account::{my_factors, name_my_factor};
use crate::wire::auth0::factors::authenticator::parse_id;
use crate::wire::auth0::factors::my_methods::{MyMethod, answer_json, methods_of, text_of};
use crate::wire::credentials::bearer;
use crate::wire::fields::Fields;
use crate::wire::input::Input;

/// The most characters of a name.
const LONGEST_NAME: usize = 100;

/// A change of a method.
#[derive(ToSchema)]
#[schema(example = json!({ "name": "Work phone" }))]
pub struct MyMethodUpdate {
    /// What the user calls the method: at most 100 characters. Not with `password` and
    /// `recovery-code`.
    pub name: Option<String>,
    /// With `phone`: `sms`.
    pub preferred_authentication_method: Option<String>,
}

/// `PATCH /me/v1/authentication-methods/{id}`: names a method.
#[operation(
    summary = "Names one of the user's methods.",
    params(("id" = String, Path, description = "Its identifier, as the list has it.", example = "totp|dev_0123456789abcdef0123456789abcdef")),
    request_body = MyMethodUpdate,
    responses((status = 200, description = "The method.", body = MyMethod)),
    security(("access_token" = ["update:me:authentication_methods"])),
)]
pub async fn update_my_method(id: Result<Path<String>, PathRejection>, input: Input) -> Response {
    answer_json(&input, updated(&text_of(id), &input).await)
}

async fn updated(id: &str, input: &Input) -> Result<Value, Failure> {
    let (fields, token) = (input.fields()?, bearer(&input.headers)?);
    let name = name_in(fields)?;
    let account = my_factors(&input.context, token, KnownScope::UpdateMyMethods).await?;
    let mut methods = methods_of(&account, input.context.now()).into_iter();
    let found = methods.find(|method| method["id"] == *id);
    let mut method = found.ok_or(EnrolmentRefusal::FactorNotFound)?;
    check_preferred(fields, &method)?;
    if let Some(name) = name {
        let factor = named_factor(id).ok_or(invalid("name", "this method has no name"))?;
        name_my_factor(&input.context, (account.user.id, factor), name).await?;
        method["name"] = json!(name);
    }
    Ok(method)
}

fn name_in(fields: &Fields) -> Result<Option<&str>, Refusal> {
    let Some(name) = fields.get("name").map(str::trim) else {
        return Ok(None);
    };
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    match fits && !name.chars().any(char::is_control) {
        true => Ok(Some(name)),
        false => Err(invalid(
            "name",
            "name has 1 to 100 characters, and no control characters",
        )),
    }
}

/// Text messages are the one way in which codes reach a phone.
fn check_preferred(fields: &Fields, method: &Value) -> Result<(), Refusal> {
    const NAME: &str = "preferred_authentication_method";
    match fields.get(NAME) {
        Some(_) if method["type"] != "phone" => Err(invalid(NAME, "this method is no phone")),
        None | Some("sms") => Ok(()),
        Some(_) => Err(invalid(NAME, "preferred_authentication_method is sms")),
    }
}

/// The factor of this identifier. `None` for a password and a recovery code.
fn named_factor(id: &str) -> Option<FactorId> {
    let (method, factor) = parse_id(id)?;
    (method != Method::RecoveryCode).then_some(factor)
}

fn invalid(name: &'static str, problem: &'static str) -> Refusal {
    Refusal::ParameterInvalid { name, problem }
}
