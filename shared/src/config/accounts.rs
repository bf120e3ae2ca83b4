//! What an account with an unconfirmed address may do.

use super::reader::Reader;

impl Reader<'_> {
    pub(super) fn unconfirmed_enrolls(&mut self) -> bool {
        const NAME: &str = "COUNTERSIGN_UNCONFIRMED_ENROLLMENT";
        let text = self.optional(NAME).unwrap_or_else(|| "refused".to_owned());
        let read = match &*text {
            "refused" => Some(false),
            "allowed" => Some(true),
            _ => None,
        };
        self.wanted(NAME, "refused or allowed", read)
    }
}
