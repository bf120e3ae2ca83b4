//! A service under test, and the requests to it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use countersign::app::App;
use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::accounts::user::Account;
use countersign::domain::factors::totp::Seed;
use countersign::routes::Function;
use countersign::routes::router::{canonical_path, router};
use countersign::usecase::keys::publish_keys::publish_keys;
use countersign::wire::input::SourceAddress;
use countersign_local::defaults::settings;
use countersign_local::demo;
use countersign_local::stand_in::{Inbox, StandIn};
use countersign_local::storage::database::{Database, create_table, sdk_config};
use serde_json::Value;
use tower::ServiceExt;

use crate::harness::answer::Answer;
use crate::harness::cold_start::{ADDRESS, START, app, app_with};
use crate::harness::log::Secrets;
use crate::harness::{document, events};

/// A service under test.
pub struct Service {
    /// The service's parts, for tests that need more than a route.
    pub app: App,
    pub(super) router: Router,
    pub(super) now: Arc<AtomicI64>,
    pub(super) inbox: Inbox,
    pub(super) secrets: Secrets,
    pub(super) dynamodb: String,
    pub(super) others: String,
    pub(super) settings: Vec<(String, String)>,
    pub(super) _database: Option<Database>,
    pub(super) _stand_in: Arc<StandIn>,
}

impl Service {
    /// A service with the demo data and the default settings.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A service with the demo data and some settings changed.
    pub async fn start_with(changes: &[(&str, &str)]) -> Self {
        Self::start_through(changes, |dynamodb, others| (dynamodb, others)).await
    }

    /// A service that begins at the system's time, for tests with processes that have
    /// no other clock.
    pub async fn start_at_the_systems_time() -> Self {
        let now = countersign::clock::system_time();
        Self::start_at(now, &[], |dynamodb, others| (dynamodb, others)).await
    }

    /// A service whose AWS endpoints (DynamoDB and the others) are replaced after the
    /// demo data is made, for example by a proxy that injects faults.
    pub async fn start_through(
        changes: &[(&str, &str)],
        endpoints: impl FnOnce(String, String) -> (String, String),
    ) -> Self {
        Self::start_at(START, changes, endpoints).await
    }

