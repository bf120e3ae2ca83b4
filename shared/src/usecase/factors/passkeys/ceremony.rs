//! The ceremonies of W3C Web Authentication: the only file that uses the crate for them.
//! Of the functions, only `token` and `enroll` reach this file.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationFormat, AuthenticationState, COSEAlgorithm, COSEKey, Credential, ParsedAttestation,
    PublicKeyCredential, RegisterPublicKeyCredential, RegisteredExtensions, RegistrationState,
    UserVerificationPolicy,
};

use crate::app::App;
use crate::domain::authorization::clients::native_apps::NativeApps;
use crate::domain::factors::passkey::{
    CHALLENGE_SECONDS, LONGEST_CREDENTIAL, Passkey, SecondUse, UserHandle,
};
use crate::domain::sessions::party::Party;
use crate::failure::Broken;
use crate::usecase::factors::passkeys::client_data::{is_expected, names_it};
use crate::usecase::factors::passkeys::options::{PasskeyOptions, base64url};

/// The algorithms of new passkeys, the preferred one first. The crate checks no Ed25519.
const ALGORITHMS: [COSEAlgorithm; 2] = [COSEAlgorithm::ES256, COSEAlgorithm::RS256];

/// What a client may have signed, and where.
pub(crate) struct Ceremony<'a> {
    pub options: PasskeyOptions<'a>,
    origins: Vec<String>,
    core: WebauthnCore,
}

/// An assertion as an app sent it. Nothing is checked yet.
pub(crate) struct PasskeyAssertion(PublicKeyCredential);

/// A new passkey whose ceremony was right.
pub(crate) struct MadePasskey {
    pub passkey: Passkey,
    /// Whether the authenticator has verified the user, by a PIN or a finger.
    pub verified: bool,
}

/// What a right assertion says.
pub(crate) struct Asserted {
    /// How often the authenticator has signed. Zero if it does not count.
    pub counter: u32,
    /// Whether the authenticator has verified the user, by a PIN or a finger.
    pub verified: bool,
    /// Whether the private key has been copied.
    pub is_copied: bool,
}

/// Whether the service's own pages take passkeys.
pub fn pages_take_passkeys(app: &App) -> bool {
    !app.config.passkeys.page_origins.is_empty()
}

impl PasskeyAssertion {
    /// Reads an `authn_response`. `None` if the text cannot be an assertion of a
    /// discoverable credential, which names its user.
    pub fn read(text: &str) -> Option<(Self, UserHandle)> {
        let read: PublicKeyCredential = serde_json::from_str(text).ok()?;
        let handle = UserHandle::read(read.get_user_unique_id()?)?;
        is_sound(text, &read).then_some((Self(read), handle))
    }

    /// Reads an `authn_response` under a challenge for the passkeys of one user, whose
    /// authenticator knows the user by this handle. An authenticator need not name the user.
    pub fn read_of(text: &str, handle: Option<UserHandle>) -> Option<Self> {
        let read: PublicKeyCredential = serde_json::from_str(text).ok()?;
        let named = read.get_user_unique_id().map(UserHandle::read);
        let own = named.is_none_or(|named| named.is_some() && named == handle);
        (own && is_sound(text, &read)).then_some(Self(read))
    }

    /// Whether this passkey has signed, by its own account.
    pub fn is_of(&self, passkey: &Passkey) -> bool {
        self.0.raw_id == passkey.credential
    }
}

impl<'a> Ceremony<'a> {
    /// The ceremonies at these origins and for these apps of a client. `None` where no passkey is taken: the installation
    /// has no domain for passkeys.
    pub fn of(app: &'a App, web_origins: &[String], apps: &NativeApps) -> Option<Self> {
        let options = PasskeyOptions::of(app)?;
        let PasskeyOptions { domain, product } = options;
        let mut origins = web_origins.to_vec();
        origins.extend(apps.passkey_origins(domain));
        let urls = origins.iter();
        let urls = urls.filter_map(|origin| Url::parse(origin).ok()).collect();
        let seconds = u64::try_from(CHALLENGE_SECONDS).unwrap_or(300);
        let timeout = Duration::from_secs(seconds);
        // Neither subdomains nor other ports of an origin.
        let core =
            WebauthnCore::new_unsafe_experts_only(product, domain, urls, timeout, None, None);
        Some(Self {
            options,
            origins,
            core,
        })
    }

