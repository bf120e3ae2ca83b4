//! `user`: the people who sign in.

mod delete;
pub mod events;
pub(crate) mod reason;
pub mod sheet;

use std::net::IpAddr;

use clap::{Args, Subcommand};
use countersign::app::App;
use countersign::domain::accounts::new_user::by_operator::NewUser;
use countersign::domain::accounts::new_user::user_update::UserUpdate;
use countersign::domain::accounts::password::PasswordHash;
use countersign::domain::accounts::user::Account;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::add::add_user;
use countersign::usecase::administration::users::change::{UserChange, change_user};
use countersign::usecase::administration::users::find::find_user_for_operator;
use countersign::usecase::administration::users::remove_device::remove_device_for_operator;
use countersign::usecase::administration::users::remove_factor::remove_factor_for_operator;
use countersign::usecase::administration::users::reset_factors::reset_factors;
use countersign::usecase::administration::users::unlock::unlock;
use countersign::usecase::administration::users::update::update_user_for_operator;
use serde_json::json;

use self::delete::{DeleteUserOptions, delete};
use self::events::user_events;
use crate::export::one::{ExportUserOptions, export_one};
use crate::problem::Problem;
use crate::report::Report;
use crate::report::progress::with_items_counted;
use crate::user::reason::{because, parse_reason};
use crate::user::sheet::{row, sheet, told_sentence};

/// The user that a command is about.
#[derive(Args, Clone, Debug)]
pub struct Who {
    /// User name, e-mail address or identifier
    #[arg(value_name = "USER")]
    who: String,
}

/// The commands for users.
#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Make a user without a password, who sets one by the page for a forgotten password
    #[command(
        after_help = "Example: countersign user add --email ann@example.com --email-confirmed --role admin"
    )]
    Add(AddUser),
    /// Look for users by a part of a name, an address or a number; reads the whole table
    #[command(after_help = "Example: countersign user find +1555")]
    Find {
        /// A part of the user name, the e-mail address or the phone number
        text: String,
    },
    /// Show one user: standing, factors, sessions and what operators did
    #[command(after_help = "Example: countersign user show ann@example.com")]
    Show(Who),
    /// List what happened to a user, the newest first; for a deleted user, name the identifier
    #[command(after_help = "Example: countersign user events ann@example.com --limit 20")]
    Events {
        #[command(flatten)]
        who: Who,
        /// How many
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..))]
        limit: u16,
        /// Only those before the event with this log_id: the next page
        #[arg(long, value_name = "LOG_ID")]
        before: Option<String>,
    },
    /// Keep a user from signing in; every session ends
    #[command(after_help = "Example: countersign user disable ann@example.com")]
    Disable(Who),
    /// Let a user sign in again
    #[command(after_help = "Example: countersign user enable ann@example.com")]
    Enable(Who),
    /// Forget a user's wrong passwords and wrong codes, and tell the user
    #[command(
        after_help = "Example: countersign user unlock ann@example.com --reason 'called, ticket 4711'"
    )]
    Unlock {
        #[command(flatten)]
        who: Who,
        /// Why; kept for 90 days
        #[arg(long, value_parser = parse_reason)]
        reason: String,
        /// Also forget what counts against this network, from which the user signs in
        #[arg(long, value_name = "ADDRESS")]
        network: Option<IpAddr>,
    },
    /// Make a user change the password at the next sign-in; every session ends
    #[command(after_help = "Example: countersign user require-password-change ann@example.com")]
    RequirePasswordChange(Who),
    /// Give a user these roles in place of those before; without a role, none
    #[command(after_help = "Example: countersign user set-roles ann@example.com admin auditor")]
    SetRoles {
        #[command(flatten)]
        who: Who,
        /// The roles
        #[arg(value_name = "ROLE")]
        roles: Vec<String>,
    },
    /// Vouch that a user's e-mail address is the user's
    #[command(after_help = "Example: countersign user confirm-email ann@example.com")]
    ConfirmEmail(Who),
    /// Vouch that a user's phone number is the user's, so that codes go there; tells the user
    #[command(after_help = "Example: countersign user confirm-phone ann@example.com")]
    ConfirmPhone(Who),
    /// Change a user's names and addresses; every session ends
    #[command(
        after_help = "Example: countersign user update ann@example.com --email ann@example.org --family-name Leigh"
    )]
    Update {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        update: UpdateUser,
    },
    /// Remove one second factor of a user who has lost it, and tell the user; every session ends
    #[command(
        after_help = "Example: countersign user remove-factor ann@example.com 0c9f1f0e-6a38-4c11-8f52-0d8a7b1c2d3e --reason 'lost phone, ticket 4712'"
    )]
    RemoveFactor {
        #[command(flatten)]
        who: Who,
        /// The identifier of the factor, as `user show` prints it
        #[arg(value_name = "FACTOR")]
        factor: String,
        /// Why; kept for 90 days
        #[arg(long, value_parser = parse_reason)]
        reason: String,
    },
    /// End one trusted device of a user; its next sign-in takes a second factor
    #[command(
        after_help = "Example: countersign user remove-device ann@example.com 0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    )]
    RemoveDevice {
        #[command(flatten)]
        who: Who,
        /// The identifier of the device, as `user show` prints it
        #[arg(value_name = "DEVICE", allow_hyphen_values = true)]
        device: String,
    },
    /// Remove every second factor of a user who has lost them, and tell the user; every session ends
    #[command(
        after_help = "Example: countersign user reset-factors ann@example.com --reason 'lost phone, ticket 4712' --forget-phone"
    )]
    ResetFactors {
        #[command(flatten)]
        who: Who,
        /// Why; kept for 90 days
        #[arg(long, value_parser = parse_reason)]
        reason: String,
        /// Also mark the phone number as not confirmed, so that no code goes to a lost
        /// phone
        #[arg(long)]
        forget_phone: bool,
    },
    /// End every session and every pending login of a user
    #[command(after_help = "Example: countersign user sign-out ann@example.com")]
    SignOut(Who),
    /// Everything of one user as JSON, for the user who asks, or in a file that import reads
    #[command(after_help = "Example: countersign user export ann@example.com")]
    Export(ExportUserOptions),
    /// Delete a user with everything that belongs to the user, and list what that was
    #[command(after_help = "Example: countersign user delete ann@example.com --yes")]
    Delete(DeleteUserOptions),
}

