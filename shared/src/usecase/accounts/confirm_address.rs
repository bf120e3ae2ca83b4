//! Confirms an e-mail address by a token, and a phone number by a code, that
//! was sent there. Says whether a token is still valid.

use crate::domain::accounts::action::{Action, ActionKind};
use crate::domain::accounts::named_user::ActionOwner;
use crate::domain::accounts::refusals::action_refusal::ActionRefusal;
use crate::domain::accounts::user::User;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::Channel;
use crate::domain::factors::sent_code::six_digits;
use crate::domain::id::UserId;
use crate::domain::login::throttle::Guesser;
use crate::domain::messages::destination::Recipient;
use crate::domain::messages::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::Failure;
use crate::store::{CodeGuess, Spend};
use crate::usecase::accounts::send_confirmation::{ConfirmationRequester, user_who_asks};
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::refuse_no_earlier;
use crate::usecase::login::codes::prove::charge;
use crate::usecase::messages::delivery_report::note_arrival_at;
use crate::usecase::messages::notice::read_and_tell;

/// The live action of this kind that a token names. A forged token costs no
/// read. Any other token costs one batch read.
///
/// # Errors
/// `ActionTokenInvalid`, without saying why.
pub(crate) async fn live_action(
    context: &Context,
    kind: ActionKind,
    named: ActionOwner<'_>,
    token: &str,
) -> Result<(User, Action), Failure> {
    let (user, action) = named_action(context, kind, named, token).await?;
    action.check_live(&user, kind, context.now())?;
    Ok((user, action))
}

/// The action of this kind that a token names, live or not.
async fn named_action(
    context: &Context,
    kind: ActionKind,
    named: ActionOwner<'_>,
    token: &str,
) -> Result<(User, Action), Failure> {
    let invalid = || Failure::from(ActionRefusal::ActionTokenInvalid);
    let read = |token| kind.named_by(token);
    let malformed = ActionRefusal::ActionTokenInvalid.into();
    let opened = context.open_token(read, token, malformed);
    let token = opened.await?;
    let read = context
        .app
        .store
        .read_action(token.user, kind, token.action);
    let (user, action) = read.await?.ok_or_else(invalid)?;
    if !named.owns(&user) {
        return Err(invalid());
    }
    context.caller.trace.is_about(user.id);
    Ok((user, action))
}

/// Whether a token of this kind would work now, or has confirmed an address
/// that is still confirmed. The token is not spent. One request to DynamoDB.
///
/// # Errors
/// `ActionTokenInvalid`.
pub async fn check_token(
    context: &Context,
    kind: ActionKind,
    named: ActionOwner<'_>,
    token: &str,
) -> Result<(), Failure> {
    live_unless_done(context, kind, named, token)
        .await
        .map(|_| ())
}

/// The live action that a token names, with its user. `None` for a token that has confirmed an
/// address that is still confirmed.
async fn live_unless_done(
    context: &Context,
    kind: ActionKind,
    named: ActionOwner<'_>,
    token: &str,
) -> Result<Option<(User, Action)>, Failure> {
    let (user, action) = named_action(context, kind, named, token).await?;
    if action.is_done(&user, kind, context.now()) {
        return Ok(None);
    }
    action.check_live(&user, kind, context.now())?;
    Ok(Some((user, action)))
}

/// Confirms the e-mail address that this token was sent to, once. If a valid link
/// is opened again, the answer says that the address is confirmed, because people
/// click twice and mail scanners open links first. Two requests
/// to DynamoDB, one for a link that was opened before, three for two concurrent
/// clicks.
///
/// # Errors
/// `ActionTokenInvalid`.
pub async fn confirm_email(
    context: &Context,
    named: ActionOwner<'_>,
    token: &str,
) -> Result<(), Failure> {
    let look = || live_unless_done(context, ActionKind::ConfirmEmail, named, token);
    let Some((user, action)) = look().await? else {
        return Ok(());
    };
    let spent = spend(context, &action).await;
    if spent.is_ok() {
        context.events.did(EventKind::EmailConfirmed);
        let to = Recipient {
            channel: Channel::Email,
            to: &action.address,
        };
        note_arrival_at(context, &user, to).await;
    }
    match spent {
        // The other click was faster.
        Err(Failure::Refused(Refusal::Action(ActionRefusal::ActionTokenInvalid))) => {
            match look().await? {
                None => Ok(()),
                Some(_) => Err(ActionRefusal::ActionTokenInvalid.into()),
            }
        }
        spent => spent,
    }
}

