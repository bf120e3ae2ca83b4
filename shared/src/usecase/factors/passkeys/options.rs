//! What an app hands to the authenticator. This file needs no crate for the ceremonies, so
//! every function may reach it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::accounts::user::User;
use crate::domain::factors::passkey::{CHALLENGE_SECONDS, Passkey, UserHandle};

/// The algorithms of new passkeys, the preferred one first: ES256 and RS256 (RFC 8152).
const ALGORITHMS: [i32; 2] = [-7, -257];

/// Makes the options of the ceremonies (`authn_params_public_key`).
#[derive(Clone, Copy)]
pub(crate) struct PasskeyOptions<'a> {
    /// The domain that passkeys belong to (the RP ID).
    pub domain: &'a str,
    /// The name of the product.
    pub product: &'a str,
}

impl<'a> PasskeyOptions<'a> {
    /// `None` where no passkey is taken: the installation has no domain for passkeys.
    pub fn of(app: &'a App) -> Option<Self> {
        Some(Self {
            domain: app.config.passkeys.domain.as_deref()?,
            product: &app.config.messages.brand.product,
        })
    }

    /// The options to sign with one of these passkeys. Without any, the authenticator knows its
    /// users.
    pub fn to_sign<'p>(
        self,
        challenge: &[u8; 32],
        allowed: impl Iterator<Item = &'p Passkey>,
    ) -> Value {
        let mut options = json!({
            "challenge": base64url(challenge),
            "timeout": CHALLENGE_SECONDS * 1000,
            "rpId": self.domain,
            "userVerification": "preferred",
        });
        let credential = |passkey: &Passkey| json!({ "type": "public-key", "id": base64url(&passkey.credential) });
        let allowed: Vec<Value> = allowed.map(credential).collect();
        if !allowed.is_empty() {
            options["allowCredentials"] = Value::Array(allowed);
        }
        options
    }

    /// The options to make a passkey. The passkey is to be one that the authenticator finds
    /// without the name of the user.
    pub fn to_make(self, challenge: &[u8; 32], (user, handle): (&User, UserHandle)) -> Value {
        let name = user.email.as_ref().unwrap_or(&user.user_name);
        let algorithms = ALGORITHMS.map(|alg| json!({ "type": "public-key", "alg": alg }));
        json!({
            "challenge": base64url(challenge),
            "timeout": CHALLENGE_SECONDS * 1000,
            "rp": { "id": self.domain, "name": self.product },
            "user": {
                "id": base64url(handle.as_bytes()),
                "name": name,
                "displayName": user.profile.name.as_ref().unwrap_or(name),
            },
            "pubKeyCredParams": algorithms,
            "authenticatorSelection": {
                "residentKey": "required",
                "userVerification": "preferred",
            },
        })
    }
}

/// Bytes as the ceremonies write them.
pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
