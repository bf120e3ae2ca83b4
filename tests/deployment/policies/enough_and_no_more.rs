//! The template's policies are sufficient and minimal: a function's policy allows every
//! request of the function to AWS, and without any part of the policy, a request is
//! denied.

use countersign::routes::Function;

use crate::deployment::policies::stories::everything;
use crate::harness::deployment::cloud::{policy, stack};
use crate::harness::deployment::iam::{Asked, allowed, lessened, statements};
use crate::harness::deployment::template::Stack;

/// Whether the function may make this request: its role's policy allows it, and for a
/// KMS key, the key's own policy does too.
pub fn may(stack: &Stack, function: Function, asked: &Asked) -> bool {
    let by_key = match asked.resource.rsplit_once(":key/") {
        None => true,
        Some((_, key)) => {
            let properties = stack.properties(key);
            allowed(&statements(&properties["KeyPolicy"]), asked)
        }
    };
    by_key && allowed(&policy(stack, function), asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_policy_allows_what_its_function_asks_and_nothing_can_be_taken_out_of_it() {
    let (cloud, all) = everything().await;
    let mut wrong = Vec::new();
    for (function, asked) in all {
        let name = function.name();
        assert!(asked.len() > 5, "{name} asked {asked:?}");
        let refused = asked.iter().filter(|one| !may(&cloud.stack, function, one));
        wrong.extend(refused.map(|one| format!("{name} may not: {one:?}")));
        for (lacks, policy) in lessened(&policy(&cloud.stack, function)) {
            if asked.iter().all(|one| allowed(&policy, one)) {
                wrong.push(format!("{name} does not need {lacks}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_action_of_a_policy_is_a_pattern_and_only_text_messages_have_every_resource() {
    let stack = stack("table");
    for function in Function::ALL {
        for statement in policy(&stack, function).iter().filter(|one| one.allows) {
            for action in &statement.actions {
                assert!(!action.contains('*'), "{action}");
            }
            let everywhere = statement.resources.iter().any(|resource| resource == "*");
            assert_eq!(
                everywhere,
                statement.sid == "SendTextMessages",
                "{}",
                statement.sid
            );
        }
    }
}
