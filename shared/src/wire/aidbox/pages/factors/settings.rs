//! `/auth/two-factor`: shows the settings: two-factor authentication, passkeys and remembered
//! devices. Removes a passkey, and forgets a device.

use askama::Template;
use axum::response::Response;
use countersign_operation::operation;
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::domain::Timestamp;
use crate::domain::accounts::user::Account;
use crate::domain::factors::enrolment_refusal::EnrolmentRefusal;
use crate::domain::factors::factor::{Factor, Method};
use crate::domain::factors::passkey::Passkey;
use crate::domain::factors::two_factor::TwoFactor;
use crate::domain::id::FactorId;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::trusted_device::TrustedDevice;
use crate::failure::Failure;
use crate::usecase::factors::authenticator_app::look_at_account;
use crate::usecase::factors::passkeys::ceremony::pages_take_passkeys;
use crate::usecase::factors::remove_factor::{RemovalToken, remove_factor};
use crate::usecase::sessions::form_token::{Binding, form_token};
use crate::usecase::sessions::requirement::Credential;
use crate::usecase::sessions::trusted_devices::{devices_on_page, end_my_device};
use crate::wire::aidbox::pages::authorization::request::{AuthorizationQuery, Journey};
use crate::wire::aidbox::pages::factors::kept_codes::{SETTINGS, kept_codes};
use crate::wire::aidbox::pages::factors::two_factor::{ENABLE, sign_in_again_page};
use crate::wire::aidbox::pages::form::{check_origin, check_submitted_form, session_cookie};
use crate::wire::aidbox::pages::form_message::{Said, go_back_told};
use crate::wire::aidbox::pages::login::sign_in_code::or_sign_in;
use crate::wire::aidbox::pages::page::{PageFrame, Problem, go_to, render};
use crate::wire::aidbox::pages::refusal::told_on_page;
use crate::wire::aidbox::pages::{answer, cookie};
use crate::wire::fields::Fields;
use crate::wire::input::Input;

#[derive(Template)]
#[template(path = "pages/settings.html")]
struct SettingsPage {
    frame: PageFrame,
    name: String,
    enabled: bool,
    csrf: String,
    keep: String,
    recovery_codes: Vec<Secret>,
    onward: Option<String>,
    problem: Problem,
    /// Whether the pages take passkeys.
    takes_passkeys: bool,
    passkeys: Vec<Entry>,
    devices: Vec<Entry>,
}

/// A passkey or a device, with a button that removes it.
struct Entry {
    id: String,
    text: String,
    button: String,
}

impl Entry {
    fn of_passkey((factor, passkey): (&Factor, &Passkey)) -> Self {
        let added = in_words(factor.created_at);
        let place = match passkey.may_be_copied {
            false => "It stays on one device.",
            true => "It may be on several devices.",
        };
        let used = used(passkey.last_used_at);
        Self {
            id: factor.id.to_string(),
            text: format!("A passkey of {added}. {place}{used}"),
            button: format!("Remove the passkey of {added}"),
        }
    }

    fn of_device(device: &TrustedDevice, is_current: bool) -> Self {
        let (name, since) = (&device.name, in_words(device.remembered_at));
        let until = in_words(device.expires_at);
        let used = used(device.used_at);
        Self {
            id: device.key.as_str().to_owned(),
            text: format!("{name}, remembered {since}, until {until}.{used}"),
            button: match is_current {
                true => "Forget this browser".to_owned(),
                false => format!("Forget {name} of {since}"),
            },
        }
    }
}

fn used(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!(" Last used {}.", in_words(at)))
}

/// A time in UTC, such as `15 January 2027, 08:00 UTC`.
fn in_words(at: Timestamp) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (day, month, year) = (at.day(), at.month(), at.year());
    let (hour, minute) = (at.hour(), at.minute());
    format!("{day} {month} {year}, {hour:02}:{minute:02} UTC")
}

/// `GET /auth/two-factor`: whether two-factor authentication is on, and the links that
/// change it; the passkeys and the remembered devices.
#[operation(
    summary = "Shows whether two-factor authentication is on, the passkeys and the remembered devices.",
    params(AuthorizationQuery),
    responses(
        (status = 200, description = "The settings."),
        (status = 303, description = "To the sign-in."),
    ),
    security(("session" = [])),
)]
pub async fn settings(input: Input) -> Response {
    answer(&input, settings_of(&input).await)
}

async fn settings_of(input: &Input) -> Result<Response, Failure> {
    let journey = Journey::of(input).await?;
    let made = read_settings(input, &journey).await;
    or_sign_in(input, &journey, made).await
}

