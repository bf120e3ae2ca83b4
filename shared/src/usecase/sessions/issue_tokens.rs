//! Makes the tokens of a completed login or a refresh.

use serde_json::{Map, Value, json};

use crate::domain::accounts::user::User;
use crate::domain::authorization::client::{Authorized, Client, Scope};
use crate::domain::authorization::key_proof::KeyThumbprint;
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::dialect::NameClaims;
use crate::domain::id::SessionId;
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::party::Party;
use crate::domain::sessions::session::{BegunSession, Session, SessionLife};
use crate::domain::sessions::wanted_authentication::MULTI_FACTOR;
use crate::domain::token::{RefreshToken, TokenBody};
use crate::failure::Broken;
use crate::keyring::{Ring, random_bytes};
use crate::usecase::context::Context;

/// The tokens of one answer.
#[derive(Debug)]
pub struct Tokens {
    /// An RFC 9068 JWT.
    pub access_token: Secret,
    /// An OIDC id token, with scope `openid`.
    pub id_token: Option<Secret>,
    /// A refresh token, with scope `offline_access`.
    pub refresh_token: Option<Secret>,
    /// How the access token is shown: `Bearer`, or `DPoP` if it is bound to a key.
    pub token_type: &'static str,
    /// Lifetime of the access token in seconds.
    pub expires_in: i64,
    /// The granted scopes, space-separated.
    pub scope: String,
    /// The `sub` of the tokens.
    pub subject: String,
    /// The user's e-mail address.
    pub email: Option<String>,
}

/// What the tokens are made from.
pub(crate) struct ToIssue<'a> {
    pub user: &'a User,
    pub authorized: &'a Authorized,
    pub authentication: Authentication,
    /// The session, with the generation to hand out.
    pub session: Option<&'a Session>,
    /// The identifier of that session, or of a session without refresh tokens.
    pub session_id: SessionId,
    /// The `nonce`, which ties the id token to the authorization request
    /// (OpenID Connect Core 3.1.2.1).
    pub nonce: Option<&'a str>,
    /// Whether the ID token names a second factor as Auth0 does.
    pub named_as_auth0: bool,
}

/// A login that completes now, as its session keeps it.
pub(crate) struct NewSession<'a> {
    /// The user as the completion leaves it.
    pub user: &'a User,
    pub party: Party<'a>,
    pub authorized: &'a Authorized,
    pub authentication: Authentication,
}

/// A session for this login, if the client was granted a refresh token, or if a
/// browser signs in.
pub(crate) fn new_session(
    context: &Context,
    new: &NewSession<'_>,
) -> Result<Option<Session>, Broken> {
    let NewSession {
        user,
        party,
        authorized,
        authentication,
    } = *new;
    if !authorized.scope.has(KnownScope::OfflineAccess) && !party.is_pages() {
        return Ok(None);
    }
    let authorized = authorized.clone().bound_to(context.proven_key());
    let begun = BegunSession {
        id: SessionId::random(random_bytes()?),
        user: user.id,
        epoch: user.epoch,
        authorized: &authorized,
        dialect: context.caller.dialect,
        authentication,
    };
    let life = session_life(context, party);
    Ok(Some(Session::refreshing(begun, authentication.at, life)))
}

/// How long a session of this party may last.
pub(crate) fn session_life(context: &Context, party: Party<'_>) -> SessionLife {
    let config = &context.app.config;
    SessionLife {
        absolute: party.absolute_seconds(config.refresh_absolute_seconds),
        idle: party.idle_seconds(config.refresh_idle_seconds),
    }
}

/// The identifier of this session, or a new identifier for a login without
/// refresh tokens, because its access tokens are a session too.
pub(crate) fn session_id_or_new(session: Option<&Session>) -> Result<SessionId, Broken> {
    match session {
        Some(session) => Ok(session.id),
        None => Ok(SessionId::random(random_bytes()?)),
    }
}

/// Signs and seals the tokens for this client.
pub(crate) fn issue(
    context: &Context,
    client: &Client,
    ring: &Ring,
    to_issue: &ToIssue<'_>,
) -> Result<Tokens, Broken> {
    let scope = &to_issue.authorized.scope;
    let setting = context.app.config.access_token_seconds;
    let expires_in = client.access_token_lifetime(setting);
    let claims = access_token_claims(context, client, to_issue, expires_in)?;
    let access_token = ring.sign("at+jwt", &claims)?;
    let id_token = match scope.has(KnownScope::OpenId) {
        true => {
            let at_hash = ring.access_token_hash(&access_token)?;
            Some(ring.sign("JWT", &id_claims(context, client, to_issue, at_hash))?)
        }
        false => None,
    };
    let refresh_token = to_issue
        .session
        .map(|session| refresh_token(ring, session))
        .transpose()?;
    Ok(Tokens {
        access_token,
        id_token,
        refresh_token,
        token_type: token_type(to_issue.authorized.key.as_ref()),
        expires_in,
        scope: scope.to_text(),
        subject: to_issue.user.subject(),
        email: to_issue.user.email.clone(),
    })
}

/// How an access token is shown that is bound to this key (RFC 9449 5), or to none.
pub(crate) fn token_type(key: Option<&KeyThumbprint>) -> &'static str {
    match key {
        None => "Bearer",
        Some(_) => "DPoP",
    }
}

