//! Signs a user up with a passkey, in place of a password. The rules are those of a sign-up
//! with a password: nobody learns whether the address has an account.

use crate::domain::accounts::new_user::registration::Person;
use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::user::User;
use crate::domain::authorization::client::Authorized;
use crate::domain::authorization::token_refusal::TokenRefusal;
use crate::domain::events::attempt::Attempt;
use crate::domain::factors::factor::{Factor, FactorKind, Method};
use crate::domain::factors::passkey::challenge_is_live;
use crate::domain::id::{FactorId, LoginId};
use crate::domain::login::admission::{Admission, LoginRules};
use crate::domain::login::next_step::NextStep;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::authentication::FirstFactor;
use crate::domain::token::{PasskeyChallengeToken, TokenBody};
use crate::failure::Failure;
use crate::keyring::{ChallengeFor, random_bytes};
use crate::usecase::accounts::anonymous_rate_limit::count_anonymous;
use crate::usecase::accounts::forgot_password::send_at_sign_up;
use crate::usecase::accounts::register::{Prepared, check_open, make_user, prepare_person};
use crate::usecase::accounts::send_confirmation::send_link;
use crate::usecase::accounts::sign_up::Links;
use crate::usecase::client_context::ClientContext;
use crate::usecase::events::hidden_outcome::hide_outcome;
use crate::usecase::factors::passkeys::ceremony::{Ceremony, MadePasskey};
use crate::usecase::login::passkeys::challenge::{PasskeyChallenge, may_show, stands_for};
use crate::usecase::login::passkeys::sign_in::{SignInByPasskey, name_of};
use crate::usecase::login::password_step::{LoginAnswer, login_rules};
use crate::usecase::login::right_first_factor::{RightFirstFactor, go_on};

/// Begins a sign-up. The challenge is derived from the token. The table keeps who is to be
/// signed up, for five minutes. Two requests to DynamoDB, one more while the network's
/// budget is in use.
///
/// # Errors
/// `GrantUnsupported` where no passkey is taken; `SignUpClosed`, `NameInvalid`,
/// `RequestMalformed`, `RequestsExhausted`. None of them depends on whether there is an
/// account.
pub async fn begin_passkey_sign_up(
    context: &ClientContext,
    email: &str,
    person: Person<'_>,
) -> Result<PasskeyChallenge, Failure> {
    let ceremony = Ceremony::at(&context.app, context.party());
    let ceremony = ceremony.ok_or(TokenRefusal::GrantUnsupported)?;
    check_open(context)?;
    let new = prepare_person(context, email, person)?;
    count_anonymous(context).await?;
    let ring = context.ring().await?;
    let key = ring.current_token_key();
    let id = LoginId::at(context.now(), random_bytes()?);
    let client = &context.client.id;
    let challenge = ring.challenge_bytes(key, id, ChallengeFor::SignUp { client })?;
    let user = &new.account().user;
    let handle = ring.new_handle(key, id, user.id)?;
    let store = &context.app.store;
    store.begin_sign_up(id, user, context.now()).await?;
    let token = ring.seal_token(TokenBody::PasskeyChallenge(PasskeyChallengeToken {
        client: stands_for(client, None),
        challenge: id,
        key,
    }))?;
    Ok(PasskeyChallenge {
        options: ceremony.options.to_make(&challenge, (user, handle)),
        token,
    })
}

