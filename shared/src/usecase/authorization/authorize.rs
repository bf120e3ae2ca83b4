//! Answers an authorization request of a browser (RFC 6749 4.1.1 and 4.2.1).

use std::sync::Arc;

use url::Url;

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::authorization::authorization_request::{
    AuthorizationRequest, AuthorizationStep, Grantable, Hinted,
};
use crate::domain::authorization::client::{Client, LONGEST_CLIENT_ID};
use crate::domain::authorization::code::{
    AUTHORIZATION_CODE_SECONDS, AuthorizationCode, ResponseType,
};
use crate::domain::authorization::request_parameters::{Demand, SignedIn, Unsupported};
use crate::domain::events::kind::EventKind;
use crate::domain::id::{CodeId, SessionId};
use crate::domain::issuer::Issuer;
use crate::domain::login::admission::LoginRules;
use crate::domain::login::browser_session::SessionLacks;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::domain::sessions::claims::ToIssue;
use crate::domain::token::{CodeToken, TokenBody};
use crate::failure::{Broken, Failure};
use crate::keyring::random_bytes;
use crate::usecase::context::{Caller, Context};
use crate::usecase::login::password_step::login_rules;
use crate::usecase::login::step_up::step_up_browser;
use crate::usecase::sessions::authenticate::signed_in_browser;
use crate::usecase::sessions::issue_tokens::{Tokens, issue, issue_id_token};
use crate::usecase::sessions::requirement::Bearer;

/// The client, and where the answer goes. Nothing may be sent there before both
/// are known to be right.
#[derive(Clone, Debug)]
pub struct Addressee {
    pub client: Arc<Client>,
    /// The redirect URI, exactly as the request names it.
    pub redirect_uri: String,
}

impl Addressee {
    /// This client, and the redirect URI that the request names, or the client's only one.
    ///
    /// # Errors
    /// `RedirectUriRejected`.
    pub fn of(client: Arc<Client>, asked: &AuthorizationRequest<'_>) -> Result<Self, Refusal> {
        let redirect_uri = client.redirect_uri(asked.redirect_uri)?.to_owned();
        Ok(Self {
            client,
            redirect_uri,
        })
    }

    /// The origin of the redirect URI, if the client lets its pages get answers as
    /// messages.
    pub fn web_origin(&self) -> Option<String> {
        let origin = Url::parse(&self.redirect_uri).ok()?.origin();
        let origin = origin.is_tuple().then(|| origin.ascii_serialization())?;
        let registered = self.client.web_origins.contains(&origin);
        registered.then_some(origin)
    }
}

/// The client and the redirect URI of a request. No request to DynamoDB while
/// the client is in memory.
///
/// # Errors
/// `ParameterMissing`, `ClientRejected`, `RedirectUriRejected`. One of our
/// pages shows them; they never go to the redirect URI.
pub async fn addressee(
    context: &Context,
    asked: &AuthorizationRequest<'_>,
) -> Result<Addressee, Failure> {
    let id = asked.client.ok_or(Refusal::ParameterMissing("client_id"))?;
    let rejected = || Failure::from(context.app.named(Refusal::client_rejected(id, false)));
    if id.len() > LONGEST_CLIENT_ID {
        return Err(rejected());
    }
    let client = context
        .app
        .find_known_client(id, context.now())
        .await?
        .ok_or_else(rejected)?;
    let to = Addressee::of(client, asked).map_err(|refusal| context.app.named(refusal))?;
    context.events.is_by_client(&to.client.id);
    Ok(to)
}

