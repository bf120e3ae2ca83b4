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
    /// The origin of the service's own pages. Empty if browsers take no passkey of the
    /// domain there.
    pub page_origins: Vec<String>,
    /// The page where a signed-in user makes and removes passkeys, for password managers.
    pub page: Option<Url>,
}

const DOMAIN: &str = "COUNTERSIGN_PASSKEY_DOMAIN";

impl Reader<'_> {
    pub(super) fn passkey_settings(&mut self, issuer: &str, web_domain: &str) -> PasskeySettings {
        let domain = self.passkey_domain(issuer, web_domain);
        let page_origins = page_origin(issuer, domain.as_deref());
        PasskeySettings {
            domain,
            counts_as_two: self.second_of("COUNTERSIGN_PASSKEY_FACTORS", ["one", "two"], true),
            page_origins: page_origins.into_iter().collect(),
            page: self.web_url("COUNTERSIGN_PASSKEY_PAGE"),
        }
    }

    /// Browsers take a passkey of this domain only from pages of the domain and of its
    /// subdomains.
    fn passkey_domain(&mut self, issuer: &str, web_domain: &str) -> Option<String> {
        let domain = self.optional(DOMAIN)?;
        let host = Url::parse(issuer).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
        let above = is_above(&domain, host) || is_above(&domain, web_domain);
        if !is_domain(&domain) || !above {
            let wants = "the host of COUNTERSIGN_ISSUER or of COUNTERSIGN_WEB_DOMAIN, or a \
                         domain above one of them, in lower case";
            self.is_wrong(DOMAIN, wants);
        }
        Some(domain)
    }
}

/// Whether the domain is that of this host, or above the host.
fn is_above(domain: &str, host: &str) -> bool {
    let under = host.strip_suffix(domain);
    under.is_some_and(|under| under.is_empty() || under.ends_with('.'))
}

/// The origin of the pages, which are at the issuer, if passkeys of the domain work there.
fn page_origin(issuer: &str, domain: Option<&str>) -> Option<String> {
    let issuer = Url::parse(issuer).ok()?;
    let works = is_above(domain?, issuer.host_str()?);
    works.then(|| issuer.origin().ascii_serialization())
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
