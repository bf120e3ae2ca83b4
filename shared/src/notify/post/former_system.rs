//! Asks the system that users move in from whether a password is right. The
//! answer is what a login script of Auth0's custom databases gives, as JSON.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Endpoint, EndpointSettings, NotPosted};
use crate::domain::secret::Secret;
use crate::notify::Reach;

/// The longest answer in bytes.
const LONGEST_PROFILE: usize = 64 * 1024;

/// How Auth0's scripts say that the name or the password is wrong.
const WRONG: &str = "WrongUsernameOrPasswordError";

/// The system that users move in from.
#[derive(Clone, Debug)]
pub struct FormerSystemSettings {
    /// Where the former system checks a password.
    pub endpoint: EndpointSettings,
    /// Where the former system finds a user without a password, if it does.
    pub user_endpoint: Option<EndpointSettings>,
    /// The list in `app_metadata` that has the role names, if roles move too.
    pub roles: Option<String>,
}

/// Asks the former system. Made once for each cold start; making it calls
/// nobody.
#[derive(Clone, Debug)]
pub struct FormerSystem {
    endpoint: Endpoint,
    user_endpoint: Option<Endpoint>,
    roles: Option<String>,
}

/// A user as the former system says.
#[derive(Default, Deserialize)]
pub struct FormerProfile {
    /// The identifier, a text or a number. Scripts may say `id`, too.
    #[serde(default)]
    user_id: Value,
    #[serde(default)]
    id: Value,
    pub email: Option<String>,
    /// Whether the address is confirmed.
    #[serde(default)]
    pub email_verified: bool,
    pub username: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub name: Option<String>,
    pub nickname: Option<String>,
    /// The URL of a picture.
    pub picture: Option<String>,
    #[serde(default)]
    user_metadata: Value,
    pub phone_number: Option<String>,
    /// Whether the number is confirmed.
    #[serde(default)]
    pub phone_verified: bool,
    /// Whether the user may not sign in.
    #[serde(default)]
    pub blocked: bool,
    #[serde(default)]
    pub mfa_factors: Vec<FormerProfileFactor>,
    /// Scripts say `metadata` for `app_metadata`.
    #[serde(default)]
    app_metadata: Value,
    #[serde(default)]
    metadata: Value,
}

/// A second factor, which has one of these.
#[derive(Default, Deserialize)]
pub struct FormerProfileFactor {
    totp: Option<ProfileTotp>,
    phone: Option<ProfileAddress>,
    email: Option<ProfileAddress>,
}

#[derive(Deserialize)]
struct ProfileTotp {
    secret: String,
}

#[derive(Deserialize)]
struct ProfileAddress {
    value: String,
}

impl FormerProfileFactor {
    /// The seed of an app, the number of a phone, the address of a mailbox.
    pub fn into_parts(self) -> [Option<String>; 3] {
        let value = |address: Option<ProfileAddress>| address.map(|address| address.value);
        let secret = self.totp.map(|totp| totp.secret);
        [secret, value(self.phone), value(self.email)]
    }
}

impl FormerProfile {
    /// The identifier as a text.
    pub fn identifier(&self) -> Option<String> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        text(&self.user_id).or_else(|| text(&self.id))
    }

    /// The members of `user_metadata`, with `None` in place of a value that is no text.
    pub fn metadata_texts(&self) -> Vec<(String, Option<String>)> {
        let members = self.user_metadata.as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        members
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    }

    /// The role names in this list of `app_metadata`. `None` if they are not a
    /// list of texts.
    pub fn roles(&self, list: &str) -> Option<Vec<String>> {
        let found = self.app_metadata.get(list);
        match found.or_else(|| self.metadata.get(list)) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(names)) => names
                .iter()
                .map(|name| name.as_str().map(str::to_owned))
                .collect(),
            Some(_) => None,
        }
    }
}

impl FormerSystem {
    /// The system of these settings, which connects to what `reach` allows.
    pub fn new(settings: FormerSystemSettings, reach: Reach) -> Self {
        Self {
            user_endpoint: settings
                .user_endpoint
                .map(|endpoint| Endpoint::new(endpoint, reach)),
            endpoint: Endpoint::new(settings.endpoint, reach),
            roles: settings.roles,
        }
    }

    /// The list in `app_metadata` that has the role names, if roles move too.
    pub fn list_of_roles(&self) -> Option<&str> {
        self.roles.as_deref()
    }

    /// Posts `{"username", "password"}` once. Gives the user, or `None` if the
    /// former system says that the name or the password is wrong.
    ///
    /// # Errors
    /// Any other answer of the former system, as a word for the log. The word has
    /// no text of the request or of the answer. No answer within the timeout of
    /// the settings is an error too.
    pub async fn ask(
        &self,
        name: &str,
        password: &Secret,
    ) -> Result<Option<FormerProfile>, String> {
        let question = json!({ "username": name, "password": password.expose() });
        match answer_of(&self.endpoint, &question).await? {
            (200, body) => profile_of(&body),
            // A gateway says 401 too, so only a 401 of the script is a "no".
            (_, body) if says_wrong(&body) => Ok(None),
            _ => Err("Status401".to_owned()),
        }
    }

    /// Whether the former system is asked without a password.
    pub fn finds_users(&self) -> bool {
        self.user_endpoint.is_some()
    }

    /// Posts `{"username"}` once, if the settings name an endpoint for that. Gives the
    /// user, or `None` if the former system has no such user or is not asked.
    ///
    /// # Errors
    /// As those of `ask`.
    pub async fn find(&self, name: &str) -> Result<Option<FormerProfile>, String> {
        let Some(endpoint) = &self.user_endpoint else {
            return Ok(None);
        };
        match answer_of(endpoint, &json!({ "username": name })).await? {
            (200, body) => profile_of(&body),
            (status, _) => Err(format!("Status{status}")),
        }
    }
}

/// The status, 200 or 401, and the body of the answer to this question.
async fn answer_of(endpoint: &Endpoint, question: &Value) -> Result<(u16, Vec<u8>), String> {
    let wanted = |status| matches!(status, 200 | 401);
    let posted = endpoint.post(question.to_string(), LONGEST_PROFILE, wanted);
    let answer = posted.await.map_err(|why| match why {
        NotPosted::AddressRefused => "AddressRefused".to_owned(),
        NotPosted::TimedOut(code) | NotPosted::Unavailable(code) => code.to_owned(),
    })?;
    match answer.status {
        status if !wanted(status) => Err(format!("Status{status}")),
        status => Ok((status, answer.body.ok_or("AnswerTooLong")?)),
    }
}

fn profile_of(body: &[u8]) -> Result<Option<FormerProfile>, String> {
    serde_json::from_slice(body).map_err(|_| "AnswerMalformed".to_owned())
}

fn says_wrong(body: &[u8]) -> bool {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    [&said["error"], &said["name"]]
        .iter()
        .any(|said| **said == WRONG)
}