    /// The ceremonies on the service's own pages. `None` where these take no passkey.
    pub fn at_pages(app: &'a App) -> Option<Self> {
        let origins = &app.config.passkeys.page_origins;
        pages_take_passkeys(app).then(|| Self::of(app, origins, &NativeApps::default()))?
    }

    /// The ceremonies of an app, or on our own pages.
    pub fn at(app: &'a App, party: Party<'a>) -> Option<Self> {
        match party {
            Party::App(client) => Self::of(app, &client.web_origins, &client.apps),
            Party::Pages => Self::at_pages(app),
        }
    }

    /// Checks a new passkey under this challenge (W3C Web Authentication 7.1). An
    /// attestation is checked and not trusted, because nobody asks for one. `None` if
    /// anything is wrong.
    ///
    /// # Errors
    /// `Broken` if the public key cannot be written.
    pub fn made_passkey(
        &self,
        response: &str,
        challenge: &[u8; 32],
    ) -> Result<Option<MadePasskey>, Broken> {
        let Ok(read) = serde_json::from_str::<RegisterPublicKeyCredential>(response) else {
            return Ok(None);
        };
        let whole =
            attested_data(&read.response.attestation_object).is_some_and(|data| is_whole(&data));
        if !whole || !self.expects(&read.response.client_data_json, challenge) {
            return Ok(None);
        }
        let state = json!({
            "policy": UserVerificationPolicy::Preferred,
            "exclude_credentials": [],
            "challenge": base64url(challenge),
            "credential_algorithms": ALGORITHMS,
            "require_resident_key": true,
            "authenticator_attachment": null,
            "extensions": {},
            "allow_synchronised_authenticators": true,
        });
        let state: RegistrationState = serde_json::from_value(state)
            .map_err(|_| Broken::internal("a challenge is no state of a ceremony"))?;
        let Ok(new) = self.core.register_credential(&read, &state, None) else {
            return Ok(None);
        };
        let named = (1..=LONGEST_CREDENTIAL).contains(&new.cred_id.len());
        let named = named && names_it(response, &base64url(&new.cred_id));
        if !named || read.type_ != "public-key" {
            return Ok(None);
        }
        let public_key = serde_json::to_string(&new.cred)
            .map_err(|_| Broken::internal("a public key cannot be written"))?;
        let passkey = Passkey {
            credential: new.cred_id,
            public_key,
            counter: new.counter,
            may_be_copied: new.backup_eligible,
            is_copied: new.backup_state,
            last_used_at: None,
            second: SecondUse::Nothing,
        };
        let verified = new.user_verified;
        Ok(Some(MadePasskey { passkey, verified }))
    }

    /// Checks an assertion under this challenge with the public key of this passkey:
    /// type, challenge, origin, RP ID, flags, signature and counter (W3C Web
    /// Authentication 7.2). `None` if anything is wrong. The caller has checked the user
    /// handle.
    ///
    /// # Errors
    /// `Broken` if the stored key is unreadable.
    pub fn assert(
        &self,
        shown: &PasskeyAssertion,
        challenge: &[u8; 32],
        passkey: &Passkey,
    ) -> Result<Option<Asserted>, Broken> {
        let response = &shown.0.response;
        let expected = self.expects(&response.client_data_json, challenge);
        if !expected || !is_whole(&response.authenticator_data) {
            return Ok(None);
        }
        let credential = credential_of(passkey)?;
        let state = json!({
            "credentials": [],
            // The flag says what the user has done. `Asserted::verified` tells of it.
            "policy": UserVerificationPolicy::Preferred,
            "challenge": base64url(challenge),
            "appid": null,
            "allow_backup_eligible_upgrade": false,
        });
        let state: AuthenticationState = serde_json::from_value(state)
            .map_err(|_| Broken::internal("a challenge is no state of a ceremony"))?;
        let checked = self
            .core
            .authenticate_single_credential(&shown.0, &state, &credential);
        Ok(checked.ok().map(|right| Asserted {
            counter: right.counter(),
            verified: right.user_verified(),
            is_copied: right.backup_state(),
        }))
    }

    fn expects(&self, client_data: &[u8], challenge: &[u8; 32]) -> bool {
        is_expected(client_data, &base64url(challenge), &self.origins)
    }
}

/// Whether an assertion has the form of one, and names its credential alike twice.
fn is_sound(text: &str, read: &PublicKeyCredential) -> bool {
    let fits = (1..=LONGEST_CREDENTIAL).contains(&read.raw_id.len());
    fits && names_it(text, &base64url(&read.raw_id)) && read.type_ == "public-key"
}

