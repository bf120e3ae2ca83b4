//! What the file of `--seed` may contain.

use super::field::{
    AndroidPackage, AppleApp, Audience, ClientId, CodeHash, Email, GrantName, Lifetime, Line, Name,
    Password, Phone, RecoveryCode, RedirectUri, ScopeName, StoredPassword, Subject, TokenLifetime,
    TotpSeed, User,
};
use countersign::domain::accounts::profile::{Profile, UserMetadata};
use countersign::domain::id::UserId;
use countersign_cli::import::exported::ExportedPasskey;
use serde::Deserialize;

/// The content of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    #[serde(default)]
    pub clients: Vec<SeedClient>,
    #[serde(default)]
    pub users: Vec<SeedUser>,
}

/// A client, with everything that the service stores about a client.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedClient {
    pub id: ClientId,
    /// The valid secrets. Empty for a public client.
    #[serde(default)]
    pub secrets: Vec<Password>,
    /// The hashes of valid secrets that are not known in clear.
    #[serde(default)]
    pub secret_hashes: Vec<CodeHash>,
    /// The values of `grant_type`. The default is those of a login with a password.
    pub grants: Option<Vec<GrantName>>,
    /// The scopes, in addition to those of OpenID Connect.
    #[serde(default)]
    pub scopes: Vec<ScopeName>,
    /// The audiences. The first is the default. `{issuer}` stands for the issuer.
    #[serde(default)]
    pub audiences: Vec<Audience>,
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may be sent to after a sign-out.
    #[serde(default)]
    pub logout_uris: Vec<RedirectUri>,
    /// The origins of pages that may get an answer as a message.
    #[serde(default)]
    pub web_origins: Vec<RedirectUri>,
    /// Android apps: package, equals sign and SHA-256 fingerprint.
    #[serde(default)]
    pub android_apps: Vec<AndroidPackage>,
    /// Apps of Apple's systems: team, dot and bundle.
    #[serde(default)]
    pub ios_apps: Vec<AppleApp>,
    /// Whether the client is an app of the operator's own, which may take passwords and
    /// codes itself.
    #[serde(default)]
    pub first_party: bool,
    pub access_token_seconds: Option<TokenLifetime>,
    /// Idle lifetime of refresh tokens.
    pub refresh_idle_seconds: Option<Lifetime>,
    /// Absolute lifetime of refresh tokens.
    pub refresh_absolute_seconds: Option<Lifetime>,
}

/// A user. The defaults are those of a user who signed up and confirmed everything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedUser {
    /// The identifier, which becomes `sub`. The default is random.
    pub id: Option<User>,
    /// The `sub` that another system gave the user. The identifier follows from it.
    pub subject: Option<Subject>,
    /// The user name. The default is the e-mail address.
    pub user_name: Option<Name>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// Whether the address is confirmed. The default is yes.
    #[serde(default = "yes")]
    pub email_confirmed: bool,
    /// The phone number.
    pub phone: Option<Phone>,
    /// Whether the number is confirmed. The default is yes.
    #[serde(default = "yes")]
    pub phone_confirmed: bool,
    /// The password. Without one, the user cannot sign in before a reset.
    pub password: Option<Password>,
    /// The hash of the password, if the password is not known in clear.
    pub password_hash: Option<StoredPassword>,
    /// Whether the user must change the password at the next sign-in.
    #[serde(default)]
    pub must_change_password: bool,
    /// First name.
    pub given_name: Option<Line>,
    /// Last name.
    pub family_name: Option<Line>,
    /// The full name.
    pub name: Option<String>,
    pub nickname: Option<String>,
    /// The URL of a picture.
    pub picture: Option<String>,
    /// What an app keeps with the user.
    #[serde(default)]
    pub user_metadata: UserMetadata,
    #[serde(default)]
    pub roles: Vec<Line>,
    /// Whether the user may sign in at all. The default is yes.
    #[serde(default = "yes")]
    pub active: bool,
    /// Whether a second factor is required. The default is yes for a user who has one.
    pub two_factor: Option<bool>,
    /// The name by which passkeys know the user, in base64url.
    pub passkey_handle: Option<String>,
    /// Second factors.
    #[serde(default)]
    pub factors: Vec<SeedFactor>,
    #[serde(default)]
    pub recovery_codes: Vec<RecoveryCode>,
    /// The hashes of recovery codes that are not known in clear. They are the user's own:
    /// the `id` is in each hash.
    #[serde(default)]
    pub recovery_code_hashes: Vec<CodeHash>,
}

/// A second factor: exactly one of the first five fields, and whether it is confirmed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedFactor {
    /// The seed of an authenticator app.
    pub totp: Option<TotpSeed>,
    /// The number for text messages.
    pub sms: Option<Phone>,
    /// The address for e-mails.
    pub email: Option<Email>,
    /// The user's name for the webhook.
    pub webhook: Option<Line>,
    /// A passkey, as the export writes it.
    pub passkey: Option<ExportedPasskey>,
    /// Whether the user has confirmed the factor. The default is yes.
    #[serde(default = "yes")]
    pub confirmed: bool,
}

fn yes() -> bool {
    true
}

impl SeedUser {
    /// The identifier that the file gives the user, by itself or by the `sub`.
    pub fn given_id(&self) -> Option<UserId> {
        let id = self.id.as_ref().and_then(|id| UserId::parse(id.as_str()));
        id.or_else(|| Some(UserId::of_subject(self.subject.as_ref()?.as_str())))
    }

    /// What the user or an app tells about the user.
    pub fn profile(&self) -> Profile {
        Profile {
            name: self.name.clone(),
            nickname: self.nickname.clone(),
            picture: self.picture.clone(),
            metadata: self.user_metadata.clone(),
        }
    }

    /// The name that the user signs in with: the user name, or else the e-mail address.
    /// The check of the file makes sure that there is one.
    pub fn login_name(&self) -> &str {
        let email = || self.email.as_ref().map(Email::as_str);
        let name = self.user_name.as_ref().map(Name::as_str).or_else(email);
        name.unwrap_or_default()
    }
}
