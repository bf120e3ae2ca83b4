//! Runs a model through every state that it can reach.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

use countersign_domain::Timestamp;
use countersign_domain::accounts::user::{Account, User};
use countersign_domain::factors::factor::{Factor, FactorKind};
use countersign_domain::id::{FactorId, LoginId};
use countersign_domain::login::pending_login::{Login, Proof, State};
use countersign_domain::messages::payers::Bill;
use countersign_domain::sessions::session::Session;
use stateright::{Checker, Expectation, Model};

/// What differs between two values of the domain within one model. The domain needs no
/// `Hash` for its own work.
pub trait Varies {
    type Part: Eq + Hash;
    fn part(&self) -> Self::Part;
}

/// A value of the domain in the state of a model.
#[derive(Clone, Debug)]
pub struct Value<T>(pub T);

impl<T: Varies> Hash for Value<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.part().hash(hasher);
    }
}

impl<T: Varies> PartialEq for Value<T> {
    fn eq(&self, other: &Self) -> bool {
        self.part() == other.part()
    }
}

impl<T: Varies> Eq for Value<T> {}

#[derive(PartialEq, Eq, Hash)]
pub struct SessionPart {
    refresh_tokens: u32,
    rotated_at: Timestamp,
    expires_at: Timestamp,
    revoked: bool,
}

impl Varies for Session {
    type Part = SessionPart;
    fn part(&self) -> Self::Part {
        SessionPart {
            refresh_tokens: self.refresh_tokens,
            rotated_at: self.rotated_at,
            expires_at: self.expires_at,
            revoked: self.revoked,
        }
    }
}

impl Varies for User {
    type Part = (u64, u64);
    fn part(&self) -> Self::Part {
        (self.epoch, self.enrolments)
    }
}

#[derive(PartialEq, Eq, Hash)]
pub struct FactorPart {
    id: FactorId,
    confirmed: bool,
    last_step: Option<u64>,
}

impl Varies for Factor {
    type Part = FactorPart;
    fn part(&self) -> Self::Part {
        FactorPart {
            id: self.id,
            confirmed: self.confirmed,
            last_step: match self.kind {
                FactorKind::Totp { last_step, .. } => last_step,
                FactorKind::Address { .. } | FactorKind::Passkey(_) => None,
            },
        }
    }
}

impl Varies for Account {
    type Part = (<User as Varies>::Part, Vec<FactorPart>);
    fn part(&self) -> Self::Part {
        let factors = self.factors.iter().map(Varies::part);
        (self.user.part(), factors.collect())
    }
}

#[derive(PartialEq, Eq, Hash)]
pub struct LoginPart {
    id: LoginId,
    state: &'static str,
    by_token: bool,
    expires_at: Timestamp,
    enrolment: Option<FactorId>,
}

impl Varies for Login {
    type Part = LoginPart;
    fn part(&self) -> Self::Part {
        LoginPart {
            id: self.id,
            state: self.state.name(),
            by_token: matches!(self.state, State::Verified { by_token: true, .. }),
            expires_at: self.expires_at,
            enrolment: self.enrolment.as_ref().map(|enrolment| enrolment.factor),
        }
    }
}

impl Varies for Proof {
    type Part = Option<u64>;
    fn part(&self) -> Self::Part {
        match self {
            Self::Totp { step, .. } => Some(*step),
            Self::Sent(_) | Self::Recovery { .. } | Self::Passkey(_) => None,
        }
    }
}

impl Varies for Bill {
    type Part = String;
    fn part(&self) -> Self::Part {
        self.asker.clone()
    }
}

impl<T> Deref for Value<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Value<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Checks that the properties hold in every state, and that what should be possible is.
/// The number of states says that the model is no toy.
pub fn holds<M>(model: M, at_least: usize)
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq + Send + Sync,
{
    let checker = model.checker().spawn_bfs().join();
    checker.assert_properties();
    let states = checker.unique_state_count();
    assert!(states >= at_least, "only {states} states");
}

/// Checks that a planted fault is found: this property has a counterexample. Whether
/// others have one too does not matter.
pub fn finds<M>(model: M, property: &'static str)
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq + Send + Sync,
{
    let known = model.properties();
    let property = known.iter().find(|one| one.name == property).unwrap().name;
    let always = known
        .iter()
        .any(|one| one.name == property && matches!(one.expectation, Expectation::Always));
    assert!(always, "{property} is no property that always holds");
    let checker = model.checker().spawn_bfs().join();
    assert!(
        checker.discovery(property).is_some(),
        "{property}: no counterexample in {} states",
        checker.unique_state_count()
    );
}
