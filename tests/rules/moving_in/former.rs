//! A former system on this machine, which answers as the test says.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::harness::proxy::Proxy;
use crate::harness::{Answer, Service};

/// The password of every user there.
pub const FORMER_PASSWORD: &str = "correct horse";

/// A user there.
pub const ANN: &str = "ann@example.com";

/// The answer to a question.
#[derive(Clone)]
pub enum FormerReply {
    /// This status and JSON.
    Json(u16, Value),
    /// This status and text.
    Text(u16, String),
    /// A redirect to this URL.
    Redirect(String),
    /// None.
    Never,
}

impl FormerReply {
    /// The name or the password is wrong.
    pub fn no() -> Self {
        Self::Json(401, json!({ "error": "WrongUsernameOrPasswordError" }))
    }

    async fn response(self) -> Response {
        let status = |status| StatusCode::from_u16(status).unwrap();
        match self {
            Self::Json(code, value) => (status(code), value.to_string()).into_response(),
            Self::Text(code, text) => (status(code), Body::from(text)).into_response(),
            Self::Redirect(to) => {
                let to = [(header::LOCATION, to)];
                (StatusCode::TEMPORARY_REDIRECT, to).into_response()
            }
            Self::Never => std::future::pending().await,
        }
    }
}

/// A question that came.
#[derive(Clone)]
pub struct Question {
    pub headers: HeaderMap,
    pub body: Value,
}

/// The former system.
pub struct Former {
    pub url: String,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Former {
    /// One that answers so.
    pub async fn start(answer: impl Fn(&Value) -> FormerReply + Send + Sync + 'static) -> Self {
        Self::start_when(answer, || std::future::ready(())).await
    }

    /// One that answers so as soon as `ready` is.
    pub async fn start_when<F: Future<Output = ()> + Send + 'static>(
        answer: impl Fn(&Value) -> FormerReply + Send + Sync + 'static,
        ready: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/login", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Question>>> = Arc::default();
        let kept = asked.clone();
        let both = Arc::new((answer, ready));
        let serve = move |headers: HeaderMap, body: Bytes| {
            let (kept, both) = (kept.clone(), both.clone());
            async move {
                let body: Value = serde_json::from_slice(&body).unwrap();
                let reply = (both.0)(&body);
                let question = Question { headers, body };
                let keep = |question| {
                    let mut all = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    all.push(question);
                };
                keep(question);
                (both.1)().await;
                reply.response().await
            }
        };
        let router = Router::new().fallback(serve);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    /// One that has these users, whose password is `FORMER_PASSWORD`. A question
    /// without a password is answered with the user, or with `null`.
    pub async fn with(users: Vec<Value>) -> Self {
        let answer = move |asked: &Value| {
            let is_named =
                |user: &&Value| [&user["email"], &user["username"]].contains(&&asked["username"]);
            if asked.get("password").is_none() {
                let user = users.iter().find(is_named).cloned();
                return FormerReply::Json(200, user.unwrap_or_default());
            }
            let right = asked["password"] == FORMER_PASSWORD;
            match users.iter().find(is_named).filter(|_| right) {
                Some(user) => FormerReply::Json(200, user.clone()),
                None => FormerReply::no(),
            }
        };
        Self::start(answer).await
    }

    /// What it was asked.
    pub fn asked(&self) -> Vec<Question> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    /// A service whose users move in from here.
    pub async fn service(&self) -> Service {
        self.service_with(&[]).await
    }

    /// The same behind a proxy before DynamoDB.
    pub async fn service_behind_proxy(&self) -> (Service, Proxy) {
        let dynamodb = Proxy::start().await;
        let through = dynamodb.clone();
        let settings = [("COUNTERSIGN_MIGRATION_URL", self.url.as_str())];
        let service = Service::start_through(&settings, |dynamodb, others| {
            (through.before(dynamodb), others)
        })
        .await;
        service.watch_secret(FORMER_PASSWORD);
        (service, dynamodb)
    }

    /// The same, and the service asks without a password too.
    pub async fn service_that_finds(&self) -> Service {
        let url = [("COUNTERSIGN_MIGRATION_USER_URL", self.url.as_str())];
        self.service_with(&url).await
    }

    /// How many questions had no password.
    pub fn asked_without_password(&self) -> usize {
        let asked = self.asked().into_iter();
        asked
            .filter(|question| question.body.get("password").is_none())
            .count()
    }

    /// The same with some settings changed.
    pub async fn service_with(&self, changes: &[(&str, &str)]) -> Service {
        let url = [("COUNTERSIGN_MIGRATION_URL", self.url.as_str())];
        let service = Service::start_with(&[&url[..], changes].concat()).await;
        service.watch_secret(FORMER_PASSWORD);
        service
    }
}

/// Ann, as the former system knows her.
pub fn ann() -> Value {
    json!({
        "user_id": "0198c0de-0000-7000-8000-0000000000aa",
        "email": ANN, "email_verified": true, "username": "ann",
        "given_name": "Ann", "phone_number": "+15555550142", "phone_verified": true,
        "app_metadata": { "groups": ["admin", "auditor"] },
    })
}

/// Ann's login with her password there.
pub async fn ann_signs_in(service: &Service) -> Answer {
    service.password_of(ANN, FORMER_PASSWORD).await
}
