//! Exports users, with everything that lets them sign in.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::app::App;
use crate::domain::accounts::unowned::Unowned;
use crate::domain::accounts::user::Account;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::factors::factor::FactorKind;
use crate::domain::factors::totp::Seed;
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::throttle::WrongCodes;
use crate::failure::Broken;
use crate::keyring::Ring;
use crate::store::UsersFrom;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::users::find::find_user_for_operator;

/// How many users are read at once.
const AT_ONCE: usize = 25;

/// A user with everything that lets the user sign in.
pub struct DepartingUser {
    /// Profile, factors, recovery codes.
    pub account: Account,
    /// The seeds of the authenticator apps, in clear.
    pub seeds: Vec<(FactorId, Seed)>,
    /// How many wrong codes in a row came.
    pub wrong_codes: WrongCodes,
    /// What may not be the owner's.
    pub unowned: Unowned,
}

/// An export of every user, under way. Only a few users are in memory.
pub struct Departure<'a> {
    app: &'a App,
    ring: Arc<Ring>,
    waiting: VecDeque<UserId>,
    next: Option<UsersFrom>,
}

/// Begins an export of every user. The act is kept first: if it cannot be, no
/// user is read.
///
/// # Errors
/// `Broken` if the table or the keys do not answer.
pub async fn begin_export<'a>(
    app: &'a App,
    operator: &Operator,
) -> Result<Departure<'a>, ActFailure> {
    // An export that is interrupted has copied users too.
    operator
        .record_act(
            app,
            OperatorCommand::Export,
            ActSubject::Many(OperatorCommand::Export),
        )
        .await?;
    Ok(Departure {
        app,
        ring: app.keyring.current_ring(operator.now).await?,
        waiting: VecDeque::new(),
        next: Some(UsersFrom::START),
    })
}

impl Departure<'_> {
    /// The next users; none at the end. A user who is made while the export
    /// runs may be in it or not.
    ///
    /// # Errors
    /// `Broken` if the table does not answer, or if a newer version has written
    /// something of a user that this version would lose.
    pub async fn next_users(&mut self) -> Result<Vec<DepartingUser>, ActFailure> {
        loop {
            let some = self.waiting.len().min(AT_ONCE);
            let ids: Vec<UserId> = self.waiting.drain(..some).collect();
            let (app, ring) = (self.app, &self.ring);
            let read = ids.into_iter().map(|id| departing(app, ring, id));
            let read: Result<Vec<_>, Broken> = join_all(read).await.into_iter().collect();
            // A user who was deleted meanwhile is gone.
            let users: Vec<DepartingUser> = read?.into_iter().flatten().collect();
            if !users.is_empty() {
                return Ok(users);
            }
            if self.waiting.is_empty() {
                let Some(from) = self.next.take() else {
                    return Ok(users);
                };
                let (ids, next) = self.app.store.users_from(from).await?;
                self.waiting.extend(ids);
                self.next = next;
            }
        }
    }
}

/// One user. The act is kept first.
///
/// # Errors
/// `Missing`; `Broken` as for all users.
pub async fn export_user(
    app: &App,
    operator: &Operator,
    who: &str,
) -> Result<DepartingUser, ActFailure> {
    let id = find_user_for_operator(app, who).await?.user.id;
    operator
        .record_act(app, OperatorCommand::UserExport, ActSubject::User(id))
        .await?;
    let ring = app.keyring.current_ring(operator.now).await?;
    let found = departing(app, &ring, id).await?;
    found.ok_or_else(|| ActFailure::Missing(format!("there is no user {who}")))
}

async fn departing(app: &App, ring: &Ring, id: UserId) -> Result<Option<DepartingUser>, Broken> {
    let (account, wrong_codes, unowned) = tokio::join!(
        app.store.read_account(id),
        app.store.wrong_codes(id),
        app.store.read_unowned(id),
    );
    let Some(account) = account? else {
        return Ok(None);
    };
    if account.closed_factor {
        return Err(Broken::internal(format!(
            "the user {} has a factor of a newer version: export with that version",
            id.dashed()
        )));
    }
    let mut seeds = Vec::new();
    for factor in &account.factors {
        if let FactorKind::Totp { seed, .. } = &factor.kind {
            seeds.push((factor.id, ring.open_seed(id, factor.id, seed)?));
        }
    }
    Ok(Some(DepartingUser {
        account,
        seeds,
        wrong_codes: wrong_codes?,
        unowned: unowned?,
    }))
}
