//! The settings of Aidbox's `AuthConfig`.

use std::time::Duration;

use url::Url;

use super::forms::{good_plain_text, read_web_url};
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
        let url = read_web_url(&text);
        if url.is_none() {
            self.is_wrong(name, WEB_URL);
        }
        url
    }
}
