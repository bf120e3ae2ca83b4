//! The password of a row of Auth0's bulk import: `password_hash` (bcrypt), or
//! `custom_password_hash`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::domain::accounts::foreign::digest::HashFunction;
use countersign::domain::accounts::foreign::scrypt::{Scrypt, ScryptCost};
use countersign::domain::accounts::foreign::wrapped::{FastDigest, PasswordEncoding, SaltPosition};
use countersign::domain::accounts::moving_in::arrival::ArrivedPassword;
use countersign::domain::accounts::password::UnusableHash;
use serde::Deserialize;

use crate::import::systems::fields::slow;

/// `custom_password_hash`.
#[derive(Deserialize)]
pub struct CustomHash {
    algorithm: String,
    hash: Hash,
    salt: Option<Salt>,
    password: Option<Password>,
    #[serde(alias = "keyLen")]
    keylen: Option<u64>,
    cost: Option<u64>,
    #[serde(rename = "blockSize")]
    block_size: Option<u32>,
    parallelization: Option<u32>,
}

#[derive(Deserialize)]
struct Hash {
    value: String,
    encoding: Option<String>,
    digest: Option<String>,
    key: Option<Coded>,
}

#[derive(Deserialize)]
struct Salt {
    value: String,
    encoding: Option<String>,
    position: Option<String>,
}

#[derive(Deserialize)]
struct Coded {
    value: String,
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct Password {
    encoding: Option<String>,
}

/// The password of a row, if it has one.
///
/// # Errors
/// The reason, for the file of refused rows. It never contains a part of the hash.
pub fn password(
    bcrypt: Option<String>,
    custom: Option<CustomHash>,
) -> Result<Option<ArrivedPassword>, String> {
    match (bcrypt, custom) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err("both password_hash and custom_password_hash".to_owned()),
        (Some(hash), None) => bcrypt_of(&hash).map(Some),
        (None, Some(custom)) => custom.read().map(Some),
    }
}

fn bcrypt_of(hash: &str) -> Result<ArrivedPassword, String> {
    let known = ["$2a$", "$2b$", "$2y$"];
    match known.iter().any(|prefix| hash.starts_with(prefix)) {
        true => slow(hash.to_owned()),
        false => Err("the password hash is no bcrypt of the kinds 2a, 2b and 2y".to_owned()),
    }
}

fn why(unusable: UnusableHash) -> String {
    format!("the password hash: {}", unusable.0)
}

impl CustomHash {
    fn read(self) -> Result<ArrivedPassword, String> {
        if matches!(
            self.algorithm.as_str(),
            "bcrypt" | "argon2" | "pbkdf2" | "scrypt" | "ldap"
        ) {
            self.hashed_in_utf8()?;
        }
        match self.algorithm.as_str() {
            "bcrypt" => bcrypt_of(self.whole()?),
            "argon2" => {
                let hash = self.whole()?;
                match hash.starts_with("$argon2") {
                    true => slow(hash.to_owned()),
                    false => Err("the password hash is no PHC string of argon2".to_owned()),
                }
            }
            "pbkdf2" => {
                let hash = self.whole()?;
                // A PHC string without the name of a digest means SHA-1.
                let hash = match hash.strip_prefix("$pbkdf2$") {
                    Some(rest) => format!("$pbkdf2-sha1${rest}"),
                    None => hash.to_owned(),
                };
                match hash.starts_with("$pbkdf2-") {
                    true => slow(hash),
                    false => Err("the password hash is no PHC string of pbkdf2".to_owned()),
                }
            }
            "scrypt" => self.scrypt(),
            "ldap" => ldap(&self.hash.value),
            "hmac" => {
                let digest = self.hash.digest.as_deref().unwrap_or_default();
                let key = self.hash.key.as_ref().ok_or("hmac wants hash.key")?;
                let key = decoded(&key.value, key.encoding.as_deref().unwrap_or("utf8"))?;
                self.fast(digest, Some(key))
            }
            digest => self.fast(digest, None),
        }
    }

    /// Refuses a hash of a password in another encoding than UTF-8. Only a stored fast
    /// digest has an encoding, so a login computes every other hash from UTF-8.
    fn hashed_in_utf8(&self) -> Result<(), String> {
        match self.named_encoding() {
            // ASCII text has the same bytes in UTF-8.
            None | Some("utf8" | "ascii") => Ok(()),
            Some(_) => Err(format!(
                "{} takes no password.encoding but utf8 and ascii",
                self.algorithm
            )),
        }
    }

    fn named_encoding(&self) -> Option<&str> {
        self.password.as_ref()?.encoding.as_deref()
    }

    /// The value of a hash that contains its salt.
    fn whole(&self) -> Result<&str, String> {
        match self.salt {
            Some(_) => Err(format!("{} takes no salt beside the hash", self.algorithm)),
            None => Ok(&self.hash.value),
        }
    }

