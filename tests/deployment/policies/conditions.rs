//! What the conditions of the policies forbid to a function, as sentences.

use countersign::keyring::Purpose;
use countersign::routes::Function;

use crate::deployment::policies::enough_and_no_more::may;
use crate::harness::deployment::cloud::{SENDER, policy, stack, stack_that_users_move_into};
use crate::harness::deployment::iam::{Asked, allowed, statements};
use crate::harness::deployment::template::Stack;

const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/users";
const LEADING_KEYS: &str = "dynamodb:LeadingKeys";

/// A request for items in these partitions.
fn items(operation: &str, partitions: &[&str]) -> Asked {
    Asked::of(&format!("dynamodb:{operation}"), TABLE).with(LEADING_KEYS, partitions)
}

/// A request to KMS in an encryption context.
fn in_context(action: &str, stack: &str, purpose: &str) -> Asked {
    Asked::of(action, "arn:aws:kms:us-east-1:123456789012:key/DataKey")
        .with("kms:EncryptionContext:stack", &[stack])
        .with("kms:EncryptionContext:purpose", &[purpose])
}

fn deployed() -> Stack {
    stack("users")
}

/// The functions that may make this request.
fn who_may(asked: &Asked) -> Vec<&'static str> {
    let stack = deployed();
    let able = |function: &Function| may(&stack, *function, asked);
    Function::ALL
        .into_iter()
        .filter(able)
        .map(Function::name)
        .collect()
}

#[test]
fn keys_are_read_by_all_who_answer_requests_and_written_by_keys_alone() {
    let answers = |name: &&str| *name != Function::Feedback.name();
    let all = Function::ALL.map(Function::name);
    assert_eq!(
        who_may(&items("Query", &["KEYS"])),
        all.into_iter().filter(answers).collect::<Vec<_>>()
    );
    for operation in ["PutItem", "UpdateItem", "DeleteItem"] {
        assert_eq!(who_may(&items(operation, &["KEYS"])), ["keys"]);
    }
    for operation in ["BatchWriteItem", "ConditionCheckItem"] {
        assert_eq!(
            who_may(&items(operation, &["KEYS"])),
            [""; 0],
            "{operation}"
        );
    }
    for operation in ["PutItem", "DeleteItem", "UpdateItem", "BatchWriteItem"] {
        let both = items(operation, &["USER#1", "KEYS"]);
        assert_eq!(who_may(&both), [""; 0], "{operation}");
    }
}

#[test]
fn the_table_is_scanned_by_keys_alone_and_by_nobody_through_another_statement() {
    assert_eq!(who_may(&Asked::of("dynamodb:Scan", TABLE)), ["keys"]);
}

#[test]
fn a_request_without_a_leading_key_is_allowed_by_no_statement_that_wants_some() {
    for operation in [
        "Query",
        "GetItem",
        "PutItem",
        "UpdateItem",
        "BatchWriteItem",
        "BatchGetItem",
    ] {
        let asked = Asked::of(&format!("dynamodb:{operation}"), TABLE);
        assert_eq!(who_may(&asked), [""; 0], "{operation}");
    }
}

#[test]
fn users_are_read_and_written_by_no_maker_of_keys() {
    for operation in [
        "Query",
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "BatchGetItem",
    ] {
        let able = who_may(&items(operation, &["USER#1"]));
        assert!(!able.contains(&"keys"), "{operation}");
    }
}

#[test]
fn who_signs_in_changes_no_name_and_makes_one_only_by_a_code_as_first_factor() {
    for operation in ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"] {
        for partition in ["NAME#user@example.com", "CLIENT#demo"] {
            let able = who_may(&items(operation, &[partition]));
            for function in ["token", "send-code", "verify"] {
                // A code to a mailbox without an account makes the account.
                let signs_up = function == "token" && operation == "PutItem";
                let may = signs_up && partition.starts_with("NAME#");
                let found = able.contains(&function);
                assert_eq!(found, may, "{function} {operation} {partition}");
            }
        }
    }
}

