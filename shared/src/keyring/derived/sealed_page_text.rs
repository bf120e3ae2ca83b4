//! Encrypts a text that a page has shown and may show again for a while. The browser
//! keeps the encrypted text, and no table stores it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::domain::Timestamp;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::derive::{derive_bytes, open, seal};
use crate::keyring::ring::{Ring, find_data_key};

impl Ring {
    /// Seals a text for the browser that has `binding`, until a time. The
    /// result is the key's number, a dot, and base64url.
    ///
    /// # Errors
    /// `Broken` if this function has no data key for seeds.
    pub fn seal_page_text(
        &self,
        binding: &str,
        text: &Secret,
        until: Timestamp,
    ) -> Result<Secret, Broken> {
        let number = self.current_seeds;
        let key = derive_bytes(find_data_key(&self.seeds, number)?, "shown", &[])?;
        let plain = Zeroizing::new(format!("{until} {}", text.expose()));
        let bytes = seal(&key, binding.as_bytes(), plain.as_bytes())?;
        Ok(Secret::new(format!(
            "{number}.{}",
            URL_SAFE_NO_PAD.encode(bytes)
        )))
    }

    /// The text, if its time has not passed. `None` for another binding, and for a text
    /// that this service did not encrypt.
    pub fn open_page_text(&self, binding: &str, sealed: &str, now: Timestamp) -> Option<Secret> {
        let (number, bytes) = sealed.split_once('.')?;
        let secret = find_data_key(&self.seeds, number.parse().ok()?).ok()?;
        let key = derive_bytes(secret, "shown", &[]).ok()?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).ok()?;
        let plain = open(&key, binding.as_bytes(), &bytes).ok()?;
        let (until, text) = std::str::from_utf8(&plain).ok()?.split_once(' ')?;
        let until: Timestamp = until.parse().ok()?;
        (until > now).then(|| Secret::new(text))
    }
}
