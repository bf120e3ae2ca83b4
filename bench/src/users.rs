//! The users that sign in. An app's code works once for a user, and a mailbox gets a
//! limited number of codes, so every login takes the next user.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use countersign_domain::factors::totp::{STEP_SECONDS, Seed};
use serde_json::{Value, json};

use crate::stopwatch::seconds_since_1970;

pub const PASSWORD: &str = "violet kettle 42";
pub const CLIENT: &str = "bench";
pub const AUDIENCE: &str = "https://api.example.com";

/// Users with an authenticator app, and as many with a mailbox and with a phone.
pub struct Users {
    apps: usize,
    others: usize,
    next_app: AtomicUsize,
    next_mailbox: AtomicUsize,
    next_phone: AtomicUsize,
    /// The last step of the app whose code each user may have shown.
    used: Mutex<Vec<u64>>,
}

/// A factor and its user's number.
#[derive(Clone, Copy)]
pub enum User {
    App(usize),
    Mailbox(usize),
    Phone(usize),
}

impl User {
    pub fn name(self) -> String {
        match self {
            Self::App(number) => format!("app{number}@example.com"),
            Self::Mailbox(number) => format!("mailbox{number}@example.com"),
            Self::Phone(number) => format!("phone{number}@example.com"),
        }
    }

    /// A network of the user's own, as the source address of an event.
    pub fn address(self) -> String {
        let (kind, number) = match self {
            Self::App(number) => (1, number),
            Self::Mailbox(number) => (2, number),
            Self::Phone(number) => (3, number),
        };
        format!("10.{kind}.{}.{}", number / 250, number % 250 + 1)
    }
}

fn seed(number: usize) -> Seed {
    let mut bytes = [0x5a; 20];
    for (byte, own) in bytes.iter_mut().zip(number.to_be_bytes()) {
        *byte ^= own;
    }
    Seed::new(bytes.to_vec())
}

/// The code that the user's app shows now.
pub fn code_of(number: usize) -> String {
    seed(number).code(step()).expose().to_owned()
}

/// The step of the app's codes now.
fn step() -> u64 {
    seconds_since_1970() / STEP_SECONDS.unsigned_abs()
}

impl Users {
    pub fn planned(apps: usize, others: usize) -> Self {
        Self {
            apps,
            others,
            next_app: AtomicUsize::new(0),
            next_mailbox: AtomicUsize::new(0),
            next_phone: AtomicUsize::new(0),
            used: Mutex::new(vec![0; apps]),
        }
    }

    /// The next user with an app. A user comes again only after all others, and waits for
    /// the next code of the app.
    pub fn app(&self) -> User {
        let number = self.next_app.fetch_add(1, Ordering::Relaxed) % self.apps;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(used) = used.get_mut(number) {
            while *used >= step() {
                std::thread::sleep(Duration::from_millis(100));
            }
            // The login may show its code only in the next step.
            *used = step() + 1;
        }
        User::App(number)
    }

    pub fn mailbox(&self) -> User {
        User::Mailbox(self.next_mailbox.fetch_add(1, Ordering::Relaxed) % self.others)
    }

    pub fn phone(&self) -> User {
        User::Phone(self.next_phone.fetch_add(1, Ordering::Relaxed) % self.others)
    }

    /// The file for `cargo local --seed`.
    pub fn seed(&self) -> Value {
        let user = |user: User, factor: Value, phone: Option<&str>| {
            json!({ "email": user.name(), "password": PASSWORD, "phone": phone,
                "factors": [factor] })
        };
        let apps = (0..self.apps).map(|number| {
            let shown = seed(number).to_base32();
            user(User::App(number), json!({ "totp": shown.expose() }), None)
        });
        let mailboxes = (0..self.others).map(|number| {
            let name = User::Mailbox(number).name();
            user(User::Mailbox(number), json!({ "email": name }), None)
        });
        let phones = (0..self.others).map(|number| {
            let phone = format!("+1555555{number:04}");
            user(User::Phone(number), json!({ "sms": phone }), Some(&phone))
        });
        json!({
            "clients": [{ "id": CLIENT, "scopes": ["offline_access"], "audiences": [AUDIENCE] }],
            "users": apps.chain(mailboxes).chain(phones).collect::<Vec<_>>(),
        })
    }
}