/// A new user.
#[derive(Args, Clone, Debug)]
pub struct AddUser {
    /// The e-mail address
    #[arg(long)]
    email: String,
    /// You vouch that the address is the user's
    #[arg(long)]
    email_confirmed: bool,
    /// The user name [default: the e-mail address]
    #[arg(long)]
    user_name: Option<String>,
    /// The phone number, +15555550100
    #[arg(long)]
    phone: Option<String>,
    /// You vouch that the number is the user's
    #[arg(long, requires = "phone")]
    phone_confirmed: bool,
    /// First name
    #[arg(long)]
    given_name: Option<String>,
    /// Last name
    #[arg(long)]
    family_name: Option<String>,
    /// A role [repeatable]
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A password from `cargo local`. No option gives one.
    #[arg(skip)]
    pub password: Option<PasswordHash>,
}

/// What changes. An empty value takes the value away; an e-mail address stays.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true)]
pub struct UpdateUser {
    /// The e-mail address; a new one is not confirmed
    #[arg(long)]
    email: Option<String>,
    /// The phone number, +15555550100; a new one is not confirmed
    #[arg(long)]
    phone: Option<String>,
    /// First name
    #[arg(long)]
    given_name: Option<String>,
    /// Last name
    #[arg(long)]
    family_name: Option<String>,
}

impl UpdateUser {
    fn wanted(&self) -> UserUpdate {
        UserUpdate {
            email: self.email.clone(),
            phone: self.phone.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
        }
    }
}

impl UserCommand {
    /// Whether the command writes what it prints to a file.
    pub(crate) fn writes_a_file(&self) -> bool {
        matches!(self, Self::Export(options) if options.writes_a_file())
    }
}

