//! What an authorization request asks for, and what the browser has to do before
//! the request is granted.

use crate::Timestamp;
use crate::authorization::client::{Authorized, Client, OwnAudiences};
use crate::authorization::code::{ResponseType, parse_code_challenge};
use crate::authorization::key_proof::KeyThumbprint;
use crate::authorization::known_scope::KnownScope;
use crate::authorization::page_refusal::PageRefusal;
use crate::authorization::request_parameters::{
    CodeWanted, Demand, Prompt, ResponseMode, SignedIn, Unsupported, check_hint, read_seconds,
};
use crate::id::UserId;
use crate::refusal::Refusal;
use crate::sessions::wanted_authentication::WishedLevel;

/// The longest `nonce` that is stored, in bytes.
const LONGEST_NONCE: usize = 512;

/// What an authorization request names.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthorizationRequest<'a> {
    /// `client_id`.
    pub client: Option<&'a str>,
    pub redirect_uri: Option<&'a str>,
    pub response_type: Option<&'a str>,
    pub scope: Option<&'a str>,
    pub audience: Option<&'a str>,
    /// `code_challenge`.
    pub challenge: Option<&'a str>,
    /// `code_challenge_method`.
    pub method: Option<&'a str>,
    pub nonce: Option<&'a str>,
    /// `dpop_jkt`: the key that the code is bound to.
    pub key: Option<&'a str>,
    pub response_mode: Option<&'a str>,
    pub prompt: Option<&'a str>,
    pub max_age: Option<&'a str>,
    pub login_hint: Option<&'a str>,
    pub id_token_hint: Option<&'a str>,
    pub acr_values: Option<&'a str>,
    /// A parameter that the service does not support, if the request has one.
    pub unsupported: Option<Unsupported>,
    /// What one of our pages noted for this request: since when, and as which
    /// user, the browser has to be signed in.
    pub noted: Demand,
    /// Whether the user has just agreed to go on with the signed-in account.
    pub agreed: bool,
}

/// What the client may get, once the browser has done what the request demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grantable {
    pub response_type: ResponseType,
    pub authorized: Authorized,
    /// The code challenge by `S256`, if the request has one.
    pub challenge: Option<String>,
    /// What `acr_values` wishes.
    pub wished: WishedLevel,
    prompt: Prompt,
    max_age: Option<i64>,
}

/// The user whom `id_token_hint` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hinted {
    /// The request has no hint.
    Nobody,
    /// The hint names no user of this client.
    Unknown,
    User(UserId),
}

/// The next step of a request that would be granted. `S` is the session of the
/// browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationStep<S> {
    /// This session meets the demands.
    Give(S),
    /// The user has to sign in first, so that the session meets the demands.
    SignIn(Demand),
    /// This session meets the demands once its user shows another factor. If no factor alone
    /// can do that, the user has to sign in so that the session meets this demand.
    ShowFactor(S, Demand),
    /// This session meets the demands, and its user has to agree first.
    Ask(S),
}

