//! IAM's decision: a policy's statements, a request's action, resource and context, and
//! the rule that everything is denied unless a statement allows it.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a request asks IAM to allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// `dynamodb:GetItem` …
    pub action: String,
    /// The resource's ARN, or a text in its place.
    pub resource: String,
    /// The context keys of the request with their values.
    pub context: BTreeMap<String, Vec<String>>,
}

impl Asked {
    /// A request without context.
    pub fn of(action: &str, resource: &str) -> Self {
        Self {
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: BTreeMap::new(),
        }
    }

    /// The request with this context key too.
    pub fn with(mut self, key: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.context.insert(key.to_owned(), values);
        self
    }
}

/// One statement of a policy.
#[derive(Clone, Debug)]
pub struct Statement {
    pub sid: String,
    /// Whether the statement allows. Otherwise it denies.
    pub allows: bool,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    pub conditions: Vec<Condition>,
}

/// One condition of a statement.
#[derive(Clone, Debug)]
pub struct Condition {
    pub operator: String,
    /// The key of the context that the condition reads.
    pub key: String,
    /// The values that the condition allows.
    pub values: Vec<String>,
}

/// One value, or a list of them.
fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| {
        value
            .as_str()
            .unwrap_or_else(|| panic!("{value}"))
            .to_owned()
    };
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// The statements of a policy document.
pub fn statements(document: &Value) -> Vec<Statement> {
    assert_eq!(document["Version"], "2012-10-17");
    let all = document["Statement"].as_array().unwrap();
    all.iter().map(statement).collect()
}

fn statement(value: &Value) -> Statement {
    for name in value.as_object().unwrap().keys() {
        let known = [
            "Sid",
            "Effect",
            "Principal",
            "Action",
            "Resource",
            "Condition",
        ];
        assert!(known.contains(&name.as_str()), "{name} is not read here");
    }
    let mut conditions = Vec::new();
    for (operator, keys) in value["Condition"].as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().unwrap() {
            conditions.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: texts(values),
            });
        }
    }
    Statement {
        sid: value["Sid"].as_str().unwrap().to_owned(),
        allows: match value["Effect"].as_str().unwrap() {
            "Allow" => true,
            "Deny" => false,
            other => panic!("the effect {other}"),
        },
        actions: texts(&value["Action"]),
        resources: texts(&value["Resource"]),
        conditions,
    }
}

/// Whether a text matches a pattern in which `*` is any text and `?` any one
/// character.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            matches(rest, text)
                || text
                    .split_first()
                    .is_some_and(|(_, less)| matches(pattern, less))
        }
        (Some((b'?', pattern)), Some((_, text))) => matches(pattern, text),
        (Some((one, pattern)), Some((other, text))) if one == other => matches(pattern, text),
        _ => false,
    }
}

fn like(pattern: &str, text: &str) -> bool {
    matches(pattern.as_bytes(), text.as_bytes())
}

/// Whether one condition holds.
fn holds(condition: &Condition, asked: &Asked) -> bool {
    let wanted = &condition.values;
    let present = asked
        .context
        .get(&condition.key)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let any = |compare: fn(&str, &str) -> bool, value: &String| {
        wanted.iter().any(|wanted| compare(wanted, value))
    };
    let equal: fn(&str, &str) -> bool = |wanted, value| wanted == value;
    match condition.operator.as_str() {
        // True if there is no value at all. This is the pitfall of `ForAllValues`.
        "ForAllValues:StringEquals" => present.iter().all(|value| any(equal, value)),
        "ForAllValues:StringLike" => present.iter().all(|value| any(like, value)),
        "StringEquals" => matches!(present, [value] if any(equal, value)),
        "Null" => {
            let [wanted] = wanted.as_slice() else {
                panic!("Null takes one value")
            };
            present.is_empty() == (wanted == "true")
        }
        operator => panic!("the operator {operator} is not known here"),
    }
}

impl Statement {
    fn speaks_of(&self, asked: &Asked) -> bool {
        let action = asked.action.to_ascii_lowercase();
        self.actions
            .iter()
            .any(|known| like(&known.to_ascii_lowercase(), &action))
            && self
                .resources
                .iter()
                .any(|known| like(known, &asked.resource))
            && self
                .conditions
                .iter()
                .all(|condition| holds(condition, asked))
    }
}

/// Whether these statements allow the request: one allows it and none denies it.
pub fn allowed(statements: &[Statement], asked: &Asked) -> bool {
    let mut speaking = statements
        .iter()
        .filter(|statement| statement.speaks_of(asked))
        .peekable();
    speaking.peek().is_some() && speaking.all(|statement| statement.allows)
}

/// Every policy without one part of this policy: an action, a resource, or a value that
/// a condition accepts. Each comes with the name of the missing part.
pub fn lessened(statements: &[Statement]) -> Vec<(String, Vec<Statement>)> {
    let mut all = Vec::new();
    for (at, statement) in statements.iter().enumerate().filter(|(_, one)| one.allows) {
        let mut without = |what: &str, change: &dyn Fn(&mut Statement)| {
            let mut less = statements.to_vec();
            change(&mut less[at]);
            all.push((format!("{what} in {}", statement.sid), less));
        };
        for action in &statement.actions {
            without(action, &|less| less.actions.retain(|known| known != action));
        }
        for resource in &statement.resources {
            without(resource, &|less| {
                less.resources.retain(|known| known != resource)
            });
        }
        for (which, condition) in statement.conditions.iter().enumerate() {
            let Condition {
                operator,
                key,
                values,
            } = condition;
            for value in values.iter().filter(|_| operator != "Null") {
                without(&format!("{key} {value}"), &|less| {
                    less.conditions[which].values.retain(|known| known != value);
                });
            }
        }
    }
    all
}

#[test]
fn what_nothing_allows_is_denied_and_a_deny_wins() {
    let policy = statements(&serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Sid": "A", "Effect": "Allow", "Action": "sns:*", "Resource": "*" },
            { "Sid": "D", "Effect": "Deny", "Action": "sns:publish", "Resource": "arn:aws:sns:*:*:*" },
        ],
    }));
    assert!(allowed(&policy, &Asked::of("sns:Publish", "+15555550100")));
    assert!(!allowed(
        &policy,
        &Asked::of("sns:Publish", "arn:aws:sns:us-east-1:1:topic")
    ));
    assert!(!allowed(&policy, &Asked::of("ses:SendEmail", "x")));
}

#[test]
fn for_all_values_holds_for_no_value_unless_null_is_refused_beside_it() {
    let policy = |conditions: Value| {
        statements(&serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{ "Sid": "A", "Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": conditions }],
        }))
    };
    let keys = serde_json::json!({ "k": ["USER#*"] });
    let open = policy(serde_json::json!({ "ForAllValues:StringLike": keys }));
    let closed =
        policy(serde_json::json!({ "ForAllValues:StringLike": keys, "Null": { "k": "false" } }));
    let asked = Asked::of("a:b", "x");
    assert!(allowed(&open, &asked) && !allowed(&closed, &asked));
    let users = asked.clone().with("k", &["USER#1", "USER#2"]);
    assert!(allowed(&closed, &users));
    let another = asked.with("k", &["USER#1", "KEYS"]);
    assert!(!allowed(&open, &another));
}
