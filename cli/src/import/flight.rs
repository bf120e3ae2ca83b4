//! Batches of users on their way into the table. Several batches are under way at once,
//! because DynamoDB answers many requests at once, and one answer takes milliseconds.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use countersign::app::App;
use countersign::domain::accounts::moving_in::arrival::Arrival;
use countersign::domain::accounts::moving_in::known_users::Arrived;
use countersign::domain::id::UserId;
use countersign::usecase::administration::act_failure::ActFailure;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::import::import_users;
use countersign::usecase::administration::users::import_run::ImportRun;
use tokio::task::JoinHandle;

use crate::import::rows::Row;
use crate::import::systems::fields::ReadUser;
use crate::problem::Problem;

/// How many users one batch has.
const BATCH: usize = 25;

/// How many batches are under way at once.
const AT_ONCE: usize = 4;

/// How often a batch is tried if DynamoDB or KMS is down or overloaded. The first try
/// counts.
const ATTEMPTS: u32 = 8;

/// The pause after the first try. Each further pause is twice as long, so that all
/// pauses together take 13 seconds. In that time, an on-demand table that throttles
/// gets more capacity.
const PAUSE: Duration = Duration::from_millis(100);

/// A row whose user has arrived, or was refused.
pub(super) struct Landed {
    pub passenger: Passenger,
    pub arrived: Arrived,
}

/// What is remembered of a user who is under way.
pub(super) struct Passenger {
    pub row: Row,
    pub id: UserId,
    /// The identifier in the other system.
    pub former_id: Option<String>,
    /// Names of fields that were left out.
    pub left_out: Vec<String>,
    pub has_password: bool,
    pub has_factors: bool,
    pub is_locked_out: bool,
}

struct Flight {
    passengers: Vec<Passenger>,
    keys: Vec<String>,
    landing: JoinHandle<Result<Vec<Arrived>, ActFailure>>,
}

/// The batches of an import.
pub(super) struct Flights {
    app: App,
    operator: Operator,
    run: Arc<ImportRun>,
    passengers: Vec<Passenger>,
    arrivals: Vec<Arrival>,
    keys: Vec<String>,
    under_way: VecDeque<Flight>,
    /// The names, identifiers and passkey handles of all users who wait or are under way.
    busy: HashSet<String>,
}

/// The names, the identifier and the passkey handle of a user. No two users may share one of
/// them.
pub(super) fn keys_of(arrival: &Arrival) -> Vec<String> {
    let names = arrival.login_names();
    let mut keys: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
    keys.push(arrival.identity.id.to_string());
    let handle = arrival.passkey_handle();
    keys.extend(handle.map(|handle| format!("{:?}", handle.as_bytes())));
    keys
}

impl Flights {
    pub(super) fn new(app: &App, operator: &Operator, dry_run: bool) -> Self {
        Self {
            app: app.clone(),
            operator: operator.clone(),
            run: Arc::new(ImportRun::new(dry_run)),
            passengers: Vec::new(),
            arrivals: Vec::new(),
            keys: Vec::new(),
            under_way: VecDeque::new(),
            busy: HashSet::new(),
        }
    }

    /// Takes a user. Returns the users who have arrived meanwhile. A user who shares a
    /// name, the identifier or the passkey handle with a user under way waits until that user
    /// has arrived.
    pub(super) async fn take(&mut self, row: Row, read: ReadUser) -> Result<Vec<Landed>, Problem> {
        let ReadUser {
            arrival,
            former_id,
            left_out,
        } = read;
        let keys = keys_of(&arrival);
        let mut landed = Vec::new();
        if keys.iter().any(|key| self.busy.contains(key)) {
            landed = self.land_all().await?;
        }
        self.busy.extend(keys.iter().cloned());
        self.keys.extend(keys);
        self.passengers.push(Passenger {
            row,
            id: arrival.identity.id,
            former_id,
            left_out,
            has_password: arrival.password.is_some(),
            has_factors: !arrival.factors.is_empty(),
            is_locked_out: arrival.locked_until.is_some(),
        });
        self.arrivals.push(arrival);
        if self.arrivals.len() >= BATCH {
            self.set_off();
            if self.under_way.len() >= AT_ONCE {
                landed.extend(self.land_first().await?);
            }
        }
        Ok(landed)
    }

    /// Waits until every user has arrived.
    pub(super) async fn land_all(&mut self) -> Result<Vec<Landed>, Problem> {
        self.set_off();
        let mut landed = Vec::new();
        while !self.under_way.is_empty() {
            landed.extend(self.land_first().await?);
        }
        Ok(landed)
    }

    fn set_off(&mut self) {
        if self.arrivals.is_empty() {
            return;
        }
        let (app, operator) = (self.app.clone(), self.operator.clone());
        let (arrivals, run) = (std::mem::take(&mut self.arrivals), self.run.clone());
        let landing = tokio::spawn(async move { bring(&app, &operator, &arrivals, &run).await });
        self.under_way.push_back(Flight {
            passengers: std::mem::take(&mut self.passengers),
            keys: std::mem::take(&mut self.keys),
            landing,
        });
    }

    async fn land_first(&mut self) -> Result<Vec<Landed>, Problem> {
        let Some(flight) = self.under_way.pop_front() else {
            return Ok(Vec::new());
        };
        let ended = flight.landing.await;
        let arrived = ended.map_err(|_| Problem::broken("a batch of the import ended early"))??;
        for key in &flight.keys {
            self.busy.remove(key);
        }
        let each = flight.passengers.into_iter().zip(arrived);
        let landed = each.map(|(passenger, arrived)| Landed { passenger, arrived });
        Ok(landed.collect())
    }
}

/// Stores a batch, and tries again while DynamoDB or KMS is down or overloaded. A user
/// whom an earlier try made counts as kept.
async fn bring(
    app: &App,
    operator: &Operator,
    arrivals: &[Arrival],
    run: &ImportRun,
) -> Result<Vec<Arrived>, ActFailure> {
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        match import_users(app, operator, arrivals, run).await {
            Err(ActFailure::Broken(broken)) if broken.transient => {}
            done => return done,
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    import_users(app, operator, arrivals, run).await
}
