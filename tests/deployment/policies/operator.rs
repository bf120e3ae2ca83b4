//! The operator's role is enough for every command of the tool, and no more.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::Mutex;

use clap::CommandFactory;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::find::find_user_for_operator;
use countersign_cli::act::act;
use countersign_cli::connection::Opened;
use countersign_cli::options::{Command, Options};
use countersign_cli::stack::settings;
use countersign_cli::trial::try_logins;
use countersign_cli::upkeep::alarm_settings::AlarmSettings;
use countersign_cli::upkeep::doctor::{Patient, examine};
use countersign_local::demo;
use countersign_local::storage::database::sdk_config;
use serde_json::{Value, json};

use crate::dialects::auth0::sessions::trusted_devices::Phone;
use crate::harness::deployment::cloud::{Cloud, OperatorDoor, SENDER, role_policy, stack};
use crate::harness::deployment::cloud_calls::asked;
use crate::harness::deployment::iam::{Asked, allowed, lessened, statements};
use crate::harness::deployment::template::Stack;
use crate::harness::proxy::Proxy;
use crate::operate::commands;
use crate::operate::import::Files;
use crate::operate::upkeep::doctor::stand_in::{START_DATE, healthy, identity, stand_in};

const OWN_TOPIC: &str = "AlarmTopic";
const YOUR_TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:alarms";

/// The deployed tool, and the commands that it has run.
struct Tool {
    door: OperatorDoor,
    ran: Mutex<BTreeSet<String>>,
}

impl Tool {
    /// Runs a command, which must succeed.
    async fn operate(&self, command: &[&str]) {
        let options = self.read(command);
        if let Err(problem) = act(&self.door.app, &options).await {
            panic!("{command:?}: {problem}");
        }
    }

    /// Reads a command line, and notes which command it names.
    fn read(&self, command: &[&str]) -> Options {
        let words = ["countersign", "--by", "olga"].iter().chain(command);
        let words: Vec<OsString> = words.map(OsString::from).collect();
        let matches = Options::command().get_matches_from(&words);
        let (mut names, mut inner) = (Vec::new(), &matches);
        while let Some((name, next)) = inner.subcommand() {
            names.push(name.to_owned());
            inner = next;
        }
        self.ran.lock().unwrap().insert(names.join(" "));
        Options::read(words).unwrap()
    }
}

/// Every command, in an order in which each has something to do.
async fn every_command(tool: &Tool, device: &str) {
    let user = demo::USER;
    let reason = ["--reason", "called"];
    for command in [
        &[
            "client",
            "add",
            "app",
            "--for",
            "server",
            "--audience",
            "https://a.example/",
        ][..],
        &["client", "update", "app", "--scope", "read:a"],
        &["client", "rotate-secret", "app"],
        &["client", "list"],
        &["client", "show", "app"],
        &["client", "remove", "app"],
        &[
            "user",
            "add",
            "--email",
            "ann@example.com",
            "--phone",
            "+15555550142",
        ],
        &["user", "find", "ann"],
        &["user", "show", user],
        &["user", "confirm-email", "ann@example.com"],
        &["user", "confirm-phone", "ann@example.com"],
        &[
            "user",
            "update",
            "ann@example.com",
            "--email",
            "ann@example.org",
        ],
        // Before what raises the epoch, and so ends every device.
        &["user", "remove-device", user, device],
        &["user", "set-roles", user, "admin"],
        &["user", "require-password-change", user],
        &["user", "disable", user],
        &["user", "enable", user],
        &["user", "sign-out", user],
        &["user", "events", user],
        &["user", "export", user],
        &["session", "list", user, "--all"],
        &["sends", "show", demo::PHONE],
        &["sends", "show", "--user", user],
        &["sends", "show", "--country", "US"],
        &["sends", "open", demo::PHONE, "--user", user],
        &["keys", "list"],
        &["keys", "rotate", "tokens", "seeds", "signing", "pair"],
        &["keys", "retire"],
        &["keys", "replace", "tokens", "--reason", "x", "--yes"],
        &["keys", "replace", "pair", "--reason", "x", "--yes"],
        &["acts", "list"],
    ] {
        tool.operate(command).await;
    }
    let account = find_user_for_operator(&tool.door.app, user).await.unwrap();
    let factor = account.factors[0].id.dashed();
    let one_factor = ["user", "remove-factor", user, &factor];
    tool.operate(&[&one_factor[..], &reason].concat()).await;
    for what in ["unlock", "reset-factors"] {
        tool.operate(&[&["user", what, user][..], &reason].concat())
            .await;
    }
    let from_network = ["user", "unlock", user, "--network", "192.0.2.1"];
    tool.operate(&[&from_network[..], &reason].concat()).await;
}

