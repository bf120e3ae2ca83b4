//! The proof that a request comes from the holder of a key (DPoP, RFC 9449). `keyring`
//! checks the signature, and this file what the proof says.

use crate::Timestamp;

/// How many seconds the time of a proof without a fresh nonce may differ from ours. A phone
/// whose clock is wrong by more shows a fresh nonce instead.
pub const PROOF_SECONDS: i64 = 60;

/// How long a proof that is good now can be good at most, in seconds: its nonce may be the
/// newest, and may come from a function whose clock is ahead.
pub const LONGEST_PROOF_SECONDS: i64 = 900;

/// The algorithms that may sign a proof, as discovery lists them. Each is asymmetric.
pub const PROOF_ALGORITHMS: [&str; 5] = ["ES256", "ES384", "PS256", "RS256", "EdDSA"];

/// The longest identifier of a proof (`jti`), in bytes.
const LONGEST_IDENTIFIER: usize = 256;

/// The thumbprint of a public key (RFC 7638) by SHA-256. A token names the key that it is
/// bound to by this text (`jkt`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyThumbprint(String);

impl KeyThumbprint {
    /// The thumbprint in this text: base64url of 32 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        (text.len() == 43 && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a proof says. Its signature is right.
#[derive(Clone, Debug)]
pub struct KeyProof {
    /// The key whose holder has made the proof.
    pub key: KeyThumbprint,
    /// The method of the request: `htm`.
    pub method: String,
    /// The URL of the request: `htu`.
    pub url: String,
    /// When the proof was made, by the holder's clock: `iat`.
    pub made_at: Timestamp,
    /// The identifier of the proof: `jti`.
    pub identifier: String,
    /// The hash of the access token beside the proof: `ath`.
    pub access_token_hash: Option<String>,
    /// A nonce of ours: `nonce`.
    pub nonce: Option<String>,
}

/// What the nonce of a proof says about the time at which the proof was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceAge {
    /// One of the newest nonces of ours: the proof was made now.
    Fresh,
    /// No nonce, or an old nonce of ours. Neither says anything about the time.
    Unknown,
    /// A nonce that is not ours.
    Foreign,
}

/// The request that a proof came with.
#[derive(Clone, Copy, Debug)]
pub struct ProvenRequest<'a> {
    pub method: &'a str,
    /// The URL at our issuer. The header `Host` decides nothing, because the caller
    /// writes it.
    pub url: &'a str,
    /// The age of the proof's nonce.
    pub nonce: NonceAge,
    pub now: Timestamp,
}

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofFault {
    /// The proof is wrong. The text says why.
    Wrong(&'static str),
    /// The proof has to be made again, with a nonce of ours.
    NonceWanted,
}

impl KeyProof {
    /// Checks that the proof was made for this request, and now (RFC 9449 4.3). A fresh
    /// nonce says that the proof was made now, so the holder's clock does not matter. An old
    /// nonce of ours counts as no nonce: it says nothing of the time, and a proof of this time
    /// is good without one. So an app that was idle needs no second request.
    ///
    /// # Errors
    /// `ProofFault`.
    pub fn check_made_for(&self, request: ProvenRequest<'_>) -> Result<(), ProofFault> {
        let wrong = |why| Err(ProofFault::Wrong(why));
        if self.identifier.is_empty() || self.identifier.len() > LONGEST_IDENTIFIER {
            return wrong("jti is empty or too long");
        }
        if self.method != request.method {
            return wrong("htm is not the method of the request");
        }
        if place(&self.url).is_none_or(|shown| Some(shown) != place(request.url)) {
            return wrong("htu is not the URL of the request at the issuer");
        }
        let in_time = self.made_at.abs_diff(request.now) <= PROOF_SECONDS.unsigned_abs();
        let made_now = match request.nonce {
            NonceAge::Fresh => true,
            NonceAge::Unknown => in_time,
            NonceAge::Foreign => false,
        };
        match made_now {
            true => Ok(()),
            false => Err(ProofFault::NonceWanted),
        }
    }
}

/// A URL as RFC 9449 4.3 compares it: without query and fragment, after the
/// normalisation of RFC 3986 6.2.2 and 6.2.3.
#[derive(PartialEq, Eq)]
struct Place {
    /// Scheme and authority, in lower case, without the scheme's own port.
    origin: String,
    /// The path, with its percent-encoding undone.
    path: Vec<u8>,
}

fn place(url: &str) -> Option<Place> {
    let url = url.split(['?', '#']).next()?;
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let own_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = authority.strip_suffix(own_port).unwrap_or(&authority);
    let path = if path.is_empty() { "/" } else { path };
    Some(Place {
        origin: format!("{scheme}://{authority}"),
        path: percent_decoded(path.as_bytes()),
    })
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let encoded = (*first == b'%')
            .then(|| after.split_first_chunk::<2>())
            .flatten()
            .and_then(|(digits, after)| Some((byte_of(*digits)?, after)));
        let (byte, after) = encoded.unwrap_or((*first, after));
        decoded.push(byte);
        rest = after;
    }
    decoded
}

fn byte_of(digits: [u8; 2]) -> Option<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(value(digits[0])? * 16 + value(digits[1])?).ok()
}

#[cfg(test)]
mod tests {
    use super::{KeyProof, KeyThumbprint, NonceAge, ProofFault, ProvenRequest};

    const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    const NOW: i64 = 1_000_000;

