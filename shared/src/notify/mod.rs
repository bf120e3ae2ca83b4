//! Delivers codes to users: by e-mail through SES v2, by text message through SNS, and
//! through the operator's webhook.
//!
//! [`post`] is the one HTTP client to an endpoint of the operator. It asks the former
//! system, too.
//!
//! [`message`] and [`account_message`] have the texts, [`link`] checks where links
//! lead, [`brand`] has the product's names, and [`failure`] has what a caller learns
//! when a message could not be sent. This module does not log. It never prints a code,
//! an address or a message. The caller logs the [`DeliveryFailed`].
//!
//! The settings come from `config.rs`. At TRACE, the SDK logs whole requests with code
//! and address. So the log subscriber must keep `aws_*` at DEBUG or quieter.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sesv2::error::BuildError as SesBuildError;
use aws_sdk_sesv2::types::{Body, Content, EmailContent, Message, MessageHeader};
use aws_sdk_sns::types::MessageAttributeValue;

pub mod account_message;
pub mod brand;
pub mod brand_check;
pub mod callback;
pub mod event_bus;
pub mod failure;
pub mod gsm7;
mod limits;
pub mod link;
pub mod message;
pub mod post;
pub mod reach;
mod time_sentence;
pub mod webhook;
#[cfg(test)]
mod wire_tests;

pub use account_message::{LinkFor, OneTimeLink};
pub use brand::Brand;
pub use brand_check::BrandProblem;
pub use failure::{DeliveryFailed, DeliveryFailureReason};
use limits::Limits;
pub use link::LinkOrigins;
use message::Email;
pub use post::former_system::{FormerProfile, FormerSystem, FormerSystemSettings};
pub use post::{EndpointSettings, SecretHeaders};
pub use reach::Reach;
use webhook::Webhook;

use crate::domain::Dialect;
use crate::domain::device::Seen;
use crate::domain::factors::factor::Channel;
use crate::domain::messages::notice::Notice;
use crate::domain::metrics::label::MessageKind;
use crate::domain::metrics::sample::{MeasuredMessage, Sample};
use crate::metrics::recording::record_sample;