async fn read_settings(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    let value = session_cookie(input)?;
    let account = look_at_account(&input.context, Credential::Browser(value)).await?;
    let said = Said::to_page(input, SETTINGS).await;
    let after = said.after();
    let page = settings_page(input, (value, journey), &account, said).await;
    Ok(after(page?))
}

async fn settings_page(
    input: &Input,
    (value, journey): (&str, &Journey),
    account: &Account,
    said: Said,
) -> Result<Response, Failure> {
    let app = &input.context.app;
    let csrf = form_token(&input.context, Binding::Session(value)).await?;
    let user = &account.user;
    let trusted = cookie::read_cookie(&input.headers, cookie::TRUSTED);
    let listed = devices_on_page(&input.context, user, trusted).await?;
    let is_current = |one: &TrustedDevice| listed.current.as_ref() == Some(&one.key);
    let devices = listed.devices.iter();
    let template = SettingsPage {
        frame: PageFrame::of(app, "Two-factor authentication"),
        name: user.email.as_ref().unwrap_or(&user.user_name).clone(),
        enabled: TwoFactor::of(account).enabled,
        csrf: csrf.expose().to_owned(),
        keep: journey.path(ENABLE),
        onward: journey.leads_on().then(|| journey.onward()),
        recovery_codes: kept_codes(input, value).await?,
        problem: said.problem,
        takes_passkeys: pages_take_passkeys(app),
        passkeys: account.passkeys().map(Entry::of_passkey).collect(),
        devices: devices
            .map(|one| Entry::of_device(one, is_current(one)))
            .collect(),
    };
    let end = journey.end();
    Ok(render(app, said.status, &template, end.as_deref())?)
}

/// What is to be removed.
#[derive(ToSchema)]
pub struct SettingsForm {
    /// The form's token.
    pub csrf: String,
    /// The identifier of a passkey that is removed.
    #[schema(nullable = false)]
    pub remove_passkey: Option<String>,
    /// The identifier of a device that is forgotten.
    #[schema(nullable = false)]
    pub forget_device: Option<String>,
}

/// `POST /auth/two-factor`: takes `remove_passkey` or `forget_device`. Answers 303 to the
/// settings. To remove a passkey, the session has to have shown the user's strongest factor in
/// the last ten minutes.
#[operation(
    summary = "Removes a passkey, or forgets a remembered device.",
    params(AuthorizationQuery),
    request_body = SettingsForm,
    responses(
        (status = 303, description = "It is gone: to the settings. Or to the settings with what is wrong; or to the sign-in."),
    ),
    security(("session" = [])),
)]
pub async fn submit_settings(input: Input) -> Response {
    answer(&input, submitted(&input).await)
}

async fn submitted(input: &Input) -> Result<Response, Failure> {
    check_origin(&input.context.app, &input.headers)?;
    let journey = Journey::of(input).await?;
    let made = removed(input, &journey).await;
    or_sign_in(input, &journey, made).await
}

async fn removed(input: &Input, journey: &Journey) -> Result<Response, Failure> {
    let value = session_cookie(input)?;
    let fields = input.fields()?;
    check_submitted_form(input, fields, Binding::Session(value)).await?;
    match remove(input, fields, value).await {
        Ok(()) => Ok(go_to(&journey.path(SETTINGS))?),
        Err(Failure::Refused(
            refusal @ Refusal::Enrolment(EnrolmentRefusal::AuthenticationInsufficient),
        )) => sign_in_again_page(input, journey, &refusal),
        Err(Failure::Refused(
            refusal @ (Refusal::Enrolment(
                EnrolmentRefusal::FactorKept | EnrolmentRefusal::FactorNotFound,
            )
            | Refusal::ParameterMissing(_)),
        )) => {
            let mut told = told_on_page(&refusal, input.context.now());
            match refusal {
                Refusal::Enrolment(EnrolmentRefusal::FactorKept) => {
                    told.text = "This passkey is the only way into your account.".to_owned();
                }
                Refusal::Enrolment(_) => told.text = "It was removed before.".to_owned(),
                _ => {}
            }
            go_back_told(input, &journey.path(SETTINGS), (&refusal, told), "").await
        }
        Err(failure) => Err(failure),
    }
}

async fn remove(input: &Input, fields: &Fields, value: &str) -> Result<(), Failure> {
    if let Some(device) = fields.get("forget_device") {
        return end_my_device(&input.context, Credential::Browser(value), device).await;
    }
    let passkey = fields.required("remove_passkey")?;
    let passkey = FactorId::parse(passkey).ok_or(EnrolmentRefusal::FactorNotFound)?;
    let by = RemovalToken::of_browser(value);
    remove_factor(&input.context, by, Method::Passkey, passkey).await
}
