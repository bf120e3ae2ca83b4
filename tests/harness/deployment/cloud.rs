//! The service as the template deploys it. Each function has its own `App` with the
//! environment from the template, and its own proxy before AWS. So each request is
//! known to be of one function.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::extract::Request;
use countersign::app::App;
use countersign::clock::Clock;
use countersign::config::Config;
use countersign::domain::refused_value::Naming;
use countersign::keyring::Purpose;
use countersign::routes::router::router;
use countersign::routes::{Function, ROUTES};
use countersign_local::service::THIS_MACHINE;
use countersign_local::storage::database::sdk_config;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::cloud_calls::{SANDBOX_RECIPIENT, asked};
use super::iam::{Asked, Statement, statements};
use super::template::Stack;
use crate::deployment::events::routes::matches;
use crate::harness::Service;
use crate::harness::proxy::Proxy;
use crate::rules::moving_in::former::Former;

/// The stack's name. The demo data's keys were made in its encryption context.
const NAME: &str = "local";

pub const SENDER: &str = "login@example.com";

/// Parameters with which every statement of every policy stands.
const PARAMETERS: [(&str, &str); 14] = [
    ("ProductName", "Countersign Demo"),
    ("SenderAddress", SENDER),
    ("SenderName", "Countersign Demo"),
    ("SesConfigurationSet", "codes"),
    ("SesSandboxRecipient", SANDBOX_RECIPIENT),
    ("SmsCountries", "+1"),
    ("Dialects", "auth0,abp,codemaze,aidbox"),
    ("CodeMazeClient", "codemaze"),
    ("AalPolicy", "aal1"),
    ("TrustedDeviceDays", "30"),
    ("AlarmEmail", "alarms@example.com"),
    ("AlarmTopicArn", "arn:aws:sns:us-east-1:123456789012:alarms"),
    (
        "OperatorPrincipalArn",
        "arn:aws:iam::123456789012:role/staff",
    ),
    ("EventBus", "on"),
];

/// The users of the former system.
pub const FORMER_USERS: [&str; 2] = ["moves.token@example.net", "moves.account@example.net"];

/// A stack over this table.
pub fn stack(table: &str) -> Stack {
    Stack::new(NAME, &PARAMETERS, &[("Table", table)])
}

/// The same where users move in from a former system.
pub fn stack_that_users_move_into(table: &str) -> Stack {
    let mut parameters = PARAMETERS.to_vec();
    parameters.push(("MigrationUrl", "https://former.example.com/login"));
    parameters.push(("SignUp", "auth0,abp,codemaze,aidbox"));
    Stack::new(NAME, &parameters, &[("Table", table)])
}

/// The policy of a function, which is the policy of its role.
pub fn policy(stack: &Stack, function: Function) -> Vec<Statement> {
    let declared = stack.declared(&stack.function(function.name()));
    let role = declared["Properties"]["Role"]["Fn::GetAtt"][0].as_str();
    let role = stack.properties(role.unwrap());
    let members: Vec<&String> = role.as_object().unwrap().keys().collect();
    assert_eq!(members, ["AssumeRolePolicyDocument", "Policies"]);
    role_policy(&role)
}

/// The statements of a role.
pub fn role_policy(role: &Value) -> Vec<Statement> {
    let policies = role["Policies"].as_array().unwrap();
    let all = policies
        .iter()
        .map(|policy| statements(&policy["PolicyDocument"]));
    all.flatten().collect()
}

/// A deployed function.
struct Deployed {
    function: Function,
    dynamodb: Proxy,
    others: Proxy,
}

/// The service. The function that owns a route answers its requests.
pub struct Cloud {
    /// The service. Its helpers reach the deployed functions.
    pub service: Service,
    pub stack: Stack,
    /// The former system.
    pub former: Former,
    deployed: Vec<Deployed>,
}

impl Cloud {
    /// Deploys every function over the demo data.
    pub async fn start() -> Self {
        let service = Service::start().await;
        let stack = stack_that_users_move_into(service.app.store.table());
        let former = Former::with(former_users()).await;
        let mut deployed = Vec::new();
        for function in Function::ALL {
            let (dynamodb, others) = (Proxy::start().await, Proxy::start().await);
            dynamodb.before(service.dynamodb.clone());
            others.before(service.others.clone());
            deployed.push(Deployed {
                function,
                dynamodb,
                others,
            });
        }
        let mut cloud = Self {
            service,
            stack,
            former,
            deployed,
        };
        cloud.restart();
        cloud
    }

    /// Makes every function start cold.
    pub fn restart(&mut self) {
        let routers: Vec<(Function, Router)> = Function::ALL
            .into_iter()
            .map(|function| (function, router(&self.app(function), &[function.slice()])))
            .collect();
        let routers = Arc::new(routers);
        // The router has no routes of its own, because path parameters would then exist
        // twice.
        let serve = move |request: Request| async move {
            let path = request.uri().path();
            let mut owners = ROUTES.iter().filter(|route| matches(route.path, path));
            let exact = owners
                .clone()
                .find(|route| route.method == *request.method());
            let owner = exact.or_else(|| owners.next()).unwrap().function;
            let (_, router) = routers.iter().find(|(known, _)| *known == owner).unwrap();
            router.clone().oneshot(request).await
        };
        let whole = Router::new().fallback(serve);
        self.service.router = whole;
    }

