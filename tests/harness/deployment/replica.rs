//! Another region: the same service over a replica of the table.

use countersign::routes::Function;
use countersign::routes::router::router;
use countersign_local::storage::database::{Database, create_table, sdk_config};

use crate::harness::Service;
use crate::harness::cold_start::app;
use crate::harness::log::Secrets;

impl Service {
    /// The service in another region, over an empty replica of the table. KMS, SES, SNS and
    /// the clock are those of the first region.
    pub async fn other_region(&self) -> Self {
        let database = Database::open(None).unwrap();
        let client = aws_sdk_dynamodb::Client::new(&sdk_config(database.endpoint()));
        create_table(&client, self.app.store.table()).await.unwrap();
        let app = app(&self.settings, database.endpoint(), &self.others, &self.now);
        Self {
            router: router(&app, &Function::ALL.map(Function::slice)),
            app,
            now: self.now.clone(),
            inbox: self.inbox.clone(),
            secrets: Secrets::watch(),
            dynamodb: database.endpoint().to_owned(),
            others: self.others.clone(),
            settings: self.settings.clone(),
            _database: Some(database),
            _stand_in: self._stand_in.clone(),
        }
    }

    /// Replicates every item to the other region, as a global table does some time after
    /// each write. The last writer wins.
    pub async fn replicate_to(&self, other: &Self) {
        for item in self.items().await {
            let store = &other.app.store;
            let put = store.dynamodb().put_item().table_name(store.table());
            put.set_item(Some(item)).send().await.unwrap();
        }
    }
}
