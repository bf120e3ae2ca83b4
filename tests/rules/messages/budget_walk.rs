//! The table of messages and budgets in ARCHITECTURE.md, and the check of one of its
//! routes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::demo;

use crate::harness::{Answer, Service};
use crate::tidy::source::read;

/// A number in no account.
pub const NUMBER: &str = "+15555552000";

pub const NOTICE: &str = "notice of a change";
pub const LOCKOUT: &str = "lockout";
pub const LINK: &str = "link that confirms an address";
pub const RESET_TAKEN: &str = "link that resets a password, after a sign-up at a taken address";

/// A line of the table: its routes and its budgets.
struct Line {
    routes: BTreeSet<String>,
    budgets: BTreeSet<String>,
}

/// The table, by message.
fn table() -> BTreeMap<String, Line> {
    let text = read("ARCHITECTURE.md");
    let from = text.split("| message | who can cause it |").nth(1).unwrap();
    let lines = from
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let quoted = |cell: &str| -> BTreeSet<String> {
        let odd = cell.split('`').skip(1).step_by(2);
        odd.map(str::to_owned).collect()
    };
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let line = Line {
                routes: quoted(cells[3]),
                budgets: quoted(cells[4]),
            };
            (cells[1].to_owned(), line)
        })
        .collect()
}

type Items = BTreeMap<String, HashMap<String, AttributeValue>>;

/// The items that messages are charged to.
async fn charged(service: &Service) -> Items {
    let items = service.items().await;
    let keyed = items
        .into_iter()
        .map(|item| (item["PK"].as_s().unwrap().clone(), item));
    keyed
        .filter(|(key, _)| key.starts_with("BUDGET#send#"))
        .collect()
}

/// The budget that an item belongs to, as the table names it.
fn budget_of(key: &str) -> String {
    let row = key.split('#').nth(2).unwrap();
    let row = row.strip_suffix("-first-asks").unwrap_or(row);
    row.strip_suffix("-first-ask").unwrap_or(row).to_owned()
}

/// The messages and routes that were checked.
pub struct Walk {
    table: BTreeMap<String, Line>,
    pub walked: BTreeSet<(String, String)>,
    /// The routes that have sent a code, or a link without a refusal.
    pub sending: BTreeSet<String>,
}

impl Walk {
    /// A walk that has checked nothing yet.
    pub fn of_the_table() -> Self {
        Self {
            table: table(),
            walked: BTreeSet::new(),
            sending: BTreeSet::new(),
        }
    }

    /// Every message of the table with each of its routes.
    pub fn expected(&self) -> BTreeSet<(String, String)> {
        let each = self.table.iter().flat_map(|(message, line)| {
            let routes = line.routes.iter().cloned();
            routes.map(|route| (message.clone(), route))
        });
        each.collect()
    }

    /// Calls one route, which must send this message and charge its budgets.
    pub async fn sends(
        &mut self,
        service: &Service,
        message: &str,
        route: &str,
        request: impl Future<Output = Answer>,
    ) -> Answer {
        let (before, sent) = (charged(service).await, service.messages().len());
        let answer = request.await;
        let now = service.messages().len();
        assert_eq!(now, sent + 1, "{route} sends one {message}: {}", answer.raw);
        let after = charged(service).await;
        let drawn = after
            .iter()
            .filter(|(key, item)| before.get(*key) != Some(*item));
        let drawn: BTreeSet<String> = drawn.map(|(key, _)| budget_of(key)).collect();
        assert_eq!(drawn, self.table[message].budgets, "{route}: {message}");
        let counts = match message {
            NOTICE | LOCKOUT => false,
            LINK | RESET_TAKEN => answer.status < 400,
            _ => true,
        };
        if counts {
            self.sending.insert(route.to_owned());
        }
        self.walked.insert((message.to_owned(), route.to_owned()));
        answer
    }
}

/// An access token of the plain user in ABP's dialect.
pub async fn abp_plain(service: &Service) -> String {
    let fields = [
        ("grant_type", "password"),
        ("client_id", demo::ABP_CLIENT),
        ("scope", demo::ABP_SCOPE),
        ("username", demo::PLAIN_USER),
        ("password", demo::PASSWORD_OF_ALL),
    ];
    let answer = service.post_form("/connect/token", &fields).await;
    answer.text("access_token")
}