    fn scrypt(&self) -> Result<ArrivedPassword, String> {
        let hash = decoded(&self.hash.value, self.coding())?;
        let salt = self.salt.as_ref().ok_or("scrypt wants a salt")?;
        let salt = decoded(&salt.value, salt.encoding.as_deref().unwrap_or("utf8"))?;
        let cost = self.cost.unwrap_or(16_384);
        if !cost.is_power_of_two() {
            return Err("scrypt's cost is no power of two".to_owned());
        }
        if self
            .keylen
            .is_some_and(|length| usize::try_from(length) != Ok(hash.len()))
        {
            return Err("scrypt's hash has another length than keylen".to_owned());
        }
        let cost = ScryptCost {
            log_n: u8::try_from(cost.trailing_zeros()).unwrap_or(u8::MAX),
            r: self.block_size.unwrap_or(8),
            p: self.parallelization.unwrap_or(1),
        };
        slow(Scrypt::new(cost, salt, hash).map_err(why)?.to_text())
    }

    fn fast(&self, digest: &str, key: Option<Vec<u8>>) -> Result<ArrivedPassword, String> {
        let unknown = || format!("the algorithm or digest {digest:.20?} is not supported");
        let digest = HashFunction::from_name(digest).ok_or_else(unknown)?;
        let value = decoded(&self.hash.value, self.coding())?;
        if value.len() != digest.length() {
            return Err("the password hash has another length than its digest".to_owned());
        }
        let (salt, position) = match &self.salt {
            None => (Vec::new(), SaltPosition::Prefix),
            Some(salt) => {
                let bytes = decoded(&salt.value, salt.encoding.as_deref().unwrap_or("utf8"))?;
                let position = match salt.position.as_deref() {
                    None | Some("prefix") => SaltPosition::Prefix,
                    Some("suffix") => SaltPosition::Suffix,
                    Some(_) => return Err("salt.position is neither prefix nor suffix".to_owned()),
                };
                (bytes, position)
            }
        };
        let fast = FastDigest {
            digest,
            key,
            salt,
            position,
            encoding: self.encoding()?,
        };
        Ok(ArrivedPassword::Fast(fast, value))
    }

    fn coding(&self) -> &str {
        self.hash.encoding.as_deref().unwrap_or("hex")
    }

    fn encoding(&self) -> Result<PasswordEncoding, String> {
        match self.named_encoding() {
            None | Some("utf8") => Ok(PasswordEncoding::Utf8),
            Some("utf16le" | "ucs2") => Ok(PasswordEncoding::Utf16),
            // Node.js writes these three in the same way.
            Some("latin1" | "binary" | "ascii") => Ok(PasswordEncoding::Latin1),
            Some(_) => Err("password.encoding is not supported".to_owned()),
        }
    }
}

/// A userPassword of RFC 2307: `{SSHA}` and base64 of digest and salt.
fn ldap(value: &str) -> Result<ArrivedPassword, String> {
    let unknown = || "the scheme of an ldap hash is not supported".to_owned();
    let rest = value.strip_prefix('{').ok_or_else(unknown)?;
    let (scheme, coded) = rest.split_once('}').ok_or_else(unknown)?;
    let (digest, salted) = match scheme.to_ascii_uppercase().as_str() {
        "MD5" => (HashFunction::Md5, false),
        "SMD5" => (HashFunction::Md5, true),
        "SHA" => (HashFunction::Sha1, false),
        "SSHA" => (HashFunction::Sha1, true),
        "SHA256" => (HashFunction::Sha256, false),
        "SSHA256" => (HashFunction::Sha256, true),
        "SHA512" => (HashFunction::Sha512, false),
        "SSHA512" => (HashFunction::Sha512, true),
        _ => return Err(unknown()),
    };
    let bytes = decoded(coded, "base64")?;
    let wrong = || "an ldap hash has another length than its scheme".to_owned();
    let (hash, salt) = bytes.split_at_checked(digest.length()).ok_or_else(wrong)?;
    if salt.is_empty() == salted || salt.len() > LONGEST_BYTES {
        return Err(wrong());
    }
    let fast = FastDigest {
        digest,
        key: None,
        salt: salt.to_vec(),
        position: SaltPosition::Suffix,
        encoding: PasswordEncoding::Utf8,
    };
    Ok(ArrivedPassword::Fast(fast, hash.to_vec()))
}

/// The longest salt, key or hash in bytes, as in the domain.
const LONGEST_BYTES: usize = 256;

/// The bytes that a text in this encoding stands for.
fn decoded(text: &str, encoding: &str) -> Result<Vec<u8>, String> {
    let bytes = match encoding {
        "utf8" => Some(text.as_bytes().to_vec()),
        "base64" => {
            let padded = text.trim_end_matches('=').to_owned();
            base64::engine::general_purpose::STANDARD_NO_PAD
                .decode(&padded)
                .or_else(|_| STANDARD.decode(text))
                .ok()
        }
        "hex" => hex(text),
        _ => return Err("an encoding is not one of utf8, hex, base64".to_owned()),
    };
    let bytes = bytes.ok_or_else(|| format!("a hash, salt or key is no {encoding}"))?;
    match bytes.len() {
        0..=LONGEST_BYTES => Ok(bytes),
        _ => Err("a hash, salt or key is longer than 256 bytes".to_owned()),
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    let whole = pairs.remainder().is_empty();
    let bytes = pairs.filter_map(|pair| match pair {
        [high, low] => Some(high * 16 + low),
        _ => None,
    });
    whole.then(|| bytes.collect())
}
