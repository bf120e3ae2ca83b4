//! The context of a request: the service, the caller, and what the steps of the request
//! share.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use tokio::sync::Mutex;

use crate::app::App;
use crate::domain::device::{Device, Seen};
use crate::domain::events::event::Origin;
use crate::domain::id::UserId;
use crate::domain::issuer::Issuer;
use crate::domain::{Dialect, Timestamp};
use crate::keyring::Ring;
use crate::usecase::events::recorder::Recorder;
use crate::usecase::proof_header::RequestProof;

/// What every step of one request can reach.
#[derive(Clone)]
pub struct Context {
    /// The service.
    pub app: App,
    /// The caller: who sends the request, when, and in which dialect.
    pub caller: Caller,
    /// What the steps of the request note of it, for its event.
    pub events: Recorder,
    /// The keys that this request works with.
    pub keys: RequestKeys,
    /// The proof that the caller holds a key, if the request has one.
    pub proof: RequestProof,
}

impl Context {
    /// The same request, answered in the name of this issuer.
    pub fn with_issuer(&self, issuer: Issuer) -> Self {
        let mut context = self.clone();
        context.caller.issuer = issuer;
        context
    }

    /// The time of the request.
    pub fn now(&self) -> Timestamp {
        self.caller.now
    }

    /// The issuer that the client used to find the service, as tokens name it.
    pub fn issuer(&self) -> String {
        self.caller.issuer.url(&self.app.config.issuer)
    }

    /// What a message to the user says about the request.
    pub fn seen(&self) -> Seen {
        Seen {
            at: self.now(),
            device: self.caller.device,
        }
    }
}

/// The ring of one request, once a step has fetched the ring.
#[derive(Clone, Default)]
pub struct RequestKeys(pub(super) Arc<Mutex<Option<Arc<Ring>>>>);

/// The caller of a request, and its time.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The time of the request.
    pub now: Timestamp,
    /// The source address, as the gateway saw it.
    pub address: IpAddr,
    /// The kind of device that the request names.
    pub device: Device,
    /// The issuer that the client used to find the service.
    pub issuer: Issuer,
    /// The system whose words the client speaks, by the path of the request.
    pub dialect: Dialect,
    /// Tells the log which user the request is about.
    pub trace: Trace,
}

impl Caller {
    /// Where the request comes from, for its event.
    pub fn origin(&self) -> Origin {
        let request_id = self.trace.request_id();
        Origin::of(self.dialect, self.address, self.device, request_id)
    }
}

/// What the log says about a request: the request's id and its user.
#[derive(Clone, Debug, Default)]
pub struct Trace(Arc<Traced>);

#[derive(Debug, Default)]
struct Traced {
    request_id: String,
    user: OnceLock<UserId>,
}

impl Trace {
    /// The trace of the request with this id.
    pub fn of(request_id: &str) -> Self {
        Self(Arc::new(Traced {
            request_id: request_id.to_owned(),
            user: OnceLock::new(),
        }))
    }

    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Notes the user that the request is about. Only the first user counts.
    pub fn is_about(&self, user: UserId) {
        self.0.user.get_or_init(|| user);
    }

    /// The user that the request is about, if one was noted.
    pub fn user(&self) -> Option<UserId> {
        self.0.user.get().copied()
    }
}