/// Where a code goes: a stored address, which is the user's factor or will become one.
/// `Debug` shows only the channel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// One bare e-mail address, `a@b`.
    Email(&'a str),
    /// A telephone number in E.164 form, `+15555550100`.
    Sms(&'a str),
    /// The operator's webhook. It gets the user's identifier and e-mail address.
    Webhook {
        /// The user's identifier.
        user: &'a str,
        /// The user's e-mail address.
        email: Option<&'a str>,
    },
}

#[derive(Debug, Clone)]
pub struct NotifySettings {
    /// The From address, `a@b` or `Name <a@b>`, verified in SES. A name beyond ASCII must be an
    /// encoded word (RFC 2047).
    pub sender: String,
    /// The names that messages carry.
    pub brand: Brand,
    /// The sender id of text messages, in countries that allow one.
    pub sms_sender_id: Option<String>,
    /// The number or short code that text messages come from, if the account owns
    /// several.
    pub sms_origination_number: Option<String>,
    /// The SES configuration set for e-mails.
    pub ses_configuration_set: Option<String>,
}

/// Sends messages. It is made once for each cold start and connects to nothing then.
/// The first message over a channel makes the channel's client, so a function that
/// sends nothing never has a client.
#[derive(Clone)]
pub struct Notify {
    aws: SdkConfig,
    ses: OnceLock<aws_sdk_sesv2::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    settings: NotifySettings,
    webhook: Option<Webhook>,
}

impl Notify {
    /// Takes region, credentials and endpoints from `aws`. `attempt` is the time limit
    /// of a quick call. A send gets two attempts of twice that time, and five times
    /// that time in all.
    pub fn new(aws: &SdkConfig, settings: NotifySettings, attempt: Duration) -> Notify {
        let limits = Limits {
            connect: attempt / 2,
            attempt: attempt * 2,
            operation: attempt * 5,
            ..Limits::DEFAULT
        };
        Notify::with_limits(aws, settings, &limits)
    }

    fn with_limits(aws: &SdkConfig, settings: NotifySettings, limits: &Limits) -> Notify {
        let aws = aws.to_builder();
        let aws = aws
            .retry_config(limits.retries())
            .timeout_config(limits.timeouts());
        Notify {
            aws: aws.build(),
            ses: OnceLock::new(),
            sns: OnceLock::new(),
            settings,
            webhook: None,
        }
    }

    /// Adds a webhook, which may connect only to what `reach` allows.
    pub fn with_webhook(self, settings: Option<EndpointSettings>, reach: Reach) -> Notify {
        let webhook = settings.map(|settings| Webhook::new(settings, reach));
        Notify { webhook, ..self }
    }

    /// Sends `code`, which is valid for `minutes`. Returns when SES, SNS or the webhook
    /// has accepted it. A retry inside may send the code twice.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after 5 seconds.
    pub async fn send_code_message(
        &self,
        to: Destination<'_>,
        code: &str,
        minutes: u32,
    ) -> Result<(), DeliveryFailed> {
        let brand = &self.settings.brand;
        match to {
            Destination::Email(address) => {
                let email = message::sign_in_code_email(brand, code, minutes);
                self.send_email(address, email, MessageKind::Code).await
            }
            Destination::Sms(number) => {
                let text = message::sign_in_code_sms(brand, code, minutes);
                self.send_sms(number, text, MessageKind::Code).await
            }
            Destination::Webhook { user, email } => {
                let posted = match &self.webhook {
                    Some(webhook) => webhook.post(user, email, code).await,
                    None => Err(webhook::failed_post(
                        DeliveryFailureReason::Rejected,
                        "NoWebhook",
                    )),
                };
                let (kind, channel) = (MessageKind::Code, Channel::Webhook);
                let message = MeasuredMessage::without_country(kind, channel);
                record_sample(Sample::message(message, posted.is_ok()));
                posted
            }
        }
    }

    /// Like `send_code`, to a mailbox or number that anybody may name, in place of a
    /// password.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after 5 seconds.
    pub async fn send_first_code(
        &self,
        (channel, to): (Channel, &str),
        code: &str,
        minutes: u32,
    ) -> Result<(), DeliveryFailed> {
        let brand = &self.settings.brand;
        if channel == Channel::Sms {
            let text = message::sign_in_code_sms(brand, code, minutes);
            return self.send_sms(to, text, MessageKind::Code).await;
        }
        let email = message::mailbox_code_email(brand, code, minutes);
        self.send_email(to, email, MessageKind::Code).await
    }

    /// Like `send_code`, to an e-mail address and in the form of CodeMaze's articles.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after 5 seconds.
    pub async fn send_bare_code(
        &self,
        address: &str,
        code: &str,
        minutes: u32,
    ) -> Result<(), DeliveryFailed> {
        let email = message::bare_code_email(&self.settings.brand, code, minutes);
        self.send_email(address, email, MessageKind::Code).await
    }

    /// Sends a link that works once to an e-mail address, in the form of this dialect.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after 5 seconds.
    pub async fn send_link_message(
        &self,
        address: &str,
        dialect: Dialect,
        link: OneTimeLink<'_>,
    ) -> Result<(), DeliveryFailed> {
        let email = account_message::link_email(&self.settings.brand, dialect, link);
        self.send_email(address, email, MessageKind::Link).await
    }

    /// Tells a user by e-mail about a lockout. `link` leads to the page for a forgotten
    /// password.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after 5 seconds.
    pub async fn send_lockout(
        &self,
        address: &str,
        link: &str,
        seen: Seen,
    ) -> Result<(), DeliveryFailed> {
        let email = account_message::lockout_email(&self.settings.brand, link, seen);
        self.send_email(address, email, MessageKind::Lockout).await
    }

    /// Tells `address` about a change. Returns when SES has accepted the message.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after 5 seconds.
    pub async fn send_notice_message(
        &self,
        address: &str,
        notice: Notice,
        seen: Seen,
    ) -> Result<(), DeliveryFailed> {
        let email = message::notice_email(&self.settings.brand, notice, seen);
        self.send_email(address, email, MessageKind::Notice).await
    }

    /// Tells `number` about a change by text message. Returns when SNS has accepted the
    /// message.
    ///
    /// # Errors
    /// [`DeliveryFailed`], at the latest after 5 seconds.
    pub async fn send_notice_text(
        &self,
        number: &str,
        notice: Notice,
    ) -> Result<(), DeliveryFailed> {
        let text = message::notice_sms(&self.settings.brand, notice);
        self.send_sms(number, text, MessageKind::Notice).await
    }

    async fn send_email(
        &self,
        to: &str,
        email: Email,
        kind: MessageKind,
    ) -> Result<(), DeliveryFailed> {
        let sent = self.ask_ses(to, email).await;
        let message = MeasuredMessage::without_country(kind, Channel::Email);
        record_sample(Sample::message(message, sent.is_ok()));
        sent
    }

    async fn send_sms(
        &self,
        number: &str,
        text: String,
        kind: MessageKind,
    ) -> Result<(), DeliveryFailed> {
        let sent = self.ask_sns(number, text).await;
        let message = MeasuredMessage::to_number(kind, number);
        record_sample(Sample::message(message, sent.is_ok()));
        sent
    }

    async fn ask_ses(&self, to: &str, email: Email) -> Result<(), DeliveryFailed> {
        let content = simple(email).map_err(|_| not_built(Channel::Email))?;
        let to = aws_sdk_sesv2::types::Destination::builder()
            .to_addresses(to)
            .build();
        let ses = self
            .ses
            .get_or_init(|| aws_sdk_sesv2::Client::new(&self.aws));
        ses.send_email()
            .from_email_address(&self.settings.sender)
            .destination(to)
            .content(content)
            .set_configuration_set_name(self.settings.ses_configuration_set.clone())
            .send()
            .await
            .map(drop)
            .map_err(|error| DeliveryFailed::from_sdk(Channel::Email, &error))
    }

    async fn ask_sns(&self, number: &str, text: String) -> Result<(), DeliveryFailed> {
        let settings = &self.settings;
        let attributes = [
            ("AWS.SNS.SMS.SMSType", Some("Transactional")),
            ("AWS.SNS.SMS.SenderID", settings.sms_sender_id.as_deref()),
            (
                "AWS.MM.SMS.OriginationNumber",
                settings.sms_origination_number.as_deref(),
            ),
        ];
        let sns = self.sns.get_or_init(|| aws_sdk_sns::Client::new(&self.aws));
        let mut publish = sns.publish().phone_number(number).message(text);
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(|_| not_built(Channel::Sms))?;
            publish = publish.message_attributes(name, value);
        }
        publish
            .send()
            .await
            .map(drop)
            .map_err(|error| DeliveryFailed::from_sdk(Channel::Sms, &error))
    }
}