/// The outcome of a request.
#[derive(Debug)]
pub enum Authorization {
    /// An access token.
    Tokens(Tokens),
    /// An id token alone.
    IdToken(Secret),
    /// A code, which the client exchanges within a minute.
    Code(Secret),
    /// The user has to sign in first, so that the session meets the demands.
    SignIn(Demand),
    /// The user has to show a factor first, in the login of this token. Nothing else is
    /// missing.
    ShowFactor(Demand, Secret),
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

/// Refuses a request that would still be wrong after a sign-in. No request to
/// DynamoDB.
///
/// # Errors
/// Those of `authorize`, without `SignInRequired` and `SecondFactorRequired`.
pub fn check_request(
    app: &App,
    addressee: &Addressee,
    asked: &AuthorizationRequest<'_>,
) -> Result<Grantable, Refusal> {
    let grantable = asked.grantable(&addressee.client, &app.config.own_audiences());
    grantable.map_err(|refusal| app.named(refusal))
}

/// Answers a request by the session of the browser's cookie. One request to
/// DynamoDB, two for a code, one more if the user's factors decide whether the session is
/// enough, and another if a factor alone is missing.
///
/// # Errors
/// `ParameterMissing`, `ResponseTypeUnsupported`, `GrantNotAllowed`,
/// `ScopeNotAllowed`, `AudienceNotAllowed`, `RequestMalformed`, all before
/// anybody has to sign in; `SignInRequired` if the client forbids to ask the
/// user, or if another user has signed in than the client named; `SecondFactorRequired`
/// if the client forbids to ask and the session lacks nothing but a factor.
pub async fn authorize(
    context: &Context,
    addressee: &Addressee,
    asked: &AuthorizationRequest<'_>,
    cookie: Option<&str>,
) -> Result<Authorization, Failure> {
    if let Some(unsupported) = asked.unsupported {
        return Ok(Authorization::Unsupported(unsupported));
    }
    let grantable = check_request(&context.app, addressee, asked)?;
    let bearer = match cookie {
        None => None,
        Some(cookie) => signed_in_browser(context, cookie).await?,
    };
    let hinted = hinted(context, &addressee.client, asked).await?;
    let session = match bearer {
        None => None,
        Some(bearer) => match looked_at(context, asked, &grantable, &bearer).await? {
            (SessionLacks::SignIn, _) => None,
            (lacks, account) => {
                let signed_in = SignedIn {
                    user: bearer.user.id,
                    at: bearer.authentication.at,
                    lacks_factor: lacks == SessionLacks::Factor,
                };
                Some((signed_in, (bearer, account)))
            }
        },
    };
    match asked.next_step(&grantable, hinted, session, context.now())? {
        AuthorizationStep::SignIn(demand) => Ok(Authorization::SignIn(demand)),
        AuthorizationStep::ShowFactor((bearer, account), demand) => {
            let token = match account {
                Some(account) => step_up_browser(context, &bearer, account).await?,
                None => None,
            };
            Ok(match token {
                Some(token) => Authorization::ShowFactor(demand, token),
                None => Authorization::SignIn(demand),
            })
        }
        AuthorizationStep::Ask((bearer, _)) => Ok(Authorization::Ask(Question {
            name: bearer.user.email.unwrap_or(bearer.user.user_name),
            scopes: grantable.authorized.scope.into_list(),
        })),
        AuthorizationStep::Give((bearer, _)) => {
            let session = bearer.session_id()?;
            let granting = Granting {
                client: &addressee.client,
                grantable,
                asked,
                bearer: &bearer,
                session,
            };
            let given = give(context, granting).await?;
            let events = &context.events;
            events.did_to(EventKind::AuthorizationGranted, session);
            Ok(given)
        }
    }
}

/// What the session lacks, by the rules for a login and by what the request wishes; and the
/// user with the factors, if they decide it. No request to DynamoDB, or one.
async fn looked_at(
    context: &Context,
    asked: &AuthorizationRequest<'_>,
    grantable: &Grantable,
    bearer: &Bearer,
) -> Result<(SessionLacks, Option<Account>), Broken> {
    let shown = bearer.authentication;
    // A trusted browser stands in for a factor only while no new sign-in is asked for.
    let on_trust = shown.first.is_on_trusted_device() && shown.method.is_none();
    let rules = LoginRules {
        wants_factor: grantable.wished.factor || (on_trust && asked.max_age.is_some()),
        ..login_rules(context, true)
    };
    if !rules.depends_on_factors(&bearer.user, shown) {
        return Ok((SessionLacks::Nothing, None));
    }
    let account = context.app.store.read_account(bearer.user.id).await?;
    let lacks = account.as_ref().map_or(SessionLacks::SignIn, |account| {
        rules.session_lacks(account, shown, context.now())
    });
    Ok((lacks, account))
}

/// The user whom the request's `id_token_hint` names.
async fn hinted(
    context: &Context,
    client: &Client,
    asked: &AuthorizationRequest<'_>,
) -> Result<Hinted, Broken> {
    let Some(hint) = asked.id_token_hint else {
        return Ok(Hinted::Nobody);
    };
    let ring = context.ring().await?;
    let issuers = Issuer::all(&context.app.config.issuer);
    let user = ring.user_of_id_token(hint, &issuers, &client.id);
    Ok(user.map_or(Hinted::Unknown, Hinted::User))
}

/// A request that is granted, and the session that meets its demands.
struct Granting<'a> {
    client: &'a Client,
    grantable: Grantable,
    asked: &'a AuthorizationRequest<'a>,
    bearer: &'a Bearer,
    session: SessionId,
}

impl Granting<'_> {
    /// What a token says that goes to the browser.
    fn to_issue(&self) -> ToIssue<'_> {
        ToIssue {
            user: &self.bearer.user,
            authorized: &self.grantable.authorized,
            authentication: self.bearer.authentication,
            session: None,
            // The browser's own session. After a sign-out there, endpoints that
            // read sessions refuse the token.
            session_id: self.session,
            nonce: self.asked.nonce,
            named_as_auth0: self.grantable.wished.named_as_auth0,
        }
    }
}

/// Gives the client what the client asks for. The user is signed in as demanded.
async fn give(context: &Context, granting: Granting<'_>) -> Result<Authorization, Failure> {
    match granting.grantable.response_type {
        ResponseType::Token => {
            let tokens = tokens(context, &granting);
            Ok(Authorization::Tokens(tokens.await?))
        }
        ResponseType::IdToken => {
            let ring = context.ring().await?;
            let token = issue_id_token(context, granting.client, &ring, &granting.to_issue());
            Ok(Authorization::IdToken(token?))
        }
        ResponseType::Code => {
            let code = code(&context.caller, granting)?;
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
async fn tokens(context: &Context, granting: &Granting<'_>) -> Result<Tokens, Broken> {
    let ring = context.ring().await?;
    let to_issue = ToIssue {
        nonce: None,
        named_as_auth0: false,
        ..granting.to_issue()
    };
    issue(context, granting.client, &ring, &to_issue)
}

fn code(caller: &Caller, granting: Granting<'_>) -> Result<AuthorizationCode, Broken> {
    let Granting {
        grantable,
        asked,
        bearer,
        session,
        ..
    } = granting;
    Ok(AuthorizationCode {
        id: CodeId::random(random_bytes()?),
        user: bearer.user.id,
        authorized: grantable.authorized,
        redirect_uri: asked.redirect_uri.map(str::to_owned),
        challenge: grantable.challenge,
        nonce: asked.nonce.map(str::to_owned),
        authentication: bearer.authentication,
        named_as_auth0: grantable.wished.named_as_auth0,
        epoch: bearer.user.epoch,
        session: SessionId::random(random_bytes()?),
        depends_on: Some(session),
        session_ends_at: None,
        expires_at: caller.now + AUTHORIZATION_CODE_SECONDS,
        spent: false,
    })
}
