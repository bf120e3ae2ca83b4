//! Encrypts a token, so that its holder cannot read what the token names. The `auth_session`
//! of an app of the operator's own is such a token (draft-ietf-oauth-first-party-apps 5.3.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::derive::{derive_bytes, open, seal};
use crate::keyring::ring::{Ring, find_data_key};

/// The first byte. An open token begins with the version of its layout, which is another
/// number.
const HIDDEN: u8 = 0xFF;

const LABEL: &str = "hidden token";

/// An encrypted token, and the number of its key.
pub(in crate::keyring) struct HiddenToken {
    pub key: u32,
    sealed: Vec<u8>,
}

impl HiddenToken {
    /// Reads an encrypted token. `None` for every other text.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (first, rest) = bytes.split_first()?;
        let (key, sealed) = rest.split_first_chunk::<4>()?;
        (*first == HIDDEN).then(|| Self {
            key: u32::from_be_bytes(*key),
            sealed: sealed.to_vec(),
        })
    }
}

impl Ring {
    /// Encrypts a token. Each call gives another text. Every function that knows the token
    /// takes the text in its place.
    ///
    /// # Errors
    /// `Broken` if this function has no data key for tokens.
    pub fn hide_token(&self, token: &Secret) -> Result<Secret, Broken> {
        let number = self.current_token_key();
        let key = derive_bytes(find_data_key(&self.tokens, number)?, LABEL, &[])?;
        let sealed = seal(&key, LABEL.as_bytes(), token.expose().as_bytes())?;
        let mut bytes = vec![HIDDEN];
        bytes.extend(number.to_be_bytes());
        bytes.extend(sealed);
        Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The token inside. `None` for a text that this service did not encrypt.
    pub(in crate::keyring) fn open_hidden_token(&self, hidden: &HiddenToken) -> Option<Secret> {
        let secret = find_data_key(&self.tokens, hidden.key).ok()?;
        let key = derive_bytes(secret, LABEL, &[]).ok()?;
        let plain = open(&key, LABEL.as_bytes(), &hidden.sealed).ok()?;
        std::str::from_utf8(&plain).ok().map(Secret::new)
    }
}