/// Every command that reads or writes a file of users or clients.
async fn every_command_with_files(tool: &Tool) {
    let files = Files::new();
    let row = json!({
        "user_id": "auth0|1",
        "email": "moved@example.com",
        "email_verified": true,
        "password_hash": "$2b$05$cuVrO/gZqRwCr2zHfBbMOeiRM18GwD0IYOOYnZBPVG5QdfRKFiT96",
        "mfa_factors": [{"totp": {"secret": "JBSWY3DPEHPK3PXP"}}],
    });
    let locked = json!({"UserName": "locked", "LockoutEnd": "2090-01-01 00:00:00"});
    let client = json!({
        "client_id": "native1",
        "token_endpoint_auth_method": "none",
        "grant_types": ["password", "refresh_token"],
    });
    let written = |name: &str, row: &Value| {
        let path = files.path(name);
        std::fs::write(&path, row.to_string()).unwrap();
        path
    };
    let users = written("users.ndjson", &row);
    let table = written("table.ndjson", &locked);
    let clients = written("clients.ndjson", &client);
    let (whole, one) = (files.path("whole.ndjson"), files.path("one.ndjson"));
    let import = |file: &str, format: &str, more: &[&str]| {
        let rejects = files.path("rejects.ndjson");
        let words = ["import", file, "--format", format, "--rejects", &rejects];
        let words = words.iter().chain(more);
        words.map(|word| (*word).to_owned()).collect::<Vec<_>>()
    };
    let words = |command: &[&str]| command.iter().map(|word| (*word).to_owned()).collect();
    let moved = "moved@example.com";
    for command in [
        import(&users, "auth0", &["--dry-run"]),
        import(&users, "auth0", &[]),
        import(&table, "abp", &[]),
        import(&clients, "auth0", &["--clients", "--dry-run"]),
        import(&clients, "auth0", &["--clients"]),
        words(&["user", "export", moved, "--to", &one, "--plain"]),
        words(&["export", &whole, "--plain"]),
        words(&["user", "delete", moved, "--yes"]),
        // The user is made again, with the factor.
        import(&one, "countersign", &[]),
        import(&whole, "countersign", &[]),
    ] {
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        tool.operate(&command).await;
    }
    let back = find_user_for_operator(&tool.door.app, moved).await.unwrap();
    assert_eq!(back.factors.len(), 1);
}

/// `try` at an API that does not answer: the client and the users are made and removed all the
/// same.
async fn trial(tool: &Tool) {
    let options = tool.read(&["try", "--url", "http://127.0.0.1:1"]);
    let Command::Try(asked) = &options.command else {
        panic!("this is try");
    };
    let opened = Opened {
        app: tool.door.app.clone(),
        aws: None,
        alarms: None,
        authority: None,
    };
    let operator = Operator::new("olga".to_owned(), tool.door.app.clock.now());
    let report = try_logins(&opened, &operator, asked).await.unwrap();
    assert_eq!(report.exit_code(), 6);
}

/// What `doctor` asks of AWS, and how the tool finds its deployment.
async fn examination(tool: &Tool) -> Vec<Asked> {
    tool.read(&["doctor"]);
    let proxy = Proxy::start().await;
    let mut answers = healthy();
    // The domain is not known: the address is asked for too.
    answers.remove("identities/example.com");
    let sender = (200, identity(true, "SUCCESS").to_string());
    answers.insert(format!("identities/{SENDER}"), sender);
    proxy.before(stand_in(answers, START_DATE).await);
    let aws = sdk_config(&proxy.endpoint());
    let patient = Patient {
        app: &tool.door.app,
        aws: Some(&aws),
        alarms: Some(&AlarmSettings {
            topics: vec![OWN_TOPIC.to_owned(), YOUR_TOPIC.to_owned()],
            email: None,
        }),
    };
    examine(&patient).await.unwrap();
    // No stand-in answers as CloudFormation here: that it is asked is enough.
    let unknown = stand_in(
        [("DescribeStacks".to_owned(), (400, String::new()))].into(),
        START_DATE,
    );
    proxy.before(unknown.await);
    settings(&aws, "local").await.unwrap_err();
    proxy.take_calls().iter().flat_map(asked).collect()
}

