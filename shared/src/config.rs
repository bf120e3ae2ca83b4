//! The settings. Only `config/environment.rs` reads the process's variables.
//!
//! `config/declared.rs` lists every setting, and docs/reference/settings.md tells of
//! each.
//!
//! The AWS SDK itself reads `AWS_REGION` and the credentials, which Lambda sets.
//! It also reads `AWS_ENDPOINT_URL_DYNAMODB`, `…_SESV2`, `…_SNS`, `…_KMS` and
//! `…_EVENTBRIDGE`,
//! which name stand-ins for AWS. The Lambda runtime reads
//! `AWS_LAMBDA_RUNTIME_API` and `AWS_LAMBDA_FUNCTION_*`.

mod accounts;
mod audiences;
pub mod auth_config;
pub mod declared;
mod edge;
pub mod environment;
mod event_bus;
mod forms;
mod migration;
pub mod passkeys;
mod reader;
mod sms;
mod text_messages;

use std::fmt;
use std::time::Duration;

use auth_config::AuthConfig;
use forms::{good_issuer, good_origination_number, good_sender, good_sender_id};
use passkeys::PasskeySettings;
use reader::Reader;
use url::Url;

use crate::domain::Dialect;
use crate::domain::accounts::password_policy::PasswordPolicy;
use crate::domain::accounts::user::ConfirmationPolicy;
use crate::domain::authorization::client::LONGEST_TOKEN_SECONDS;
use crate::domain::authorization::client_fields::is_web_origin;
use crate::domain::factors::enrolment::MfaPolicy;
use crate::domain::factors::offer::{AalPolicy, Offer};
use crate::domain::keys::algorithm::Algorithm;
use crate::domain::messages::payers::TextCeilings;
use crate::domain::secret::Secret;
use crate::notify::{Brand, FormerSystemSettings, LinkOrigins, NotifySettings};

/// Region, credentials and endpoints, as the AWS SDK takes them.
pub type AwsSettings = aws_config::SdkConfig;

/// The settings of a function.
#[derive(Clone, Debug)]
pub struct Config {
    pub table: String,
    pub kms_key: String,
    /// The name of this installation.
    pub stack: String,
    /// The issuer, which ends in a slash.
    pub issuer: String,
    /// Who sends messages, and how.
    pub messages: NotifySettings,
    /// The dialects that are served.
    pub dialects: Vec<Dialect>,
    /// The client of CodeMaze's dialect, because its requests name no client.
    pub codemaze_client: Option<String>,
    /// The settings of Aidbox's `AuthConfig`.
    pub auth_config: AuthConfig,
    /// The system that users move in from as they sign in, if there is one.
    pub former_system: Option<FormerSystemSettings>,
    /// Which second factors are offered.
    pub offer: Offer,
    /// How many text messages go to unconfirmed numbers in a day.
    pub text_ceilings: TextCeilings,
    /// After how many seconds the next signing key is made.
    pub signing_key_seconds: i64,
    /// The algorithm that signs tokens.
    pub signing_algorithm: Algorithm,
    /// Who must have a second factor.
    pub mfa_policy: MfaPolicy,
    /// How many seconds a remembered device stands in for the second factor. `None` if no
    /// device is remembered.
    pub trusted_device_seconds: Option<i64>,
    /// Past TOTP steps that are accepted.
    pub totp_past_steps: u8,
    /// Lifetime of access tokens in seconds.
    pub access_token_seconds: i64,
    /// Lifetime of id tokens in seconds.
    pub id_token_seconds: i64,
    /// Idle lifetime of refresh tokens in seconds.
    pub refresh_idle_seconds: i64,
    /// Absolute lifetime of sessions in seconds.
    pub refresh_absolute_seconds: i64,
    /// Grace period of a refresh in seconds.
    pub refresh_grace_seconds: i64,
    /// Whether a proof of a key is good for one request only.
    pub refuses_replayed_proofs: bool,
    /// The rules for new passwords.
    pub password_policy: PasswordPolicy,
    /// What a user must confirm before getting tokens.
    pub confirmation: ConfirmationPolicy,
    /// The served dialects in whose words a stranger may sign up.
    pub sign_up: Vec<Dialect>,
    /// Whether and how passkeys are taken.
    pub passkeys: PasskeySettings,
    /// The names of the directory of users.
    pub connections: Vec<String>,
    /// Where links in messages may lead to.
    pub links: LinkOrigins,
    /// The origins whose pages may call the service, whatever the clients list.
    pub cors_origins: Vec<String>,
    /// The EventBridge bus that events are delivered to, by name or ARN.
    pub event_bus: Option<String>,
    /// The secret that the CloudFront distribution adds to requests, if there is a
    /// distribution.
    pub edge_secret: Option<Secret>,
    /// How long one attempt at DynamoDB or KMS may take.
    pub attempt_at_aws: Duration,
}

