//! The requests of Aidbox's dialect, and a receiver of its webhook.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use countersign::app::App;
use countersign::notify::Reach;
use countersign_local::demo;
use serde_json::{Value, json};

use super::cold_start::{app_that_names, app_with_reach};
use super::{Answer, Service};

impl Service {
    /// `POST /auth/token` with a password and more members.
    pub async fn aidbox_password(&self, name: &str, password: &str, more: &Value) -> Answer {
        let mut body = json!({
            "grant_type": "password",
            "client_id": demo::AIDBOX_CLIENT,
            "username": name,
            "password": password,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.post_json("/auth/token", &body).await
    }

    /// Like `aidbox_password`, for a demo user and with a token of the second factor.
    pub async fn aidbox_login(&self, name: &str, token: Option<&str>) -> Answer {
        let more = token.map_or(json!({}), |token| json!({ "token": token }));
        self.aidbox_password(name, demo::PASSWORD_OF_ALL, &more)
            .await
    }

    /// An access token of the demo user who has no second factor.
    pub async fn aidbox_plain(&self) -> String {
        let answer = self.aidbox_login(demo::PLAIN_USER, None).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        answer.text("access_token")
    }

    /// `POST /app/auth/two-factor/…`.
    pub async fn two_factor(&self, call: &str, bearer: &str, body: &Value) -> Answer {
        let path = format!("/app/auth/two-factor/{call}");
        let answer = self.post_as(Some(bearer), &path, body).await;
        let codes = answer.body["recoveryCodes"].as_array();
        for code in codes.into_iter().flatten() {
            self.watch_secret(code.as_str().unwrap());
        }
        answer
    }

    /// Requests two-factor authentication with an app. Returns its seed in base32.
    pub async fn two_factor_seed(&self, bearer: &str) -> String {
        let answer = self.two_factor("request", bearer, &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        let uri = answer.text("uri");
        let secret = uri.split("secret=").nth(1).unwrap();
        let seed = secret.split('&').next().unwrap().to_owned();
        self.watch_secret(&seed);
        seed
    }

    /// Turns two-factor authentication on with an app. Returns its seed and the
    /// recovery codes.
    pub async fn two_factor_on(&self, bearer: &str) -> (String, Vec<String>) {
        let seed = self.two_factor_seed(bearer).await;
        let token = json!({ "token": self.app_code(&seed) });
        let answer = self.two_factor("confirm", bearer, &token).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        (seed, recovery_codes(&answer))
    }

    /// Turns two-factor authentication on with the webhook.
    pub async fn webhook_on(&self, bearer: &str) -> Vec<String> {
        let transport = json!({ "transport": "phone" });
        let begun = self.two_factor("request", bearer, &transport).await;
        assert_eq!((begun.status, &*begun.raw), (200, "{}"));
        let token = json!({ "token": self.newest_code() });
        let answer = self.two_factor("confirm", bearer, &token).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        recovery_codes(&answer)
    }

    /// `DELETE /Session`.
    pub async fn delete_session(&self, bearer: &str) -> Answer {
        let request = Request::builder()
            .method(Method::DELETE)
            .uri("/Session")
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// `GET /auth/userinfo`.
    pub async fn aidbox_userinfo(&self, bearer: &str) -> Answer {
        self.get("/auth/userinfo", Some(bearer)).await
    }

    /// Another cold start whose webhook may connect to what `reach` allows.
    pub fn restarted_with_reach(&self, changes: &[(&str, &str)], reach: Reach) -> App {
        let settings = self.settings_with(changes);
        app_with_reach(&settings, &self.dynamodb, &self.others, &self.now, reach)
    }

    /// Another cold start whose answers name the refused value.
    pub fn restarted_naming(&self) -> App {
        app_that_names(&self.settings, &self.dynamodb, &self.others, &self.now)
    }
}

fn recovery_codes(answer: &Answer) -> Vec<String> {
    let codes = answer.body["recoveryCodes"].as_array().unwrap();
    let text = |code: &Value| code.as_str().unwrap().to_owned();
    codes.iter().map(text).collect()
}

/// How a receiver answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// With this status and an empty object.
    Status(u16),
    /// With a redirect to this URL.
    Redirect(String),
    Never,
    /// With 200 and a body longer than the service reads.
    Endless,
}

/// A post that a receiver got: headers and body.
pub type Post = (HeaderMap, Value);

/// A receiver of the webhook on this machine.
pub struct Receiver {
    /// The URL of the receiver.
    pub url: String,
    posts: Arc<Mutex<Vec<Post>>>,
}

impl Receiver {
    /// Starts a receiver that answers in this way.
    pub async fn start(reply: Reply) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/codes", listener.local_addr().unwrap());
        let posts: Arc<Mutex<Vec<Post>>> = Arc::default();
        let kept = posts.clone();
        let answer = move |headers: HeaderMap, body: Bytes| async move {
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let keep = |post| {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push(post);
            };
            keep((headers, body));
            reply.answer().await
        };
        let router = Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, posts }
    }

    /// The posts so far.
    pub fn posts(&self) -> Vec<Post> {
        let posts = self.posts.lock().unwrap_or_else(PoisonError::into_inner);
        posts.clone()
    }
}

impl Reply {
    async fn answer(self) -> Response {
        match self {
            Self::Status(status) => (StatusCode::from_u16(status).unwrap(), "{}").into_response(),
            Self::Redirect(to) => (
                StatusCode::TEMPORARY_REDIRECT,
                [(header::LOCATION, to)],
                String::new(),
            )
                .into_response(),
            Self::Never => std::future::pending().await,
            Self::Endless => {
                let piece = Bytes::from_static(&[b' '; 8192]);
                let pieces = futures_util::stream::repeat_with(move || {
                    Ok::<_, std::convert::Infallible>(piece.clone())
                });
                Body::from_stream(pieces).into_response()
            }
        }
    }
}

/// The settings of a webhook at this URL.
pub fn webhook(url: &str) -> [(&str, &str); 1] {
    [("COUNTERSIGN_WEBHOOK_ENDPOINT", url)]
}

/// How long a test waits for what must not hang.
pub const PATIENCE: Duration = Duration::from_secs(30);
