//! `POST /otp/challenge` and `POST /passwordless/start`: a code that is the first factor.
//! The grant `passwordless/otp` of `/oauth/token` takes the code.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use countersign_operation::operation;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::domain::authorization::grant::Grant;
use crate::domain::factors::factor::Channel;
use crate::domain::id::UserId;
use crate::domain::messages::destination::Recipient;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::usecase::authorization::authenticate_client::authenticate_client;
use crate::usecase::authorization::authorize::{Addressee, check_request};
use crate::usecase::client_context::ClientContext;
use crate::usecase::login::codes::auth0_mailbox_code::{
    LinkAsked, MailboxCodeRequest, send_mailbox_code,
};
use crate::wire::aidbox::pages::accounts::mailed_link::{RESET, link};
use crate::wire::aidbox::pages::authorization::request::{asked, request_text};
use crate::wire::aidbox::pages::login::mailed_sign_in::sign_in_link;
use crate::wire::auth0::accounts::connection::check_connection;
use crate::wire::credentials::client_credentials;
use crate::wire::fields::Fields;
use crate::wire::grants::realm_channel;
use crate::wire::input::Input;
use crate::wire::{failure, private_json};

/// Asks for a code that signs in.
#[derive(ToSchema)]
#[schema(example = json!({
    "client_id": "demo", "connection": "Username-Password-Authentication",
    "email": "plain@example.com"
}))]
pub struct Auth0OtpChallenge {
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// A name of the directory of users.
    pub connection: String,
    /// The e-mail address, unless `phone_number` is there.
    pub email: Option<String>,
    /// The phone number, in place of the address.
    pub phone_number: Option<String>,
    /// Whether the code makes an account at a mailbox that has none. A number makes none.
    pub allow_signup: Option<bool>,
    /// How a code reaches a phone: `text`.
    pub delivery_method: Option<String>,
}

/// Names the code, whether or not one was sent.
#[derive(ToSchema)]
pub struct Auth0AuthSession {
    /// Shown beside the code at `/oauth/token`.
    pub auth_session: String,
}

/// `POST /otp/challenge`: has a code sent. The answer is the same after the same time for
/// every mailbox and every phone.
#[operation(
    summary = "Sends a code that signs in; answers the same for every mailbox and phone, after two seconds.",
    request_body = Auth0OtpChallenge,
    responses((status = 200, description = "Said whoever's mailbox or phone it is.", body = Auth0AuthSession)),
    security((), ("client" = [])),
)]
pub async fn otp_challenge(input: Input) -> Response {
    match challenged(&input).await {
        Ok(token) => {
            let body = json!({ "auth_session": token.expose() });
            private_json(StatusCode::OK, &body)
        }
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn challenged(input: &Input) -> Result<Secret, Failure> {
    let fields = input.fields()?;
    let context = client_context(input, fields).await?;
    check_connection(&context.app, fields.required("connection")?)?;
    let to = match (fields.get("email"), fields.get("phone_number")) {
        (Some(_), Some(_)) => {
            let both = "Name either an email or a phone_number.";
            return Err(invalid("phone_number", both).into());
        }
        (None, Some(to)) => Recipient {
            channel: Channel::Sms,
            to,
        },
        (_, None) => Recipient {
            channel: Channel::Email,
            to: fields.required("email")?,
        },
    };
    let written = fields.get("delivery_method").is_none_or(|by| by == "text");
    if to.channel == Channel::Sms && !written {
        return Err(invalid("delivery_method", "Codes are sent as text only.").into());
    }
    let signs_up = match fields.get("allow_signup") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(invalid("allow_signup", "allow_signup is true or false.").into()),
    };
    let asked = MailboxCodeRequest {
        to,
        signs_up,
        has_token: true,
        reset: &|user: UserId, token: &str| link(&input.context.app, RESET, user, token),
        link: None,
    };
    Ok(send_mailbox_code(&context, &asked).await?.token)
}

fn invalid(name: &'static str, problem: &'static str) -> Refusal {
    Refusal::ParameterInvalid { name, problem }
}

/// Asks for a code that signs in.
#[derive(ToSchema)]
#[schema(example = json!({
    "client_id": "demo", "connection": "email", "email": "plain@example.com", "send": "code"
}))]
pub struct Auth0PasswordlessStart {
    /// The client, unless HTTP Basic names it.
    pub client_id: Option<String>,
    /// A confidential client's secret.
    pub client_secret: Option<String>,
    /// `email` or `sms`.
    pub connection: String,
    /// The e-mail address, with `email`.
    pub email: Option<String>,
    /// The phone number, with `sms`.
    pub phone_number: Option<String>,
    /// `code`, which is the default, or `link`, with `email`.
    pub send: Option<String>,
    /// With `link`: the authorization request that the browser goes on with, with the
    /// parameters of `/authorize`.
    #[schema(rename = "authParams")]
    pub auth_params: Option<BTreeMap<String, String>>,
}

