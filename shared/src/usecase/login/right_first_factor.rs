//! What follows a first factor that stood in place of the password. The same follows it as
//! a right password.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::Account;
use crate::domain::authorization::client::Authorized;
use crate::domain::events::kind::EventKind;
use crate::domain::factors::factor::Method;
use crate::domain::id::LoginId;
use crate::domain::login::admission::{Admission, LoginRules};
use crate::domain::login::begin_login::LoginOrigin;
use crate::domain::login::next_step::NextStep;
use crate::domain::login::pending_login::Login;
use crate::domain::refusal::Refusal;
use crate::domain::sessions::authentication::{Authentication, FirstFactor};
use crate::domain::sessions::party::Party;
use crate::failure::Failure;
use crate::keyring::random_bytes;
use crate::store::{FirstFactorCompletion, PasskeyUse};
use crate::usecase::context::Context;
use crate::usecase::login::check_password::charge_of;
use crate::usecase::login::finished_login::FinishedLogin;
use crate::usecase::login::finished_login::settle_new_password;
use crate::usecase::login::passkeys::second_challenge::asks_for_passkey;
use crate::usecase::login::password_step::{LoggedIn, SecondFactor, login_rules, login_token};
use crate::usecase::login::required_password_change::change_first;
use crate::usecase::sessions::issue_tokens::{NewSession, login_result, session_id_or_new};

/// A right first factor, and what its request wants.
pub(crate) struct RightFirstFactor<'a> {
    /// The app that asks, or our own pages.
    pub party: Party<'a>,
    pub first: FirstFactor,
    /// The signature of a passkey, whose challenge is not spent yet.
    pub passkey: Option<PasskeyUse>,
    /// Whether the first factor counts as two factors.
    pub counts_as_two: bool,
    /// The name whose network becomes known.
    pub name: LoginName,
    /// The mailbox, if a code to it was the first factor.
    pub mailbox: Option<String>,
    /// Whether the tokens have to be of the second level.
    pub wants_factor: bool,
    /// The answer if the user has changed since the read.
    pub overtaken: Refusal,
}

impl RightFirstFactor<'_> {
    /// The name and the network, as one hash.
    fn came_from(&self, context: &Context) -> String {
        charge_of(&context.caller, &self.name).name_and_network
    }

    /// Spends the challenge of the passkey, if a passkey was shown.
    async fn spend(&self, context: &Context) -> Result<(), Failure> {
        let Some(used) = self.passkey else {
            return Ok(());
        };
        let store = &context.app.store;
        if !store.spend_challenge(used, context.now()).await? {
            return Err(self.overtaken.clone().into());
        }
        self.note_spent(context);
        Ok(())
    }

    /// Nobody can repeat the signature at no cost any more.
    fn note_spent(&self, context: &Context) {
        if self.passkey.is_some() {
            context.events.is_of_stranger(false);
        }
    }

    /// The second factor that the first factor stands for too.
    fn second(&self) -> Option<Method> {
        self.counts_as_two.then_some(Method::Passkey)
    }
}

/// Demands what is demanded after a right password, or signs the user in. One request to
/// DynamoDB, and one more for a passkey that does not complete the login.
///
/// # Errors
/// `overtaken`.
pub(crate) async fn go_on(
    context: &Context,
    mut account: Account,
    authorized: Authorized,
    shown: RightFirstFactor<'_>,
) -> Result<LoggedIn, Failure> {
    let asks = asks_for_passkey(context, shown.party, shown.first);
    if asks {
        account.ask_for_passkeys();
    }
    let rules = LoginRules {
        wants_factor: shown.wants_factor,
        shown_two: shown.counts_as_two,
        ..login_rules(context, shown.party.is_pages())
    };
    let ring = context.ring().await?;
    let store = &context.app.store;
    let came_from = shown.came_from(context);
    let begin = || -> Result<Login, Failure> {
        let id = LoginId::at(context.now(), random_bytes()?);
        let first = (shown.first, shown.counts_as_two);
        let mailbox = shown.mailbox.clone();
        let origin = LoginOrigin::without_password(came_from.clone(), mailbox, first);
        let (dialect, now) = (context.caller.dialect, context.now());
        let (user, authorized) = (&account.user, authorized.clone());
        Ok(Login::begin_from(
            origin, id, user, authorized, dialect, now,
        ))
    };
    let admission = rules.admit(&account, context.now());
    let completes =
        matches!(admission, Admission::PasswordOnly) && !account.user.must_change_password;
    // The write that completes a login spends the challenge itself.
    if !completes {
        shown.spend(context).await?;
    }
    match admission {
        Admission::ConfirmFirst => {
            // The code of a mailbox has confirmed the address.
            let email = match shown.mailbox {
                Some(_) => None,
                None => account.user.email.clone(),
            };
            if email.is_some() {
                let permitted = store.permit_confirmation(&account.user, None, context.now());
                permitted.await?;
            }
            Ok(LoggedIn::Next(NextStep::ConfirmAddress {
                user: account.user.id,
                email,
                phone: account.user.phone.clone(),
            }))
        }
        Admission::EnrolOnPage => Ok(LoggedIn::Next(NextStep::Enrol)),
        Admission::SecondFactor => {
            let mut login = begin()?;
            login.asks_for_passkey = asks;
            store.keep_login(&login).await?;
            context.events.did(EventKind::FactorDemanded);
            let token = login_token(&ring, &login, &account)?;
            context
                .app
                .addresses()
                .keep_offered(&mut account, &login.authorized);
            let enrollable = context.app.config.offer.enrollable_at(asks);
            Ok(LoggedIn::SecondFactor(Box::new(SecondFactor {
                token,
                account,
                enrollable,
            })))
        }
        Admission::PasswordOnly if account.user.must_change_password => {
            let login = begin()?;
            store.keep_login(&login).await?;
            context.events.did(EventKind::PasswordDemanded);
            Ok(LoggedIn::Next(change_first(&ring, &login, Vec::new())?))
        }
        Admission::PasswordOnly => {
            let finished = complete(context, &account, authorized, &shown).await?;
            Ok(LoggedIn::Finished(Box::new(finished)))
        }
    }
}

async fn complete(
    context: &Context,
    account: &Account,
    authorized: Authorized,
    shown: &RightFirstFactor<'_>,
) -> Result<FinishedLogin, Failure> {
    let user = &account.user;
    let authentication = Authentication {
        at: context.now(),
        first: shown.first,
        method: shown.second(),
        key: None,
    };
    let new = NewSession {
        user,
        party: shown.party,
        authorized: &authorized,
        authentication,
    };
    let result = login_result(context, &new)?;
    let store = &context.app.store;
    let came_from = shown.came_from(context);
    let completion = FirstFactorCompletion {
        user,
        result: result.as_ref(),
        came_from: &came_from,
        passkey: shown.passkey,
    };
    let completed = store.complete_by_first_factor(&completion, context.now());
    if !completed.await? {
        return Err(shown.overtaken.clone().into());
    }
    shown.note_spent(context);
    settle_new_password(context, user, None).await;
    Ok(FinishedLogin {
        user: user.clone(),
        authorized,
        authentication,
        session_id: session_id_or_new(result.as_ref())?,
        result,
        recovery_codes: Vec::new(),
        gave_back: false,
        device: None,
    }
    .noted(context))
}
