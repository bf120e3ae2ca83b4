//! Imports users from another system, with their passwords and factors.

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::moving_in::arrival::{Arrival, ArrivedPassword, NewParts};
use crate::domain::accounts::moving_in::known_users::{Arrived, KnownUsers};
use crate::domain::accounts::password::PasswordHash;
use crate::domain::accounts::unusable_hash::UnusableHash;
use crate::domain::accounts::user::Account;
use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::{FactorId, UserId};
use crate::failure::Broken;
use crate::keyring::random_bytes;
use crate::store::{Created, LockedNames, NewAccount, RememberedState};
use crate::usecase::accounts::name_charge::name_charge;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::users::arrived_factors::{
    FactorToStore, former_codes, stored_factor,
};
use crate::usecase::administration::users::import_run::ImportRun;

/// Imports these users, and returns a result for each. No two of them may share a name,
/// an identifier or a passkey handle. A dry run writes nothing.
///
/// # Errors
/// `Broken` if the table or the keys do not answer. Some users may be imported by then.
/// A second import leaves them unchanged.
pub async fn import_users(
    app: &App,
    operator: &Operator,
    arrivals: &[Arrival],
    run: &ImportRun,
) -> Result<Vec<Arrived>, ActFailure> {
    let all: Vec<&Arrival> = arrivals.iter().collect();
    let there = read_known(app, &all).await?;
    let judged = arrivals.iter().map(|arrival| there.judge(arrival));
    let mut judged: Vec<Option<Arrived>> = judged.collect();
    // The note never ends, and each kind in the note costs every wrong password. So a row
    // that is refused or kept adds no kind.
    let new = arrivals
        .iter()
        .zip(&judged)
        .filter(|(_, one)| one.is_none());
    let kinds: Vec<PasswordHash> = new.filter_map(|(arrival, _)| arrival.hash_kind()).collect();
    let noted = run.note_kinds(app, &kinds).await?;
    for (arrival, judged) in arrivals.iter().zip(&mut judged) {
        if judged.is_none() {
            *judged = Arrived::of_hash_kind(arrival, &noted);
        }
    }
    if !run.dry_run {
        let new = arrivals.iter().zip(&judged);
        let new = new.filter(|(_, judged)| judged.is_none());
        let new: Vec<&Arrival> = new.map(|(arrival, _)| arrival).collect();
        let mut made = make_all(app, operator, &new).await?.into_iter();
        for judged in judged.iter_mut().filter(|judged| judged.is_none()) {
            *judged = made.next();
        }
    }
    let done = judged.into_iter();
    Ok(done.map(|judged| judged.unwrap_or(Arrived::Made)).collect())
}

/// What the table already has of these users.
async fn read_known(app: &App, arrivals: &[&Arrival]) -> Result<KnownUsers, Broken> {
    let ids: Vec<UserId> = arrivals.iter().map(|arrival| arrival.identity.id).collect();
    let names = arrivals.iter().flat_map(|arrival| arrival.login_names());
    let names: Vec<LoginName> = names.collect();
    // In this order: a user whom another import makes meanwhile has the names as soon
    // as the identifier is known.
    let known = app.store.known_users(&ids).await?;
    let owners = app.store.owners_of_names(&names).await?;
    let handles = arrivals
        .iter()
        .filter_map(|arrival| arrival.passkey_handle());
    let handles: Vec<UserHandle> = handles.collect();
    Ok(KnownUsers {
        known,
        owners,
        passkey_users: app.store.owners_of_handles(&handles).await?,
    })
}

/// The account of an arrival, with what is stored beside the profile.
struct ArrivedAccount {
    account: Account,
    names: Vec<LoginName>,
    remembered: RememberedState,
}

/// Makes these users, of whom the table had nothing a moment ago.
async fn make_all(
    app: &App,
    operator: &Operator,
    arrivals: &[&Arrival],
) -> Result<Vec<Arrived>, Broken> {
    let mut accounts = Vec::new();
    for arrival in arrivals {
        let account = account_of_arrival(app, operator.now, arrival).await?;
        accounts.push(ArrivedAccount {
            account,
            names: arrival.login_names(),
            remembered: remembered_of(arrival),
        });
    }
    let users: Vec<(NewAccount<'_>, RememberedState)> = accounts
        .iter()
        .map(|arrived| {
            let new = NewAccount {
                account: &arrived.account,
                names: &arrived.names,
            };
            (new, arrived.remembered.clone())
        })
        .collect();
    let made = app.store.restore_users(&users).await?;
    let mut done = vec![Arrived::Made; made];
    // Somebody else has made one of the others meanwhile. Each is looked up again, and
    // made on its own.
    let left = users.into_iter().zip(arrivals).skip(made);
    for ((new, remembered), arrival) in left {
        let there = read_known(app, &[*arrival]).await?;
        if let Some(judged) = there.judge(arrival) {
            done.push(judged);
            continue;
        }
        let names = new.names;
        done.push(match app.store.restore_user(new, &remembered).await? {
            Created::Done => Arrived::Made,
            Created::NameTaken(index) => names
                .get(index)
                .map_or(Arrived::Kept, Arrived::of_taken_name),
        });
    }
    Ok(done)
}

fn remembered_of(arrival: &Arrival) -> RememberedState {
    let kept = arrival.kept.as_ref();
    RememberedState {
        locked: arrival.locked_until.map(|until| LockedNames {
            names: arrival.login_names().iter().map(name_charge).collect(),
            until,
        }),
        wrong_codes: kept.map(|kept| kept.wrong_codes).unwrap_or_default(),
        unowned: kept.map(|kept| kept.unowned_parts()),
    }
}

/// The account that a user of another system gets here.
pub(crate) async fn account_of_arrival(
    app: &App,
    now: Timestamp,
    arrival: &Arrival,
) -> Result<Account, Broken> {
    let unusable = |why: UnusableHash| Broken::internal(why.0);
    let password = match &arrival.password {
        None => None,
        Some(ArrivedPassword::Slow(hash)) => Some(hash.clone()),
        Some(ArrivedPassword::Fast(fast, digest)) => Some(
            app.hasher
                .wrap(fast, digest, random_bytes()?)
                .map_err(unusable)?,
        ),
    };
    let mut factors = Vec::new();
    for (at, factor) in arrival.factors.iter().enumerate() {
        let kept = arrival.kept.as_ref().and_then(|kept| kept.factor_id(at));
        let id = match kept {
            Some(id) => id,
            None => FactorId::random(random_bytes()?),
        };
        let new = FactorToStore {
            user: arrival.identity.id,
            id,
            arrived: factor,
        };
        factors.push(stored_factor(app, now, new).await?);
    }
    let recovery = former_codes(app, &arrival.recovery_codes)?;
    let parts = NewParts {
        password,
        factors,
        recovery,
    };
    Ok(arrival.new_account(parts, now))
}
