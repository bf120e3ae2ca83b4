//! Hashes from other implementations: Python 3.11's hashlib and hmac, and the packages
//! bcrypt (5.0) and argon2-cffi. The password is `correct horse`. The salt of most
//! hashes is the bytes 0 to 15.
#![allow(clippy::unwrap_used)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::accounts::foreign::digest::HashFunction;
use crate::accounts::foreign::firebase::Firebase;
use crate::accounts::foreign::pbkdf2::Pbkdf2;
use crate::accounts::foreign::scrypt::{Scrypt, ScryptCost};
use crate::accounts::foreign::wrapped::{FastDigest, PasswordEncoding, SaltPosition};
use crate::accounts::password::{Compared, PasswordHash, PasswordHasher};
use crate::secret::Secret;

const PASSWORD: &str = "correct horse";

fn compare(stored: &str, password: &str) -> Compared {
    let stored = PasswordHash::from_stored(stored);
    stored.check().unwrap();
    let hasher = PasswordHasher::default();
    hasher
        .compare(&Secret::new(password), Some(&stored))
        .unwrap()
}

/// Why a stored hash cannot be computed. `check` and `compare` must give the same
/// reason.
fn unusable(stored: &str) -> &'static str {
    let stored = PasswordHash::from_stored(stored);
    let checked = stored.check().unwrap_err();
    let hasher = PasswordHasher::default();
    let compared = hasher.compare(&Secret::new("pwd"), Some(&stored));
    assert_eq!(compared, Err(checked));
    checked.0
}

#[test]
fn a_hash_of_another_system_is_right_for_its_password_only_and_weak() {
    for stored in [
        "$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96",
        "$2a$05$3uqgf5idIjkbsAMfl8ydjuxMyRoCtnQ4o.CCHvVk.PeqDuHjK7iSO",
        "$2y$05$3uqgf5idIjkbsAMfl8ydjuxMyRoCtnQ4o.CCHvVk.PeqDuHjK7iSO",
        "$pbkdf2-sha1$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$ndhWw3a4srcTtr4HQFTLiKRlVuARheqNDSZ/M5xlIWk",
        "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
        "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw==$Xpx07WjVx4vCIvrmBRj8uOoVVtGqJqtUv2J5bhizSQs=",
        "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$nfkj3u1fRTHCea+fVr03sWV770kp5wLOLoEakziKhqE",
        "$argon2i$v=19$m=1024,t=2,p=1$cqwCfrP65nJtZNtpg4RW/A$OHkWV+LtyguqYnzNABR13WCi45/7E5wsv1TokzA57u8",
        "$argon2d$v=19$m=1024,t=2,p=2$Mmejkbk47a5boenNcrzE0w$MMgfQouwYLz1Jy4Nq1L8oUIDHtINnPCkklcDzZ4adbM",
    ] {
        assert_eq!(
            compare(stored, PASSWORD),
            Compared::RightButWeak,
            "{stored}"
        );
        assert_eq!(
            compare(stored, "correct horsf"),
            Compared::Wrong,
            "{stored}"
        );
        assert_eq!(compare(stored, ""), Compared::Wrong, "{stored}");
    }
}

#[test]
fn a_password_beyond_ascii_is_compared_as_it_was_typed() {
    let stored = "$2b$04$7bXAmNGwHL8nOpm0bNP0c.1LX4i0RD/0ffHF.WtDs0EJEgXAI5HSW";
    assert_eq!(compare(stored, "größe café"), Compared::RightButWeak);
    assert_eq!(compare(stored, "groesse cafe"), Compared::Wrong);
}

#[test]
fn bcrypt_looks_at_72_bytes_and_a_zero_byte_is_never_right() {
    let stored = "$2b$04$R.3cSACWbBjSDz8vKFy00.q0Haad2/PL/82gwwWiqhrS/0GQJ73ba";
    assert_eq!(compare(stored, &"x".repeat(80)), Compared::RightButWeak);
    assert_eq!(compare(stored, &"x".repeat(71)), Compared::Wrong);
    let stored = "$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96";
    // bcrypt repeats its key, so for bcrypt this is the same key.
    let twice = "correct horse\0correct horse";
    assert_eq!(compare(stored, twice), Compared::Wrong);
}

