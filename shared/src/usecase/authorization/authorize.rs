//! Answers an authorization request of a browser (RFC 6749 4.1.1 and 4.2.1).

use std::sync::Arc;

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::authorization::client::{Authorized, Client, LONGEST_CLIENT_ID};
use crate::domain::authorization::code::{
    AUTHORIZATION_CODE_SECONDS, AuthorizationCode, ResponseType, parse_code_challenge,
};
use crate::domain::authorization::page_refusal::PageRefusal;
use crate::domain::authorization::request::{
    Demand, Prompt, ResponseMode, Unsupported, check_hint, seconds,
};
use crate::domain::events::kind::EventKind;
use crate::domain::id::{CodeId, SessionId};
use crate::domain::issuer::Issuer;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::session::Session;
use crate::domain::token::{CodeToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::random;
use crate::usecase::sessions::authenticate::{UserSession, browser_session};
use crate::usecase::sessions::issue_tokens::{Grant, Tokens, issue};
use crate::usecase::{Caller, Context};

/// The longest `nonce` that is stored, in bytes.
const LONGEST_NONCE: usize = 512;

/// What an authorization request names.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthorizationAsked<'a> {
    /// `client_id`.
    pub client: Option<&'a str>,
    /// `redirect_uri`.
    pub redirect_uri: Option<&'a str>,
    /// `response_type`.
    pub response_type: Option<&'a str>,
    /// `scope`.
    pub scope: Option<&'a str>,
    /// `audience`.
    pub audience: Option<&'a str>,
    /// `code_challenge`.
    pub challenge: Option<&'a str>,
    /// `code_challenge_method`.
    pub method: Option<&'a str>,
    /// `nonce`.
    pub nonce: Option<&'a str>,
    /// `response_mode`.
    pub response_mode: Option<&'a str>,
    /// `prompt`.
    pub prompt: Option<&'a str>,
    /// `max_age`.
    pub max_age: Option<&'a str>,
    /// `login_hint`.
    pub login_hint: Option<&'a str>,
    /// `id_token_hint`.
    pub id_token_hint: Option<&'a str>,
    /// A parameter that the service does not support, if the request has one.
    pub unsupported: Option<Unsupported>,
    /// What one of our pages noted for this request: since when, and as which
    /// user, the browser has to be signed in.
    pub noted: Demand,
    /// Whether the user has just agreed to go on with the signed-in account.
    pub agreed: bool,
}

/// The client, and where the answer goes. Nothing may be sent there before both
/// are known to be right.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// The client.
    pub client: Arc<Client>,
    /// The redirect URI, exactly as the request names it.
    pub redirect_uri: String,
}

/// The client and the redirect URI of a request. No request to DynamoDB while
/// the client is in memory.
///
/// # Errors
/// `ParameterMissing`, `ClientRejected`, `RedirectUriRejected`. One of our
/// pages shows them; they never go to the redirect URI.
pub async fn addressee(
    context: &Context,
    asked: &AuthorizationAsked<'_>,
) -> Result<Addressee, Failure> {
    let id = asked.client.ok_or(Refusal::ParameterMissing("client_id"))?;
    let rejected = || Failure::from(context.app.named(Refusal::client(id, false)));
    if id.len() > LONGEST_CLIENT_ID {
        return Err(rejected());
    }
    let client = context
        .app
        .client(id, context.now())
        .await?
        .ok_or_else(rejected)?;
    let redirect_uri = client
        .redirect_uri(asked.redirect_uri)
        .map_err(|refusal| context.app.named(refusal))?
        .to_owned();
    context.events.is_by_client(&client.id);
    Ok(Addressee {
        client,
        redirect_uri,
    })
}

/// The outcome of a request.
#[derive(Debug)]
pub enum Authorization {
    /// An access token.
    Tokens(Tokens),
    /// A code, which the client exchanges within a minute.
    Code(Secret),
    /// The user has to sign in first, so that the session meets the demands.
    SignIn(Demand),
    /// The user has to agree first.
    Ask(Question),
    /// The request has a parameter that the service does not support.
    Unsupported(Unsupported),
}