/// SES's simple content: subject, text and HTML, each in UTF-8. An empty HTML part is
/// left out. The header `Auto-Submitted` prevents automatic replies from vacation
/// notices and ticket systems (RFC 3834 5).
fn simple(email: Email) -> Result<EmailContent, SesBuildError> {
    let utf8 = |data: String| Content::builder().data(data).charset("UTF-8").build();
    let mut body = Body::builder().text(utf8(email.text)?);
    if !email.html.is_empty() {
        body = body.html(utf8(email.html)?);
    }
    let automatic = MessageHeader::builder()
        .name("Auto-Submitted")
        .value("auto-generated")
        .build()?;
    let message = Message::builder()
        .headers(automatic)
        .subject(utf8(email.subject)?)
        .body(body.build())
        .build();
    Ok(EmailContent::builder().simple(message).build())
}

/// A required field was missing for the SDK's builder. This is a fault of ours and not
/// of AWS.
fn not_built(channel: Channel) -> DeliveryFailed {
    DeliveryFailed {
        channel,
        reason: DeliveryFailureReason::Unavailable,
        code: Some("RequestNotBuilt".to_owned()),
        request_id: None,
    }
}

impl Destination<'_> {
    /// The channel of this destination.
    pub fn channel(&self) -> Channel {
        match self {
            Destination::Email(_) => Channel::Email,
            Destination::Sms(_) => Channel::Sms,
            Destination::Webhook { .. } => Channel::Webhook,
        }
    }
}

impl fmt::Debug for Destination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Destination({}, redacted)", self.channel())
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