/// Makes the user of a sign-up that has begun, with the new passkey, and signs the user in.
/// A user who must confirm the address first gets the link, and the caller the answer that
/// the caller gets if the address has an account. Three requests to DynamoDB for a user who
/// is signed in.
///
/// # Errors
/// `GrantUnsupported` where no passkey is taken; `SignUpClosed`, `ScopeNotAllowed`,
/// `AudienceNotAllowed`; `CodeWrong` for a challenge that is forged, spent, too old or of
/// another client, for a response that does not fit, and for a taken address if no address
/// need be confirmed.
pub async fn sign_up_by_passkey(
    context: &ClientContext,
    asked: &SignInByPasskey<'_>,
    links: Links<'_>,
) -> Result<LoginAnswer, Failure> {
    context.events.is_for(Attempt::SignUp);
    let authorized = context.bound_authorization(asked.scope, asked.audience)?;
    check_open(context)?;
    context.events.is_about_factor(Method::Passkey);
    let wrong = || Refusal::CodeWrong(Method::Passkey);
    let ceremony = Ceremony::at(&context.app, context.party());
    let ceremony = ceremony.ok_or(TokenRefusal::GrantUnsupported)?;
    let opened = context.open_token(TokenBody::passkey_challenge, asked.token, wrong());
    let token = opened.await?;
    if !may_show(context, context.party(), token.client)
        || !challenge_is_live(token.challenge, context.now())
    {
        return Err(wrong().into());
    }
    let ring = context.ring().await?;
    let client = &context.client.id;
    let of = ChallengeFor::SignUp { client };
    let challenge = ring.challenge_bytes(token.key, token.challenge, of)?;
    let made = ceremony.made_passkey(asked.response.expose(), &challenge)?;
    let made = made.ok_or_else(wrong)?;
    let store = &context.app.store;
    let begun = store.spend_sign_up(token.challenge, context.now()).await?;
    let mut user = begun.ok_or_else(wrong)?;
    user.passkey_handle = Some(ring.new_handle(token.key, token.challenge, user.id)?);
    // Until the owner of the address confirms it, the passkey may be a stranger's.
    user.enrolments = 1;
    let signed_up = SignedUp {
        user,
        made,
        authorized,
    };
    signed_up.go_on(context, asked, links).await
}

/// A user who is to be made, with the passkey.
struct SignedUp {
    user: User,
    made: MadePasskey,
    authorized: Authorized,
}

impl SignedUp {
    fn prepared(&self, context: &ClientContext) -> Result<Prepared, Failure> {
        let factor = Factor {
            id: FactorId::random(random_bytes()?),
            kind: FactorKind::Passkey(Box::new(self.made.passkey.clone())),
            confirmed: true,
            created_at: context.now(),
        };
        Prepared::with_passkey(self.user.clone(), factor)
    }

    async fn go_on(
        self,
        context: &ClientContext,
        asked: &SignInByPasskey<'_>,
        links: Links<'_>,
    ) -> Result<LoginAnswer, Failure> {
        let two = self.made.verified && context.app.config.passkeys.counts_as_two;
        let rules = LoginRules {
            wants_factor: asked.wants_factor,
            shown_two: two,
            ..login_rules(context, false)
        };
        let new = self.prepared(context)?;
        if let Admission::ConfirmFirst = rules.admit(new.account(), context.now()) {
            return Ok(LoginAnswer::Next(confirm(context, new, links).await));
        }
        let account = new.account().clone();
        if let Err(failure) = make_user(context, new).await {
            return Err(match failure {
                Failure::Refused(Refusal::Account(AccountRefusal::NameTaken(_))) => {
                    Refusal::CodeWrong(Method::Passkey).into()
                }
                other => other,
            });
        }
        let shown = RightFirstFactor {
            party: context.party(),
            first: FirstFactor::Passkey(self.made.passkey.key_place()),
            passkey: None,
            counts_as_two: two,
            name: name_of(&account.user)?,
            mailbox: None,
            wants_factor: asked.wants_factor,
            overtaken: Refusal::CodeWrong(Method::Passkey),
        };
        let gone_on = Box::pin(go_on(context, account, self.authorized, shown)).await?;
        gone_on.with_tokens(context).await
    }
}

/// Makes the user and sends the link. If the address has an account, only the mailbox
/// learns of that account. The step is the same after the same time.
async fn confirm(context: &ClientContext, new: Prepared, links: Links<'_>) -> NextStep {
    context.events.is_for(Attempt::SignUpAlike);
    let user = new.account().user.clone();
    let email = user.email.clone().unwrap_or_default();
    let work = async {
        match make_user(context, new).await {
            Ok(made) => Box::pin(send_link(context, &made, links.confirm)).await,
            Err(Failure::Refused(Refusal::Account(AccountRefusal::NameTaken(_)))) => {
                Box::pin(send_at_sign_up(context, &email, links.reset)).await
            }
            Err(failure) => Err(failure),
        }
    };
    hide_outcome(context, "the sign-up of a passkey was not completed", work).await;
    // The link is on its way, so no other link is sent.
    NextStep::ConfirmAddress {
        user: user.id,
        email: None,
        phone: None,
    }
}
