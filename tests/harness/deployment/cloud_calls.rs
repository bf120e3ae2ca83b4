//! Reads from an HTTP request to AWS what the request asks of IAM.

use serde_json::Value;

use super::iam::Asked;
use crate::harness::proxy::Call;

const ACCOUNT: &str = "us-east-1:123456789012";

/// The address that may receive e-mails in the sandbox: the demo user's.
pub const SANDBOX_RECIPIENT: &str = countersign_local::demo::USER;

const LEADING_KEYS: &str = "dynamodb:LeadingKeys";

/// What this request asks of IAM. There are several entries if the request has several
/// parts, or if AWS may check it in more than one way. All of them must be allowed.
pub fn asked(call: &Call) -> Vec<Asked> {
    if let Some(operation) = call.operation.strip_prefix("DynamoDB_20120810.") {
        return dynamodb(operation, &json(call));
    }
    if let Some(operation) = call.operation.strip_prefix("TrentService.") {
        return vec![kms(operation, &json(call))];
    }
    if call.operation == "AWSEvents.PutEvents" {
        return put_events(&json(call));
    }
    match call.operation.as_str() {
        "/v2/email/outbound-emails" => ses(&json(call)),
        "/v2/email/account" => vec![Asked::of("ses:GetAccount", "*")],
        "/" => vec![sns(&call.body)],
        other => match other.strip_prefix("/v2/email/identities/") {
            Some(identity) => {
                let identity = identity.replace("%40", "@");
                let resource = format!("arn:aws:ses:{ACCOUNT}:identity/{identity}");
                vec![Asked::of("ses:GetEmailIdentity", &resource)]
            }
            None => match other.strip_prefix("/v2/email/configuration-sets/") {
                Some(set) => {
                    let resource = format!("arn:aws:ses:{ACCOUNT}:configuration-set/{set}");
                    vec![Asked::of("ses:GetConfigurationSet", &resource)]
                }
                None => panic!("{other} is not known here"),
            },
        },
    }
}

fn json(call: &Call) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The partition key of an item or key.
fn partition(attributes: &Value) -> String {
    text(&attributes["PK"]["S"]).to_owned()
}

fn on_table(operation: &str, table: &str, keys: &[String]) -> Asked {
    let resource = format!("arn:aws:dynamodb:{ACCOUNT}:table/{table}");
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let asked = Asked::of(&format!("dynamodb:{operation}"), &resource);
    if keys.is_empty() {
        asked
    } else {
        asked.with(LEADING_KEYS, &keys)
    }
}

fn dynamodb(operation: &str, body: &Value) -> Vec<Asked> {
    let keys = match operation {
        "GetItem" | "UpdateItem" | "DeleteItem" => vec![partition(&body["Key"])],
        "PutItem" => vec![partition(&body["Item"])],
        "Query" => vec![queried(body)],
        "Scan" | "DescribeTable" | "DescribeContinuousBackups" | "DescribeTimeToLive" => Vec::new(),
        "BatchGetItem" => {
            let (table, asked) = only(&body["RequestItems"]);
            let keys = asked["Keys"].as_array().unwrap().iter().map(partition);
            return vec![on_table(operation, table, &keys.collect::<Vec<_>>())];
        }
        "BatchWriteItem" => {
            let (table, writes) = only(&body["RequestItems"]);
            let key = |write: &Value| match &write["PutRequest"] {
                Value::Null => partition(&write["DeleteRequest"]["Key"]),
                put => partition(&put["Item"]),
            };
            let keys = writes.as_array().unwrap().iter().map(key);
            return vec![on_table(operation, table, &keys.collect::<Vec<_>>())];
        }
        "TransactWriteItems" => return transaction(body),
        other => panic!("DynamoDB's {other} is not known here"),
    };
    vec![on_table(operation, text(&body["TableName"]), &keys)]
}

/// The one member of an object.
fn only(object: &Value) -> (&str, &Value) {
    let mut members = object.as_object().unwrap().iter();
    let (name, value) = members.next().unwrap();
    assert!(members.next().is_none(), "more than one table");
    (name, value)
}