/// The question to a signed-in user.
#[derive(Debug)]
pub struct Question {
    /// The name of the signed-in user, as the user knows it.
    pub name: String,
    /// What the client asks for.
    pub scopes: Vec<String>,
}

/// What the request is granted, if everything about it is right.
struct GrantedAuthorization {
    response_type: ResponseType,
    authorized: Authorized,
    challenge: Option<String>,
    prompt: Prompt,
    max_age: Option<i64>,
}

fn check(
    app: &App,
    client: &Client,
    asked: &AuthorizationAsked<'_>,
) -> Result<GrantedAuthorization, Refusal> {
    let response_type = ResponseType::parse(asked.response_type)?;
    ResponseMode::parse(asked.response_mode, asked.response_type)?;
    client.check_grant(response_type.grant())?;
    let own = app.config.own_audiences();
    let authorized = client
        .authorize(asked.scope, asked.audience, &own)
        .map_err(|refusal| app.named(refusal))?;
    let challenge = match response_type {
        ResponseType::Token => None,
        ResponseType::Code => parse_code_challenge(client, asked.challenge, asked.method)?,
    };
    if asked.nonce.is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
        return Err(Refusal::RequestMalformed("nonce is too long"));
    }
    check_hint(asked.login_hint)?;
    Ok(GrantedAuthorization {
        response_type,
        authorized,
        challenge,
        prompt: Prompt::parse(asked.prompt)?,
        max_age: seconds(asked.max_age)?,
    })
}

/// Refuses a request that would still be wrong after a sign-in. No request to
/// DynamoDB.
///
/// # Errors
/// Those of `authorize`, without `SignInRequired`.
pub fn check_request(
    app: &App,
    addressee: &Addressee,
    asked: &AuthorizationAsked<'_>,
) -> Result<(), Refusal> {
    check(app, &addressee.client, asked).map(|_| ())
}

/// Answers a request by the session of the browser's cookie. One request to
/// DynamoDB, two for a code.
///
/// # Errors
/// `ParameterMissing`, `ResponseTypeUnsupported`, `GrantNotAllowed`,
/// `ScopeNotAllowed`, `AudienceNotAllowed`, `RequestMalformed`, all before
/// anybody has to sign in; `SignInRequired` if the client forbids to ask the
/// user, or if another user has signed in than the client named.
pub async fn authorize(
    context: &Context,
    addressee: &Addressee,
    asked: &AuthorizationAsked<'_>,
    cookie: Option<&str>,
) -> Result<Authorization, Failure> {
    if let Some(unsupported) = asked.unsupported {
        return Ok(Authorization::Unsupported(unsupported));
    }
    let asked = &AuthorizationAsked {
        noted: asked.noted.possible_at(context.now()),
        ..*asked
    };
    let granted = check(&context.app, &addressee.client, asked)?;
    let found = match cookie {
        None => None,
        Some(cookie) => match browser_session(context, cookie).await {
            Ok(found) => Some(found),
            Err(Failure::Refused(_)) => None,
            Err(broken) => return Err(broken),
        },
    };
    let demanded = demanded(context, &addressee.client, asked, &granted).await?;
    let stranger = found
        .as_ref()
        .is_some_and(|found| asked.noted.is_of_another(&found.session));
    let met = found.filter(|found| demanded.is_met_by(&found.session));
    let Some(met) = met else {
        if granted.prompt.none || stranger {
            return Err(PageRefusal::SignInRequired.into());
        }
        return Ok(Authorization::SignIn(demanded.of_a_sign_in(context.now())));
    };
    if granted.prompt.asks_who_is_signed_in() && !asked.agreed {
        return Ok(Authorization::Ask(Question {
            name: met.user.email.unwrap_or(met.user.user_name),
            scopes: granted.authorized.scope.into_list(),
        }));
    }
    let granting = Granting {
        client: &addressee.client,
        granted,
        asked,
        met: &met,
    };
    let given = give(context, granting).await?;
    let (events, session) = (&context.events, met.session.id);
    events.did_to(EventKind::AuthorizationGranted, session);
    Ok(given)
}