#[test]
fn aspnet_identity_versions_two_and_three_are_pbkdf2() {
    for text in [
        "AAABAgMEBQYHCAkKCwwNDg+d2FbDdriytxO2vgdAVMuIpGVW4BGF6o0NJn8znGUhaQ==",
        "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg/lFQcOA1On2wE5YZhLh7q7ntzP9Krf9NCBoM//wxbovw==",
        "AQAAAAIAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg9enHTtaNXHi8Ii+uYFGPy46hVW0aomq1S/YnluGLNJCw==",
        "AQAAAAAAAAPoAAAAEAABAgMEBQYHCAkKCwwNDg+d2FbDdriytxO2vgdAVMuIpGVW4BGF6o0NJn8znGUhaQ==",
    ] {
        let hash = Pbkdf2::of_aspnet(&STANDARD.decode(text).unwrap()).unwrap();
        assert_eq!(compare(&hash.to_text(), PASSWORD), Compared::RightButWeak);
        assert_eq!(compare(&hash.to_text(), "wrong"), Compared::Wrong);
    }
    let endless = [
        &[1, 0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0, 1][..],
        &[0; 33],
    ]
    .concat();
    for bytes in [&[][..], &[0; 48], &[2; 61], &[1, 0, 0], &[1; 61], &endless] {
        assert!(Pbkdf2::of_aspnet(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn firebases_published_hash_is_right_for_its_password_only() {
    // From the README of Firebase's own scrypt.
    let decoded = |text: &str| STANDARD.decode(text).unwrap();
    let cost = ScryptCost {
        log_n: 14,
        r: 8,
        p: 1,
    };
    let salt = [decoded("42xEC+ixf3L2lw=="), decoded("Bw==")].concat();
    let key =
        "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    let hash =
        "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    let stored = Firebase::new(cost, salt, &decoded(hash), &decoded(key)).unwrap();
    let stored = stored.to_text();
    assert_eq!(compare(&stored, "user1password"), Compared::RightButWeak);
    assert_eq!(compare(&stored, "user2password"), Compared::Wrong);
    // The stored hash does not contain the signer key, which all users of the project
    // share.
    assert!(!stored.contains("jxspr8Ki"), "{stored}");
    let short = Firebase::new(cost, Vec::new(), &[0; 32], &[0; 64]);
    assert!(short.is_err());
}

#[test]
fn aidboxs_published_hash_is_right_for_its_password_only() {
    // From the page about users in Aidbox's own documentation.
    let text = "f0801$HhKy93HnLn0qSmsS2JCZnQ==$P0oAp6yx6k8bCbeFN2UT9UfjKROuggn7deLbX2Mpm2M=";
    let stored = Scrypt::of_s0(text).unwrap().to_text();
    assert!(stored.starts_with("$scrypt$ln=15,r=8,p=1$"), "{stored}");
    assert_eq!(compare(&stored, "123456"), Compared::RightButWeak);
    assert_eq!(compare(&stored, "123457"), Compared::Wrong);
    for text in [
        "",
        "f0801$$",
        "g0801$AAAA$AAAA",
        "ff0801$AAAA$AAAA",
        "fffff0801$A$A",
    ] {
        assert!(Scrypt::of_s0(text).is_err(), "{text}");
    }
}

#[test]
fn of_a_pbkdf2_hash_that_is_longer_than_its_digest_one_block_is_computed() {
    // 64 bytes of SHA-1, as Keycloak stores them: hashlib.pbkdf2_hmac.
    let hash = "9dd856c376b8b2b713b6be074054cb88a46556e01185ea8d0d267f339c652169d5f1d5b9a38171596e125fa57aa703cc150ac5962c309b2a8735205e0294993c";
    let salt = (0..16).collect();
    let stored = Pbkdf2::new(HashFunction::Sha1, 1000, salt, hex(hash)).unwrap();
    let text = stored.to_text();
    assert!(text.starts_with("$pbkdf2-sha1$i=1000,l=20$"), "{text}");
    assert_eq!(compare(&text, PASSWORD), Compared::RightButWeak);
    assert_eq!(compare(&text, "correct horsf"), Compared::Wrong);
}

#[test]
fn a_long_scrypt_hash_with_a_short_salt_is_right() {
    let hash = "340b4614b3ddb3ac5741e394162d9fed60d1dbea38471ea04ef07a43dcae43ea\
                01e7025344e5853374b9e9372ae66e12542a3d8cf88b0f12fec5de182fe57a6d";
    let cost = ScryptCost {
        log_n: 10,
        r: 8,
        p: 2,
    };
    let stored = Scrypt::new(cost, b"seasalt".to_vec(), hex(hash)).unwrap();
    assert_eq!(compare(&stored.to_text(), PASSWORD), Compared::RightButWeak);
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

/// Wraps a digest as the import does.
fn wrapped(fast: &FastDigest, digest: &str) -> String {
    let hasher = PasswordHasher::default();
    let stored = hasher.wrap(fast, &hex(digest), [7; 16]).unwrap();
    stored.as_str().to_owned()
}

#[test]
fn a_fast_digest_is_stored_inside_argon2id_only() {
    let prefix = |digest| FastDigest {
        digest,
        key: None,
        salt: b"pepper".to_vec(),
        position: SaltPosition::Prefix,
        encoding: PasswordEncoding::Utf8,
    };
    let suffix = FastDigest {
        position: SaltPosition::Suffix,
        ..prefix(HashFunction::Md5)
    };
    let keyed = FastDigest {
        key: Some(b"key".to_vec()),
        ..prefix(HashFunction::Sha256)
    };
    for (fast, digest) in [
        (
            prefix(HashFunction::Md5),
            "52f36768c11844771e5f7ff576e2dba2",
        ),
        (
            prefix(HashFunction::Sha1),
            "d11dc5896bf42fb4320130682b5909d363bf770b",
        ),
        (
            prefix(HashFunction::Sha256),
            "869a1fa0609a1d15a5c3eb891428b7a6c8395b2ee10c4762e97ffca0ebe8c0b5",
        ),
        (
            prefix(HashFunction::Sha512),
            "f95919efa0cefe2d53743cad99b75b01f4523396310290535290357040a29d28\
             7fa2747e0c742cf21fd535908025f8f8c869b0c9a9da4ac9d24314a49ceee3df",
        ),
        (suffix, "edf3863f78323b0ef4b0a008412eab5e"),
        (
            keyed,
            "436e2f8bf7d14ed177de7baf1d295467f7b9c2b8816b8f225c79e8a4bc410178",
        ),
    ] {
        let stored = wrapped(&fast, digest);
        assert_eq!(
            compare(&stored, PASSWORD),
            Compared::RightButWeak,
            "{stored}"
        );
        assert_eq!(
            compare(&stored, "correct horsf"),
            Compared::Wrong,
            "{stored}"
        );
        assert!(
            stored.contains("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
    }
}

#[test]
fn a_digest_of_utf16_or_latin1_takes_the_password_in_that_encoding() {
    for (encoding, digest) in [
        (
            PasswordEncoding::Utf16,
            "cf7fcc63813187baf2780a8c833e459a1754bfae",
        ),
        (
            PasswordEncoding::Latin1,
            "11643d2c66fc0e882a49a31526510e0af48ad3fa",
        ),
    ] {
        let fast = FastDigest {
            digest: HashFunction::Sha1,
            key: None,
            salt: Vec::new(),
            position: SaltPosition::Prefix,
            encoding,
        };
        let stored = wrapped(&fast, digest);
        assert_eq!(compare(&stored, "größe"), Compared::RightButWeak);
        assert_eq!(compare(&stored, "grosse"), Compared::Wrong);
    }
}

#[test]
fn a_digest_of_a_wrong_length_is_not_wrapped() {
    let fast = FastDigest {
        digest: HashFunction::Sha1,
        key: None,
        salt: Vec::new(),
        position: SaltPosition::Prefix,
        encoding: PasswordEncoding::Utf8,
    };
    let wrapped = PasswordHasher::default().wrap(&fast, &[0; 16], [7; 16]);
    assert!(wrapped.is_err());
}

#[test]
fn a_hash_that_asks_for_too_much_work_is_neither_imported_nor_computed() {
    let salt = "AAECAwQFBgcICQoLDA0ODw";
    let hash = "nfkj3u1fRTHCea+fVr03sWV770kp5wLOLoEakziKhqE";
    for (stored, why) in [
        (
            "$2b$15$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96".to_owned(),
            "bcrypt's cost is not between 4 and 14",
        ),
        (
            format!("$pbkdf2-sha512$i=2000001,l=32${salt}${hash}"),
            "PBKDF2's rounds are none or above the cap",
        ),
        (
            format!("$pbkdf2-sha1$i=2000001,l=32${salt}${hash}"),
            "PBKDF2's rounds are none or above the cap",
        ),
        (
            format!("$pbkdf2-sha256$i=0,l=32${salt}${hash}"),
            "PBKDF2's rounds are none or above the cap",
        ),
        (
            format!("$scrypt$ln=18,r=8,p=1${salt}${hash}"),
            "scrypt's cost is above the cap",
        ),
        (
            format!("$scrypt$ln=14,r=8,p=17${salt}${hash}"),
            "scrypt's cost is above the cap",
        ),
        (
            format!("$scrypt$ln=63,r=4294967295,p=1${salt}${hash}"),
            "scrypt's cost is above the cap",
        ),
        (
            format!(
                "$wrapped-md5$at=prefix,pw=utf8$$$argon2id$v=19$m=4194304,t=2,p=1${salt}${hash}"
            ),
            "parameters above the cap",
        ),
    ] {
        assert_eq!(unusable(&stored), why, "{stored}");
    }
}

#[test]
fn what_is_no_hash_of_a_known_kind_is_unusable() {
    for stored in [
        "",
        "$2b$",
        "$2b$10$short",
        "$2x$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96",
        "$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT9é",
        "$pbkdf2-md5$i=1000,l=16$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$pbkdf2-sha256$i=1000,l=33$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
        "$pbkdf2-sha256$l=32$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
        "$pbkdf2-sha256$i=1000,l=4$AAECAwQFBgcICQoLDA0ODw$AAECAw",
        "$scrypt$ln=10,r=8$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$scrypt$ln=10,r=8,p=1$?$AAECAwQFBgcICQoLDA0ODw",
        "$wrapped-md4$at=prefix,pw=utf8$$$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$wrapped-md5$at=middle,pw=utf8$$$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$wrapped-md5$at=prefix,pw=utf8$$$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96",
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ] {
        assert!(!unusable(stored).is_empty(), "{stored}");
    }
}