#[test]
fn token_makes_names_and_changes_none_also_where_users_move_in() {
    let name = ["NAME#user@example.com"];
    for stack in [deployed(), stack_that_users_move_into("users")] {
        assert!(may(&stack, Function::Token, &items("PutItem", &name)));
        for operation in ["UpdateItem", "DeleteItem", "BatchWriteItem", "GetItem"] {
            let asked = items(operation, &name);
            assert!(!may(&stack, Function::Token, &asked), "{operation}");
        }
    }
}

#[test]
fn each_budget_is_spent_by_the_functions_that_charge_it() {
    for (partition, able) in [
        ("BUDGET#password-name#1", &["token", "account"][..]),
        // A function that completes a login marks the network.
        ("BUDGET#password-address#1", &["token", "account", "enroll"]),
        (
            "BUDGET#send#1",
            &["token", "send-code", "account", "enroll"],
        ),
        // A new password sets the wrong codes in a row to zero.
        ("BUDGET#codes#1", &["token", "verify", "account", "enroll"]),
        ("BUDGET#anonymous#1", &["token", "account"]),
        ("BUDGET#another#1", &[]),
    ] {
        assert_eq!(
            who_may(&items("UpdateItem", &[partition])),
            able,
            "{partition}"
        );
    }
}

#[test]
fn another_table_is_reached_by_nobody() {
    for operation in ["GetItem", "Query", "PutItem"] {
        let mut asked = items(operation, &["USER#1"]);
        asked.resource = TABLE.replace("users", "others");
        assert_eq!(who_may(&asked), [""; 0]);
        asked.resource = format!("{TABLE}/index/any");
        assert_eq!(who_may(&asked), [""; 0]);
    }
}

#[test]
fn data_keys_are_opened_for_the_purposes_that_routes_says_and_for_this_stack() {
    let stack = deployed();
    for purpose in [Purpose::Tokens, Purpose::Seeds, Purpose::Signing] {
        let asked = in_context("kms:Decrypt", "local", purpose.name());
        for function in Function::ALL {
            // The function that makes keys also seals the signing key that it makes.
            let makes = function == Function::Keys && purpose == Purpose::Signing;
            let opens = function.purposes().contains(&purpose) || makes;
            assert_eq!(
                may(&stack, function, &asked),
                opens,
                "{function:?} {purpose:?}"
            );
        }
        let another = in_context("kms:Decrypt", "another", purpose.name());
        assert_eq!(who_may(&another), [""; 0]);
    }
    let key = "arn:aws:kms:us-east-1:123456789012:key/DataKey";
    assert_eq!(who_may(&Asked::of("kms:Decrypt", key)), [""; 0]);
    let unnamed = Asked::of("kms:Decrypt", key).with("kms:EncryptionContext:stack", &["local"]);
    assert_eq!(who_may(&unnamed), [""; 0]);
    assert_eq!(
        who_may(&in_context("kms:Decrypt", "local", "another")),
        [""; 0]
    );
}

#[test]
fn data_keys_are_made_by_keys_alone_and_never_shown() {
    for purpose in ["tokens", "seeds", "signing"] {
        let made = in_context("kms:GenerateDataKeyWithoutPlaintext", "local", purpose);
        assert_eq!(who_may(&made), ["keys"]);
        for action in ["kms:GenerateDataKey", "kms:Encrypt", "kms:ReEncryptFrom"] {
            assert_eq!(
                who_may(&in_context(action, "local", purpose)),
                [""; 0],
                "{action}"
            );
        }
    }
    let another = in_context("kms:GenerateDataKeyWithoutPlaintext", "local", "another");
    assert_eq!(who_may(&another), [""; 0]);
}

#[test]
fn the_key_of_the_data_keys_lets_no_policy_of_the_account_use_it_in_another_way() {
    let key = deployed().properties("DataKey");
    let policy = statements(&key["KeyPolicy"]);
    let decrypt = "kms:Decrypt";
    assert!(allowed(&policy, &in_context(decrypt, "local", "seeds")));
    assert!(!allowed(&policy, &in_context(decrypt, "another", "seeds")));
    for action in ["kms:GenerateDataKey", "kms:Encrypt", "kms:CreateGrant"] {
        let asked = in_context(action, "local", "seeds");
        assert!(!allowed(&policy, &asked), "{action}");
    }
}