/// The partition that a query reads: `PK = :name …`.
fn queried(body: &Value) -> String {
    let condition = text(&body["KeyConditionExpression"]);
    let rest = condition.strip_prefix("PK = ").unwrap();
    let name = rest.split(' ').next().unwrap();
    text(&body["ExpressionAttributeValues"][name]["S"]).to_owned()
}

/// One part of a transaction.
struct Part<'a> {
    operation: &'static str,
    table: &'a str,
    /// The partition of the item.
    key: String,
}

/// Each part, in both ways in which AWS may check it: by its own key, and by the keys
/// of the whole transaction.
fn transaction(body: &Value) -> Vec<Asked> {
    let parts: Vec<Part> = body["TransactItems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            let (kind, part) = part.as_object().unwrap().iter().next().unwrap();
            let (operation, key) = match kind.as_str() {
                "Put" => ("PutItem", &part["Item"]),
                "Update" => ("UpdateItem", &part["Key"]),
                "Delete" => ("DeleteItem", &part["Key"]),
                "ConditionCheck" => ("ConditionCheckItem", &part["Key"]),
                other => panic!("a part {other}"),
            };
            Part {
                operation,
                table: text(&part["TableName"]),
                key: partition(key),
            }
        })
        .collect();
    let all: Vec<String> = parts.iter().map(|part| part.key.clone()).collect();
    let both = |part: &Part| {
        [
            on_table(part.operation, part.table, std::slice::from_ref(&part.key)),
            on_table(part.operation, part.table, &all),
        ]
    };
    parts.iter().flat_map(both).collect()
}

fn kms(operation: &str, body: &Value) -> Asked {
    let mut asked = Asked::of(&format!("kms:{operation}"), text(&body["KeyId"]));
    for (name, value) in body["EncryptionContext"].as_object().into_iter().flatten() {
        asked = asked.with(&format!("kms:EncryptionContext:{name}"), &[text(value)]);
    }
    asked
}

/// EventBridge asks for a right to the bus of each entry.
fn put_events(body: &Value) -> Vec<Asked> {
    let entries = body["Entries"].as_array().unwrap().iter();
    let bus = |entry: &Value| {
        let name = text(&entry["EventBusName"]);
        Asked::of(
            "events:PutEvents",
            &format!("arn:aws:events:{ACCOUNT}:event-bus/{name}"),
        )
    };
    entries.map(bus).collect()
}

/// SES asks for a right to the sender's identity, which is the address or its
/// domain, whichever is verified, to the configuration set, and in the sandbox
/// to the identity of the recipient, which must be verified there.
fn ses(body: &Value) -> Vec<Asked> {
    let from = text(&body["FromEmailAddress"]);
    let address = match from.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap(),
        None => from,
    };
    let domain = address.split_once('@').unwrap().1;
    let to = text(&body["Destination"]["ToAddresses"][0]);
    let mut resources = vec![format!("identity/{address}"), format!("identity/{domain}")];
    if to == SANDBOX_RECIPIENT {
        resources.push(format!("identity/{to}"));
    }
    if let Some(set) = body["ConfigurationSetName"].as_str() {
        resources.push(format!("configuration-set/{set}"));
    }
    let asked = |resource: String| {
        Asked::of(
            "ses:SendEmail",
            &format!("arn:aws:ses:{ACCOUNT}:{resource}"),
        )
        .with("ses:FromAddress", &[address])
    };
    resources.into_iter().map(asked).collect()
}

/// A phone number has no ARN, so the number itself is the resource.
fn sns(body: &[u8]) -> Asked {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| {
        fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    };
    let action = field("Action").unwrap();
    match action.as_str() {
        "Publish" => {}
        "DescribeStacks" => {
            let stack = field("StackName").unwrap();
            let resource = format!("arn:aws:cloudformation:{ACCOUNT}:stack/{stack}/1");
            return Asked::of("cloudformation:DescribeStacks", &resource);
        }
        "ListSubscriptionsByTopic" => {
            return Asked::of("sns:ListSubscriptionsByTopic", field("TopicArn").unwrap());
        }
        _ => return Asked::of(&format!("sns:{action}"), "*"),
    }
    let to = field("PhoneNumber")
        .or(field("TopicArn"))
        .or(field("TargetArn"));
    Asked::of("sns:Publish", to.unwrap())
}
