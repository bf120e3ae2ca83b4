//! The parts of a stored hash: `$kind$name=value,…$salt$hash`, with salt and hash
//! in base64 without padding.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::accounts::unusable_hash::UnusableHash;

/// The longest salt, key or hash in bytes.
pub(super) const LONGEST_BYTES: usize = 256;

/// Decodes base64 with or without padding.
pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, UnusableHash> {
    let plain = text.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD
        .decode(plain)
        .map_err(|_| UnusableHash("salt or hash is no base64"))?;
    match bytes.len() {
        0..=LONGEST_BYTES => Ok(bytes),
        _ => Err(UnusableHash("salt or hash is too long")),
    }
}

/// Encodes bytes as base64 without padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

/// The value of `name` in a list of `name=value`.
pub(super) fn listed_value<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    let pairs = list.split(',').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(known, _)| *known == name);
    found.next().map(|(_, value)| value)
}

/// The number of `name` in a list of `name=value`.
pub(super) fn number_named(list: &str, name: &str) -> Result<u32, UnusableHash> {
    let found = listed_value(list, name).and_then(|value| value.parse().ok());
    found.ok_or(UnusableHash("a parameter is missing or no number"))
}
