//! Gives an account that nobody owns to the person who has shown the code of the account's
//! mailbox. The person who made the account loses it.

use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::user::Account;
use crate::domain::events::kind::EventKind;
use crate::domain::login::codes::mailbox_code::MailboxClaim;
use crate::failure::Failure;
use crate::usecase::accounts::reset_password::unowned;
use crate::usecase::context::Context;

/// The account that this mailbox has now, though it had none when the code was asked for.
/// `MailboxClaim` decides. `None` if the account belongs to somebody otherwise. Four requests to DynamoDB, one more if something was enrolled.
pub(crate) async fn take_over(
    context: &Context,
    mailbox: &str,
) -> Result<Option<Account>, Failure> {
    let (app, store) = (&context.app, &context.app.store);
    let Some(name) = LoginName::parse(mailbox) else {
        return Ok(None);
    };
    let owners = store.owners_of_names(std::slice::from_ref(&name)).await?;
    let Some(&id) = owners.get(name.as_str()) else {
        return Ok(None);
    };
    let Some(user) = store.read_user(id).await? else {
        return Ok(None);
    };
    match MailboxClaim::of(mailbox, &user, context.now()) {
        MailboxClaim::Refused => return Ok(None),
        MailboxClaim::MovedIn => return Ok(store.read_account(id).await?),
        MailboxClaim::Taken => {}
    }
    let unowned = unowned(app, &user).await?;
    let forget_phone = app.config.confirmation.doubts_phone(&user);
    let given = store.give_to_mailbox_owner(&user, &unowned, (forget_phone, context.now()));
    if !given.await? {
        return Ok(None);
    }
    context.events.did(EventKind::EmailConfirmed);
    Ok(store.read_account(id).await?)
}