    pub(super) async fn start_at(
        begin: i64,
        changes: &[(&str, &str)],
        endpoints: impl FnOnce(String, String) -> (String, String),
    ) -> Self {
        let secrets = Secrets::watch();
        let now = Arc::new(AtomicI64::new(begin));
        let read = now.clone();
        let reader = move || read.load(Ordering::SeqCst);
        let stand_in = StandIn::start([7; 32], Arc::new(reader.clone())).unwrap();
        let (database, dynamodb) = match std::env::var("COUNTERSIGN_TEST_DYNAMODB") {
            Ok(endpoint) => (None, endpoint),
            Err(_) => {
                let database = Database::open(None).unwrap();
                let endpoint = database.endpoint().to_owned();
                (Some(database), endpoint)
            }
        };
        let others = stand_in.endpoint().to_owned();
        let table = format!("test-{}", uuid::Uuid::new_v4().simple());
        let mut settings: Vec<(String, String)> = settings("https://localhost:8788/", &others)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        settings.push(("COUNTERSIGN_TABLE".to_owned(), table.clone()));
        // `cargo local` allows this for its demo. A deployment does not.
        let enrolment = ("COUNTERSIGN_UNCONFIRMED_ENROLLMENT", "refused");
        settings.push((enrolment.0.to_owned(), enrolment.1.to_owned()));
        // A busy machine must not make a call time out, unless a test wants that.
        let attempt = ("COUNTERSIGN_AWS_ATTEMPT_MILLISECONDS", "60000");
        settings.push((attempt.0.to_owned(), attempt.1.to_owned()));
        settings.extend(
            changes
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into())),
        );
        let client = aws_sdk_dynamodb::Client::new(&sdk_config(&dynamodb));
        create_table(&client, &table).await.unwrap();
        let first = app(&settings, &dynamodb, &others, &now);
        publish_keys(&first, begin).await.unwrap();
        demo::make_demo(&first).await.unwrap();
        let (dynamodb, others) = endpoints(dynamodb, others);
        let app = app(&settings, &dynamodb, &others, &now);
        Self {
            router: router(&app, &Function::ALL.map(Function::slice)),
            app,
            now,
            inbox: stand_in.inbox().clone(),
            secrets,
            dynamodb,
            others,
            settings,
            _database: database,
            _stand_in: Arc::new(stand_in),
        }
    }

    /// Another cold start over the same table, without anything in memory.
    pub fn restarted(&self) -> App {
        app(&self.settings, &self.dynamodb, &self.others, &self.now)
    }

    /// Another cold start over the same table, with some settings changed.
    pub fn restarted_with(&self, changes: &[(&str, &str)]) -> App {
        let settings = self.settings_with(changes);
        app(&settings, &self.dynamodb, &self.others, &self.now)
    }

    /// Another cold start whose KMS, SES and SNS answer elsewhere.
    pub fn restarted_at(&self, others: &str) -> App {
        app(&self.settings, &self.dynamodb, others, &self.now)
    }

    pub(super) fn settings_with(&self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let changes = changes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.settings.iter().cloned().chain(changes).collect()
    }

    /// A cold start of one function, with some settings changed. It opens only that
    /// function's keys.
    pub fn restarted_as(&self, function: Function, changes: &[(&str, &str)]) -> App {
        let purposes = function.purposes().to_vec();
        let settings = self.settings_with(changes);
        app_with(&settings, &self.dynamodb, &self.others, &self.now, purposes)
    }

    /// A client of the KMS stand-in.
    pub fn kms(&self) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::new(&sdk_config(&self.others))
    }

    /// Replaces the current cold start by this one.
    pub fn take(&mut self, app: App) {
        self.router = router(&app, &Function::ALL.map(Function::slice));
        self.app = app;
    }

    /// Moves the service's clock.
    pub fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The service's time.
    pub fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    /// The sent messages, newest first. Their codes become watched secrets.
    pub fn messages(&self) -> Vec<countersign_local::stand_in::Message> {
        let messages = self.inbox.messages();
        for message in &messages {
            self.secrets
                .add(message.code.as_deref().unwrap_or_default());
        }
        messages
    }

    /// The code in the newest message.
    pub fn newest_code(&self) -> String {
        self.messages()
            .first()
            .and_then(|message| message.code.clone())
            .unwrap()
    }

    /// The current code of the demo user's authenticator app.
    pub fn totp(&self) -> String {
        self.totp_at(self.now())
    }

    /// The code of the demo user's authenticator app at another time.
    pub fn totp_at(&self, time: i64) -> String {
        let seed = Seed::from_base32(demo::SEED).unwrap();
        let code = seed
            .code(u64::try_from(time / 30).unwrap())
            .expose()
            .to_owned();
        self.secrets.add(&code);
        code
    }

    /// A demo user as the table holds it.
    pub async fn account(&self, email: &str) -> Account {
        let name = LoginName::parse(email).unwrap();
        let user = self.app.store.find_name(&name).await.unwrap().unwrap();
        self.app.store.read_account(user).await.unwrap().unwrap()
    }

    /// Sends a request through the router, from `ADDRESS` unless the request has
    /// another source address.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        if request.extensions().get::<SourceAddress>().is_none() {
            request.extensions_mut().insert(SourceAddress(ADDRESS));
        }
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let path = canonical_path(&path).unwrap_or(path);
        let before = events::before();
        let answered = Box::pin(self.router.clone().oneshot(request));
        let response = match answered.await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let answer = Answer::read(response).await;
        document::is_documented(&method, &path, &answer);
        events::check(&method, &path, &answer, before);
        self.secrets.add_answer(&answer);
        answer
    }

    /// Posts a form. There may be an `Authorization` header too.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_form_from(ADDRESS, path, fields).await
    }

    /// Posts a form from this address.
    pub async fn post_form_from(
        &self,
        address: IpAddr,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        self.secrets.add_fields(fields);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(SourceAddress(address))
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.secrets.add_json(body);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// Sends a GET request, with a bearer token if there is one.
    pub async fn get(&self, path: &str, bearer: Option<&str>) -> Answer {
        let mut request = Request::builder().method(Method::GET).uri(path);
        if let Some(token) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Every item of the table.
    pub async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let store = &self.app.store;
        let mut pages = store
            .dynamodb()
            .scan()
            .table_name(store.table())
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.unwrap());
        }
        items
    }

    /// Checks that an output of the operators' tool holds no secret.
    #[track_caller]
    pub fn assert_no_secret(&self, command: &[&str], output: &str) {
        let secret = self.secrets.in_output(output);
        assert!(secret.is_none(), "{command:?} prints {secret:?}: {output}");
    }

    /// Watches another text that must never be logged.
    pub fn watch_secret(&self, secret: &str) {
        self.secrets.add(secret);
    }
}
