//! The conditions of an action, one by one. The caller has read the action before
//! something changed.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign::domain::accounts::action::{Action, ActionKind, NewAction};
use countersign::domain::factors::factor::Channel;
use countersign::domain::id::ActionId;
use countersign::domain::login::throttle::Budget;
use countersign::domain::messages::payers::{Bill, FirstAsks, Limit, Payer, Row};
use countersign::store::Spend;
use countersign_local::demo;

use crate::harness::Service;

/// The bill of a message that one destination pays for.
fn bill() -> Bill {
    let budget = Budget {
        burst: 10,
        interval: 360,
    };
    let payer = Payer {
        row: Row::Confirmed(Channel::Email),
        limit: Limit::Steady {
            budget,
            cool_down: true,
        },
        who: uuid::Uuid::new_v4().to_string(),
    };
    Bill {
        payers: vec![payer],
        ceilings: Vec::new(),
        asker: "network".to_owned(),
        first_asks: FirstAsks::OfAll,
        recipient: None,
    }
}

/// A confirmation of the demo user's address, begun.
async fn begun(service: &Service) -> Action {
    let user = service.account(demo::USER).await.user;
    let id = ActionId::at(service.now(), [7; 10]);
    let kind = ActionKind::ConfirmEmail;
    let action = Action::begin(id, &user, kind, 1, service.now()).unwrap();
    let store = &service.app.store;
    let bill = bill();
    let begun = store.begin_action(&action, NewAction::Alone, &bill, service.now());
    begun.await.unwrap();
    action
}

async fn spent(service: &Service, action: &Action) -> bool {
    let spend = Spend::Confirm;
    let spent = service
        .app
        .store
        .spend_action(action, &spend, service.now());
    spent.await.unwrap()
}

#[tokio::test]
async fn an_action_is_spent_once() {
    let service = Service::start().await;
    let action = begun(&service).await;
    assert!(spent(&service, &action).await);
    assert!(!spent(&service, &action).await);
}

#[tokio::test]
async fn an_action_is_not_spent_past_its_time() {
    let service = Service::start().await;
    let action = begun(&service).await;
    service.advance(86_399);
    let other = Action {
        expires_at: i64::MAX,
        ..action.clone()
    };
    assert!(spent(&service, &other).await);
    let service = Service::start().await;
    let action = begun(&service).await;
    service.advance(86_400);
    // The stored action decides, and not what the caller has read.
    let other = Action {
        expires_at: i64::MAX,
        ..action
    };
    assert!(!spent(&service, &other).await);
}

#[tokio::test]
async fn an_action_is_not_spent_as_another_kind_for_another_user_or_address() {
    let service = Service::start().await;
    let action = begun(&service).await;
    let other = service.account(demo::PLAIN_USER).await.user;
    for wrong in [
        Action {
            kind: ActionKind::ResetPassword,
            ..action.clone()
        },
        Action {
            user: other.id,
            address: demo::PLAIN_USER.into(),
            ..action.clone()
        },
        Action {
            address: "other@example.net".into(),
            ..action.clone()
        },
        Action {
            epoch: action.epoch + 1,
            ..action.clone()
        },
        Action {
            id: ActionId::at(service.now(), [8; 10]),
            ..action.clone()
        },
    ] {
        assert!(!spent(&service, &wrong).await, "{wrong:?}");
    }
    assert!(spent(&service, &action).await);
}

#[tokio::test]
async fn an_action_is_not_spent_after_its_user_has_changed() {
    for (attribute, value) in [
        ("email", AttributeValue::S("other@example.net".into())),
        ("epoch", AttributeValue::N("2".into())),
        ("active", AttributeValue::Bool(false)),
    ] {
        let service = Service::start().await;
        let action = begun(&service).await;
        service.set_profile(demo::USER, attribute, value).await;
        assert!(!spent(&service, &action).await, "{attribute}");
    }
}

#[tokio::test]
async fn an_action_that_is_taken_back_is_gone_and_its_send_was_free() {
    let service = Service::start().await;
    let user = service.account(demo::USER).await.user;
    let id = ActionId::at(service.now(), [7; 10]);
    let kind = ActionKind::ConfirmEmail;
    let action = Action::begin(id, &user, kind, 1, service.now()).unwrap();
    let (store, bill) = (&service.app.store, bill());
    for _ in 0..12 {
        let begun = store.begin_action(&action, NewAction::Alone, &bill, service.now());
        let begun = begun.await.unwrap();
        store.take_action_back(&action, &begun).await.unwrap();
    }
    assert!(!spent(&service, &action).await);
}

#[tokio::test]
async fn a_confirmation_that_was_replaced_after_it_was_read_is_not_spent_and_a_later_one_is() {
    let service = Service::start().await;
    let (store, bill) = (&service.app.store, bill());
    let earlier = begun(&service).await;
    service.advance(40);
    let user = service.account(demo::USER).await.user;
    let (id, kind) = (
        ActionId::at(service.now(), [8; 10]),
        ActionKind::ResetPassword,
    );
    let reset = Action::begin(id, &user, kind, 1, service.now()).unwrap();
    let new = NewAction::ReplacingConfirmations;
    let replacing = store.begin_action(&reset, new, &bill, service.now());
    replacing.await.unwrap();
    assert!(!spent(&service, &earlier).await);
    // Within the same second, nobody can tell which came first.
    assert!(!spent(&service, &begun(&service).await).await);
    let items = service.items().await;
    let partition = format!("ACTION#replaced#{}", user.id);
    let item = items
        .iter()
        .find(|item| item["PK"].as_s() == Ok(&partition));
    let kept: i64 = item.unwrap()["ttl"].as_n().unwrap().parse().unwrap();
    assert!(kept >= service.now() + 86_400, "as long as the links live");
    service.advance(1);
    assert!(spent(&service, &begun(&service).await).await);
}
