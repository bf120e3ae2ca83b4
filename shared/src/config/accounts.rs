//! What an account with an unconfirmed address may do.
//!
//! | variable | what it is | default |
//! |---|---|---|
//! | `COUNTERSIGN_UNCONFIRMED_ENROLLMENT` | whether a session under an unconfirmed e-mail address enrols second factors: `refused`, or `allowed` for a trial. With `allowed`, somebody who signs up with another person's address keeps a second factor there until the owner of the mailbox resets the password | `refused` |

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