    fn proof() -> KeyProof {
        KeyProof {
            key: KeyThumbprint::parse(THUMBPRINT).unwrap(),
            method: "POST".to_owned(),
            url: "https://login.example.com/oauth/token".to_owned(),
            made_at: NOW,
            identifier: "one".to_owned(),
            access_token_hash: None,
            nonce: None,
        }
    }

    fn request() -> ProvenRequest<'static> {
        ProvenRequest {
            method: "POST",
            url: "https://login.example.com/oauth/token",
            nonce: NonceAge::Unknown,
            now: NOW,
        }
    }

    fn fault(change: impl FnOnce(&mut KeyProof)) -> Option<ProofFault> {
        let mut changed = proof();
        change(&mut changed);
        changed.check_made_for(request()).err()
    }

    #[test]
    fn a_proof_is_good_for_its_own_method_and_url_only() {
        assert_eq!(fault(|_| {}), None);
        let wrong = |why| Some(ProofFault::Wrong(why));
        for method in ["GET", "post", ""] {
            let found = fault(|proof| method.clone_into(&mut proof.method));
            assert_eq!(found, wrong("htm is not the method of the request"));
        }
        for url in [
            "https://login.example.com/oauth/revoke",
            "https://login.example.com/oauth/token/",
            "https://login.example.com/OAuth/token",
            "https://login.example.com.evil.example/oauth/token",
            "https://login.example.com:8443/oauth/token",
            "https://user@login.example.com/oauth/token",
            "http://login.example.com/oauth/token",
            "/oauth/token",
            "ftp://login.example.com/oauth/token",
            "",
        ] {
            let found = fault(|proof| url.clone_into(&mut proof.url));
            let said = wrong("htu is not the URL of the request at the issuer");
            assert_eq!(found, said, "{url}");
        }
    }

    #[test]
    fn a_url_counts_without_query_fragment_case_and_the_port_of_its_scheme() {
        for url in [
            "https://login.example.com/oauth/token?grant=1",
            "https://login.example.com/oauth/token#here",
            "HTTPS://Login.Example.com/oauth/token",
            "https://login.example.com:443/oauth/token",
            "https://login.example.com/oauth/%74oken",
        ] {
            assert_eq!(fault(|proof| url.clone_into(&mut proof.url)), None, "{url}");
        }
    }

    #[test]
    fn an_encoded_and_a_plain_path_are_one_path() {
        let of = |url: &str| KeyProof {
            url: url.to_owned(),
            ..proof()
        };
        let request = ProvenRequest {
            url: "https://login.example.com/mfa/authenticators/totp%7cdev_1",
            ..request()
        };
        let plain = of("https://login.example.com/mfa/authenticators/totp|dev_1");
        assert_eq!(plain.check_made_for(request), Ok(()));
        let broken = of("https://login.example.com/mfa/authenticators/totp%7");
        assert!(broken.check_made_for(request).is_err());
    }

    #[test]
    fn a_proof_is_good_for_a_minute_by_the_clock_of_its_maker() {
        let of = |seconds: i64| fault(|proof| proof.made_at = NOW + seconds);
        for seconds in [-60, 60] {
            assert_eq!(of(seconds), None, "{seconds}");
        }
        for seconds in [-61, 61, 3600, i64::MIN / 2, i64::MAX - NOW] {
            assert_eq!(of(seconds), Some(ProofFault::NonceWanted), "{seconds}");
        }
        for made_at in [i64::MIN, i64::MIN + 1, i64::MIN + NOW, 0, i64::MAX] {
            let found = fault(|proof| proof.made_at = made_at);
            assert_eq!(found, Some(ProofFault::NonceWanted), "{made_at}");
        }
    }

    #[test]
    fn a_fresh_nonce_stands_in_for_the_clock_and_a_foreign_nonce_is_refused_whatever_the_time() {
        let wanted = Err(ProofFault::NonceWanted);
        for (nonce, seconds, expected) in [
            (NonceAge::Fresh, 0, Ok(())),
            (NonceAge::Fresh, -3600, Ok(())),
            (NonceAge::Unknown, -60, Ok(())),
            (NonceAge::Unknown, -61, wanted),
            (NonceAge::Unknown, 61, wanted),
            (NonceAge::Foreign, 0, wanted),
            (NonceAge::Foreign, -3600, wanted),
        ] {
            let proof = KeyProof {
                nonce: Some("nonce".to_owned()),
                made_at: NOW + seconds,
                ..proof()
            };
            let request = ProvenRequest { nonce, ..request() };
            assert_eq!(
                proof.check_made_for(request),
                expected,
                "{nonce:?} {seconds}"
            );
        }
    }

    #[test]
    fn an_identifier_is_there_and_bounded() {
        let of = |text: String| fault(|proof| proof.identifier = text);
        assert_eq!(of("i".repeat(256)), None);
        for text in [String::new(), "i".repeat(257)] {
            assert_eq!(
                of(text),
                Some(ProofFault::Wrong("jti is empty or too long"))
            );
        }
    }

    #[test]
    fn a_thumbprint_is_a_sha_256_in_base64url() {
        assert!(KeyThumbprint::parse(THUMBPRINT).is_some());
        for text in [
            "",
            "short",
            &THUMBPRINT.replace('-', "+"),
            &format!("{THUMBPRINT}="),
        ] {
            assert_eq!(KeyThumbprint::parse(text), None, "{text}");
        }
    }
}
