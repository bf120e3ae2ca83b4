//! The settings of passkeys.

use url::Url;

use super::reader::Reader;

/// Whether and how passkeys are taken.
#[derive(Clone, Debug, Default)]
pub struct PasskeySettings {
    /// The domain that passkeys belong to (the RP ID). Without it, the service takes no
    /// passkeys.
    pub domain: Option<String>,
    /// Whether a passkey that has verified its user counts as two factors.
    pub counts_as_two: bool,
}

const DOMAIN: &str = "COUNTERSIGN_PASSKEY_DOMAIN";

impl Reader<'_> {
    pub(super) fn passkey_settings(&mut self, issuer: &str, web_domain: &str) -> PasskeySettings {
        PasskeySettings {
            domain: self.passkey_domain(issuer, web_domain),
            counts_as_two: self.passkey_factors(),
        }
    }

    /// Browsers take a passkey of this domain only from pages of the domain and of its
    /// subdomains.
    fn passkey_domain(&mut self, issuer: &str, web_domain: &str) -> Option<String> {
        let domain = self.optional(DOMAIN)?;
        let host = Url::parse(issuer).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
        let is_above = |host: &str| {
            let under = host.strip_suffix(domain.as_str());
            under.is_some_and(|under| under.is_empty() || under.ends_with('.'))
        };
        if !is_domain(&domain) || !(is_above(host) || is_above(web_domain)) {
            let wants = "the host of COUNTERSIGN_ISSUER or of COUNTERSIGN_WEB_DOMAIN, or a \
                         domain above one of them, in lower case";
            self.is_wrong(DOMAIN, wants);
        }
        Some(domain)
    }

    fn passkey_factors(&mut self) -> bool {
        const NAME: &str = "COUNTERSIGN_PASSKEY_FACTORS";
        let text = self.optional(NAME).unwrap_or_else(|| "two".to_owned());
        let read = match &*text {
            "one" => Some(false),
            "two" => Some(true),
            _ => None,
        };
        self.wanted(NAME, "one or two", read)
    }
}

/// Whether this is a domain name with a dot, or `localhost`. A domain without a dot would be
/// that of everybody below it.
fn is_domain(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let named = text.contains('.') && text.bytes().any(|byte| byte.is_ascii_lowercase());
    let dots = !text.split('.').any(str::is_empty);
    text == "localhost" || (named && dots && text.bytes().all(plain))
}
