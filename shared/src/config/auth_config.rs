//! The settings of Aidbox's `AuthConfig`.
//!
//! | variable | what it is | default |
//! |---|---|---|
//! | `COUNTERSIGN_TWO_FACTOR_ISSUER` | the issuer that authenticator apps show, at most 64 characters: Aidbox's `twoFactor.issuerName` | the product name |
//! | `COUNTERSIGN_THEME_BRAND` | the name of the application on Aidbox's pages, at most 100 characters: `theme.brand` | the product name |
//! | `COUNTERSIGN_THEME_TITLE` | the title of the pages' sign-in form, at most 100 characters: `theme.title` | none |
//! | `COUNTERSIGN_THEME_STYLE_URL` | https URL of a stylesheet for Aidbox's pages: `theme.styleUrl` | none |
//! | `COUNTERSIGN_THEME_FORGOT_PASSWORD_URL` | https URL of your own page for a forgotten password: `theme.forgotPasswordUrl` | none |
//! | `COUNTERSIGN_WEBHOOK_ENDPOINT` | https URL that the service posts codes to: `twoFactor.webhook.endpoint` | none: no webhook |
//! | `COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS` | how long the webhook may take, 100 to 5000: `twoFactor.webhook.timeout` | `2000` |
//! | `COUNTERSIGN_WEBHOOK_HEADERS` | headers of the webhook's requests, a JSON object of texts; secret: `twoFactor.webhook.headers` | none |
//!
//! `twoFactor.validPastTokensCount` is `COUNTERSIGN_TOTP_PAST_STEPS`.

use std::time::Duration;

use url::Url;

use super::forms::{good_plain_text, web_url};
use super::reader::Reader;
use crate::notify::{EndpointSettings, SecretHeaders};

/// The parts of Aidbox's `AuthConfig` that have settings of their own.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// The issuer that authenticator apps show.
    pub issuer_name: String,
    /// How the pages look.
    pub theme: Theme,
    /// Where codes are posted to for users without an authenticator app.
    pub webhook: Option<EndpointSettings>,
}

/// How the pages look. The texts are plain: they have to be escaped for HTML.
#[derive(Clone, Debug)]
pub struct Theme {
    /// The name of the application.
    pub brand: String,
    /// The title of the sign-in form, if a title is set.
    pub title: Option<String>,
    /// A stylesheet. The content security policy has to allow its origin. The
    /// text of the origin can stand in the policy unchanged.
    pub style_url: Option<Url>,
    /// The operator's page for a forgotten password, if it is not ours.
    pub forgot_password_url: Option<Url>,
}

const WEB_URL: &str = "an https URL (http only for localhost)";

impl Reader<'_> {
    /// The settings of `AuthConfig`; `product` is the product's name.
    pub(super) fn auth_config(&mut self, product: &str) -> AuthConfig {
        AuthConfig {
            issuer_name: self
                .plain_text("COUNTERSIGN_TWO_FACTOR_ISSUER", 64)
                .unwrap_or_else(|| product.to_owned()),
            theme: Theme {
                brand: self
                    .plain_text("COUNTERSIGN_THEME_BRAND", 100)
                    .unwrap_or_else(|| product.to_owned()),
                title: self.plain_text("COUNTERSIGN_THEME_TITLE", 100),
                style_url: self.web_url("COUNTERSIGN_THEME_STYLE_URL"),
                forgot_password_url: self.web_url("COUNTERSIGN_THEME_FORGOT_PASSWORD_URL"),
            },
            webhook: self.webhook(),
        }
    }

    fn webhook(&mut self) -> Option<EndpointSettings> {
        let endpoint = self.web_url("COUNTERSIGN_WEBHOOK_ENDPOINT");
        let milliseconds = self.number("COUNTERSIGN_WEBHOOK_TIMEOUT_MILLISECONDS", 2000, 100, 5000);
        let headers = self.secret_headers("COUNTERSIGN_WEBHOOK_HEADERS");
        Some(EndpointSettings {
            endpoint: endpoint?,
            timeout: Duration::from_millis(u64::try_from(milliseconds).unwrap_or(2000)),
            headers,
        })
    }

    /// Headers that go along with every post.
    pub(super) fn secret_headers(&mut self, name: &str) -> SecretHeaders {
        let Some(text) = self.optional(name) else {
            return SecretHeaders::default();
        };
        let wants = "a JSON object of header names and texts, without those that frame a message";
        self.wanted(name, wants, SecretHeaders::parse(&text))
    }

    fn plain_text(&mut self, name: &str, most: usize) -> Option<String> {
        let text = self.optional(name)?;
        if !good_plain_text(&text, most) {
            let wants = format!("at most {most} characters without control characters");
            self.is_wrong(name, &wants);
        }
        Some(text)
    }

    pub(super) fn web_url(&mut self, name: &str) -> Option<Url> {
        let text = self.optional(name)?;
        let url = web_url(&text);
        if url.is_none() {
            self.is_wrong(name, WEB_URL);
        }
        url
    }
}
