//! What the format is made of: HKDF and HMAC with SHA-256, X25519, and
//! ChaCha20-Poly1305.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::age::AgeProblem;

/// A key of 32 bytes.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// 32 bytes of HKDF.
pub(super) fn derived(secret: &[u8], salt: &[u8], label: &[u8]) -> Result<Key, AgeProblem> {
    let mut key = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[label], hkdf::HKDF_SHA256)
        .and_then(|output| output.fill(key.as_mut_slice()))
        .map_err(|_| AgeProblem("a key could not be derived"))?;
    Ok(key)
}

/// The key that a header's last line is computed with.
pub(super) fn header_mac(file_key: &[u8]) -> Result<hmac::Key, AgeProblem> {
    let key = derived(file_key, &[], b"header")?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
}

/// The key that wraps a file's key: agreed on by this private key and that
/// public key. `share` is the public key in the file, `recipient` the key that
/// the file is encrypted to.
pub(super) fn wrapping_key(
    private: &PrivateKey,
    public: &[u8; 32],
    share: &[u8],
    recipient: &[u8],
) -> Result<Key, AgeProblem> {
    let public = UnparsedPublicKey::new(&X25519, public);
    let salt = [share, recipient].concat();
    let failed = AgeProblem("no key could be agreed on");
    agree(private, public, failed, |shared| {
        derived(shared, &salt, b"age-encryption.org/v1/X25519")
    })
}

fn cipher(key: &Key) -> Result<LessSafeKey, AgeProblem> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_slice());
    key.map(LessSafeKey::new)
        .map_err(|_| AgeProblem("a key of a wrong length"))
}

/// Encrypts bytes in their place, and puts the tag behind them.
pub(super) fn encrypt(key: &Key, nonce: [u8; 12], bytes: &mut Vec<u8>) -> Result<(), AgeProblem> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    let sealed = cipher(key)?.seal_in_place_append_tag(nonce, Aad::empty(), bytes);
    sealed.map_err(|_| AgeProblem("a piece could not be encrypted"))
}

/// Decrypts bytes in their place, and takes the tag away. `None` if they were
/// not encrypted with this key and nonce.
pub(super) fn decrypt(
    key: &Key,
    nonce: [u8; 12],
    bytes: &mut Vec<u8>,
) -> Result<Option<()>, AgeProblem> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    let opened = cipher(key)?.open_in_place(nonce, Aad::empty(), bytes);
    let Ok(length) = opened.map(|plain| plain.len()) else {
        return Ok(None);
    };
    bytes.truncate(length);
    Ok(Some(()))
}
