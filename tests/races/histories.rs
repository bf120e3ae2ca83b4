//! Long random histories of whole requests against the real table. The judge keeps what
//! the domain says of each request: the budget of guesses, the lives of logins, codes and
//! refresh tokens. proptest makes a failing history short.
//!
//! `COUNTERSIGN_TEST_HISTORIES` says how many histories there are: eight unless it is
//! set.

use countersign::domain::factors::sent_code::CODE_SECONDS;
use countersign::domain::login::pending_login::{LOGIN_SECONDS, REDEEM_SECONDS};
use countersign::domain::login::throttle::CODES;
use countersign_local::demo;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::prop_oneof;
use proptest::strategy::Just;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::{Answer, Service};

/// One request, or a step of the clock. A number chooses among the logins or the refresh
/// tokens of the history.
#[derive(Clone, Copy, Debug)]
enum Act {
    Begin,
    /// The code that the app shows now, or showed one or two steps ago.
    Code(usize, u8),
    Wrong(usize),
    Verify(usize),
    ByToken(usize),
    SendCode(usize),
    SentCode(usize),
    Refresh(usize),
    SignOut(usize),
    NewEpoch,
    Wait(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let one = any::<u8>().prop_map(usize::from);
    let wait = prop_oneof![
        Just(1_i64),
        Just(29),
        Just(30),
        Just(61),
        Just(119),
        Just(360),
        Just(601)
    ];
    let act = prop_oneof![
        3 => Just(Act::Begin),
        4 => (any::<u8>().prop_map(usize::from), 0_u8..3).prop_map(|(at, late)| Act::Code(at, late)),
        4 => any::<u8>().prop_map(usize::from).prop_map(Act::Wrong),
        2 => any::<u8>().prop_map(usize::from).prop_map(Act::Verify),
        2 => any::<u8>().prop_map(usize::from).prop_map(Act::ByToken),
        2 => any::<u8>().prop_map(usize::from).prop_map(Act::SendCode),
        2 => any::<u8>().prop_map(usize::from).prop_map(Act::SentCode),
        4 => any::<u8>().prop_map(usize::from).prop_map(Act::Refresh),
        1 => one.prop_map(Act::SignOut),
        1 => Just(Act::NewEpoch),
        4 => wait.prop_map(Act::Wait),
    ];
    vec(act, 20..60)
}

/// What the judge knows of a login.
struct Begun {
    token: String,
    expires_at: i64,
    epoch: u64,
    verified: bool,
    redeemed: bool,
    sent: Option<Sent>,
}

/// A code that was sent for a login.
#[derive(Clone)]
struct Sent {
    /// The `oob_code`.
    challenge: String,
    code: String,
    at: i64,
}

/// What the judge knows of a session: its refresh tokens, the newest last.
struct Family {
    tokens: Vec<String>,
    rotated_at: i64,
    epoch: u64,
    over: bool,
}

/// The judge: what may happen.
struct Judge {
    logins: Vec<Begun>,
    families: Vec<Family>,
    epoch: u64,
    /// The budget of guesses, as the domain counts it.
    tat: i64,
    /// The last time step that was consumed.
    last_step: i64,
}

/// The grace period of the default settings, in seconds.
const GRACE: i64 = 60;

impl Judge {
    fn is_live(&self, login: &Begun, now: i64) -> bool {
        !login.redeemed && login.expires_at > now && login.epoch == self.epoch
    }

    /// Charges a guess; `false` if none is compared now.
    fn charge(&mut self, now: i64) -> bool {
        let allowed = self.tat <= CODES.latest(now);
        if allowed {
            self.tat = self.tat.max(now) + CODES.interval;
        }
        allowed
    }