/// Confirms the phone number that this code was sent to, once. A notice tells
/// the user, because the phone may become a second factor. `authenticated` says
/// whether the caller has shown an access token of this user. Without an access
/// token, a code is accepted only within ten minutes of a right password, because the
/// code is sent only then, and the guess is charged to strangers. At most five requests
/// to DynamoDB (seven without an access token), and one more while the budget
/// is in use.
///
/// # Errors
/// `AccessTokenMissing`, `ActionTokenInvalid`; with an access token
/// `CodesExhausted`, `CodesClosed`.
pub async fn confirm_phone(
    context: &Context,
    user: UserId,
    authenticated: bool,
    code: &Secret,
) -> Result<(), Failure> {
    let invalid = || Failure::from(ActionRefusal::ActionTokenInvalid);
    // The answer is the same for every user, known or not, because nothing is
    // read before.
    let typed = six_digits(code.expose()).ok_or_else(invalid)?;
    match authenticated {
        true => take_phone_code(context, Guesser::User(user), user, typed).await,
        false => {
            let work = take_phone_code(context, Guesser::Stranger(user), user, typed);
            refuse_no_earlier(context, work).await
        }
    }
}

/// Compares the code of a phone, and spends it. The guess is charged to `guesser`.
async fn take_phone_code(
    context: &Context,
    guesser: Guesser,
    user: UserId,
    typed: Secret,
) -> Result<(), Failure> {
    let invalid = || Failure::from(ActionRefusal::ActionTokenInvalid);
    if matches!(guesser, Guesser::Stranger(_)) {
        user_who_asks(context, ConfirmationRequester::Stranger(user), false).await?;
    }
    let kind = ActionKind::ConfirmPhone;
    let ring = context.ring().await?;
    let (found, actions) = tokio::join!(
        context.app.store.read_user(user),
        context.app.store.newest_actions(user)
    );
    let found = found?.ok_or_else(invalid)?;
    context.caller.trace.is_about(found.id);
    let live = Action::tried(actions?, &found, kind, context.now());
    // A guess is charged only if there is something to guess.
    if live.is_empty() {
        return Err(invalid());
    }
    let mut expected = Vec::new();
    for action in &live {
        expected.push(ring.action_code(action)?);
    }
    let wrong = ActionRefusal::ActionTokenInvalid.into();
    charge(context, guesser, CodeGuess::SixDigits, wrong).await?;
    let right: Vec<bool> = expected
        .iter()
        .map(|code| code.matches(typed.expose()))
        .collect();
    let position = right.iter().position(|right| *right);
    let action = position.and_then(|at| live.get(at)).ok_or_else(invalid)?;
    let spent = spend(context, action).await;
    if spent.is_ok() {
        context.events.did(EventKind::PhoneConfirmed);
        read_and_tell(context, &found, Notice::PhoneConfirmed).await;
        let to = Recipient {
            channel: Channel::Sms,
            to: &action.address,
        };
        note_arrival_at(context, &found, to).await;
    }
    if let Err(broken) = context.app.store.give_back(guesser).await {
        let request_id = context.caller.trace.request_id();
        tracing::warn!(
            request_id,
            error = %broken,
            "the charge for a right guess was not given back"
        );
    }
    spent
}

async fn spend(context: &Context, action: &Action) -> Result<(), Failure> {
    let done = context
        .app
        .store
        .spend_action(action, &Spend::Confirm, context.now());
    if done.await? {
        Ok(())
    } else {
        Err(ActionRefusal::ActionTokenInvalid.into())
    }
}
