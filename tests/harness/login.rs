//! The requests of the demo user's logins, one method each.

use countersign_local::demo;
use serde_json::json;

use super::{Answer, Service};

impl Service {
    /// The password step of the demo user at the public client.
    pub async fn password(&self, scope: &str) -> Answer {
        self.post_form(
            "/oauth/token",
            &[
                ("grant_type", "password"),
                ("client_id", demo::CLIENT),
                ("username", demo::USER),
                ("password", demo::PASSWORD_OF_ALL),
                ("audience", demo::AUDIENCE),
                ("scope", scope),
            ],
        )
        .await
    }

    /// The password step of this user at the public client, without an audience.
    pub async fn password_of(&self, name: &str, password: &str) -> Answer {
        self.password_at(demo::CLIENT, None, name, password).await
    }

    /// The password step of this user at this client, with the client's secret if it
    /// has one.
    pub async fn password_at(
        &self,
        client: &str,
        secret: Option<&str>,
        name: &str,
        password: &str,
    ) -> Answer {
        let mut fields = vec![
            ("grant_type", "password"),
            ("client_id", client),
            ("username", name),
            ("password", password),
            ("scope", "openid offline_access"),
        ];
        fields.extend(secret.map(|secret| ("client_secret", secret)));
        self.post_form("/oauth/token", &fields).await
    }

    /// A pending login of the demo user: its `mfa_token`.
    pub async fn begin(&self) -> String {
        self.password("openid profile email phone read:sample offline_access")
            .await
            .text("mfa_token")
    }

    /// The `authenticator_id` of the demo user's factor of this kind: `totp`,
    /// `sms`, `email` or `recovery-code`.
    pub async fn authenticator(&self, mfa_token: &str, kind: &str) -> String {
        let listed = self.get("/mfa/authenticators", Some(mfa_token)).await;
        let ids = listed
            .body
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap());
        ids.into_iter()
            .find(|id| id.starts_with(&format!("{kind}|")))
            .unwrap()
            .to_owned()
    }

    /// `POST /mfa/challenge` for one channel.
    pub async fn challenge(&self, mfa_token: &str, channel: &str) -> Answer {
        self.post_json(
            "/mfa/challenge",
            &json!({
                "mfa_token": mfa_token,
                "client_id": demo::CLIENT,
                "challenge_type": "oob",
                "oob_channel": channel,
            }),
        )
        .await
    }

    /// The `mfa-otp` grant.
    pub async fn redeem_otp(&self, mfa_token: &str, code: &str) -> Answer {
        self.grant("mfa-otp", &[("mfa_token", mfa_token), ("otp", code)])
            .await
    }

    /// The `mfa-oob` grant.
    pub async fn redeem_oob(&self, mfa_token: &str, oob_code: &str, code: &str) -> Answer {
        let fields = [
            ("mfa_token", mfa_token),
            ("oob_code", oob_code),
            ("binding_code", code),
        ];
        self.grant("mfa-oob", &fields).await
    }

    /// The `mfa-recovery-code` grant.
    pub async fn redeem_recovery(&self, mfa_token: &str, code: &str) -> Answer {
        let fields = [("mfa_token", mfa_token), ("recovery_code", code)];
        self.grant("mfa-recovery-code", &fields).await
    }

    /// `POST /mfa/verify`.
    pub async fn verify(&self, mfa_token: &str, code: &str) -> Answer {
        let body = json!({ "mfa_token": mfa_token, "client_id": demo::CLIENT, "code": code });
        self.post_json("/mfa/verify", &body).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", demo::CLIENT),
            ("refresh_token", token),
        ];
        self.post_form("/oauth/token", &fields).await
    }

    /// An MFA grant of the public client.
    pub async fn grant(&self, grant: &str, fields: &[(&str, &str)]) -> Answer {
        let grant = format!("http://auth0.com/oauth/grant-type/{grant}");
        let mut all = vec![("grant_type", grant.as_str()), ("client_id", demo::CLIENT)];
        all.extend_from_slice(fields);
        self.post_form("/oauth/token", &all).await
    }

    /// Deletes the items whose partition key begins with this.
    pub async fn delete_items(&self, prefix: &str) {
        let store = &self.app.store;
        for mut item in self.items().await {
            let (Some(partition), Some(sort)) = (item.remove("PK"), item.remove("SK")) else {
                continue;
            };
            if partition.as_s().unwrap().starts_with(prefix) {
                let delete = store.dynamodb().delete_item().table_name(store.table());
                let delete = delete.key("PK", partition).key("SK", sort);
                delete.send().await.unwrap();
            }
        }
    }

    /// Deletes everything: a table as a deployment finds it.
    pub async fn empty_table(&self) {
        self.delete_items("").await;
    }

    /// Guesses wrong until no guess is compared any more. Returns how many were compared.
    pub async fn wrong_guesses_left(&self) -> usize {
        let token = self.begin().await;
        let mut compared = 0;
        loop {
            let answer = self
                .redeem_recovery(&token, "WRONGWRONGWRONGWRONGWRON")
                .await;
            match answer.status {
                403 => compared += 1,
                429 => return compared,
                _ => panic!("{} {}", answer.status, answer.raw),
            }
        }
    }
}
