//! `--seed FILE`: clients and users in place of the demo data.
//!
//! The file is JSON, read by the types here: `docs/seed.md` tells it field by field. Passwords,
//! client secrets, seeds and recovery codes stand in it in clear and are stored as the service
//! stores them (hashed or sealed). Read [`field`] for what a field takes, [`check`] for what the
//! file as a whole must be, [`make`] for what becomes of it.

mod check;
mod field;
mod make;
#[cfg(test)]
mod tests;

use crate::problem::Problem;
use field::{
    Audience, ClientId, Email, Grant, Lifetime, Line, Name, Password, Phone, RecoveryCode,
    RedirectUri, ScopeName, TokenLifetime, TotpSeed, User,
};
pub use make::{Made, make};
use serde::Deserialize;
use std::path::Path;

/// What the file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Clients.
    #[serde(default)]
    pub clients: Vec<SeedClient>,
    /// Users.
    #[serde(default)]
    pub users: Vec<SeedUser>,
}

/// A client: all that the service knows of one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedClient {
    /// The `client_id`.
    pub id: ClientId,
    /// Secrets that are good; none for a public client.
    #[serde(default)]
    pub secrets: Vec<Password>,
    /// The `grant_type`s; if left out, those of a login with a password.
    pub grants: Option<Vec<Grant>>,
    /// Scopes beside OpenID Connect's own.
    #[serde(default)]
    pub scopes: Vec<ScopeName>,
    /// Audiences, the default one first; `{issuer}` stands for the issuer.
    #[serde(default)]
    pub audiences: Vec<Audience>,
    /// Where a browser may be sent back to.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// Lifetime of access tokens.
    pub access_token_seconds: Option<TokenLifetime>,
    /// Idle lifetime of refresh tokens.
    pub refresh_idle_seconds: Option<Lifetime>,
    /// Absolute lifetime of refresh tokens.
    pub refresh_absolute_seconds: Option<Lifetime>,
}

/// A user. What is left out is what a user has who signed up and confirmed everything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedUser {
    /// The identifier, which becomes `sub`; a random one if left out.
    pub id: Option<User>,
    /// The user name; the e-mail address if left out.
    pub user_name: Option<Name>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// Whether the address is confirmed: yes if left out.
    #[serde(default = "yes")]
    pub email_confirmed: bool,
    /// The phone number.
    pub phone: Option<Phone>,
    /// Whether the number is confirmed: yes if left out.
    #[serde(default = "yes")]
    pub phone_confirmed: bool,
    /// The password; without one, nobody signs in before a reset.
    pub password: Option<Password>,
    /// Whether the password has to be changed at the next sign-in.
    #[serde(default)]
    pub must_change_password: bool,
    /// First name.
    pub given_name: Option<Line>,
    /// Last name.
    pub family_name: Option<Line>,
    /// Roles.
    #[serde(default)]
    pub roles: Vec<Line>,
    /// Whether the user may sign in at all: yes if left out.
    #[serde(default = "yes")]
    pub active: bool,
    /// Whether a second factor is demanded: if left out, of a user who has one.
    pub two_factor: Option<bool>,
    /// Second factors.
    #[serde(default)]
    pub factors: Vec<SeedFactor>,
    /// Recovery codes.
    #[serde(default)]
    pub recovery_codes: Vec<RecoveryCode>,
}

/// A second factor: one of the first four, and whether it is confirmed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedFactor {
    /// An authenticator app: its seed.
    pub totp: Option<TotpSeed>,
    /// Text messages: the number.
    pub sms: Option<Phone>,
    /// E-mail: the address.
    pub email: Option<Email>,
    /// The webhook: what its user calls it.
    pub webhook: Option<Line>,
    /// Whether its owner has shown that it works: yes if left out.
    #[serde(default = "yes")]
    pub confirmed: bool,
}

fn yes() -> bool {
    true
}

impl Seed {
    /// Reads the file; gives its text too.
    ///
    /// # Errors
    /// One line with the file, the line and the field that is wrong, and what it wants.
    pub fn read(file: &Path) -> Result<(Seed, String), Problem> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Problem::new(format!("cannot read the seed {}: {error}", file.display()))
        })?;
        match Seed::parse(&text) {
            Ok(seed) => Ok((seed, text)),
            Err(wrong) => Err(Problem::new(format!("{}: {wrong}", file.display()))),
        }
    }

    /// Reads the file's text.
    ///
    /// # Errors
    /// The field that is wrong, what it wants, and where it stands.
    pub fn parse(text: &str) -> Result<Seed, String> {
        // Some editors put a mark at the beginning of what is UTF-8 anyway.
        let text = text.trim_start_matches('\u{feff}');
        let mut json = serde_json::Deserializer::from_str(text);
        let seed: Seed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner();
            match path.as_str() {
                "." => inner.to_string(),
                field => format!("{field}: {inner}"),
            }
        })?;
        json.end().map_err(|error| error.to_string())?;
        check::check(&seed)?;
        Ok(seed)
    }
}

impl SeedUser {
    /// What the user signs in with: the user name, else the e-mail address. The file's check has
    /// seen that there is one.
    pub fn name(&self) -> &str {
        let email = || self.email.as_ref().map(Email::as_str);
        let name = self.user_name.as_ref().map(Name::as_str).or_else(email);
        name.unwrap_or_default()
    }
}
