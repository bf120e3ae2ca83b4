//! Writes to the table what no route can write: new users and clients, and changed
//! profiles.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use countersign::app::App;
use countersign::domain::accounts::login_name::LoginName;
use countersign::domain::accounts::user::Account;
use countersign::domain::authorization::client::Client;
use countersign::domain::factors::factor::{Channel, Factor, FactorKind, Method};
use countersign::domain::factors::totp::Seed;
use countersign::domain::id::{FactorId, UserId};
use countersign::store::{Created, NewAccount};
use countersign_local::demo;

use super::Service;

impl Service {
    /// Sets one attribute of a user's profile.
    pub async fn set_profile(&self, email: &str, attribute: &str, value: AttributeValue) {
        let user = self.account(email).await.user.id;
        let store = &self.app.store;
        let update = store.dynamodb().update_item().table_name(store.table());
        update
            .key("PK", AttributeValue::S(format!("USER#{user}")))
            .key("SK", AttributeValue::S("PROFILE".to_owned()))
            .update_expression("SET #attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value)
            .send()
            .await
            .unwrap();
    }

    /// Raises a user's epoch, as every change of password, factor or standing does.
    pub async fn raise_epoch(&self, email: &str) {
        let epoch = self.account(email).await.user.epoch + 1;
        let epoch = AttributeValue::N(epoch.to_string());
        self.set_profile(email, "epoch", epoch).await;
    }

    /// Makes a public client like the demo one, with some changes.
    pub async fn add_client(&self, id: &str, change: impl FnOnce(&mut Client)) {
        let known = self.app.store.read_client(demo::CLIENT).await.unwrap();
        let mut client = known.unwrap();
        client.id = id.to_owned();
        change(&mut client);
        self.app.store.put_client(&client).await.unwrap();
    }

    /// Makes a user with the demo password, two-factor on and no factor, with
    /// some changes. Gives the identifier.
    pub async fn add_user(&self, email: &str, change: impl FnOnce(&mut Account)) -> UserId {
        let mut account = self.account(demo::PLAIN_USER).await;
        account.user.id = UserId::random(uuid::Uuid::new_v4().into_bytes());
        account.user.user_name = email.to_owned();
        account.user.email = Some(email.to_owned());
        account.user.two_factor = true;
        account.user.passkey_handle = None;
        account.factors.clear();
        change(&mut account);
        let new = NewAccount {
            account: &account,
            names: &[LoginName::parse(email).unwrap()],
        };
        assert_eq!(
            self.app.store.create_user(new).await.unwrap(),
            Created::Done
        );
        account.user.id
    }

    /// Deletes a user's factors of this kind.
    pub async fn delete_factor(&self, email: &str, method: Method) {
        let account = self.account(email).await;
        let store = &self.app.store;
        for factor in account.factors {
            if factor.method() == method {
                let sort = format!("PROFILE#FACTOR#{}", factor.id);
                let delete = store.dynamodb().delete_item().table_name(store.table());
                delete
                    .key("PK", AttributeValue::S(format!("USER#{}", account.user.id)))
                    .key("SK", AttributeValue::S(sort))
                    .send()
                    .await
                    .unwrap();
            }
        }
    }

    /// Adds a factor to a user.
    pub async fn add_factor(&self, user: UserId, factor: &Factor) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let number = |number: i64| AttributeValue::N(number.to_string());
        let mut item = HashMap::from([
            ("PK".to_owned(), text(&format!("USER#{user}"))),
            (
                "SK".to_owned(),
                text(&format!("PROFILE#FACTOR#{}", factor.id)),
            ),
            ("v".to_owned(), number(1)),
            (
                "confirmed".to_owned(),
                AttributeValue::Bool(factor.confirmed),
            ),
            ("created_at".to_owned(), number(factor.created_at)),
        ]);
        match &factor.kind {
            FactorKind::Totp { seed, .. } => item.extend([
                ("kind".to_owned(), text("totp")),
                (
                    "seed".to_owned(),
                    AttributeValue::B(Blob::new(seed.bytes.clone())),
                ),
                ("seed_key".to_owned(), number(seed.key.into())),
            ]),
            FactorKind::Address { channel, to } => item.extend([
                ("kind".to_owned(), text(channel.name())),
                ("address".to_owned(), text(to)),
            ]),
            FactorKind::Passkey(_) => unreachable!("a ceremony makes a passkey"),
        }
        let store = &self.app.store;
        let put = store.dynamodb().put_item().table_name(store.table());
        put.set_item(Some(item)).send().await.unwrap();
    }

    /// The `mfa_token` of a pending login of this user at the public client.
    pub async fn begin_as(&self, email: &str) -> String {
        self.password_as(email).await.text("mfa_token")
    }

    /// Like `begin_as`. All pending logins of the user then count as having shown the
    /// confirmed address, so they may enrol any factor.
    pub async fn begin_shown(&self, email: &str) -> String {
        let token = self.begin_as(email).await;
        self.address_is_shown(email).await;
        token
    }

    /// Marks each pending login of the user as having shown the user's confirmed
    /// address.
    pub async fn address_is_shown(&self, email: &str) {
        let user = format!("USER#{}", self.account(email).await.user.id);
        let text = |item: &HashMap<String, AttributeValue>, name: &str| {
            item[name].as_s().unwrap().to_owned()
        };
        let items = self.items().await;
        let logins = items.iter().filter(|item| text(item, "PK") == user);
        let logins = logins.map(|item| text(item, "SK"));
        let store = &self.app.store;
        for sort in logins.filter(|sort| sort.starts_with("LOGIN#")) {
            let update = store.dynamodb().update_item().table_name(store.table());
            update
                .key("PK", AttributeValue::S(user.clone()))
                .key("SK", AttributeValue::S(sort))
                .update_expression("SET address_shown = :true")
                .expression_attribute_values(":true", AttributeValue::Bool(true))
                .send()
                .await
                .unwrap();
        }
    }

    /// The password step of this user at the public client.
    pub async fn password_as(&self, email: &str) -> super::Answer {
        let fields = [
            ("grant_type", "password"),
            ("client_id", demo::CLIENT),
            ("username", email),
            ("password", demo::PASSWORD_OF_ALL),
        ];
        self.post_form("/oauth/token", &fields).await
    }
}

/// A new factor that codes are sent to.
pub fn address_factor(channel: Channel, to: &str, confirmed: bool) -> Factor {
    Factor {
        id: FactorId::random(uuid::Uuid::new_v4().into_bytes()),
        kind: FactorKind::Address {
            channel,
            to: to.to_owned(),
        },
        confirmed,
        created_at: super::START,
    }
}

/// A new authenticator app of this user, with a seed in base32.
pub async fn totp_factor(app: &App, user: UserId, seed: &str, confirmed: bool) -> Factor {
    let id = FactorId::random(uuid::Uuid::new_v4().into_bytes());
    let ring = app.keyring.current_ring(app.clock.now()).await.unwrap();
    let seed = Seed::from_base32(seed).unwrap();
    Factor {
        id,
        kind: FactorKind::Totp {
            seed: ring.seal_seed(user, id, &seed).unwrap(),
            last_step: None,
        },
        confirmed,
        created_at: super::START,
    }
}
