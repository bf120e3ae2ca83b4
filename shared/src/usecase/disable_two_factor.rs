//! Turns two-factor off for a browser's user, who shows a factor for it.

use super::Caller;
use super::bearer::{Shows, signed_in_with_account};
use super::beginning::moved_session;
use super::browser::{begin_step_up, browser_session};
use super::enroll::{ATTEMPTS, overtaken};
use super::notice::tell;
use super::open_login::open_login_token;
use super::prove::Shown;
use super::remove_factor::change_factors;
use super::sign_in::{SignedInBrowser, sign_in_with_code};
use crate::app::App;
use crate::domain::Dialect;
use crate::domain::enrolment::check_may_change;
use crate::domain::factor::Factor;
use crate::domain::id::FactorId;
use crate::domain::notice::Notice;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::store::{FactorsChange, RecoveryChange};

/// Refuses what the policy does not let a user turn off.
///
/// # Errors
/// `FactorKept`.
pub fn check_may_disable(app: &App) -> Result<(), Refusal> {
    if app.config.mfa_policy.lets_go() {
        Ok(())
    } else {
        Err(Refusal::FactorKept)
    }
}

/// Takes a code of the user whose browser has this cookie, signs the browser in
/// anew with it, and turns two-factor off: the authenticator app goes, and with
/// the last factor the recovery codes. `sent_for` is the token of the login that
/// a code was sent for (`begin_step_up`); any other code is shown for one that
/// begins here. The code is used up even if the change then fails. Eleven
/// requests to DynamoDB at most, and one more while the budget of codes is in
/// use.
///
/// # Errors
/// `SignInRequired`, those of `redeem`; `FactorKept`; `AuthenticationInsufficient` if the factor
/// is not the strongest one.
pub async fn disable_two_factor(
    app: &App,
    caller: &Caller,
    cookie: &str,
    sent_for: Option<&str>,
    shown: Shown,
) -> Result<SignedInBrowser, Failure> {
    check_may_disable(app)?;
    let browser = match (&shown, sent_for) {
        (Shown::Sent { .. }, Some(token)) => {
            let (user, _) = browser_session(app, caller, cookie).await?;
            let login = open_login_token(app, caller, token).await?;
            if login.user != user.id {
                return Err(Refusal::LoginTokenMalformed.into());
            }
            sign_in_with_code(app, caller, token, shown).await?
        }
        (Shown::Sent { .. }, None) => return Err(Refusal::LoginExpired.into()),
        (Shown::Totp { .. } | Shown::Recovery { .. }, _) => {
            let (token, _) = begin_step_up(app, caller, cookie).await?;
            sign_in_with_code(app, caller, token.expose(), shown).await?
        }
    };
    for _ in 0..ATTEMPTS {
        if turn_off(app, caller, &browser).await? {
            return Ok(browser);
        }
    }
    Err(overtaken())
}

/// Gives whether it did: not if the user was changed meanwhile.
async fn turn_off(app: &App, caller: &Caller, browser: &SignedInBrowser) -> Result<bool, Failure> {
    let shows = Shows::Browser(browser.cookie.expose());
    let (bearer, account) = signed_in_with_account(app, caller, shows, &[]).await?;
    check_may_change(&account, bearer.authentication, caller.now)?;
    let confirmed = || account.factors.iter().filter(|factor| factor.confirmed);
    let apps: Vec<FactorId> = confirmed()
        .filter(|factor| factor.is_totp())
        .map(|factor: &Factor| factor.id)
        .collect();
    let left = confirmed().any(|factor| !factor.is_totp());
    let change = FactorsChange {
        user: &account.user,
        session: &moved_session(app, caller, &bearer, Dialect::Aidbox)?,
        remove: &apps,
        add: &[],
        recovery: if left {
            RecoveryChange::Keep
        } else {
            RecoveryChange::Remove
        },
        two_factor: false,
    };
    let done = change_factors(app, caller, &change).await?;
    if done {
        tell(app, caller, &account.user, Notice::TwoFactorOff).await;
    }
    Ok(done)
}