impl AuthorizationRequest<'_> {
    /// Refuses a request that no sign-in makes right.
    ///
    /// # Errors
    /// `ParameterMissing`, `ResponseTypeUnsupported`, `GrantNotAllowed`,
    /// `ScopeNotAllowed`, `AudienceNotAllowed`, `RequestMalformed`.
    pub fn grantable(&self, client: &Client, own: &OwnAudiences) -> Result<Grantable, Refusal> {
        let response_type = ResponseType::parse(self.response_type)?;
        ResponseMode::parse(self.response_mode, self.response_type)?;
        client.check_grant(response_type.grant())?;
        let authorized = client.authorized_for(self.scope, self.audience, own)?;
        if response_type == ResponseType::IdToken {
            self.check_id_token(&authorized)?;
        }
        let unbound = response_type != ResponseType::Code;
        let key = self.key.filter(|_| !unbound).map(|key| {
            let malformed = Refusal::RequestMalformed("dpop_jkt is not a thumbprint of a key");
            KeyThumbprint::parse(key).ok_or(malformed)
        });
        let authorized = authorized.bound_to(key.transpose()?.as_ref());
        let challenge = match response_type {
            ResponseType::Token | ResponseType::IdToken => None,
            ResponseType::Code => parse_code_challenge(client, self.challenge, self.method)?,
        };
        check_nonce(self.nonce)?;
        check_hint(self.login_hint)?;
        Ok(Grantable {
            response_type,
            authorized,
            challenge,
            wished: WishedLevel::parse(self.acr_values),
            prompt: Prompt::parse(self.prompt)?,
            max_age: read_seconds(self.max_age)?,
        })
    }

    /// Refuses a request for an id token alone that has no `nonce`: the `nonce` binds the id
    /// token to the browser that asked (OpenID Connect Core 3.2.2.1). Nothing else does.
    fn check_id_token(&self, authorized: &Authorized) -> Result<(), Refusal> {
        if self.nonce.is_none() {
            return Err(Refusal::RequestMalformed("an id_token needs a nonce"));
        }
        match authorized.scope.has(KnownScope::OpenId) {
            true => Ok(()),
            false => Err(Refusal::RequestMalformed(
                "an id_token needs the scope openid",
            )),
        }
    }

    /// What a request of an app of the operator's own says of the exchange. The app may name
    /// its challenge later.
    ///
    /// # Errors
    /// `RequestMalformed`.
    pub fn code_asked(&self, client: &Client) -> Result<CodeWanted, Refusal> {
        let named = self.challenge.is_some() || self.method.is_some();
        let challenge = match named {
            true => parse_code_challenge(client, self.challenge, self.method)?,
            false => None,
        };
        check_nonce(self.nonce)?;
        check_hint(self.login_hint)?;
        Ok(CodeWanted {
            challenge,
            nonce: self.nonce.map(str::to_owned),
            named_as_auth0: WishedLevel::parse(self.acr_values).named_as_auth0,
        })
    }

    /// The next step of the request at `now`, in a browser with this session.
    ///
    /// # Errors
    /// `SignInRequired` if the client forbids to ask the user, or if another
    /// user has signed in than the user whom our page noted; `SecondFactorRequired` if
    /// the client forbids to ask and the session lacks nothing but a factor.
    pub fn next_step<S>(
        &self,
        grantable: &Grantable,
        hinted: Hinted,
        session: Option<(SignedIn, S)>,
        now: Timestamp,
    ) -> Result<AuthorizationStep<S>, Refusal> {
        let noted = self.noted.possible_at(now);
        let prompt = grantable.prompt;
        let demanded = grantable.demanded(noted, hinted, now);
        let stranger = session
            .as_ref()
            .is_some_and(|(signed_in, _)| noted.is_of_another(*signed_in));
        match session {
            Some((signed_in, session)) if demanded.is_met_by(signed_in) => {
                Ok(match prompt.asks_who_is_signed_in() && !self.agreed {
                    true => AuthorizationStep::Ask(session),
                    false => AuthorizationStep::Give(session),
                })
            }
            Some((signed_in, session)) if demanded.lacks_factor_alone(signed_in) => {
                if prompt.none {
                    return Err(PageRefusal::SecondFactorRequired.into());
                }
                Ok(match prompt.select_account {
                    // Another user may want to sign in.
                    true => AuthorizationStep::SignIn(demanded.of_a_sign_in(now)),
                    false => AuthorizationStep::ShowFactor(session, demanded.of),
                })
            }
            Some(_) | None if prompt.none || stranger => Err(PageRefusal::SignInRequired.into()),
            Some(_) | None => Ok(AuthorizationStep::SignIn(demanded.of_a_sign_in(now))),
        }
    }
}

fn check_nonce(nonce: Option<&str>) -> Result<(), Refusal> {
    match nonce.is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
        true => Err(Refusal::RequestMalformed("nonce is too long")),
        false => Ok(()),
    }
}

/// What the request demands of the session.
#[derive(Clone, Copy)]
struct Demanded {
    of: Demand,
    /// Whether the request demands a new sign-in.
    anew: bool,
}

impl Grantable {
    fn demanded(&self, noted: Demand, hinted: Hinted, now: Timestamp) -> Demanded {
        let oldest = self.max_age.map(|age| now.saturating_sub(age));
        // `max_age=0` means the same as `prompt=login` (OpenID Connect Core
        // 3.1.2.1).
        let anew = self.prompt.login || self.max_age == Some(0);
        let (user, unknown) = match hinted {
            Hinted::Nobody => (noted.user, false),
            Hinted::Unknown => (None, true),
            Hinted::User(user) => (Some(user), false),
        };
        Demanded {
            of: Demand {
                since: oldest.max(noted.since),
                user,
            },
            anew: anew || unknown,
        }
    }
}

impl Demanded {
    fn is_met_by(self, signed_in: SignedIn) -> bool {
        !self.anew && self.of.is_met_by(signed_in)
    }

    /// Whether this session would be enough if the user showed another factor.
    fn lacks_factor_alone(self, signed_in: SignedIn) -> bool {
        let with_factor = SignedIn {
            lacks_factor: false,
            ..signed_in
        };
        signed_in.lacks_factor && self.is_met_by(with_factor)
    }

    /// What the request demands of the next sign-in. It must be new if the
    /// current session may be another user's.
    fn of_a_sign_in(self, now: Timestamp) -> Demand {
        let new = self.anew || self.of.user.is_some();
        Demand {
            since: if new { Some(now) } else { self.of.since },
            user: self.of.user,
        }
    }
}

#[cfg(test)]
#[path = "authorization_request_tests.rs"]
mod tests;
