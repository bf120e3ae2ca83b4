//! The crate `passkey`, a password manager of another project, as a program. Each line of the
//! input is a request in JSON, and each line of the output is the answer for the service.
//!
//! usage: password-manager (verifies|asks-nobody) PAGE-ORIGIN FINGERPRINT DOMAIN

use std::error::Error;
use std::io::{BufRead, Write};

use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData, Origin};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey_client::UnverifiedAssetLink;
use serde_json::{Value, json};
use url::Url;

/// A person who is there, and who shows a finger if `verified`.
struct Person {
    verified: bool,
}

#[async_trait::async_trait]
impl UserValidationMethod for Person {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck {
            presence,
            verification: verification && self.verified,
        })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        self.verified.then_some(true)
    }
}

/// Where the password manager is asked from: a page, or an app on Android.
struct Places {
    page: Url,
    fingerprint: String,
    domain: String,
}

impl Places {
    fn origin(&self, request: &Value) -> Result<Origin<'static>, Box<dyn Error>> {
        if request["android"] != true {
            return Ok(self.page.clone().into());
        }
        let file = Url::parse(&format!(
            "https://{}/.well-known/assetlinks.json",
            self.domain
        ))?;
        let (fingerprint, domain) = (&self.fingerprint, self.domain.clone());
        let link = UnverifiedAssetLink::new("com.example.app", fingerprint, domain, file)
            .map_err(|wrong| format!("{wrong:?}"))?;
        Ok(Origin::Android(link))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, page, fingerprint, domain] = &arguments[..] else {
        return Err("usage: password-manager KIND PAGE-ORIGIN FINGERPRINT DOMAIN".into());
    };
    let verified = kind == "verifies";
    let person = Person { verified };
    let places = Places {
        page: Url::parse(page)?,
        fingerprint: fingerprint.clone(),
        domain: domain.clone(),
    };
    let store: Option<Passkey> = None;
    let authenticator = Authenticator::new(Aaguid::new_empty(), store, person, RustCryptoBackend);
    let mut manager = Client::new(authenticator).user_verification_when_preferred(verified);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let origin = places.origin(&request)?;
        let options = json!({ "publicKey": request["options"] });
        let answer = if request["act"] == "create" {
            let options = serde_json::from_value(options)?;
            let made = manager.register(origin, options, DefaultClientData);
            serde_json::to_value(runtime.block_on(made).map_err(|why| format!("{why:?}"))?)?
        } else {
            let options = serde_json::from_value(options)?;
            let signed = manager.authenticate(origin, options, DefaultClientData);
            serde_json::to_value(runtime.block_on(signed).map_err(|why| format!("{why:?}"))?)?
        };
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