/// The problems with the settings: one text for each variable.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongSettings(Vec<String>);

impl fmt::Display for WrongSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for WrongSettings {}

impl Config {
    /// Reads the settings from a function from name to value. An empty value
    /// is no value, because CloudFormation cannot leave a variable out.
    ///
    /// # Errors
    /// Names every variable that is missing or wrong, and what is expected.
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, WrongSettings> {
        let mut reader = Reader {
            value: &value,
            wrong: Vec::new(),
        };
        let issuer = reader.issuer();
        let host = Url::parse(&issuer)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        let dialects = reader.dialects();
        let codemaze_client = reader.codemaze_client(&dialects);
        let messages = reader.messages(host.unwrap_or_else(|| "localhost".to_owned()));
        let auth_config = reader.auth_config(&messages.brand.product);
        let config = Self {
            table: reader.required("COUNTERSIGN_TABLE", "the name of the DynamoDB table"),
            kms_key: reader.required("COUNTERSIGN_KMS_KEY", "the id, ARN or alias of a KMS key"),
            stack: reader.required("COUNTERSIGN_STACK", "a name for this installation"),
            offer: Offer {
                aal: reader.aal_policy(),
                sms_countries: reader.sms_countries(),
                webhook: auth_config.webhook.is_some(),
            },
            text_ceilings: reader.text_ceilings(),
            former_system: reader.former_system(),
            passkeys: reader.passkey_settings(&issuer, &messages.brand.domain),
            auth_config,
            messages,
            codemaze_client,
            signing_key_seconds: 86_400
                * reader.number("COUNTERSIGN_SIGNING_KEY_DAYS", 90, 7, 3650),
            signing_algorithm: reader.algorithm(),
            mfa_policy: reader.mfa_policy(),
            trusted_device_seconds: reader.trusted_device(),
            totp_past_steps: u8::try_from(reader.number("COUNTERSIGN_TOTP_PAST_STEPS", 1, 0, 5))
                .unwrap_or(1),
            access_token_seconds: reader.signed("COUNTERSIGN_ACCESS_TOKEN_SECONDS", 3600),
            id_token_seconds: reader.signed("COUNTERSIGN_ID_TOKEN_SECONDS", 1200),
            refresh_idle_seconds: reader.lifetime("COUNTERSIGN_REFRESH_IDLE_SECONDS", 1_209_600),
            refresh_absolute_seconds: reader
                .lifetime("COUNTERSIGN_REFRESH_ABSOLUTE_SECONDS", 2_592_000),
            // API Gateway gives up after 30 seconds. A shorter grace period would end
            // the sessions of clients that correctly retry.
            refresh_grace_seconds: reader.number("COUNTERSIGN_REFRESH_GRACE_SECONDS", 60, 30, 600),
            refuses_replayed_proofs: reader.second_of(
                "COUNTERSIGN_DPOP_REPLAY",
                ["accepted", "refused"],
                false,
            ),
            password_policy: reader.password_policy(),
            confirmation: reader.confirmation(),
            connections: reader.connections(),
            sign_up: reader.read_sign_up(&dialects),
            dialects,
            links: reader.links(&issuer),
            cors_origins: reader.cors_origins(),
            event_bus: reader.event_bus("COUNTERSIGN_EVENT_BUS"),
            edge_secret: reader.edge_secret("COUNTERSIGN_EDGE_SECRET"),
            attempt_at_aws: reader.attempt(),
            issuer,
        };
        if config.confirmation.phone && !config.mfa_policy.asks() {
            let why = "phone and both want a COUNTERSIGN_MFA_POLICY other than disabled: a user \
                       without a number sets up an authenticator app";
            reader
                .wrong
                .push(format!("COUNTERSIGN_CONFIRMATION_REQUIRED is wrong: {why}"));
        }
        if reader.wrong.is_empty() {
            Ok(config)
        } else {
            Err(WrongSettings(reader.wrong))
        }
    }
}