#[test]
fn the_tables_own_key_is_used_by_no_function_but_through_dynamodb() {
    for action in ["kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"] {
        let key = "arn:aws:kms:us-east-1:123456789012:key/TableKey";
        assert_eq!(who_may(&Asked::of(action, key)), [""; 0]);
    }
}

#[test]
fn e_mails_are_sent_by_those_who_bring_codes_and_notices_and_from_the_sender_alone() {
    let identity = "arn:aws:ses:us-east-1:123456789012:identity/example.com";
    let from = |sender| Asked::of("ses:SendEmail", identity).with("ses:FromAddress", &[sender]);
    assert_eq!(
        who_may(&from(SENDER)),
        ["token", "send-code", "account", "enroll"]
    );
    assert_eq!(who_may(&from("ceo@example.com")), [""; 0]);
    let mut other = from(SENDER);
    other.resource = identity.replace("example.com", "example.org");
    assert_eq!(who_may(&other), [""; 0]);
}

/// Whether `send-code` may send under this configuration set.
fn may_use_set(stack: &Stack, set: &str, sender: &str) -> bool {
    let set = format!("arn:aws:ses:us-east-1:123456789012:configuration-set/{set}");
    let asked = Asked::of("ses:SendEmail", &set).with("ses:FromAddress", &[sender]);
    may(stack, Function::SendCode, &asked)
}

#[test]
fn e_mails_go_out_under_the_named_set_or_without_one_under_the_set_that_the_identity_has() {
    let named = deployed();
    assert!(may_use_set(&named, "codes", SENDER));
    assert!(!may_use_set(&named, "others", SENDER));
    let required = [("ProductName", "Example"), ("SenderAddress", SENDER)];
    let unnamed = Stack::new("local", &required, &[]);
    assert!(may_use_set(&unnamed, "others", SENDER));
    assert!(!may_use_set(&unnamed, "others", "ceo@example.com"));
}

#[test]
fn text_messages_are_sent_by_those_who_bring_codes_and_topics_by_nobody() {
    let number = Asked::of("sns:Publish", "+15555550100");
    assert_eq!(
        who_may(&number),
        ["token", "send-code", "account", "enroll"]
    );
    for resource in [
        "arn:aws:sns:us-east-1:123456789012:alarms",
        "arn:aws:sns:eu-west-1:210987654321:endpoint/APNS/app/1",
    ] {
        assert_eq!(who_may(&Asked::of("sns:Publish", resource)), [""; 0]);
    }
}

#[test]
fn without_sms_countries_nobody_may_send_text_messages() {
    let required = [("ProductName", "Example"), ("SenderAddress", SENDER)];
    let stack = Stack::new("local", &required, &[]);
    let number = Asked::of("sns:Publish", "+15555550100");
    for function in Function::ALL {
        assert!(!allowed(&policy(&stack, function), &number));
    }
}

#[test]
fn a_log_is_written_by_its_own_function() {
    for function in Function::ALL {
        let group = format!("/aws/lambda/local-{}", function.name());
        let stream = format!("arn:aws:logs:us-east-1:123456789012:log-group:{group}:log-stream:1");
        let asked = Asked::of("logs:PutLogEvents", &stream);
        assert_eq!(who_may(&asked), [function.name()]);
    }
}

#[test]
fn x_ray_is_written_to_only_where_it_is_switched_on() {
    let trace = Asked::of("xray:PutTraceSegments", "*");
    assert_eq!(who_may(&trace), [""; 0]);
    let on = [
        ("ProductName", "Example"),
        ("SenderAddress", SENDER),
        ("Tracing", "Active"),
    ];
    let stack = Stack::new("local", &on, &[]);
    for function in Function::ALL {
        assert!(allowed(&policy(&stack, function), &trace));
    }
}
