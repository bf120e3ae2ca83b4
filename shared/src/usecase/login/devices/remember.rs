//! Remembers the device of a login whose second factor was right.

use crate::domain::accounts::person_name::person_name;
use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::proof_refusal::ProofRefusal;
use crate::domain::factors::factor::Method;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::trusted_device::TrustedDevice;
use crate::usecase::context::Context;
use crate::usecase::login::open_login::OpenLogin;

/// An app that asks to be remembered.
#[derive(Clone, Debug)]
pub struct RememberDevice {
    /// What the app calls the device. Empty for the kind of device that the request names.
    name: String,
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
            })),
            Some(_) => Err(Refusal::RequestMalformed(
                "remember_device is true or false",
            )),
        }
    }

    /// Refuses a login that no key began, before a code is compared. The password has to come
    /// with a proof of the key too: the token of a login alone must not make a key of somebody
    /// else's trusted. Where no device is remembered, nothing is refused.
    ///
    /// # Errors
    /// `ProofMissing`.
    pub(crate) fn check(&self, context: &Context, begun: &Authorized) -> Result<(), Refusal> {
        let is_off = context.app.config.trusted_device_seconds.is_none();
        match is_off || begun.key.is_some() {
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
    ) -> Option<TrustedDevice> {
        let seconds = context.app.config.trusted_device_seconds?;
        if shown == Method::RecoveryCode || open.login.steps_up.is_some() {
            return None;
        }
        let (user, authorized) = (&open.user, &open.login.authorized);
        let name = match self.name.as_str() {
            "" => context.caller.device.in_words(),
            name => name,
        };
        Some(TrustedDevice {
            user: user.id,
            key: authorized.key.clone()?,
            client: authorized.client.clone(),
            name: name.to_owned(),
            epoch: user.epoch,
            remembered_at: context.now(),
            used_at: None,
            expires_at: context.now() + seconds,
            ended: false,
        })
    }
}