/// The refresh token of a session's newest generation. The same generation
/// always gives the same text, so a retry gets the same successor.
fn refresh_token(ring: &Ring, session: &Session) -> Result<Secret, Broken> {
    ring.seal_token(TokenBody::Refresh(RefreshToken {
        user: session.user,
        session: session.id,
        generation: session.refresh_tokens,
    }))
}

/// The claims of RFC 9068 2.2, and our own claim `epoch`. Our own endpoints
/// refuse a token of an earlier epoch, unless its session (`sid`) made the
/// change that raised the epoch.
fn access_token_claims(
    context: &Context,
    client: &Client,
    to_issue: &ToIssue<'_>,
    expires_in: i64,
) -> Result<Value, Broken> {
    let (client, now) = (&client.id, context.now());
    let audience = one_or_several(&to_issue.authorized.audience);
    let mut claims = json!({
        "iss": context.issuer(),
        "sub": to_issue.user.subject(),
        "aud": audience,
        "client_id": client,
        "azp": client,
        "scope": to_issue.authorized.scope.to_text(),
        "iat": now,
        "exp": now + expires_in,
        "jti": uuid::Builder::from_random_bytes(random_bytes()?).into_uuid().to_string(),
        "auth_time": to_issue.authentication.at,
        "acr": to_issue.authentication.acr(),
        "amr": to_issue.authentication.amr(),
        "epoch": to_issue.user.epoch,
        "sid": to_issue.session_id.dashed(),
    });
    if let Some(key) = &to_issue.authorized.key {
        claims["cnf"] = json!({ "jkt": key.as_str() });
    }
    // The dialect whose apps read the tokens.
    let of_session = to_issue.session.map(|session| session.dialect);
    let dialect = of_session.unwrap_or(context.caller.dialect);
    match dialect.name_claims() {
        NameClaims::None => {}
        NameClaims::OpenIddict => {
            claims["preferred_username"] = json!(to_issue.user.user_name);
            claims["unique_name"] = json!(to_issue.user.user_name);
            claims["role"] = one_or_several(&to_issue.user.roles);
        }
        NameClaims::ClaimTypes => {
            let user = &to_issue.user;
            let name = user.email.as_ref().unwrap_or(&user.user_name);
            claims["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"] = json!(name);
            if !user.roles.is_empty() {
                claims["http://schemas.microsoft.com/ws/2008/06/identity/claims/role"] =
                    one_or_several(&user.roles);
            }
        }
    }
    Ok(claims)
}

/// A single value as a string, several values as an array.
fn one_or_several(values: &[String]) -> Value {
    match values {
        [only] => json!(only),
        several => json!(several),
    }
}

/// The claims of OpenID Connect Core 2, 3.1.3.6 and 5.4. `at_hash` is the hash
/// of the access token in the same answer.
fn id_claims(context: &Context, client: &Client, to_issue: &ToIssue<'_>, at_hash: String) -> Value {
    let now = context.now();
    let mut claims = identity_claims(to_issue.user, &to_issue.authorized.scope);
    claims.insert("iss".into(), json!(context.issuer()));
    claims.insert("aud".into(), json!(client.id));
    claims.insert("iat".into(), json!(now));
    claims.insert(
        "exp".into(),
        json!(now + context.app.config.id_token_seconds),
    );
    claims.insert("auth_time".into(), json!(to_issue.authentication.at));
    let authentication = to_issue.authentication;
    let acr = match (to_issue.named_as_auth0, authentication.acr()) {
        (true, "aal2") => MULTI_FACTOR,
        (_, acr) => acr,
    };
    claims.insert("acr".into(), json!(acr));
    claims.insert("amr".into(), json!(authentication.amr()));
    claims.insert("at_hash".into(), json!(at_hash));
    if let Some(nonce) = to_issue.nonce {
        claims.insert("nonce".into(), json!(nonce));
    }
    Value::Object(claims)
}

/// The claims about a user that these scopes give (OpenID Connect Core 5.4).
pub fn identity_claims(user: &User, scope: &Scope) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".into(), json!(user.subject()));
    if scope.has(KnownScope::Profile) {
        let names: Vec<&str> = [&user.given_name, &user.family_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let profile = &user.profile;
        let name = match &profile.name {
            Some(name) => name.clone(),
            None if names.is_empty() => user.user_name.clone(),
            None => names.join(" "),
        };
        claims.insert("name".into(), json!(name));
        claims.insert("preferred_username".into(), json!(user.user_name));
        for (claim, value) in [
            ("given_name", &user.given_name),
            ("family_name", &user.family_name),
            ("nickname", &profile.nickname),
            ("picture", &profile.picture),
        ] {
            if let Some(value) = value {
                claims.insert(claim.into(), json!(value));
            }
        }
    }
    if let (true, Some(email)) = (scope.has(KnownScope::Email), &user.email) {
        claims.insert("email".into(), json!(email));
        claims.insert("email_verified".into(), json!(user.email_confirmed));
    }
    if let (true, Some(phone)) = (scope.has(KnownScope::Phone), &user.phone) {
        claims.insert("phone_number".into(), json!(phone));
        claims.insert("phone_number_verified".into(), json!(user.phone_confirmed));
    }
    let roles = scope.has(KnownScope::Roles) || scope.has(KnownScope::Role);
    if roles && !user.roles.is_empty() {
        claims.insert("role".into(), one_or_several(&user.roles));
    }
    claims
}
