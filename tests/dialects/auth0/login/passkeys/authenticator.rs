//! An authenticator with one passkey, whose ceremonies a test can spoil.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::domain::authorization::grant::{Grant, Grants};
use countersign_local::demo;
use serde_json::{Value, json};

use crate::dialects::auth0::factors::my_account::{METHODS, SCOPES, call};
use crate::harness::{Answer, Service};

/// The domain of the passkeys.
pub const DOMAIN: (&str, &str) = ("COUNTERSIGN_PASSKEY_DOMAIN", "localhost");
/// The origin of the app.
pub const ORIGIN: &str = "https://localhost:3000";
/// The origin of the app for Android.
pub const ANDROID: &str = "android:apk-key-hash:X-8oDg7_pS9Z3Q0rK1tUjYVvB4mWnLcHxEaGfIyOuTs";
pub const GRANT: &str = "urn:okta:params:oauth:grant-type:webauthn";
const ME: &str = "https://localhost:8788/me/";

/// The flags of an authenticator's data (W3C Web Authentication 6.1).
pub const PRESENT: u8 = 0x01;
pub const VERIFIED: u8 = 0x04;
pub const MAY_BE_COPIED: u8 = 0x08;
pub const IS_COPIED: u8 = 0x10;
const HAS_KEY: u8 = 0x40;
pub const EXTENDED: u8 = 0x80;

/// An authenticator.
pub struct Authenticator {
    key: EcdsaKeyPair,
    pub credential: Vec<u8>,
    pub handle: Vec<u8>,
    pub counter: u32,
    pub flags: u8,
    pub origin: String,
    pub domain: String,
}

/// What an authenticator gives, before it is written as JSON.
pub struct Given {
    pub client_data: Value,
    /// What the authenticator says of the ceremony. The signature is over this.
    pub data: Vec<u8>,
    pub id: Vec<u8>,
    pub handle: Option<Vec<u8>>,
    pub kind: &'static str,
}

pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn text<'a>(options: &'a Value, path: &str) -> &'a str {
    options.pointer(path).and_then(Value::as_str).unwrap()
}

impl Authenticator {
    /// An authenticator whose key stays in it, and which verifies its user.
    pub fn new() -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            credential: uuid::Uuid::new_v4().into_bytes().to_vec(),
            handle: Vec::new(),
            counter: 0,
            flags: PRESENT | VERIFIED,
            origin: ORIGIN.to_owned(),
            domain: DOMAIN.1.to_owned(),
        }
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Value {
        json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        })
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.domain.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key as CBOR (RFC 9053 7.1.1): a point of P-256 for ES256.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(&point[1..33]);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(&point[33..65]);
        key
    }

    /// A new passkey for these options, in the form of `authn_response`.
    pub fn create(&mut self, options: &Value) -> Value {
        self.create_spoiled(options, |_, _| {})
    }

    /// A new passkey, of which a test changes the client's data and the data of the
    /// authenticator.
    pub fn create_spoiled(
        &mut self,
        options: &Value,
        spoil: impl FnOnce(&mut Value, &mut Vec<u8>),
    ) -> Value {
        self.handle = URL_SAFE_NO_PAD.decode(text(options, "/user/id")).unwrap();
        let mut client_data = self.client_data("webauthn.create", text(options, "/challenge"));
        let mut data = self.data(self.flags | HAS_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend(&self.credential);
        data.extend(self.cose_key());
        spoil(&mut client_data, &mut data);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        json!({
            "id": base64url(&self.credential),
            "rawId": base64url(&self.credential),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(client_data.to_string().as_bytes()),
                "attestationObject": base64url(&object),
            },
        })
    }

    /// The signature under these options, in the form of `authn_response`.
    pub fn sign(&mut self, options: &Value) -> Value {
        self.sign_spoiled(options, |_| {})
    }

    /// The signature, of which a test changes what is signed.
    pub fn sign_spoiled(&mut self, options: &Value, spoil: impl FnOnce(&mut Given)) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let mut given = Given {
            client_data: self.client_data("webauthn.get", text(options, "/challenge")),
            data: self.data(self.flags),
            id: self.credential.clone(),
            handle: Some(self.handle.clone()),
            kind: "public-key",
        };
        spoil(&mut given);
        let client_data = given.client_data.to_string();
        let mut signed = given.data.clone();
        signed.extend(digest(&SHA256, client_data.as_bytes()).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": base64url(&given.id),
            "rawId": base64url(&given.id),
            "type": given.kind,
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(client_data.as_bytes()),
                "authenticatorData": base64url(&given.data),
                "signature": base64url(signature.as_ref()),
                "userHandle": given.handle.as_deref().map(base64url),
            },
        })
    }
}

