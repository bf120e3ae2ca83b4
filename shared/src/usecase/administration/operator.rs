//! The operator who acts.

use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::events::event::Event;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::Act;
use crate::usecase::events::tell::deliver_act;

/// An operator at the tool.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The operator's name, as given to the tool. IAM decides who may act, and
    /// CloudTrail records who did. This name is for people who read the acts later.
    pub name: String,
    /// The time of the act.
    pub now: Timestamp,
    /// The reason, if the operator gave one.
    pub reason: Option<String>,
    /// What the operator does in this command.
    acts: Arc<Mutex<Vec<Act>>>,
    /// The acts of this command that are done and kept, and that the bus did not take.
    unannounced: Arc<Mutex<Vec<Event>>>,
}

impl Operator {
    /// The operator of this name, who acts now.
    pub fn new(name: String, now: Timestamp) -> Self {
        Self {
            name,
            now,
            reason: None,
            acts: Arc::default(),
            unannounced: Arc::default(),
        }
    }

    /// The record of an act on a user.
    pub(crate) fn act(&self, what: OperatorCommand, user: UserId) -> Act {
        self.act_upon(what, ActSubject::User(user))
    }

    /// The record of an act upon a client.
    pub(crate) fn act_on_client(&self, what: OperatorCommand, client: &str) -> Act {
        self.act_upon(what, ActSubject::Client(client.to_owned()))
    }

    /// The record of an act upon many users.
    pub fn act_on_many(&self, what: OperatorCommand) -> Act {
        self.act_upon(what, ActSubject::Many(what))
    }

    pub(crate) fn act_upon(&self, what: OperatorCommand, subject: ActSubject) -> Act {
        let act = Act {
            id: uuid::Uuid::new_v4().to_string(),
            what,
            subject,
            key: None,
            by: self.name.clone(),
            reason: self.reason.clone(),
            at: self.now,
        };
        let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
        // An act that is tried again is still one act.
        acts.retain(|known| known.subject != act.subject || known.what != act.what);
        acts.push(act.clone());
        act
    }

    /// Stores an act that no transaction of a change stores, and delivers the act.
    /// What the command does after that may be interrupted, and is known all the same.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer. Then the command must do nothing.
    pub async fn record(&self, app: &App, act: Act) -> Result<(), Broken> {
        app.store.keep_act(&act).await?;
        self.deliver_acts(app).await;
        Ok(())
    }

    /// Replaces an act of this identifier by what the act turned out to be.
    pub(crate) fn completes(&self, done: &Act) {
        let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
        for act in acts.iter_mut().filter(|act| act.id == done.id) {
            act.clone_from(done);
        }
    }

    /// Forgets an act that turned out to change nothing.
    pub(crate) fn withdraw(&self, act: &Act) {
        let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
        acts.retain(|known| known.id != act.id);
    }

    /// Delivers the acts since the last delivery. Each act was kept in the
    /// transaction of its change, so an act that is not delivered is not lost.
    pub async fn deliver_acts(&self, app: &App) {
        let events: Vec<Event> = {
            let mut acts = self.acts.lock().unwrap_or_else(PoisonError::into_inner);
            acts.drain(..).map(|act| act.event()).collect()
        };
        for event in events {
            if !deliver_act(app, &event).await {
                let lost = &self.unannounced;
                let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
                lost.push(event);
            }
        }
    }

    /// The acts that the bus did not take so far. The tool tells its caller of them,
    /// because nobody reads the act on the bus.
    pub fn take_unannounced(&self) -> Vec<Event> {
        let lost = &self.unannounced;
        let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *lost)
    }
}
