//! A year of key rotations by the clock: nobody is signed out, and no code is lost.

use countersign::app::App;
use countersign::routes::Function;
use countersign::wire::task::carry_out_rotation;
use countersign_local::demo;

use crate::harness::Service;
use crate::operate::upkeep::keys::{DAY, KINDS, retired, states};
use crate::rules::keys::rotation::{ES256, check, key_set};

/// What is rotated at once: each kind alone, each two, and all.
fn sets() -> Vec<Vec<&'static str>> {
    let mut sets: Vec<Vec<&str>> = KINDS.map(|kind| vec![kind]).to_vec();
    for (at, one) in KINDS.iter().enumerate() {
        sets.extend(KINDS[at + 1..].iter().map(|other| vec![*one, *other]));
    }
    sets.push(KINDS.to_vec());
    sets
}

async fn rotate(service: &Service, kinds: &[&str]) {
    let command = [&["keys", "rotate"][..], kinds].concat();
    service.operated(&command).await;
}

/// The steps of a login, each of which takes what the step before it left.
#[derive(Default)]
struct Story {
    /// How the second factor is shown.
    factor: &'static str,
    token: String,
    oob: String,
    code: String,
    access: String,
    refresh: String,
}

const STEPS: usize = 6;

impl Story {
    async fn step(&mut self, service: &Service, number: usize) {
        match number {
            0 => self.token = service.begin().await,
            1 if self.factor == "app" => {}
            1 => {
                let sent = service.challenge(&self.token, self.factor).await;
                assert_eq!(sent.status, 200, "{}", sent.raw);
                self.oob = sent.text("oob_code");
                self.code = service.newest_code();
            }
            2 => {
                // The code that an app shows belongs to this half minute.
                if self.factor == "app" {
                    self.code = service.totp();
                }
                let verified = service.verify(&self.token, &self.code).await;
                assert_eq!(verified.status, 200, "{}", verified.raw);
            }
            3 => {
                let redeemed = match self.factor {
                    "app" => service.redeem_otp(&self.token, &self.code).await,
                    _ => service.redeem_oob(&self.token, &self.oob, &self.code).await,
                };
                assert_eq!(redeemed.status, 200, "{}", redeemed.raw);
                self.access = redeemed.text("access_token");
                self.refresh = redeemed.text("refresh_token");
            }
            4 => {
                let shown = service.get("/userinfo", Some(&self.access)).await;
                assert_eq!(shown.status, 200, "{}", shown.raw);
                check(&key_set(service).await, &self.access, demo::AUDIENCE);
            }
            _ => {
                let refreshed = service.refresh(&self.refresh).await;
                assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
            }
        }
    }
}

#[tokio::test]
async fn keys_that_are_made_between_any_two_steps_of_a_login_lose_no_code() {
    let mut service = Service::start_with(&[ES256]).await;
    for kinds in sets() {
        for before in 1..STEPS {
            let factor = ["email", "app", "sms"][before % 3];
            let mut story = Story {
                factor,
                ..Story::default()
            };
            for number in 0..STEPS {
                if number == before {
                    rotate(&service, &kinds).await;
                    // Another instance serves the rest, and knows the new keys.
                    service.take(service.restarted());
                }
                story.step(&service, number).await;
            }
            // The new keys come into use before the next are made, and the
            // budgets of messages refill.
            service.advance(2 * DAY);
        }
    }
}

#[tokio::test]
async fn keys_that_come_into_use_between_any_two_steps_of_a_login_lose_no_code() {
    let mut service = Service::start_with(&[ES256]).await;
    for kinds in sets() {
        for before in 1..STEPS {
            let factor = ["sms", "email", "app"][before % 3];
            let mut story = Story {
                factor,
                ..Story::default()
            };
            rotate(&service, &kinds).await;
            // A data key is used after a quarter of an hour, a pair after a day.
            let wait = if kinds.contains(&"pair") { DAY } else { 900 };
            service.advance(wait - 20);
            service.take(service.restarted());
            for number in 0..STEPS {
                if number == before {
                    service.advance(20);
                    service.take(service.restarted());
                }
                story.step(&service, number).await;
            }
            service.advance(2 * DAY);
        }
    }
}

/// A phone app that is opened once a week, and keeps its refresh token.
struct Weekly {
    refresh: String,
    access: String,
}

impl Weekly {
    async fn open(&mut self, service: &Service) {
        let refreshed = service.refresh(&self.refresh).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.raw);
        self.refresh = refreshed.text("refresh_token");
        self.access = refreshed.text("access_token");
    }
}

#[tokio::test]
async fn in_a_year_of_rotations_of_every_kind_nobody_is_signed_out_and_old_keys_go() {
    let year = (365 * DAY).to_string();
    let changes = [
        ES256,
        ("COUNTERSIGN_REFRESH_ABSOLUTE_SECONDS", year.as_str()),
        ("COUNTERSIGN_SIGNING_KEY_DAYS", "30"),
    ];
    let mut service = Service::start_with(&changes).await;
    let keys: App = service.restarted_as(Function::Keys, &[]);
    let sign_in = |factor| Story {
        factor,
        ..Story::default()
    };
    let mut first = sign_in("app");
    for number in 0..4 {
        first.step(&service, number).await;
    }
    let mut phone = Weekly {
        refresh: first.refresh,
        access: first.access,
    };
    let sets = sets();
    let mut gone = Vec::new();
    for week in 0..51 {
        rotate(&service, &sets[week % sets.len()]).await;
        for _ in 0..7 {
            service.advance(DAY);
            carry_out_rotation(&keys).await.unwrap();
        }
        // What was signed a week ago is still checked with the published keys.
        check(&key_set(&service).await, &phone.access, demo::AUDIENCE);
        phone.open(&service).await;
        let mut story = sign_in(["app", "email", "sms"][week % 3]);
        for number in 0..STEPS {
            story.step(&service, number).await;
        }
        if week % 4 == 3 {
            let seen = retired(&service).await;
            gone.extend(seen.into_iter().filter(|line| line.ends_with(" nothing")));
            service.take(service.restarted());
        }
    }
    phone.open(&service).await;
    for kind in ["tokens", "seeds", "signing"] {
        let went = gone.iter().filter(|line| line.starts_with(kind)).count();
        assert!(went >= 10, "{kind}: {gone:?}");
    }
    // The table does not grow by the keys of a year.
    let left = states(&service).await;
    assert!(left.len() < 24, "{left:?}");
}
