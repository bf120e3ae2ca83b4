//! What every field of a client must be.

use crate::authorization::client::{
    Client, LONGEST_CLIENT_ID, LONGEST_TOKEN_SECONDS, may_lead_back,
};
use crate::authorization::clients::native_apps::{AndroidApp, NativeApps, is_apple_app};
use crate::authorization::grant::Grant;

/// Why a client cannot be stored: one sentence, which names the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongField(pub String);

/// The longest lifetime of refresh tokens, in seconds: a year.
const LONGEST_REFRESH_SECONDS: i64 = 31_536_000;

/// Refuses a client with a field that is wrong.
///
/// # Errors
/// One sentence, which names the field.
pub fn check_fields(client: &Client) -> Result<(), WrongField> {
    let printable = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    let id = &client.id;
    if id.is_empty() || id.len() > LONGEST_CLIENT_ID || !printable(id) {
        return wrong("the id wants 1 to 256 printable ASCII characters");
    }
    for scope in &client.scopes {
        let good = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
        if scope.is_empty() || !scope.bytes().all(good) {
            return wrong(&format!(
                "{scope:?} is no scope: it wants text without spaces"
            ));
        }
    }
    for audience in &client.audiences {
        let bad = |one: char| one.is_whitespace() || one.is_control();
        if audience.is_empty() || audience.contains(bad) {
            return wrong(&format!(
                "{audience:?} is no audience: it wants text without spaces"
            ));
        }
    }
    for uri in client.redirect_uris.iter().chain(&client.logout_uris) {
        if !may_lead_back(uri) {
            return wrong(&format!(
                "{uri:?} is no redirect URI: it wants a scheme and no fragment"
            ));
        }
    }
    for origin in &client.web_origins {
        if !is_web_origin(origin) {
            return wrong(&format!(
                "{origin:?} is no web origin: it wants https:// and a host, without a path, or the \
                 key hash of an Android app"
            ));
        }
    }
    native_apps(&client.apps)?;
    machine(client)?;
    lifetime(
        "access-token-seconds",
        client.access_token_seconds,
        LONGEST_TOKEN_SECONDS,
    )?;
    let refresh = [
        ("refresh-idle-seconds", client.refresh_idle_seconds),
        ("refresh-absolute-seconds", client.refresh_absolute_seconds),
    ];
    for (name, seconds) in refresh {
        lifetime(name, seconds, LONGEST_REFRESH_SECONDS)?;
    }
    Ok(())
}

/// Whether this text is an origin as browsers write it: scheme, host in lower case, and a
/// port if it is not the usual one. Only a page of this machine may do without TLS.
pub fn is_web_origin(text: &str) -> bool {
    if let Some(hash) = text.strip_prefix("android:apk-key-hash:") {
        return is_key_hash(hash);
    }
    let local = ["http://localhost", "http://127.0.0.1"];
    let host = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(host), _) => host,
        (None, Some(host)) if local.iter().any(|one| is_at(text, one)) => host,
        (None, _) => return false,
    };
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:".contains(&byte);
    !host.is_empty() && host.bytes().all(plain)
}

/// Whether this origin is the local origin, with a port or without.
fn is_at(origin: &str, local: &str) -> bool {
    let port = origin.strip_prefix(local);
    port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
}

/// Whether this is SHA-256 in base64url, as Android names the key that signed an app.
fn is_key_hash(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() == 43 && text.bytes().all(digit)
}

fn native_apps(apps: &NativeApps) -> Result<(), WrongField> {
    let is_android = |app: &&String| AndroidApp::read(app).is_some();
    if let Some(app) = apps.android.iter().find(|app| !is_android(app)) {
        return wrong(&format!(
            "{app:?} is no Android app: it wants the package, an equals sign, and the SHA-256 \
             fingerprint of the certificate, 32 pairs of digits with colons between"
        ));
    }
    if let Some(app) = apps.ios.iter().find(|app| !is_apple_app(app)) {
        return wrong(&format!(
            "{app:?} is no app of Apple's: it wants the team, a dot and the bundle, such as \
             A1B2C3D4E5.com.example.shop"
        ));
    }
    Ok(())
}