impl Reader<'_> {
    fn attempt(&mut self) -> Duration {
        let most = 60_000;
        let milliseconds = self.number("COUNTERSIGN_AWS_ATTEMPT_MILLISECONDS", 1000, 100, most);
        Duration::from_millis(u64::try_from(milliseconds).unwrap_or(1000))
    }

    fn signed(&mut self, name: &str, default: i64) -> i64 {
        self.number(name, default, 60, LONGEST_TOKEN_SECONDS)
    }

    fn lifetime(&mut self, name: &str, default: i64) -> i64 {
        self.number(name, default, 60, 31_536_000)
    }

    fn issuer(&mut self) -> String {
        const NAME: &str = "COUNTERSIGN_ISSUER";
        let wants = "an https URL that ends in / and has no query (http only for localhost)";
        let issuer = self.required(NAME, wants);
        if !issuer.is_empty() && !good_issuer(&issuer) {
            self.is_wrong(NAME, wants);
        }
        issuer
    }

    fn mfa_policy(&mut self) -> MfaPolicy {
        const NAME: &str = "COUNTERSIGN_MFA_POLICY";
        let grace_seconds = self.number("COUNTERSIGN_MFA_GRACE_SECONDS", 0, 0, 31_536_000);
        match self.optional(NAME).as_deref() {
            None | Some("optional") => MfaPolicy::Optional,
            Some("required") => MfaPolicy::Required { grace_seconds },
            Some("disabled") => MfaPolicy::Disabled,
            Some(_) => {
                let wants = "optional, required or disabled";
                self.is_wrong(NAME, wants);
                MfaPolicy::Optional
            }
        }
    }

    fn trusted_device(&mut self) -> Option<i64> {
        let days = self.number("COUNTERSIGN_TRUSTED_DEVICE_DAYS", 0, 0, 365);
        (days > 0).then_some(days * 86_400)
    }

    fn dialects(&mut self) -> Vec<Dialect> {
        const NAME: &str = "COUNTERSIGN_DIALECTS";
        let names = self.list(NAME);
        let mut dialects = self.named_dialects(NAME, &names);
        if dialects.is_empty() {
            dialects.push(Dialect::default());
        }
        dialects
    }

    fn codemaze_client(&mut self, dialects: &[Dialect]) -> Option<String> {
        const NAME: &str = "COUNTERSIGN_CODEMAZE_CLIENT";
        if dialects.iter().any(|dialect| dialect.has_one_client()) {
            Some(self.required(NAME, "the id of a client"))
        } else {
            self.optional(NAME)
        }
    }

    fn aal_policy(&mut self) -> AalPolicy {
        const NAME: &str = "COUNTERSIGN_AAL_POLICY";
        let Some(text) = self.optional(NAME) else {
            return AalPolicy::PreferAal2;
        };
        AalPolicy::from_name(&text).unwrap_or_else(|| {
            self.wrong.push(format!(
                "{NAME} is wrong: it wants aal1, prefer-aal2 or aal2"
            ));
            AalPolicy::PreferAal2
        })
    }

    fn algorithm(&mut self) -> Algorithm {
        const NAME: &str = "COUNTERSIGN_SIGNING_ALGORITHM";
        let text = self
            .optional(NAME)
            .unwrap_or_else(|| Algorithm::Rs256.name().to_owned());
        Algorithm::from_name(&text).unwrap_or_else(|| {
            self.wrong
                .push(format!("{NAME} is wrong: it wants RS256 or ES256"));
            Algorithm::Rs256
        })
    }

    fn password_policy(&mut self) -> PasswordPolicy {
        let length = self.number("COUNTERSIGN_PASSWORD_MINIMUM_LENGTH", 8, 8, 64);
        PasswordPolicy {
            minimum_length: usize::try_from(length).unwrap_or(8),
        }
    }

    fn confirmation(&mut self) -> ConfirmationPolicy {
        const NAME: &str = "COUNTERSIGN_CONFIRMATION_REQUIRED";
        let text = self.optional(NAME).unwrap_or_else(|| "email".to_owned());
        let required = self.wanted(
            NAME,
            "none, email, phone or both",
            ConfirmationPolicy::from_name(&text),
        );
        ConfirmationPolicy {
            unconfirmed_enrolls: self.second_of(
                "COUNTERSIGN_UNCONFIRMED_ENROLLMENT",
                ["refused", "allowed"],
                false,
            ),
            ..required
        }
    }

    fn links(&mut self, issuer: &str) -> LinkOrigins {
        const NAME: &str = "COUNTERSIGN_LINK_ORIGINS";
        let text = self.optional(NAME);
        if text.is_none() && !good_issuer(issuer) {
            return LinkOrigins::default();
        }
        let wants = "origins like https://app.example.com, separated by commas";
        self.wanted(NAME, wants, LinkOrigins::parse(text.as_deref(), issuer))
    }

    fn cors_origins(&mut self) -> Vec<String> {
        let text = self
            .optional("COUNTERSIGN_CORS_ORIGINS")
            .unwrap_or_default();
        let origins = text.split(',').map(str::trim).filter(|one| !one.is_empty());
        let origins: Vec<String> = origins.map(str::to_owned).collect();
        let good = origins.iter().all(|one| is_web_origin(one));
        let wants = "origins like https://app.example.com, separated by commas";
        let origins = good.then_some(origins);
        self.wanted("COUNTERSIGN_CORS_ORIGINS", wants, origins)
    }

    fn messages(&mut self, host: String) -> NotifySettings {
        const PRODUCT: &str = "COUNTERSIGN_PRODUCT_NAME";
        let product = self.required(PRODUCT, "the name that people read in messages");
        let domain = self.optional("COUNTERSIGN_WEB_DOMAIN").unwrap_or(host);
        let named = if product.is_empty() {
            "missing"
        } else {
            &product
        };
        let brand = Brand::new(named, domain).unwrap_or_else(|problem| {
            self.wrong.push(format!(
                "{PRODUCT} or COUNTERSIGN_WEB_DOMAIN is wrong: {problem}"
            ));
            Brand {
                product: String::new(),
                domain: String::new(),
            }
        });
        const FROM: &str = "COUNTERSIGN_EMAIL_FROM";
        let from = "a sender verified in SES: a@b or Name <a@b>";
        let sender = self.required(FROM, from);
        if !sender.is_empty() && !good_sender(&sender) {
            self.wrong.push(format!("{FROM} is wrong: it wants {from}"));
        }
        NotifySettings {
            sender,
            brand,
            sms_sender_id: self.checked(
                "COUNTERSIGN_SMS_SENDER_ID",
                "1 to 11 letters, digits and hyphens, at least one letter",
                good_sender_id,
            ),
            sms_origination_number: self.checked(
                "COUNTERSIGN_SMS_ORIGINATION_NUMBER",
                "a number like +15555550100 or a short code",
                good_origination_number,
            ),
            ses_configuration_set: self.optional("COUNTERSIGN_SES_CONFIGURATION_SET"),
        }
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