/// What the request demands of the session.
struct Demanded {
    of: Demand,
    /// Whether the request demands a new sign-in.
    anew: bool,
}

impl Demanded {
    fn is_met_by(&self, session: &Session) -> bool {
        !self.anew && self.of.is_met_by(session)
    }

    /// What the request demands of the next sign-in. It must be new if the
    /// current session may be another user's.
    fn of_a_sign_in(&self, now: Timestamp) -> Demand {
        match self.anew || self.of.user.is_some() {
            true => Demand {
                since: Some(now),
                ..self.of
            },
            false => self.of,
        }
    }
}

async fn demanded(
    context: &Context,
    client: &Client,
    asked: &AuthorizationAsked<'_>,
    granted: &GrantedAuthorization,
) -> Result<Demanded, Broken> {
    let oldest = granted.max_age.map(|age| context.now().saturating_sub(age));
    let mut of = Demand {
        since: oldest.max(asked.noted.since),
        user: asked.noted.user,
    };
    // `max_age=0` means the same as `prompt=login` (OpenID Connect Core
    // 3.1.2.1).
    let mut anew = granted.prompt.login || granted.max_age == Some(0);
    if let Some(hint) = asked.id_token_hint {
        let ring = context.ring().await?;
        let issuers = Issuer::all(&context.app.config.issuer);
        of.user = ring.user_of_id_token(hint, &issuers, &client.id);
        anew |= of.user.is_none();
    }
    Ok(Demanded { of, anew })
}

/// A request that is granted, and the session that meets its demands.
struct Granting<'a> {
    client: &'a Client,
    granted: GrantedAuthorization,
    asked: &'a AuthorizationAsked<'a>,
    met: &'a UserSession,
}

/// Gives the client what the client asks for. The user is signed in as demanded.
async fn give(context: &Context, granting: Granting<'_>) -> Result<Authorization, Failure> {
    let Granting {
        client,
        granted,
        asked,
        met,
    } = granting;
    match granted.response_type {
        ResponseType::Token => {
            let tokens = tokens(context, client, &granted.authorized, met);
            Ok(Authorization::Tokens(tokens.await?))
        }
        ResponseType::Code => {
            let code = code(&context.caller, granted, asked, met)?;
            context.app.store.keep_code(&code).await?;
            let ring = context.ring().await?;
            let token = TokenBody::AuthorizationCode(CodeToken {
                user: code.user,
                code: code.id,
            });
            Ok(Authorization::Code(ring.seal_token(token)?))
        }
    }
}

/// An access token alone. No id token and no refresh token may stand in a
/// browser's address (RFC 6749 4.2.2).
async fn tokens(
    context: &Context,
    client: &Client,
    authorized: &Authorized,
    UserSession { user, session }: &UserSession,
) -> Result<Tokens, Broken> {
    let ring = context.ring().await?;
    let grant = Grant {
        user,
        client,
        authorized,
        authentication: session.authentication,
        session: None,
        // The browser's own session. After a sign-out there, endpoints that
        // read sessions refuse the token.
        session_id: session.id,
        dialect: context.caller.dialect,
        issuer: context.caller.issuer,
        nonce: None,
    };
    issue(&context.app, &ring, &grant, context.now())
}

fn code(
    caller: &Caller,
    granted: GrantedAuthorization,
    asked: &AuthorizationAsked<'_>,
    UserSession { user, session }: &UserSession,
) -> Result<AuthorizationCode, Broken> {
    Ok(AuthorizationCode {
        id: CodeId::random(random()?),
        user: user.id,
        authorized: granted.authorized,
        redirect_uri: asked.redirect_uri.map(str::to_owned),
        challenge: granted.challenge,
        nonce: asked.nonce.map(str::to_owned),
        authentication: session.authentication,
        epoch: user.epoch,
        session: SessionId::random(random()?),
        browser: session.id,
        expires_at: caller.now + AUTHORIZATION_CODE_SECONDS,
        spent: false,
    })
}
