//! The operator who acts.

use std::sync::{Arc, Mutex, PoisonError};

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::domain::id::UserId;
use crate::failure::Broken;
use crate::store::Act;
use crate::usecase::events::tell::announce_event;

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
    /// The acts of this command that the bus has, and that the table may have.
    announced: Arc<Mutex<Vec<Act>>>,
}

impl Operator {
    /// The operator of this name, who acts now.
    pub fn new(name: String, now: Timestamp) -> Self {
        Self {
            name,
            now,
            reason: None,
            announced: Arc::default(),
        }
    }

    /// Announces an act on a user. See [`Self::announce`].
    pub(crate) async fn acts_on_user(
        &self,
        app: &App,
        what: OperatorCommand,
        user: UserId,
    ) -> Result<Act, Broken> {
        let act = self.intends(what, ActSubject::User(user));
        self.announce(app, act).await
    }

    /// Announces an act upon a client. See [`Self::announce`].
    pub(crate) async fn acts_on_client(
        &self,
        app: &App,
        what: OperatorCommand,
        client: &str,
    ) -> Result<Act, Broken> {
        let act = self.intends(what, ActSubject::Client(client.to_owned()));
        self.announce(app, act).await
    }

    /// An act that nobody knows yet.
    pub(crate) fn intends(&self, what: OperatorCommand, subject: ActSubject) -> Intent {
        Intent(Act {
            id: uuid::Uuid::new_v4().to_string(),
            what,
            subject,
            key: None,
            by: self.name.clone(),
            reason: self.reason.clone(),
            at: self.now,
        })
    }

    /// Delivers the event of an act to the bus, before the act. The transaction of the
    /// change stores the act that this function returns. So a change without an event on
    /// the bus and in the table is not possible. An intent may be announced again: the bus
    /// gets an event with the identifier of the first.
    ///
    /// # Errors
    /// `Broken` if the bus does not take the event. Then the act must not be done.
    pub(crate) async fn announce(&self, app: &App, intent: Intent) -> Result<Act, Broken> {
        let Intent(act) = intent;
        // Before the call: the bus may take the event, and the answer may be lost. Then the
        // event of the failed act follows.
        self.note_announced(&act);
        match announce_event(app, &act.event()).await {
            true => Ok(act),
            false => Err(Broken::unavailable(
                "the bus does not take the event of this act, so the act is not done: try again",
            )),
        }
    }

    fn note_announced(&self, act: &Act) {
        let announced = &self.announced;
        let mut announced = announced.lock().unwrap_or_else(PoisonError::into_inner);
        if !announced.contains(act) {
            announced.push(act.clone());
        }
    }

    /// Announces and stores an act that no transaction of a change stores. What the
    /// command does after that may be interrupted, and is known all the same.
    ///
    /// # Errors
    /// `Broken` if the bus does not take the event or DynamoDB does not answer. Then the
    /// command must do nothing.
    pub async fn record_act(
        &self,
        app: &App,
        what: OperatorCommand,
        subject: ActSubject,
    ) -> Result<(), Broken> {
        let act = self.announce(app, self.intends(what, subject)).await?;
        app.store.keep_act(&act).await
    }

    /// Tells the bus and the log which acts were announced, and are not in the table. Every
    /// command ends with this call.
    pub async fn tell_failed_acts(&self, app: &App) {
        let acts: Vec<Act> = {
            let announced = &self.announced;
            let mut announced = announced.lock().unwrap_or_else(PoisonError::into_inner);
            announced.drain(..).collect()
        };
        for act in acts {
            match app.store.has_act(&act).await {
                Ok(true) => {}
                Ok(false) => {
                    let id = uuid::Uuid::new_v4().to_string();
                    let _warned: bool = announce_event(app, &act.failure_event(id)).await;
                }
                Err(broken) => {
                    tracing::warn!(
                        log_id = act.id,
                        error = %broken,
                        "the result of an act is unknown; `countersign acts list` shows the act"
                    );
                }
            }
        }
    }
}

/// An act that is not announced yet. Only [`Operator::announce`] makes it an [`Act`] that the
/// store takes.
#[derive(Clone)]
pub(crate) struct Intent(Act);

impl Intent {
    /// The act upon the key of this identifier.
    pub(crate) fn upon_key(mut self, key: String) -> Self {
        self.0.key = Some(key);
        self
    }
}
