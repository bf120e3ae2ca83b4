//! The apps on phones that belong to a client: which app may use passkeys of the domain, and
//! from which origin an app signs.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The apps of a client on phones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NativeApps {
    /// Android apps, as [`AndroidApp::read`] reads them.
    pub android: Vec<String>,
    /// Apps of Apple's systems: team and bundle, such as `A1B2C3D4E5.com.example.shop`.
    pub ios: Vec<String>,
}

impl NativeApps {
    /// Whether there is no app.
    pub fn are_none(&self) -> bool {
        self.android.is_empty() && self.ios.is_empty()
    }

    /// The origins from which the apps use passkeys of this domain. An app of Apple's
    /// systems signs for its associated domain, which is the domain of the passkeys.
    pub fn passkey_origins(&self, domain: &str) -> Vec<String> {
        let android = self.android.iter().filter_map(|app| AndroidApp::read(app));
        let ios = (!self.ios.is_empty()).then(|| format!("https://{domain}"));
        android
            .map(|app| app.key_hash_origin())
            .chain(ios)
            .collect()
    }
}

/// The apps of all clients that may use the passkeys of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PasskeyApps {
    /// The fingerprints of each Android package.
    pub android: BTreeMap<String, BTreeSet<String>>,
    /// The apps of Apple's systems.
    pub ios: BTreeSet<String>,
}

/// What anybody may learn of all clients together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedClients {
    pub apps: PasskeyApps,
    /// The origins whose pages may call the service.
    pub web_origins: BTreeSet<String>,
}

/// What anybody may learn of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedClient {
    pub apps: NativeApps,
    pub web_origins: Vec<String>,
}

impl PublishedClients {
    /// Each app and each origin once, whichever clients have it.
    pub fn of_clients(clients: &[PublishedClient]) -> Self {
        let origins = clients.iter().flat_map(|client| &client.web_origins);
        Self {
            apps: PasskeyApps::of_clients(clients.iter().map(|client| &client.apps)),
            web_origins: origins.cloned().collect(),
        }
    }
}

impl PasskeyApps {
    /// Each app once, whichever clients have the app.
    fn of_clients<'a>(clients: impl Iterator<Item = &'a NativeApps>) -> Self {
        let mut all = Self::default();
        for apps in clients {
            for android in apps.android.iter().filter_map(|app| AndroidApp::read(app)) {
                let fingerprint = android.fingerprint();
                let of_package = all.android.entry(android.package).or_default();
                of_package.insert(fingerprint);
            }
            all.ios.extend(apps.ios.iter().cloned());
        }
        all
    }
}

/// An Android app, and the SHA-256 of a certificate that signs the app.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AndroidApp {
    /// The package.
    pub package: String,
    /// The SHA-256 of the certificate.
    digest: Vec<u8>,
}

impl AndroidApp {
    /// Reads `PACKAGE=FINGERPRINT`, with the fingerprint as `keytool` prints it.
    pub fn read(text: &str) -> Option<Self> {
        let (package, fingerprint) = text.split_once('=')?;
        let digest: Option<Vec<u8>> = fingerprint.split(':').map(byte).collect();
        let digest = digest.filter(|digest| digest.len() == 32)?;
        is_package(package).then(|| Self {
            package: package.to_owned(),
            digest,
        })
    }

    /// The fingerprint as `keytool` prints it.
    pub fn fingerprint(&self) -> String {
        let digits: Vec<String> = self.digest.iter().map(|one| format!("{one:02X}")).collect();
        digits.join(":")
    }

    /// The origin that Android names for the app when a passkey signs.
    pub fn key_hash_origin(&self) -> String {
        let hash = URL_SAFE_NO_PAD.encode(&self.digest);
        format!("android:apk-key-hash:{hash}")
    }
}

/// Two hexadecimal digits.
fn byte(text: &str) -> Option<u8> {
    let digits = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    u8::from_str_radix(text, 16).ok().filter(|_| digits)
}

/// Whether this is the name of an Android package: two parts or more, each a word that
/// begins with a letter.
fn is_package(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let good = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic()) && part.bytes().all(word)
    };
    text.len() <= 255 && text.contains('.') && text.split('.').all(good)
}

/// Whether this is an app of Apple's systems: the ten characters of a team, a dot, and a
/// bundle.
pub fn is_apple_app(text: &str) -> bool {
    let Some((team, bundle)) = text.split_once('.') else {
        return false;
    };
    let of_team = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let of_bundle = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    team.len() == 10
        && team.bytes().all(of_team)
        && (1..=255).contains(&bundle.len())
        && bundle.bytes().all(of_bundle)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{AndroidApp, NativeApps, is_apple_app};

    const FINGERPRINT: &str = "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:\
                               16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5";

    #[test]
    fn an_android_app_is_read_as_keytool_prints_its_fingerprint() {
        let app = AndroidApp::read(&format!("com.example.shop={FINGERPRINT}")).unwrap();
        assert_eq!(app.package, "com.example.shop");
        assert_eq!(app.fingerprint(), FINGERPRINT);
        let lower = FINGERPRINT.to_lowercase();
        assert_eq!(
            AndroidApp::read(&format!("com.example.shop={lower}")),
            Some(app)
        );
        for wrong in [
            FINGERPRINT.to_owned(),
            "com.example.shop".to_owned(),
            format!("shop={FINGERPRINT}"),
            format!("com.1shop={FINGERPRINT}"),
            format!("com..shop={FINGERPRINT}"),
            format!("com.sh\"op={FINGERPRINT}"),
            format!("com.example.shop={FINGERPRINT}:00"),
            format!("com.example.shop={}", FINGERPRINT.replace(':', "")),
            format!("com.example.shop={}", FINGERPRINT.replace("14:", "+4:")),
        ] {
            assert_eq!(AndroidApp::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_of_apples_has_a_team_and_a_bundle() {
        assert!(is_apple_app("A1B2C3D4E5.com.example.shop-app"));
        for wrong in [
            "A1B2C3D4E5",
            "A1B2C3D4E5.",
            "a1b2c3d4e5.com.example",
            "A1B2C3D4E.com.example",
            "A1B2C3D4E5.com.exa mple",
            "A1B2C3D4E5.com.*",
        ] {
            assert!(!is_apple_app(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_app_signs_from_the_hash_of_its_certificate_or_from_the_domain() {
        let android = NativeApps {
            android: vec![format!("com.example.shop={FINGERPRINT}")],
            ios: Vec::new(),
        };
        assert_eq!(
            android.passkey_origins("example.com"),
            ["android:apk-key-hash:FG3pg8VzBlDY7rmVLzT8ZBagg0LmHb6oigSWsj_PROU"]
        );
        let ios = NativeApps {
            android: Vec::new(),
            ios: vec!["A1B2C3D4E5.com.example.shop".into()],
        };
        assert_eq!(ios.passkey_origins("example.com"), ["https://example.com"]);
    }
}
