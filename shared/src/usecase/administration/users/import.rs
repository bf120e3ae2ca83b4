//! Imports users from another system, with their passwords and factors.

use std::collections::{HashMap, HashSet};

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::accounts::foreign::wrapped::FastDigest;
use crate::domain::accounts::former_identity::FormerIdentity;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::password::{MOST_KINDS, PasswordHash};
use crate::domain::accounts::profile::Profile;
use crate::domain::accounts::user::{Account, EmailAddress, User, UserName};
use crate::domain::id::{FactorId, UserId};
use crate::domain::messages::phone_number::PhoneNumber;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::random_bytes;
use crate::store::{Created, LockedNames, NewAccount, Remembered};
use crate::usecase::accounts::name_charge::name_charge;
use crate::usecase::administration::not_done::NotDone;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::users::arrived_factors::{
    ArrivedFactor, FactorToStore, former_codes, stored_factor,
};
use crate::usecase::administration::users::restore::Kept;

/// A user of another system.
pub struct Arrival {
    pub identity: FormerIdentity,
    /// The user name; the e-mail address if there is none.
    pub user_name: Option<UserName>,
    pub email: Option<EmailAddress>,
    /// Whether the other system had confirmed the address.
    pub email_confirmed: bool,
    pub phone: Option<PhoneNumber>,
    /// Whether the other system had confirmed the number.
    pub phone_confirmed: bool,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// What apps show of the user and keep with the user.
    pub profile: Profile,
    pub roles: Vec<String>,
    /// Whether the user may sign in.
    pub active: bool,
    /// Until when the other system accepts no password of the user.
    pub locked_until: Option<Timestamp>,
    /// Whether a second factor is demanded.
    pub two_factor: bool,
    /// Whether the user has to change the password at the next sign-in.
    pub must_change_password: bool,
    /// The password, if there is one.
    pub password: Option<ArrivedPassword>,
    /// The factors that the other system had confirmed.
    pub factors: Vec<ArrivedFactor>,
    /// The recovery codes of the other system that are not used yet.
    pub recovery_codes: Vec<Secret>,
    /// What an export of this service says beyond that.
    pub kept: Option<Box<Kept>>,
}

/// A password of another system.
pub enum ArrivedPassword {
    /// A hash that is stored as it is.
    Slow(PasswordHash),
    /// A fast digest, which argon2id wraps.
    Fast(FastDigest, Vec<u8>),
}

/// The result for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// The user was made.
    Made,
    /// An earlier import has already made the user, who stays unchanged.
    Kept,
    /// The user was not made, for this reason.
    Refused(String),
}

impl Arrival {
    /// The names that the user signs in with.
    pub fn names(&self) -> Vec<LoginName> {
        let user_name = self.user_name.as_ref().map(UserName::login_name);
        let email = self.email.as_ref().map(EmailAddress::login_name);
        let mut names: Vec<LoginName> = user_name.into_iter().chain(email).cloned().collect();
        names.dedup();
        names
    }

    /// A hash of the kind of the user's password hash, unless the kind is today's.
    pub fn hash_kind(&self) -> Option<PasswordHash> {
        match &self.password {
            Some(ArrivedPassword::Slow(hash)) => hash.of_nobody().ok().flatten(),
            Some(ArrivedPassword::Fast(..)) | None => None,
        }
    }
}

/// Imports these users, and returns a result for each. No two of them may share a name
/// or an identifier. With `dry_run`, nothing is written.
///
/// # Errors
/// `Broken` if the table or the keys do not answer. Some users may be imported by then.
/// A second import leaves them unchanged.
pub async fn import_users(
    app: &App,
    operator: &Operator,
    arrivals: &[Arrival],
    dry_run: bool,
) -> Result<Vec<Arrived>, NotDone> {
    let all: Vec<&Arrival> = arrivals.iter().collect();
    let there = There::read(app, &all).await?;
    if !dry_run {
        note_kinds(app, operator, arrivals).await?;
    }
    let judged = arrivals.iter().map(|arrival| there.judge(arrival));
    let mut judged: Vec<Option<Arrived>> = judged.collect();
    if !dry_run {
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

/// What the table already has of some users.
struct There {
    known: HashSet<UserId>,
    owners: HashMap<String, UserId>,
}

impl There {
    async fn read(app: &App, arrivals: &[&Arrival]) -> Result<Self, Broken> {
        let ids: Vec<UserId> = arrivals.iter().map(|arrival| arrival.identity.id).collect();
        let names = arrivals.iter().flat_map(|arrival| arrival.names());
        let names: Vec<LoginName> = names.collect();
        // In this order: a user whom another import makes meanwhile has the names as soon
        // as the identifier is known.
        let known = app.store.known_users(&ids).await?;
        let owners = app.store.owners_of_names(&names).await?;
        Ok(Self { known, owners })
    }

    /// The result for a user of whom the table already has something.
    fn judge(&self, arrival: &Arrival) -> Option<Arrived> {
        let names = arrival.names();
        for name in &names {
            match self.owners.get(name.as_str()) {
                Some(owner) if *owner != arrival.identity.id => return Some(taken(name)),
                _ => {}
            }
        }
        if !self.known.contains(&arrival.identity.id) {
            return None;
        }
        let mut each = names.iter();
        let same = each.all(|name| self.owners.contains_key(name.as_str()));
        Some(match same {
            true => Arrived::Kept,
            false => Arrived::Refused(format!(
                "the identifier belongs to a user with another name: \"{}\"",
                arrival.identity.id.dashed()
            )),
        })
    }
}

/// The account of an arrival, with what is stored beside the profile.
struct ArrivedAccount {
    account: Account,
    names: Vec<LoginName>,
    remembered: Remembered,
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
            names: arrival.names(),
            remembered: remembered_of(arrival),
        });
    }
    let users: Vec<(NewAccount<'_>, Remembered)> = accounts
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
        let there = There::read(app, &[*arrival]).await?;
        if let Some(judged) = there.judge(arrival) {
            done.push(judged);
            continue;
        }
        let names = new.names;
        done.push(match app.store.restore_user(new, &remembered).await? {
            Created::Done => Arrived::Made,
            Created::NameTaken(index) => names.get(index).map_or(Arrived::Kept, taken),
        });
    }
    Ok(done)
}