    /// A cold start of one function.
    pub fn app(&self, function: Function) -> App {
        let deployed = self.deployed(function);
        let endpoints = (deployed.dynamodb.endpoint(), deployed.others.endpoint());
        self.app_at(endpoints, function.purposes().to_vec())
    }

    /// A cold start whose DynamoDB, and whose other parts of AWS, are there.
    fn app_at(&self, (dynamodb, others): (String, String), purposes: Vec<Purpose>) -> App {
        let mut environment = self.stack.environment();
        let mut set = |name: &str, value: &str| environment.insert(name.into(), value.into());
        // The demo clients have the audiences of this issuer.
        set("COUNTERSIGN_ISSUER", "https://localhost:8788/");
        set("COUNTERSIGN_PASSKEY_DOMAIN", "localhost");
        // A busy machine must not make a call time out.
        set("COUNTERSIGN_AWS_ATTEMPT_MILLISECONDS", "60000");
        set("COUNTERSIGN_MIGRATION_URL", &self.former.url);
        set("COUNTERSIGN_DPOP_REPLAY", "refused");
        let config = Config::read(|name| environment.get(name).cloned()).unwrap();
        let now: Arc<AtomicI64> = self.service.now.clone();
        let clock = Clock::from_fn(move || now.load(Ordering::SeqCst));
        App::new(
            config,
            &sdk_config(&dynamodb),
            &sdk_config(&others),
            purposes,
            clock,
            THIS_MACHINE,
            Naming::InTheLog,
        )
    }

    fn deployed(&self, function: Function) -> &Deployed {
        let mut all = self.deployed.iter();
        all.find(|known| known.function == function).unwrap()
    }

    /// The proxies before DynamoDB and before the other services, for faults.
    pub fn proxies(&self, function: Function) -> (&Proxy, &Proxy) {
        let deployed = self.deployed(function);
        (&deployed.dynamodb, &deployed.others)
    }

    /// Answers an event with a cold start of its function. The function's name is the
    /// prefix of the event's name.
    pub async fn event(&self, name: &str, event: Value) {
        let function = super::event::function_of(name);
        let router = router(&self.app(function), &[function.slice()]);
        self.service.answer_request(&router, event).await;
    }

    /// The requests of each function to AWS since the last call, without repetition.
    pub fn asked(&self) -> Vec<(Function, Vec<Asked>)> {
        let of = |deployed: &Deployed| {
            let mut calls = deployed.dynamodb.take_calls();
            calls.extend(deployed.others.take_calls());
            let mut all: Vec<Asked> = calls.iter().flat_map(asked).collect();
            all.extend(written_logs(&self.stack, deployed.function));
            all.sort();
            all.dedup();
            (deployed.function, all)
        };
        self.deployed.iter().map(of).collect()
    }
}

/// Users who move in, each with an authenticator app.
fn former_users() -> Vec<Value> {
    let user = |name: &str| {
        let seed = json!({ "totp": { "secret": "NB2W45DFOIZDGMRTGQ2TMNZYHE" } });
        json!({ "email": name, "email_verified": true, "mfa_factors": [seed] })
    };
    FORMER_USERS.map(user).to_vec()
}

/// The operators' tool on the deployed table, and what the tool has asked of AWS.
pub struct OperatorDoor {
    /// The deployment, as the tool reaches it.
    pub app: App,
    dynamodb: Proxy,
    others: Proxy,
}

impl OperatorDoor {
    /// What the tool has asked of AWS, each thing once.
    pub fn asked(&self) -> Vec<Asked> {
        let mut calls = self.dynamodb.take_calls();
        calls.extend(self.others.take_calls());
        let mut all: Vec<Asked> = calls.iter().flat_map(asked).collect();
        all.sort();
        all.dedup();
        all
    }
}

impl Cloud {
    /// Opens the deployment as the tool does.
    pub async fn operator(&self) -> OperatorDoor {
        let (dynamodb, others) = (Proxy::start().await, Proxy::start().await);
        dynamodb.before(self.service.dynamodb.clone());
        others.before(self.service.others.clone());
        let endpoints = (dynamodb.endpoint(), others.endpoint());
        let app = self.app_at(endpoints, vec![Purpose::Seeds]);
        OperatorDoor {
            app,
            dynamodb,
            others,
        }
    }
}

/// What Lambda itself asks in a function's name: to write its log and, where
/// there is a queue for events that failed, to put them there.
fn written_logs(stack: &Stack, function: Function) -> Vec<Asked> {
    let properties = stack.properties(&stack.function(function.name()));
    let log = properties["LoggingConfig"]["LogGroup"].as_str().unwrap();
    let group = stack.properties(log);
    let group = group["LogGroupName"].as_str().unwrap();
    let stream = format!("arn:aws:logs:us-east-1:123456789012:log-group:{group}:log-stream:1");
    let mut asked = ["logs:CreateLogStream", "logs:PutLogEvents"]
        .map(|action| Asked::of(action, &stream))
        .to_vec();
    let queue = properties["DeadLetterQueue"]["TargetArn"].as_str();
    asked.extend(queue.map(|queue| Asked::of("sqs:SendMessage", queue)));
    asked
}