/// Whether the role may: its policy allows it and, where the resource is a KMS
/// key, the key's own policy does too.
fn may(stack: &Stack, asked: &Asked) -> bool {
    let by_key = match asked.resource.rsplit_once(":key/") {
        None => true,
        Some((_, key)) => {
            let properties = stack.properties(key);
            allowed(&statements(&properties["KeyPolicy"]), asked)
        }
    };
    by_key && allowed(&role_policy(&stack.properties("OperatorRole")), asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_role_allows_every_command_and_nothing_can_be_taken_out_of_it() {
    let cloud = Cloud::start().await;
    let tool = Tool {
        door: cloud.operator().await,
        ran: Mutex::default(),
    };
    // Something to end: a session of the user.
    let token = cloud.service.begin().await;
    let tokens = cloud
        .service
        .redeem_otp(&token, &cloud.service.totp())
        .await;
    assert_eq!(tokens.status, 200, "{}", tokens.raw);
    let account = cloud.service.account(demo::USER).await;
    let store = &tool.door.app.store;
    let sessions = store.list_sessions(account.user.id).await.unwrap();
    let session = sessions.first().unwrap().id.dashed();
    let end = ["session", "end", demo::USER, &session];
    tool.operate(&end).await;
    let phone = Phone::new();
    phone.remember(&cloud.service).await;
    every_command(&tool, &phone.holder.thumbprint()).await;
    every_command_with_files(&tool).await;
    trial(&tool).await;
    let mut all = tool.door.asked();
    all.extend(examination(&tool).await);
    let mut wanted = commands();
    // The tool asks nothing of AWS for completions.
    wanted.remove("completions");
    let ran = tool.ran.lock().unwrap().clone();
    assert_eq!(ran, wanted, "a command has no story here");
    assert!(all.len() > 40, "{all:?}");
    let refused = all.iter().filter(|one| !may(&cloud.stack, one));
    let mut wrong: Vec<String> = refused.map(|one| format!("may not: {one:?}")).collect();
    let role = role_policy(&cloud.stack.properties("OperatorRole"));
    for (lacks, policy) in lessened(&role) {
        if all.iter().all(|one| allowed(&policy, one)) {
            wrong.push(format!("does not need {lacks}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_operator_may_open_a_token_or_publish_to_a_topic_or_drop_the_table() {
    let stack = stack("table");
    let context = |purpose: &str| {
        Asked::of(
            "kms:Decrypt",
            "arn:aws:kms:us-east-1:123456789012:key/DataKey",
        )
        .with("kms:EncryptionContext:stack", &["local"])
        .with("kms:EncryptionContext:purpose", &[purpose])
    };
    assert!(may(&stack, &context("seeds")));
    let table = "arn:aws:dynamodb:us-east-1:123456789012:table/table";
    for never in [
        context("tokens"),
        Asked::of("sns:Publish", YOUR_TOPIC),
        Asked::of("dynamodb:DeleteTable", table),
        Asked::of("dynamodb:UpdateTable", table),
    ] {
        assert!(!may(&stack, &never), "{never:?}");
    }
}

#[test]
fn there_is_no_operators_role_until_somebody_is_named_who_may_take_it() {
    let required = [("ProductName", "Example"), ("SenderAddress", SENDER)];
    let without = Stack::new("local", &required, &[]);
    let roles = |stack: &Stack| stack.resources("AWS::IAM::Role");
    assert!(
        roles(&without)
            .iter()
            .all(|(name, _)| name != "OperatorRole")
    );
    let with = stack("table");
    let (_, role) = roles(&with)
        .into_iter()
        .find(|(name, _)| name == "OperatorRole")
        .unwrap();
    let principal = &role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"];
    assert_eq!(principal, "arn:aws:iam::123456789012:role/staff");
}