/// Refuses a client that may ask for tokens of its own and could never get one.
fn machine(client: &Client) -> Result<(), WrongField> {
    let grant = Grant::ClientCredentials;
    if client.grants.allows(grant) && client.is_public() {
        return wrong("the grant client_credentials wants a client with a secret");
    }
    let alone = client.grants.names().all(|name| name == grant.name());
    if client.grants.allows(grant) && alone && client.audiences.is_empty() {
        return wrong("a client with the grant client_credentials alone wants an audience");
    }
    Ok(())
}

fn lifetime(name: &str, seconds: Option<i64>, most: i64) -> Result<(), WrongField> {
    match seconds {
        Some(seconds) if !(1..=most).contains(&seconds) => {
            wrong(&format!("{name} wants 1 to {most} seconds"))
        }
        _ => Ok(()),
    }
}

fn wrong<T>(text: &str) -> Result<T, WrongField> {
    Err(WrongField(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::grant::Grants;

    fn client() -> Client {
        Client {
            secret_hashes: vec!["hash".into()],
            grants: Grants::from([Grant::Password]),
            scopes: vec!["read:sample".into()],
            audiences: vec!["https://api".into()],
            access_token_seconds: Some(3600),
            redirect_uris: vec!["https://app.example.com/back".into()],
            logout_uris: vec!["https://app.example.com/bye".into()],
            web_origins: vec!["https://app.example.com".into()],
            ..Client::new("app")
        }
    }

    #[test]
    fn an_android_app_is_named_by_the_hash_of_its_key() {
        let hash = "A".repeat(43);
        for (origin, good) in [
            (format!("android:apk-key-hash:{hash}"), true),
            (format!("android:apk-key-hash:{hash}="), false),
            ("android:apk-key-hash:".to_owned(), false),
            (format!("android:apk-key-hash-sha256:{hash}"), false),
        ] {
            let client = Client {
                web_origins: vec![origin],
                ..client()
            };
            assert_eq!(check_fields(&client).is_ok(), good, "{client:?}");
        }
    }

    #[test]
    fn each_field_is_refused_by_a_sentence_that_names_the_field() {
        assert_eq!(check_fields(&client()), Ok(()));
        let machine = || Grants::from([Grant::ClientCredentials]);
        let wrong: [(Client, &str); 11] = [
            (
                Client {
                    id: String::new(),
                    ..client()
                },
                "the id",
            ),
            (
                Client {
                    id: "a\n".into(),
                    ..client()
                },
                "the id",
            ),
            (
                Client {
                    scopes: vec!["a b".into()],
                    ..client()
                },
                "scope",
            ),
            (
                Client {
                    audiences: vec![String::new()],
                    ..client()
                },
                "audience",
            ),
            (
                Client {
                    redirect_uris: vec!["/back".into()],
                    ..client()
                },
                "redirect URI",
            ),
            (
                Client {
                    logout_uris: vec!["/bye".into()],
                    ..client()
                },
                "redirect URI",
            ),
            (
                Client {
                    web_origins: vec!["https://app.example.com/".into()],
                    ..client()
                },
                "web origin",
            ),
            (
                Client {
                    access_token_seconds: Some(0),
                    ..client()
                },
                "access-token-seconds",
            ),
            (
                Client {
                    refresh_idle_seconds: Some(i64::MAX),
                    ..client()
                },
                "refresh-idle-seconds",
            ),
            (
                Client {
                    grants: machine(),
                    secret_hashes: vec![],
                    ..client()
                },
                "a secret",
            ),
            (
                Client {
                    grants: machine(),
                    audiences: vec![],
                    ..client()
                },
                "an audience",
            ),
        ];
        for (client, named) in wrong {
            let refused = check_fields(&client);
            let names = |WrongField(sentence): &WrongField| sentence.contains(named);
            assert!(refused.as_ref().is_err_and(names), "{named}: {refused:?}");
        }
    }
}
