//! Makes the tokens of a completed login or a refresh.

use crate::domain::accounts::user::User;
use crate::domain::authorization::client::{Authorized, Client};
use crate::domain::authorization::code::{AUTHORIZATION_CODE_SECONDS, AuthorizationCode};
use crate::domain::authorization::known_scope::KnownScope;
use crate::domain::authorization::request_parameters::CodeWanted;
use crate::domain::id::{CodeId, SessionId};
use crate::domain::secret::Secret;
use crate::domain::sessions::authentication::Authentication;
use crate::domain::sessions::claims::{Issuing, ToIssue, token_type};
use crate::domain::sessions::login_result::LoginResult;
use crate::domain::sessions::party::Party;
use crate::domain::sessions::session::{BegunSession, Session, SessionLife};
use crate::domain::token::{RefreshToken, TokenBody};
use crate::failure::Broken;
use crate::keyring::{Ring, random_bytes};
use crate::usecase::context::Context;
use crate::usecase::sessions::claims_json::claims_json;

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

/// A login that completes now, as its session keeps it.
pub(crate) struct NewSession<'a> {
    /// The user as the completion leaves it.
    pub user: &'a User,
    pub party: Party<'a>,
    pub authorized: &'a Authorized,
    pub authentication: Authentication,
}

/// What this login stores: the code that the client asked for; or a session, if the client
/// was granted a refresh token, or if a browser signs in.
pub(crate) fn login_result(
    context: &Context,
    new: &NewSession<'_>,
) -> Result<Option<LoginResult>, Broken> {
    let NewSession {
        user,
        party,
        authorized,
        authentication,
    } = *new;
    if let Some(asked) = &authorized.code {
        return Ok(Some(LoginResult::Code(code(context, new, asked)?)));
    }
    if !party.keeps_session(&authorized.scope) {
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
    let session = Session::refreshing(begun, authentication.at, life);
    Ok(Some(LoginResult::Session(session)))
}

/// The authorization code of a login without a browser.
fn code(
    context: &Context,
    new: &NewSession<'_>,
    asked: &CodeWanted,
) -> Result<AuthorizationCode, Broken> {
    let authorized = Authorized {
        code: None,
        ..new.authorized.clone()
    };
    Ok(AuthorizationCode {
        id: CodeId::random(random_bytes()?),
        user: new.user.id,
        authorized: authorized.bound_to(context.proven_key()),
        redirect_uri: None,
        challenge: asked.challenge.clone(),
        nonce: asked.nonce.clone(),
        authentication: new.authentication,
        named_as_auth0: asked.named_as_auth0,
        epoch: new.user.epoch,
        session: SessionId::random(random_bytes()?),
        depends_on: None,
        session_ends_at: None,
        expires_at: context.now() + AUTHORIZATION_CODE_SECONDS,
        spent: false,
    })
}

/// How long a session of this party may last.
pub(crate) fn session_life(context: &Context, party: Party<'_>) -> SessionLife {
    let config = &context.app.config;
    SessionLife {
        absolute: party.absolute_seconds(config.refresh_absolute_seconds),
        idle: party.idle_seconds(config.refresh_idle_seconds),
    }
}

/// The identifier of the session that begins, or a new identifier for a login without
/// refresh tokens, because its access tokens are a session too.
pub(crate) fn session_id_or_new(result: Option<&LoginResult>) -> Result<SessionId, Broken> {
    match result {
        Some(result) => Ok(result.session_id()),
        None => Ok(SessionId::random(random_bytes()?)),
    }
}

/// Who issues an access token for this client, and when.
pub(crate) fn issuing<'a>(context: &Context, client: &'a Client, issuer: &'a str) -> Issuing<'a> {
    let seconds = context.app.config.access_token_seconds;
    Issuing {
        issuer,
        client: &client.id,
        dialect: context.caller.dialect,
        now: context.now(),
        seconds: client.access_token_lifetime(seconds),
    }
}

/// A new identifier of a token (`jti`).
pub(crate) fn token_identifier() -> Result<String, Broken> {
    let identifier = uuid::Builder::from_random_bytes(random_bytes()?);
    Ok(identifier.into_uuid().to_string())
}

/// Signs and seals the tokens for this client.
pub(crate) fn issue(
    context: &Context,
    client: &Client,
    ring: &Ring,
    to_issue: &ToIssue<'_>,
) -> Result<Tokens, Broken> {
    let (scope, issuer) = (&to_issue.authorized.scope, context.issuer());
    let issuing = issuing(context, client, &issuer);
    let claims = to_issue.access_claims(issuing, token_identifier()?);
    let access_token = ring.sign("at+jwt", &claims_json(claims))?;
    let id_token = match scope.has(KnownScope::OpenId) {
        true => {
            let for_app = Issuing {
                seconds: context.app.config.id_token_seconds,
                ..issuing
            };
            let at_hash = ring.access_token_hash(&access_token)?;
            let claims = to_issue.id_claims(for_app, Some(at_hash));
            Some(ring.sign("JWT", &claims_json(claims))?)
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
        expires_in: issuing.seconds,
        scope: scope.to_text(),
        subject: to_issue.user.subject(),
        email: to_issue.user.email.clone(),
    })
}

/// An id token alone, without an access token.
pub(crate) fn issue_id_token(
    context: &Context,
    client: &Client,
    ring: &Ring,
    to_issue: &ToIssue<'_>,
) -> Result<Secret, Broken> {
    let issuer = context.issuer();
    let for_app = Issuing {
        seconds: context.app.config.id_token_seconds,
        ..issuing(context, client, &issuer)
    };
    ring.sign("JWT", &claims_json(to_issue.id_claims(for_app, None)))
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