/// Runs the command.
///
/// # Errors
/// The reason, in one line, if the command fails.
pub async fn act(app: &App, operator: Operator, command: &UserCommand) -> Result<Report, Problem> {
    let change = |who: &Who, change: UserChange| {
        let (who, operator) = (who.who.clone(), operator.clone());
        async move { changed(app, &operator, &who, change).await }
    };
    match command {
        UserCommand::Add(new) => add(app, &operator, new).await,
        UserCommand::Find { text } => find(app, text).await,
        UserCommand::Show(Who { who }) => {
            let account = find_user_for_operator(app, who).await?;
            Ok(Report::Sheet(sheet(app, &account, operator.now).await?))
        }
        UserCommand::Events { who, limit, before } => {
            user_events(app, &who.who, before.as_deref(), usize::from(*limit)).await
        }
        UserCommand::Disable(who) => change(who, UserChange::Disable).await,
        UserCommand::Enable(who) => change(who, UserChange::Enable).await,
        UserCommand::RequirePasswordChange(who) => {
            change(who, UserChange::RequirePasswordChange).await
        }
        UserCommand::SetRoles { who, roles } => {
            change(who, UserChange::SetRoles(roles.clone())).await
        }
        UserCommand::ConfirmEmail(who) => change(who, UserChange::ConfirmEmail).await,
        UserCommand::ConfirmPhone(who) => change(who, UserChange::ConfirmPhone).await,
        UserCommand::SignOut(who) => change(who, UserChange::SignOut).await,
        UserCommand::Unlock {
            who,
            reason,
            network,
        } => {
            let operator = because(operator, reason);
            let (account, told) = unlock(app, &operator, &who.who, *network).await?;
            Ok(done(&account, "is unlocked", &told_sentence(told)))
        }
        UserCommand::Update { who, update } => {
            let update = update.wanted();
            let account = update_user_for_operator(app, &operator, &who.who, &update).await?;
            Ok(Report::Sheet(sheet(app, &account, operator.now).await?))
        }
        UserCommand::RemoveFactor {
            who,
            factor,
            reason,
        } => {
            let operator = because(operator, reason);
            let removed = remove_factor_for_operator(app, &operator, &who.who, factor);
            let (account, told) = removed.await?;
            let sentence = told_sentence(told);
            Ok(done(
                &account,
                "no longer has this factor, and is signed out",
                &sentence,
            ))
        }
        UserCommand::RemoveDevice { who, device } => {
            let account = remove_device_for_operator(app, &operator, &who.who, device).await?;
            Ok(done(
                &account,
                "no longer trusts this device",
                "The sessions of the device stay.",
            ))
        }
        UserCommand::ResetFactors {
            who,
            reason,
            forget_phone,
        } => {
            let operator = because(operator, reason);
            let (account, told) = reset_factors(app, &operator, &who.who, *forget_phone).await?;
            let sentence = told_sentence(told);
            Ok(done(
                &account,
                "has no second factor any more, and is signed out",
                &sentence,
            ))
        }
        UserCommand::Export(options) => export_one(app, &operator, options).await,
        UserCommand::Delete(options) => delete(app, &operator, options).await,
    }
}

fn done(account: &Account, what: &str, more: &str) -> Report {
    let user = &account.user;
    Report::Done {
        sentence: format!("{} {what}. {more}", user.user_name),
        value: json!({ "id": user.id.dashed(), "user_name": user.user_name, "message": more }),
    }
}

async fn changed(
    app: &App,
    operator: &Operator,
    who: &str,
    change: UserChange,
) -> Result<Report, Problem> {
    let account = change_user(app, operator, who, &change).await?;
    Ok(Report::Sheet(sheet(app, &account, operator.now).await?))
}

async fn add(app: &App, operator: &Operator, new: &AddUser) -> Result<Report, Problem> {
    let wanted = NewUser {
        id: None,
        user_name: new.user_name.clone(),
        email: Some(new.email.clone()),
        email_confirmed: new.email_confirmed,
        phone: new.phone.clone(),
        phone_confirmed: new.phone_confirmed,
        given_name: new.given_name.clone(),
        family_name: new.family_name.clone(),
        roles: new.roles.clone(),
        password: new.password.clone(),
    };
    let user = add_user(app, operator, wanted).await?;
    let next = match user.password {
        None => "sets a password by the page for a forgotten password",
        Some(_) => "signs in with the password that you gave",
    };
    Ok(Report::Done {
        sentence: format!(
            "{} is there, with the identifier {}. The user {next}.",
            user.user_name,
            user.id.dashed()
        ),
        value: row(&user),
    })
}

async fn find(app: &App, text: &str) -> Result<Report, Problem> {
    let wanted = text.trim().to_lowercase();
    let users = app.store.search_users(|user| {
        let texts = [
            Some(&user.user_name),
            user.email.as_ref(),
            user.phone.as_ref(),
        ];
        let mut texts = texts.into_iter().flatten();
        texts.any(|text| text.to_lowercase().contains(&wanted))
            || user.id.dashed().starts_with(&wanted)
    });
    Ok(Report::Table {
        columns: &["id", "user_name", "email", "phone", "active"],
        rows: with_items_counted(app, users)
            .await?
            .iter()
            .map(row)
            .collect(),
    })
}