/// A code is sent, whoever's mailbox or phone it is.
#[derive(ToSchema)]
pub struct Auth0PasswordlessStarted {
    /// Names the request.
    #[schema(rename = "_id")]
    pub id: String,
    /// The e-mail address, with `email`.
    #[schema(nullable = false)]
    pub email: Option<String>,
    /// `false`, with `email`.
    #[schema(nullable = false)]
    pub email_verified: Option<bool>,
    /// The phone number, with `sms`.
    #[schema(nullable = false)]
    pub phone_number: Option<String>,
    /// `false`, with `sms`.
    #[schema(nullable = false)]
    pub phone_verified: Option<bool>,
}

/// `POST /passwordless/start`: has a code sent, which makes an account at a mailbox that
/// has none. The answer is the same after the same time for every mailbox and every phone.
#[operation(
    summary = "Sends a code that signs in or up; answers the same for every mailbox and phone, after two seconds.",
    request_body = Auth0PasswordlessStart,
    responses((status = 200, description = "Said whoever's mailbox or phone it is.", body = Auth0PasswordlessStarted)),
    security((), ("client" = [])),
)]
pub async fn passwordless_start(input: Input) -> Response {
    match started(&input).await {
        Ok(body) => private_json(StatusCode::OK, &body),
        Err(refused) => failure(input.words, refused, input.context.now()),
    }
}

async fn started(input: &Input) -> Result<Value, Failure> {
    let fields = input.fields()?;
    let context = client_context(input, fields).await?;
    let channel = realm_channel(fields.required("connection")?)?;
    let request = match (fields.get("send"), channel) {
        (None | Some("code"), _) => None,
        (Some("link"), Channel::Email) => Some(link_request(&context, fields)?),
        (Some("link"), _) => {
            return Err(Refusal::RequestMalformed("A phone gets a code only.").into());
        }
        (Some(_), _) => {
            return Err(Refusal::RequestMalformed("send must be code or link.").into());
        }
    };
    let (name, flag) = match channel {
        Channel::Sms => ("phone_number", "phone_verified"),
        Channel::Email | Channel::Webhook => ("email", "email_verified"),
    };
    let to = fields.required(name)?;
    let make_link = |token: &str| sign_in_link(&input.context.app, token);
    let asked = MailboxCodeRequest {
        to: Recipient { channel, to },
        signs_up: true,
        has_token: false,
        reset: &|user: UserId, token: &str| link(&input.context.app, RESET, user, token),
        link: request.as_deref().map(|request| LinkAsked {
            request,
            make_link: &make_link,
        }),
    };
    let asked = send_mailbox_code(&context, &asked).await?;
    Ok(json!({ "_id": asked.id.to_string(), name: to.trim(), flag: false }))
}

/// The client, if it may use the grant that takes the code.
async fn client_context(input: &Input, fields: &Fields) -> Result<ClientContext, Failure> {
    let credentials = client_credentials(&input.headers, fields)?;
    let context = authenticate_client(&input.context, &credentials).await?;
    context.client.check_grant(Grant::MailboxCode)?;
    Ok(context)
}

/// The longest authorization request of a link, in bytes.
const LONGEST_REQUEST: usize = 2048;

/// The authorization request of `authParams`, which the browser goes on with after the link.
///
/// # Errors
/// Those of the request at `/authorize`.
fn link_request(context: &ClientContext, fields: &Fields) -> Result<String, Refusal> {
    let no_texts = "authParams is no object whose members are texts.";
    let malformed = || Refusal::RequestMalformed(no_texts);
    let text = fields.get("authParams").unwrap_or("{}");
    let mut parameters: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|_| malformed())?;
    parameters.insert("client_id".to_owned(), json!(context.client.id));
    let response_type = parameters.entry("response_type".to_owned());
    response_type.or_insert_with(|| json!("code"));
    let pairs = parameters.into_iter().map(|(name, value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(number) => Ok((name, number.to_string())),
        _ => Err(malformed()),
    });
    let pairs: Vec<(String, String)> = pairs.collect::<Result<_, _>>()?;
    let request = Fields::from_pairs(pairs)?;
    let asked = asked(&request);
    if asked.unsupported.is_some() {
        let problem = "Send the parameters themselves.";
        return Err(Refusal::RequestMalformed(problem));
    }
    let to = Addressee::of(context.client.clone(), &asked);
    let to = to.map_err(|refusal| context.app.named(refusal))?;
    check_request(&context.app, &to, &asked)?;
    let text = request_text(&request);
    match text.len() > LONGEST_REQUEST {
        true => Err(Refusal::RequestMalformed("authParams is too long.")),
        false => Ok(text),
    }
}