/// A stored passkey as the crate takes it. The policy asks for no verification, because a
/// passkey without verification counts as one factor.
fn credential_of(passkey: &Passkey) -> Result<Credential, Broken> {
    let key = serde_json::from_str(&passkey.public_key)
        .map_err(|_| Broken::internal("a stored passkey has an unreadable public key"))?;
    Ok(Credential {
        cred_id: passkey.credential.clone(),
        cred: key,
        counter: passkey.counter,
        transports: None,
        user_verified: false,
        backup_eligible: passkey.may_be_copied,
        backup_state: passkey.is_copied,
        registration_policy: UserVerificationPolicy::Preferred,
        extensions: RegisteredExtensions::none(),
        attestation: ParsedAttestation::default(),
        attestation_format: AttestationFormat::None,
    })
}

/// Whether an assertion can be checked with this public key, in the form in which `Passkey`
/// holds the key: an import asks before it stores the key.
pub fn is_public_key(stored: &str) -> bool {
    let Ok(key) = serde_json::from_str::<COSEKey>(stored) else {
        return false;
    };
    // The crate tells about a key only with a signature, which is none here.
    let checked = key.verify_signature(&[], &[]);
    ALGORITHMS.contains(&key.type_)
        && matches!(checked, Ok(_) | Err(WebauthnError::SignatureInvalid))
}

/// Whether an `authn_response` is of a new passkey, and not a signature of a known one.
pub(crate) fn is_of_new_passkey(response: &str) -> bool {
    let read: Option<Value> = serde_json::from_str(response).ok();
    read.is_some_and(|read| read.pointer("/response/attestationObject").is_some())
}

/// The data of the authenticator in an attestation object. The object is a map in which no key
/// comes twice. No attestation has no statement.
fn attested_data(object: &[u8]) -> Option<Vec<u8>> {
    // The head of a map with up to 23 members. Lengths may be longer than needed: clients
    // write this object, and some of these write it so.
    let count = usize::from(object.first()?.checked_sub(0xa0)?);
    let Ok(Cbor::Map(members)) = serde_cbor_2::from_slice(object) else {
        return None;
    };
    if count != members.len() {
        return None;
    }
    let member = |name: &str| members.get(&Cbor::Text(name.to_owned()));
    let none = *member("fmt")? == Cbor::Text("none".to_owned());
    if none && *member("attStmt")? != Cbor::Map(BTreeMap::new()) {
        return None;
    }
    match member("authData")? {
        Cbor::Bytes(data) => Some(data.clone()),
        _ => None,
    }
}

/// Whether the data of an authenticator has what its flags say, and nothing after it (W3C Web
/// Authentication 6.1). The crate does not look at what follows.
fn is_whole(data: &[u8]) -> bool {
    const HAS_KEY: u8 = 0x40;
    const HAS_EXTENSIONS: u8 = 0x80;
    let Some((head, mut rest)) = data.split_at_checked(37) else {
        return false;
    };
    let flags = head.get(32).copied().unwrap_or_default();
    if flags & HAS_KEY != 0 {
        let Some(after) = after_key(rest) else {
            return false;
        };
        rest = after;
    }
    if flags & HAS_EXTENSIONS != 0 {
        let Some((Cbor::Map(_), after)) = first_cbor(rest) else {
            return false;
        };
        rest = after;
    }
    rest.is_empty()
}

/// What follows a new key: after the AAGUID, the credential with its length, and the key.
fn after_key(data: &[u8]) -> Option<&[u8]> {
    let (_, rest) = data.split_at_checked(16)?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (_, key) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    first_cbor(key).map(|(_, after)| after)
}

/// The first item of CBOR, and what follows the item. `None` unless the item is as short as can
/// be, as authenticators write (CTAP 2.1, section 8): so no key of a map comes twice, and there
/// is no tag and no length without end. The order of keys is not looked at.
fn first_cbor(data: &[u8]) -> Option<(Cbor, &[u8])> {
    let mut reader = serde_cbor_2::Deserializer::from_slice(data);
    let item = Cbor::deserialize(&mut reader).ok()?;
    let length = reader.byte_offset();
    let shortest = serde_cbor_2::to_vec(&item).ok()?.len() == length;
    shortest.then_some((item, data.get(length..)?))
}