/// A service that takes passkeys, with some settings changed. Its client `mine` may enrol
/// them and sign in with them, and `other` too.
pub async fn start_with(changes: &[(&str, &str)]) -> Service {
    let mut settings = vec![DOMAIN];
    settings.extend(changes);
    let service = Service::start_with(&settings).await;
    add_clients(&service).await;
    service
}

/// Makes these clients.
pub async fn add_clients(service: &Service) {
    for id in ["mine", "other"] {
        service
            .add_client(id, |client| {
                client.audiences = vec![demo::AUDIENCE.to_owned(), ME.to_owned()];
                let scopes = SCOPES.split_ascii_whitespace().map(str::to_owned);
                client.scopes = scopes.chain(["offline_access".to_owned()]).collect();
                let names = client.grants.names().map(str::to_owned);
                let names = names.chain([Grant::Passkey.name().to_owned()]).collect();
                client.grants = Grants::from_names(names);
                client.web_origins = vec![ORIGIN.to_owned(), ANDROID.to_owned()];
            })
            .await;
    }
}

/// The access token of a password alone, for the endpoints of the My Account API.
pub async fn my_token(service: &Service, user: &str) -> String {
    let body = json!({
        "grant_type": "password", "client_id": "mine", "username": user,
        "password": demo::PASSWORD_OF_ALL, "audience": ME, "scope": SCOPES,
    });
    let tokens = service.post_json("/oauth/token", &body).await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    tokens.text("access_token")
}

/// Begins a passkey with this access token.
pub async fn begin(service: &Service, token: &str) -> Answer {
    let body = Some(json!({ "type": "passkey" }));
    call(service, axum::http::Method::POST, METHODS, body, token).await
}

/// Shows what the authenticator gave.
pub async fn verify(service: &Service, begun: &Answer, response: Value, token: &str) -> Answer {
    let body = json!({ "auth_session": begun.text("auth_session"), "authn_response": response });
    let path = format!("{METHODS}/passkey%7Cnew/verify");
    call(service, axum::http::Method::POST, &path, Some(body), token).await
}

/// Enrols this authenticator's passkey for a user without a second factor.
pub async fn enrol(service: &Service, user: &str, authenticator: &mut Authenticator) -> String {
    let token = my_token(service, user).await;
    let begun = begin(service, &token).await;
    assert_eq!(begun.status, 202, "{}", begun.raw);
    let response = authenticator.create(&begun.body["authn_params_public_key"]);
    let verified = verify(service, &begun, response, &token).await;
    assert_eq!(verified.status, 201, "{}", verified.raw);
    verified.text("id")
}

/// The user without a second factor, with a passkey.
pub async fn enrolled(service: &Service) -> Authenticator {
    let mut authenticator = Authenticator::new();
    enrol(service, demo::PLAIN_USER, &mut authenticator).await;
    authenticator
}

/// A challenge for this client.
pub async fn challenge(service: &Service, client: &str) -> Answer {
    let body = json!({ "client_id": client });
    let answer = service.post_json("/passkey/challenge", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.raw);
    answer
}

/// What an authenticator signs.
pub fn options(challenge: &Answer) -> &Value {
    &challenge.body["authn_params_public_key"]
}

/// A token request with a signature.
pub fn request(client: &str, challenge: &Answer, response: Value) -> Value {
    json!({
        "grant_type": GRANT, "client_id": client, "audience": demo::AUDIENCE,
        "scope": "offline_access", "auth_session": challenge.text("auth_session"),
        "authn_response": response,
    })
}

/// Signs in with a signature.
pub async fn sign_in(service: &Service, challenge: &Answer, response: Value) -> Answer {
    let body = request("mine", challenge, response);
    service.post_json("/oauth/token", &body).await
}

/// Signs in with this authenticator.
pub async fn sign_in_with(service: &Service, authenticator: &mut Authenticator) -> Answer {
    let challenge = challenge(service, "mine").await;
    let response = authenticator.sign(options(&challenge));
    sign_in(service, &challenge, response).await
}

/// Demands a second factor of this user.
pub async fn demand_second_factor(service: &Service, email: &str) {
    let demanded = AttributeValue::Bool(true);
    service.set_profile(email, "two_factor", demanded).await;
}