fn remembered_of(arrival: &Arrival) -> Remembered {
    let kept = arrival.kept.as_ref();
    let mut remembered = kept.map(|kept| kept.remembered()).unwrap_or_default();
    remembered.locked = arrival.locked_until.map(|until| LockedNames {
        names: arrival.names().iter().map(name_charge).collect(),
        until,
    });
    remembered
}

/// The kinds of hashes that the note in the table has no room for, of the kinds that an
/// import has met, in their order. A wrong password for a user with such a hash takes
/// longer than for an unknown name.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn kinds_without_room(
    app: &App,
    operator: &Operator,
    met: &[PasswordHash],
) -> Result<Vec<PasswordHash>, NotDone> {
    let mut noted = app.store.read_hash_kinds(operator.now).await?;
    let mut without = Vec::new();
    for kind in met {
        if noted.contains(kind) {
            continue;
        }
        // A dry run writes no note.
        match noted.len() < MOST_KINDS {
            true => noted.push(kind.clone()),
            false => without.push(kind.clone()),
        }
    }
    Ok(without)
}

/// Stores the kinds of these hashes before a user has such a hash. From then on, every
/// wrong password costs the work of these kinds.
async fn note_kinds(app: &App, operator: &Operator, arrivals: &[Arrival]) -> Result<(), Broken> {
    let kinds: Vec<PasswordHash> = arrivals.iter().filter_map(Arrival::hash_kind).collect();
    let new = app.hasher.learn_kinds(&kinds);
    match new.is_empty() {
        true => Ok(()),
        false => app.store.note_hash_kinds(&new, operator.now).await,
    }
}

fn taken(name: &LoginName) -> Arrived {
    Arrived::Refused(format!(
        "the name belongs to another user: \"{}\"",
        name.as_str()
    ))
}

/// The account that a user of another system gets here.
pub(crate) async fn account_of_arrival(
    app: &App,
    now: Timestamp,
    arrival: &Arrival,
) -> Result<Account, Broken> {
    let unusable =
        |why: crate::domain::accounts::unusable_hash::UnusableHash| Broken::internal(why.0);
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
    let email = arrival
        .email
        .as_ref()
        .map(|email| email.as_str().to_owned());
    let user_name = arrival
        .user_name
        .as_ref()
        .map(|name| name.as_str().to_owned());
    let user_name = user_name.or_else(|| email.clone()).unwrap_or_default();
    let user = User {
        email_confirmed: email.is_some() && arrival.email_confirmed,
        email,
        phone: arrival
            .phone
            .as_ref()
            .map(|phone| phone.as_str().to_owned()),
        phone_confirmed: arrival.phone.is_some() && arrival.phone_confirmed,
        given_name: arrival.given_name.clone(),
        family_name: arrival.family_name.clone(),
        profile: arrival.profile.clone(),
        former_subject: arrival.identity.subject.clone(),
        roles: arrival.roles.clone(),
        password,
        // A user who was deleted may come back under the same identifier. No token or
        // session of an earlier life has an epoch this late.
        epoch: now.unsigned_abs(),
        active: arrival.active,
        two_factor: arrival.two_factor,
        must_change_password: arrival.must_change_password,
        // The factors were enrolled in the other system, so a reset must check whose
        // they are.
        enrolments: u64::from(!factors.is_empty() || !arrival.recovery_codes.is_empty()),
        ..User::new(arrival.identity.id, user_name, now)
    };
    let mut account = Account {
        user,
        factors,
        recovery: former_codes(app, &arrival.recovery_codes)?,
        closed_factor: false,
    };
    if let Some(kept) = &arrival.kept {
        kept.restore(&mut account);
    }
    Ok(account)
}
