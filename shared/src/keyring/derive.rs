//! Derives values from a data key, by HKDF (RFC 5869) with a label for each
//! use. So a value for one use is useless for another use.

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::{digest, hkdf, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::domain::token::{BODY_LENGTH, TokenBody};
use crate::failure::Broken;

/// Bytes of a token's MAC: HMAC-SHA-256, whole.
const MAC_LENGTH: usize = 32;

/// Random bytes from the operating system.
///
/// # Errors
/// `Broken` if the system gives no random bytes.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], Broken> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Broken::internal("no random bytes"))?;
    Ok(bytes)
}

/// SHA-256 over these parts, each with its length before it, as base64url.
pub fn sha256(parts: &[&[u8]]) -> String {
    URL_SAFE_NO_PAD.encode(hashed(parts))
}

fn hashed(parts: &[&[u8]]) -> digest::Digest {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.finish()
}

/// The first bytes of the hash of `sha256`, for an identifier.
///
/// # Errors
/// None, unless a hash is shorter than an identifier.
pub fn sha256_bytes(parts: &[&[u8]]) -> Result<[u8; 16], Broken> {
    let hash = hashed(parts);
    let first = hash.as_ref().first_chunk();
    first
        .copied()
        .ok_or_else(|| Broken::internal("a hash is too short"))
}

/// The challenge of a code verifier by the method `S256` (RFC 7636 4.2).
pub fn code_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

/// The text of a form's token: the number of the data key and the MAC, as base64url.
pub(super) fn join_form_token(key: u32, tag: &hmac::Tag) -> String {
    let mut bytes = key.to_be_bytes().to_vec();
    bytes.extend_from_slice(tag.as_ref());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Splits a form's token into the number of the data key and the MAC. Does not check
/// them yet.
pub(super) fn split_form_token(text: &str) -> Option<(u32, Vec<u8>)> {
    const TEXT_LENGTH: usize = (4 + MAC_LENGTH).div_ceil(3) * 4;
    if text.len() > TEXT_LENGTH {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (key, tag) = bytes.split_first_chunk::<4>()?;
    (tag.len() == MAC_LENGTH).then(|| (u32::from_be_bytes(*key), tag.to_vec()))
}

/// 32 bytes for one use. `label` names the use, `context` the object.
pub(super) fn derive_bytes(
    secret: &[u8; 32],
    label: &str,
    context: &[&[u8]],
) -> Result<Zeroizing<[u8; 32]>, Broken> {
    let mut info: Vec<&[u8]> = vec![b"countersign v1 ", label.as_bytes(), b"\0"];
    info.extend(context);
    let mut out = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(secret)
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(out.as_mut_slice()))
        .map_err(|_| Broken::internal("a key could not be derived"))?;
    Ok(out)
}

/// HMAC-SHA-256 of `data`.
pub(super) fn mac(key: &[u8; 32], data: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data)
}

/// Whether `tag` is the HMAC-SHA-256 of `data`, compared in constant time.
pub(super) fn mac_is_right(key: &[u8; 32], data: &[u8], tag: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), data, tag).is_ok()
}

/// A token's text: base64url of body and MAC.
pub(super) fn join_token(body: &[u8], tag: &hmac::Tag) -> String {
    let mut bytes = body.to_vec();
    bytes.extend_from_slice(tag.as_ref());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token as the caller sent it. Nothing is checked yet.
pub(super) struct UncheckedToken {
    /// The number of the data key that the MAC is derived from.
    pub key: u32,
    pub body: TokenBody,
    pub mac: Vec<u8>,
}

/// The parts of a token. `None` if the text cannot be a token.
pub(super) fn split_token(text: &str) -> Option<UncheckedToken> {
    const TEXT_LENGTH: usize = (BODY_LENGTH + MAC_LENGTH).div_ceil(3) * 4;
    if text.len() > TEXT_LENGTH {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (body, mac) = bytes.split_at_checked(BODY_LENGTH)?;
    let (key, body) = TokenBody::decode(body)?;
    (mac.len() == MAC_LENGTH).then(|| UncheckedToken {
        key,
        body,
        mac: mac.to_vec(),
    })
}

/// Encrypts bytes with AES-256-GCM and a random nonce. The result can be opened only
/// with the same `context`.
pub(super) fn seal(key: &[u8; 32], context: &[u8], plain: &[u8]) -> Result<Vec<u8>, Broken> {
    let unsealed = |_| Broken::internal("a secret could not be sealed");
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(unsealed)?;
    let mut bytes = Zeroizing::new(plain.to_vec());
    let nonce = key
        .seal_in_place_append_tag(Aad::from(context), &mut *bytes)
        .map_err(unsealed)?;
    Ok([nonce.as_ref().as_slice(), bytes.as_slice()].concat())
}

/// Decrypts a result of `seal` that was made with the same key and context.
pub(super) fn open(
    key: &[u8; 32],
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let unopened = || Broken::internal("a sealed secret could not be opened");
    let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or_else(unopened)?;
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| unopened())?;
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let length = key
        .open_in_place(nonce.into(), Aad::from(context), &mut bytes)
        .map_err(|_| unopened())?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{code_challenge, derive_bytes, open, seal, sha256};

    #[test]
    fn what_is_derived_depends_on_label_and_context() {
        let secret = [7; 32];
        let one = derive_bytes(&secret, "code", &[b"a"]).unwrap();
        assert_eq!(*one, *derive_bytes(&secret, "code", &[b"a"]).unwrap());
        assert_ne!(*one, *derive_bytes(&secret, "code", &[b"b"]).unwrap());
        assert_ne!(*one, *derive_bytes(&secret, "token", &[b"a"]).unwrap());
    }

    #[test]
    fn a_challenge_is_that_of_rfc_7636() {
        let challenge = code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_sealed_secret_opens_under_its_own_key_and_context_only() {
        let sealed = seal(&[1; 32], b"user factor", b"seed").unwrap();
        assert_eq!(
            open(&[1; 32], b"user factor", &sealed).unwrap().as_slice(),
            b"seed"
        );
        assert!(open(&[1; 32], b"user other", &sealed).is_err());
        assert!(open(&[2; 32], b"user factor", &sealed).is_err());
        assert!(open(&[1; 32], b"user factor", b"short").is_err());
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(sha256(&[b"ab", b"c"]), sha256(&[b"a", b"bc"]));
    }
}
