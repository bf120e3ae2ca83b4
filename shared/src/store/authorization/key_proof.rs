//! Which request a proof of a key came with (DPoP, RFC 9449 11.1), where a setting asks for
//! that. Nothing else of the proof is stored.

use crate::domain::Timestamp;
use crate::failure::Broken;
use crate::store::item::{KEPT_AFTER_EXPIRY, Key, number_value, text_value};
use crate::store::table::Store;
use crate::store::write::{Change, Written};

impl Store {
    /// Notes that this proof comes with this request (both as hashes). Returns false if the
    /// proof came with another request before. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn show_proof(
        &self,
        proof: &str,
        request: &str,
        until: Timestamp,
    ) -> Result<bool, Broken> {
        let key = Key::new(format!("PROOF#{proof}"), "PROOF");
        let change = Change::of(key, "attribute_not_exists(PK) OR #request = :request")
            .set("#request = :request")
            .set("#ttl = :ttl")
            .value(":request", text_value(request))
            .value(":ttl", number_value(until + KEPT_AFTER_EXPIRY));
        Ok(matches!(self.change(change).await?, Written::Done(_)))
    }
}
