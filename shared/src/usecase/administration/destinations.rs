//! What a destination has used of the budgets of messages.

use crate::app::App;
use crate::domain::accounts::user::{Account, EmailAddress};
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::factors::factor::Channel;
use crate::domain::id::UserId;
use crate::domain::messages::delivery::DeliveryMark;
use crate::domain::messages::destination::Recipient;
use crate::domain::messages::payers::{
    Payer, Row, account_day_name, account_name, destination_name, mailbox_name,
};
use crate::domain::messages::phone_number::{PhoneNumber, charged_prefix, prefixes_of_country};
use crate::store::Used;
use crate::usecase::administration::not_done::NotDone;
use crate::usecase::administration::operator::Operator;
use crate::usecase::messages::charge_message::payer_hash;
use crate::usecase::messages::delivery_report::{clear_mark, readers};

/// A destination that an operator names.
#[derive(Clone, Debug)]
pub struct NamedDestination {
    /// How messages go there.
    pub channel: Channel,
    /// The address, or the number in E.164 form.
    pub to: String,
}

impl NamedDestination {
    /// Reads an e-mail address or a phone number.
    ///
    /// # Errors
    /// `Refused` if the text is neither.
    pub fn parse(text: &str) -> Result<Self, NotDone> {
        let email =
            EmailAddress::parse(text).map(|address| (Channel::Email, address.as_str().to_owned()));
        let number =
            || PhoneNumber::parse(text).map(|number| (Channel::Sms, number.as_str().to_owned()));
        let (channel, to) = email.or_else(number).ok_or_else(|| {
            NotDone::Refused(format!(
                "{text:?} is neither an e-mail address nor a phone number such as +15555550100"
            ))
        })?;
        Ok(Self { channel, to })
    }

    /// The budgets that belong to the destination alone. They do not depend on the
    /// caller.
    fn own(&self, app: &App) -> Vec<Payer> {
        let destination = payer_hash(&destination_name(self.channel, &self.to));
        let mailbox = payer_hash(&mailbox_name(&self.to));
        let mut rows = vec![
            (Row::Confirmed(self.channel), &destination),
            (Row::Unconfirmed, &destination),
            (Row::Notices, &mailbox),
        ];
        if self.channel == Channel::Email {
            rows.extend([(Row::Resets, &mailbox), (Row::Lockouts, &mailbox)]);
        }
        let payer = |(row, who): (Row, &String)| payer(app, row, who);
        rows.into_iter().map(payer).collect()
    }

    /// The ceilings of text messages that the destination shares with others.
    fn shared(&self, app: &App) -> Vec<Payer> {
        match self.channel {
            Channel::Email | Channel::Webhook => Vec::new(),
            Channel::Sms => vec![
                payer(app, Row::TextsToPrefix, charged_prefix(&self.to)),
                payer(app, Row::Texts, "all"),
            ],
        }
    }
}

fn payer(app: &App, row: Row, who: &str) -> Payer {
    Payer {
        row,
        limit: row.limit(app.config.text_ceilings),
        who: who.to_owned(),
    }
}

/// The budgets of an account over all its destinations of this channel, and
/// over those that it has not confirmed: first all others, then the own mailbox
/// while nobody owns the account.
fn of_account(app: &App, channel: Channel, user: UserId) -> Vec<Payer> {
    let account = payer_hash(&account_name(channel, user));
    let days = [false, true].map(|unowned| payer_hash(&account_day_name(user, unowned)));
    let mut rows = vec![payer(app, Row::Account(channel), &account)];
    rows.extend(days.map(|day| payer(app, Row::AccountDay, &day)));
    rows
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
) -> Result<Vec<AccountUse>, NotDone> {
    let account = |channel: Channel| {
        let who = payer_hash(&account_name(channel, user));
        (channel.name(), payer(app, Row::Account(channel), &who))
    };
    let day = |destinations: &'static str, unowned: bool| {
        let who = payer_hash(&account_day_name(user, unowned));
        (destinations, payer(app, Row::AccountDay, &who))
    };
    let mut each: Vec<(&str, Payer)> = Channel::ALL.map(account).into();
    each.push(day("unconfirmed", false));
    each.push(day("unowned mailbox", true));
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
) -> Result<Vec<Used>, NotDone> {
    let prefixes = prefixes_of_country(country);
    if prefixes.is_empty() {
        return Err(NotDone::Refused(format!(
            "{country:?} is neither the two letters of a country nor a calling code such as +49"
        )));
    }
    let by_prefix = prefixes.into_iter();
    let mut payers: Vec<Payer> = by_prefix
        .map(|prefix| payer(app, Row::TextsToPrefix, prefix))
        .collect();
    payers.push(payer(app, Row::Texts, "all"));
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
) -> Result<Vec<Used>, NotDone> {
    let mut payers = destination.own(app);
    payers.extend(
        user.iter()
            .flat_map(|user| of_account(app, destination.channel, *user)),
    );
    payers.extend(destination.shared(app));
    Ok(app.store.read_budgets(&payers, operator.now).await?)
}

/// The users who read at the destination, as far as the table knows them by the
/// destination, and `user` if it is named.
async fn accounts_at(
    app: &App,
    destination: &NamedDestination,
    user: Option<UserId>,
) -> Result<Vec<Account>, NotDone> {
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
) -> Result<Vec<(UserId, DeliveryMark)>, NotDone> {
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
) -> Result<(), NotDone> {
    let mut payers = destination.own(app);
    payers.extend(
        user.iter()
            .flat_map(|user| of_account(app, destination.channel, *user)),
    );
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