    fn given_tokens(&mut self, at: usize, answer: &Answer, now: i64) {
        self.logins[at].redeemed = true;
        self.families.push(Family {
            tokens: vec![answer.text("refresh_token")],
            rotated_at: now,
            epoch: self.epoch,
            over: false,
        });
    }
}

/// Checks the answer to a guess with a login's token. Says whether the guess was right.
fn judge_guess(judge: &mut Judge, live: bool, right: bool, answer: &Answer, now: i64) -> bool {
    if !live {
        assert!(
            matches!(answer.status, 400 | 401 | 403),
            "a login that is over: {}",
            answer.raw
        );
        return false;
    }
    if !judge.charge(now) {
        assert_eq!(answer.status, 429, "a used-up budget: {}", answer.raw);
        return false;
    }
    if right {
        judge.tat -= CODES.interval;
        assert_eq!(answer.status, 200, "a right code: {}", answer.raw);
    } else {
        assert_eq!(answer.status, 403, "a wrong code: {}", answer.raw);
    }
    right
}

async fn act(service: &Service, judge: &mut Judge, act: Act) {
    let now = service.now();
    let pick = |count: usize, at: usize| (count > 0).then(|| at % count);
    match act {
        Act::Wait(seconds) => service.advance(seconds),
        Act::NewEpoch => {
            service.raise_epoch(demo::USER).await;
            judge.epoch += 1;
        }
        Act::Begin => {
            let token = service.begin().await;
            judge.logins.push(Begun {
                token,
                expires_at: now + LOGIN_SECONDS,
                epoch: judge.epoch,
                verified: false,
                redeemed: false,
                sent: None,
            });
        }
        Act::Code(at, _) | Act::Wrong(at) | Act::Verify(at) => {
            let Some(at) = pick(judge.logins.len(), at) else {
                return;
            };
            guess(service, judge, act, at).await;
        }
        Act::ByToken(at) => {
            let Some(at) = pick(judge.logins.len(), at) else {
                return;
            };
            let token = judge.logins[at].token.clone();
            let answer = service.grant("mfa-otp", &[("mfa_token", &token)]).await;
            let login = &judge.logins[at];
            if judge.is_live(login, now) && login.verified {
                assert_eq!(answer.status, 200, "a verified login: {}", answer.raw);
                judge.given_tokens(at, &answer, now);
            } else {
                assert!(
                    answer.status >= 400,
                    "tokens without a factor: {}",
                    answer.raw
                );
            }
        }
        Act::SendCode(at) => {
            let Some(at) = pick(judge.logins.len(), at) else {
                return;
            };
            let token = judge.logins[at].token.clone();
            let answer = service.challenge(&token, "email").await;
            let open = judge.is_live(&judge.logins[at], now) && !judge.logins[at].verified;
            match answer.status {
                200 => {
                    assert!(open, "a send for a login that is over: {}", answer.raw);
                    let code = service.newest_code();
                    let challenge = answer.text("oob_code");
                    let sent = Sent {
                        challenge,
                        code,
                        at: now,
                    };
                    judge.logins[at].sent = Some(sent);
                }
                // The cool-down, the budget of the mailbox, or a login that is over.
                status => assert!(status == 429 || !open, "{}", answer.raw),
            }
        }
        Act::SentCode(at) => {
            let Some(at) = pick(judge.logins.len(), at) else {
                return;
            };
            let Some(sent) = judge.logins[at].sent.clone() else {
                return;
            };
            let token = judge.logins[at].token.clone();
            let answer = service
                .redeem_oob(&token, &sent.challenge, &sent.code)
                .await;
            let live = judge.is_live(&judge.logins[at], now);
            // A verified login is compared with the code that verified it.
            let in_time = sent.at + CODE_SECONDS > now;
            let right = in_time && !judge.logins[at].verified;
            if answer.status == 200 || live && answer.status == 403 {
                let compared = judge.charge(now);
                assert!(compared, "more guesses than the budget: {}", answer.raw);
            }
            if answer.status == 200 {
                assert!(live && in_time, "{}", answer.raw);
                judge.tat -= CODES.interval;
                judge.given_tokens(at, &answer, now);
            } else if live && answer.status == 403 {
                // An adopted code is spent in the login that it was sent for too.
                let adopted = judge.logins.iter().any(|other| {
                    let theirs = other.sent.as_ref();
                    other.redeemed && theirs.is_some_and(|theirs| theirs.code == sent.code)
                });
                assert!(
                    !right || adopted,
                    "a right code was refused: {}",
                    answer.raw
                );
                // Whether that code was compared as right is not the judge's to know.
                judge.tat = tat(service).await;
            }
        }
        Act::Refresh(at) => {
            let all: Vec<(usize, usize)> = judge
                .families
                .iter()
                .enumerate()
                .flat_map(|(family, tokens)| (0..tokens.tokens.len()).map(move |one| (family, one)))
                .collect();
            let Some(at) = pick(all.len(), at) else {
                return;
            };
            refresh(service, judge, all[at]).await;
        }
        Act::SignOut(at) => {
            let Some(at) = pick(judge.families.len(), at) else {
                return;
            };
            let family = &mut judge.families[at];
            let token = family.tokens.last().unwrap().clone();
            let fields = [("client_id", demo::CLIENT), ("token", token.as_str())];
            let answer = service.post_form("/oauth/revoke", &fields).await;
            assert_eq!(answer.status, 200, "{}", answer.raw);
            family.over = true;
        }
    }
}

/// The demo user's budget of guesses, as the table has it.
async fn tat(service: &Service) -> i64 {
    let items = service.items().await;
    let guesses = items
        .iter()
        .find(|item| item["SK"].as_s().unwrap() == "GUESSES");
    let tat = guesses.and_then(|item| item.get("tat"));
    tat.map_or(0, |tat| tat.as_n().unwrap().parse().unwrap())
}

/// A code of the app, or a wrong one, for tokens or to verify.
async fn guess(service: &Service, judge: &mut Judge, act: Act, at: usize) {
    let now = service.now();
    let steps_late = match act {
        Act::Code(_, late) => i64::from(late),
        _ => 0,
    };
    let step = now / 30 - steps_late;
    let wrong = matches!(act, Act::Wrong(_));
    let code = match wrong {
        true => "000000".to_owned(),
        false => service.totp_at(step * 30),
    };
    let token = judge.logins[at].token.clone();
    let verify = matches!(act, Act::Verify(_));
    let answer = match verify {
        true => service.verify(&token, &code).await,
        false => service.redeem_otp(&token, &code).await,
    };
    let login = &judge.logins[at];
    if login.verified {
        // Only the code of the verify counts. The judge does not know whether this is it.
        let live = judge.is_live(login, now);
        assert!(live || answer.status >= 400, "{}", answer.raw);
        match answer.status {
            200 if !verify => judge.given_tokens(at, &answer, now),
            403 if live => assert!(judge.charge(now), "{}", answer.raw),
            _ => {}
        }
        return;
    }
    let live = judge.is_live(login, now);
    let right = !wrong && steps_late <= 1 && step > judge.last_step;
    // Six digits for a login with a sent code are taken for that code.
    let for_send = verify && login.sent.is_some();
    if judge_guess(judge, live, right && !for_send, &answer, now) {
        judge.last_step = step;
        if verify {
            let login = &mut judge.logins[at];
            login.verified = true;
            login.expires_at = login.expires_at.min(now + REDEEM_SECONDS);
        } else {
            judge.given_tokens(at, &answer, now);
        }
    }
}

async fn refresh(service: &Service, judge: &mut Judge, (at, generation): (usize, usize)) {
    let now = service.now();
    let token = judge.families[at].tokens[generation].clone();
    let answer = service.refresh(&token).await;
    let epoch = judge.epoch;
    let family = &mut judge.families[at];
    let newest = family.tokens.len() - 1;
    if family.over || family.epoch != epoch {
        assert_eq!(answer.status, 403, "a family that is over: {}", answer.raw);
    } else if generation == newest {
        assert_eq!(answer.status, 200, "the newest token: {}", answer.raw);
        family.tokens.push(answer.text("refresh_token"));
        family.rotated_at = now;
    } else if generation + 1 == newest && now < family.rotated_at + GRACE {
        assert_eq!(answer.status, 200, "a retry: {}", answer.raw);
        assert_eq!(answer.text("refresh_token"), family.tokens[newest]);
    } else {
        assert_eq!(answer.status, 403, "a replay: {}", answer.raw);
        family.over = true;
    }
}

#[test]
fn every_answer_of_a_random_history_is_the_one_that_the_domain_gives() {
    let cases = std::env::var("COUNTERSIGN_TEST_HISTORIES").ok();
    let config = Config {
        cases: cases.map_or(8, |text| text.parse().unwrap()),
        max_shrink_iters: 100,
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(config);
    let done = runner.run(&acts(), |history| {
        runtime.block_on(async {
            let service = Service::start().await;
            let mut judge = Judge {
                logins: Vec::new(),
                families: Vec::new(),
                epoch: service.account(demo::USER).await.user.epoch,
                tat: 0,
                last_step: 0,
            };
            for one in history {
                act(&service, &mut judge, one).await;
            }
        });
        Ok(())
    });
    if let Err(failed) = done {
        panic!("{failed}");
    }
}
