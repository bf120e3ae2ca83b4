//! Remembers the device of a login whose second factor was right.

use crate::domain::accounts::person_name::person_name;
use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::id::BrowserId;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::trusted_device::{Remembered, TrustedDevice};
use crate::domain::token::TrustedBrowserToken;
use crate::failure::Broken;
use crate::keyring::random_bytes;
use crate::usecase::context::Context;
use crate::usecase::login::devices::browser::{key_of_browser, open_browser};
use crate::usecase::login::open_login::OpenLogin;

/// An app or a browser that asks to be remembered.
#[derive(Clone, Debug)]
pub struct RememberDevice {
    /// What the app calls the device. Empty for the kind of device that the request names.
    name: String,
    /// The browser on our own pages that asks. `None` if an app asks.
    browser: Option<AskingBrowser>,
}

/// A browser that asks to be remembered.
#[derive(Clone, Copy, Debug)]
struct AskingBrowser {
    /// The new random value. A browser never brings a value of its own.
    new: BrowserId,
    /// What the browser's cookie names so far.
    former: Option<TrustedBrowserToken>,
}

impl RememberDevice {
    /// What these parameters ask for: `remember_device` and `device_name`.
    ///
    /// # Errors
    /// `RequestMalformed`.
    pub fn parse(asked: Option<&str>, name: Option<&str>) -> Result<Option<Self>, Refusal> {
        match asked {
            None | Some("false") => Ok(None),
            Some("true") => Ok(Some(Self {
                name: person_name(name.unwrap_or_default())?,
                browser: None,
            })),
            Some(_) => Err(Refusal::RequestMalformed(
                "remember_device is true or false",
            )),
        }
    }

    /// What a browser on our own pages asks for, which has this cookie of a trusted browser.
    ///
    /// # Errors
    /// `Broken` if there are no keys, or no random bytes.
    pub async fn asked_by_browser(context: &Context, cookie: Option<&str>) -> Result<Self, Broken> {
        Ok(Self {
            name: String::new(),
            browser: Some(AskingBrowser {
                new: BrowserId::random(random_bytes()?),
                former: open_browser(context, cookie).await?,
            }),
        })
    }

    /// The new random value of the browser that asks, if a browser does.
    pub(crate) fn new_browser(&self) -> Option<BrowserId> {
        Some(self.browser?.new)
    }

    /// Refuses a login that no key began, before a code is compared. The password has to come
    /// with a proof of the key too: the token of a login alone must not make a key of somebody
    /// else's trusted. Where no device is remembered, nothing is refused.
    ///
    /// # Errors
    /// `ProofMissing`.
    pub(crate) fn check(&self, context: &Context, begun: &Authorized) -> Result<(), Refusal> {
        let is_off = context.app.config.trusted_device_seconds.is_none();
        match is_off || begun.key.is_some() || begun.is_of_pages() {
            true => Ok(()),
            false => Err(ProofRefusal::ProofMissing.into()),
        }
    }

    /// The device that the completed login remembers. `None` where no device is remembered:
    /// after a recovery code, which stands for a factor that the user has lost, and in a
    /// step-up, which no password began.
    pub(crate) fn device(
        &self,
        context: &Context,
        open: &OpenLogin,
        shown: Method,
    ) -> Result<Option<Remembered>, Broken> {
        let Some(seconds) = context.app.config.trusted_device_seconds else {
            return Ok(None);
        };
        if shown == Method::RecoveryCode || open.login.steps_up.is_some() {
            return Ok(None);
        }
        let (user, authorized) = (&open.user, &open.login.authorized);
        let browser = self.browser.filter(|_| authorized.is_of_pages());
        let key = match browser {
            Some(browser) => Some(key_of_browser(user.id, browser.new)?),
            None => authorized.key.clone(),
        };
        let Some(key) = key else {
            return Ok(None);
        };
        let former = browser.and_then(|browser| browser.former);
        let former = former.filter(|former| former.user == user.id);
        let replaces = former.map(|former| key_of_browser(user.id, former.browser));
        let name = match self.name.as_str() {
            "" => context.caller.device.in_words(),
            name => name,
        };
        let device = TrustedDevice {
            user: user.id,
            key,
            client: authorized.client.clone(),
            name: name.to_owned(),
            epoch: user.epoch,
            remembered_at: context.now(),
            used_at: None,
            expires_at: context.now() + seconds,
            ended: false,
        };
        Ok(Some(Remembered {
            device,
            replaces: replaces.transpose()?,
        }))
    }
}
