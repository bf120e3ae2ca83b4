//! What a destination has used of the budgets of messages.

use crate::app::App;
use crate::domain::accounts::user::Account;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::id::UserId;
use crate::domain::messages::delivery::DeliveryMark;
use crate::domain::messages::destination::Recipient;
use crate::domain::messages::own_budgets::{NamedDestination, OwnBudgets};
use crate::domain::messages::payers::Payer;
use crate::store::Used;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::messages::charge_message::payer_hash;
use crate::usecase::messages::delivery_report::{clear_mark, readers};

fn own_budgets(app: &App) -> OwnBudgets {
    OwnBudgets {
        ceilings: app.config.text_ceilings,
        hash: payer_hash,
    }
}

/// Reads a destination that an operator names.
///
/// # Errors
/// `Refused` if the text is neither an e-mail address nor a phone number.
pub fn named_destination(text: &str) -> Result<NamedDestination, ActFailure> {
    NamedDestination::parse(text).ok_or_else(|| {
        ActFailure::Refused(format!(
            "{text:?} is neither an e-mail address nor a phone number such as +15555550100"
        ))
    })
}

/// What an account has used over all its destinations: by channel, and in a day over those
/// that it has not confirmed.
///
/// # Errors
/// `Broken`.
pub async fn read_account_budgets(
    app: &App,
    operator: &Operator,
    user: UserId,
) -> Result<Vec<AccountUse>, ActFailure> {
    let each = own_budgets(app).of_account(user);
    let payers: Vec<Payer> = each.iter().map(|(_, payer)| payer.clone()).collect();
    let read = app.store.read_budgets(&payers, operator.now).await?;
    let uses = each.into_iter().zip(read);
    let uses = uses.map(|((destinations, _), used)| AccountUse { destinations, used });
    Ok(uses.collect())
}

/// What an account has used of one of its budgets.
pub struct AccountUse {
    /// Which destinations of the account the budget is for: those of a channel, those that
    /// are not confirmed, or the own mailbox while nobody owns the account.
    pub destinations: &'static str,
    pub used: Used,
}

/// How many text messages went to unconfirmed numbers of a country today, and to all. The
/// country is named by its two letters or by a prefix such as `+49`.
///
/// # Errors
/// `Refused` if there is no such country.
pub async fn read_country_budgets(
    app: &App,
    operator: &Operator,
    country: &str,
) -> Result<Vec<Used>, ActFailure> {
    let payers = own_budgets(app).of_country(country).ok_or_else(|| {
        ActFailure::Refused(format!(
            "{country:?} is neither the two letters of a country nor a calling code such as +49"
        ))
    })?;
    Ok(app.store.read_budgets(&payers, operator.now).await?)
}

/// What a destination has used, and the ceilings that it shares. With `user`,
/// also what the account has used.
///
/// # Errors
/// `Broken`.
pub async fn read_destination(
    app: &App,
    operator: &Operator,
    destination: &NamedDestination,
    user: Option<UserId>,
) -> Result<Vec<Used>, ActFailure> {
    let own = own_budgets(app);
    let mut payers = own.of_destination(destination);
    let account = user.map(|user| own.of_account_by(destination.channel, user));
    payers.extend(account.into_iter().flatten());
    payers.extend(own.shared_by(destination));
    Ok(app.store.read_budgets(&payers, operator.now).await?)
}

/// The users who read at the destination, as far as the table knows them by the
/// destination, and `user` if it is named.
async fn accounts_at(
    app: &App,
    destination: &NamedDestination,
    user: Option<UserId>,
) -> Result<Vec<Account>, ActFailure> {
    let mut ids = readers(app, destination.channel, &destination.to).await?;
    ids.extend(user.filter(|user| !ids.contains(user)));
    let mut accounts = Vec::new();
    for id in ids {
        accounts.extend(app.store.read_account(id).await?);
    }
    Ok(accounts)
}

/// What is wrong with the destination, for each user who reads there.
///
/// # Errors
/// `Broken`.
pub async fn troubles_at(
    app: &App,
    destination: &NamedDestination,
    user: Option<UserId>,
) -> Result<Vec<(UserId, DeliveryMark)>, ActFailure> {
    let accounts = accounts_at(app, destination, user).await?;
    let trouble = |account: &Account| {
        let mark = account
            .user
            .trouble_at(destination.channel, &destination.to)?;
        Some((account.user.id, mark.clone()))
    };
    Ok(accounts.iter().filter_map(trouble).collect())
}

/// Makes the destination's own budgets whole again, and forgets that messages
/// came back; with `user`, also the budgets of the account. The ceilings that the destination shares with others stay as
/// they are: they are settings.
///
/// # Errors
/// `Broken`.
pub async fn open_destination(
    app: &App,
    operator: &Operator,
    destination: &NamedDestination,
    user: Option<UserId>,
) -> Result<(), ActFailure> {
    let own = own_budgets(app);
    let mut payers = own.of_destination(destination);
    let account = user.map(|user| own.of_account_by(destination.channel, user));
    payers.extend(account.into_iter().flatten());
    // The act names the destination as a hash, as the budgets do.
    let subject = ActSubject::Destination(payer_hash(&destination.to));
    // The budget of the destination says who reads there, so it is read first.
    let accounts = accounts_at(app, destination, user).await?;
    let intent = operator.intends(OperatorCommand::SendsOpen, subject);
    let act = operator.announce(app, intent).await?;
    app.store.open_budgets(&payers, &act).await?;
    let place = Recipient {
        channel: destination.channel,
        to: &destination.to,
    };
    for account in accounts {
        clear_mark(app, &account.user, place, operator.now).await?;
    }
    Ok(())
}
