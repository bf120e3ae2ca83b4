//! Signs a user up without telling anybody whether the address has an account, and
//! sends a link that confirms the address.

use crate::domain::accounts::new_user::registration::Registration;
use crate::domain::accounts::refusals::account_refusal::AccountRefusal;
use crate::domain::accounts::user::User;
use crate::domain::refusal::Refusal;
use crate::failure::Failure;
use crate::usecase::accounts::anonymous_rate_limit::count_anonymous;
use crate::usecase::accounts::forgot_password::send_at_sign_up;
use crate::usecase::accounts::register::{check_open, make_user, prepare};
use crate::usecase::accounts::send_confirmation::send_link;
use crate::usecase::context::Context;
use crate::usecase::events::hidden_outcome::hide_outcome;
use crate::usecase::messages::send_action::MakeLink;

/// The pages that the message may lead to.
#[derive(Clone, Copy)]
pub struct Links<'a> {
    /// The page that confirms the address of a new account.
    pub confirm: MakeLink<'a>,
    /// The page for another password, if the address already has an account.
    pub reset: MakeLink<'a>,
}

/// Makes a user, and sends the link. If the address already has an account, only the
/// mailbox learns of that account, from a link to a new password. The caller gets an
/// equal answer after an equal time: the user as asked for, whether or not the user was
/// made. The user name has to be the address, because another user name could be free or
/// taken by itself, and a second sign-up with the same name would tell whether the first
/// made a user. For a new address: two requests to DynamoDB and an e-mail, and one request
/// more while the network's budget is in use.
///
/// # Errors
/// `SignUpClosed`, `NameInvalid`, `RequestMalformed`, `RequestsExhausted`,
/// `PasswordRejected`. None of them depends on whether there is an account.
pub async fn sign_up(
    context: &Context,
    asked: &Registration<'_>,
    links: Links<'_>,
) -> Result<User, Failure> {
    check_open(context)?;
    count_anonymous(context).await?;
    let new = prepare(context, asked)?;
    let user = new.account().user.clone();
    let email = asked.email;
    let work = async {
        match make_user(context, new).await {
            Ok(made) => Box::pin(send_link(context, &made, links.confirm)).await,
            // The person who took the address may be a stranger with another password.
            Err(Failure::Refused(Refusal::Account(AccountRefusal::NameTaken(_)))) => {
                Box::pin(send_at_sign_up(context, email, links.reset)).await
            }
            Err(failure) => Err(failure),
        }
    };
    // Without its link, an account that was made gets another link when its owner signs in.
    hide_outcome(context, "a sign-up was not completed", work).await;
    Ok(user)
}
