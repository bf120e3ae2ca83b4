//! What a user or an app has begun goes on across a rotation of every kind of key: links,
//! first codes, authorization codes, enrolments, cookies and forms.

use std::cell::RefCell;
use std::collections::BTreeMap;

use countersign_local::demo;

use crate::dialects::aidbox::authorization::authorize::{FOR_TOKEN, VERIFIER, code, exchange};
use crate::dialects::auth0::login::passwordless::{by_session, challenge};
use crate::harness::Service;
use crate::harness::account::{NEW_PASSWORD, PASSWORD};
use crate::harness::browser::{Browser, Form};
use crate::operate::upkeep::keys::{DAY, KINDS};

type Cookies = BTreeMap<String, String>;

/// What was begun before a rotation, as users and apps keep it.
struct Begun {
    /// The link of a forgotten password: the user, and the token.
    reset: (String, String),
    /// The link that confirms an address: the user, and the token.
    confirmation: (String, String),
    /// A code in place of the password: the token of the challenge, and the code.
    first_code: (String, String),
    /// An enrolment at a login: the login's token, and the app's seed.
    enrolment: (String, String),
    /// A browser that is signed in, and an app's authorization code from the browser.
    signed_in: Cookies,
    authorization_code: String,
    /// A browser at the password's form, and one at the code's form.
    at_password: (Cookies, Form),
    at_code: (Cookies, Form),
}

fn browser(service: &Service, cookies: Cookies) -> Browser<'_> {
    Browser {
        service,
        cookies: RefCell::new(cookies),
    }
}

impl Begun {
    /// Begins everything, for new users where a flow changes its user.
    async fn begin(service: &Service, round: usize) -> Self {
        let name = |flow: &str| format!("{flow}{round}@example.net");
        let (forgetful, forced) = (name("forgetful"), name("forced"));
        service.add_user(&forgetful, |_| {}).await;
        let id = service.account(&forgetful).await.user.id.dashed();
        let reset = (id, service.reset_token(&forgetful).await);

        let new = name("new");
        let user_name = format!("new{round}");
        let made = service.register(&user_name, &new, PASSWORD).await;
        let id = made.text("id");
        let access = service.sign_in(&new, PASSWORD).await.text("access_token");
        let asked = service.ask_to_confirm_email(Some(&access), &id).await;
        assert_eq!(asked.status, 204, "{}", asked.raw);
        let confirmation = (id, service.link_parameter("confirmationToken"));

        service.add_user(&forced, |_| {}).await;
        let token = service.begin_shown(&forced).await;
        let enrolment = (token.clone(), service.associate_app(&token).await);

        let asked = challenge(service, demo::PLAIN_USER, false).await;
        assert_eq!(asked.status, 200, "{}", asked.raw);
        let first_code = (asked.text("auth_session"), service.newest_code());

        let first = browser(service, Cookies::new());
        let form = first.get("/auth/login").await.form(0);
        let at_password = (first.cookies.into_inner(), form);
        let second = browser(service, Cookies::new());
        let step = second
            .password("/auth/login", demo::USER, demo::PASSWORD_OF_ALL)
            .await;
        let at_code = (second.cookies.into_inner(), step.form(0));
        let third = browser(service, Cookies::new());
        third.sign_in_plain().await;
        let authorization_code = code(&third).await;
        Self {
            reset,
            confirmation,
            first_code,
            enrolment,
            signed_in: third.cookies.into_inner(),
            authorization_code,
            at_password,
            at_code,
        }
    }

    /// Ends everything that was begun.
    async fn end(self, service: &Service) {
        let verifier = [("code_verifier", VERIFIER)];
        let tokens = exchange(service, &self.authorization_code, &verifier).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        let signed_in = browser(service, self.signed_in);
        let token = signed_in.get(&format!("/auth/authorize?{FOR_TOKEN}")).await;
        assert_eq!(token.status, 302, "{}", token.raw);
        assert!(!token.parameter("access_token").is_empty());

        let (cookies, form) = self.at_password;
        let form = form.with("username", demo::PLAIN_USER);
        let form = form.with("password", demo::PASSWORD_OF_ALL);
        let done = browser(service, cookies).submit(&form).await;
        assert_eq!(done.status, 303, "{}", done.raw);
        let (cookies, form) = self.at_code;
        let form = form.with("token", &service.totp());
        let done = browser(service, cookies).submit(&form).await;
        assert_eq!(done.status, 303, "{}", done.raw);

        let (session, code) = self.first_code;
        let tokens = by_session(service, &session, &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);
        let (token, seed) = self.enrolment;
        let tokens = service.redeem_otp(&token, &service.app_code(&seed)).await;
        assert_eq!(tokens.status, 200, "{}", tokens.raw);

        let (user, token) = self.reset;
        let done = service.reset(&user, &token, NEW_PASSWORD).await;
        assert_eq!(done.status, 204, "{}", done.raw);
        let (user, token) = self.confirmation;
        let done = service.confirm_email(&user, &token).await;
        assert_eq!(done.status, 204, "{}", done.raw);
    }
}

/// Each kind alone, and all at once.
fn sets() -> Vec<Vec<&'static str>> {
    let mut sets: Vec<Vec<&str>> = KINDS.map(|kind| vec![kind]).to_vec();
    sets.push(KINDS.to_vec());
    sets
}

async fn rotate(service: &Service, kinds: &[&str]) {
    let command = [&["keys", "rotate"][..], kinds].concat();
    service.operated(&command).await;
}

#[tokio::test]
async fn links_codes_enrolments_cookies_and_forms_outlive_keys_that_are_made_meanwhile() {
    let mut service = Service::start().await;
    for (round, kinds) in sets().into_iter().enumerate() {
        let begun = Begun::begin(&service, round).await;
        rotate(&service, &kinds).await;
        service.take(service.restarted());
        begun.end(&service).await;
        // The budgets of messages refill.
        service.advance(2 * DAY);
    }
}

#[tokio::test]
async fn links_codes_enrolments_cookies_and_forms_outlive_keys_that_come_into_use_meanwhile() {
    let mut service = Service::start().await;
    for (round, kinds) in sets().into_iter().enumerate() {
        rotate(&service, &kinds).await;
        // A data key is used after a quarter of an hour, a pair after a day.
        let wait = if kinds.contains(&"pair") { DAY } else { 900 };
        service.advance(wait - 20);
        service.take(service.restarted());
        let begun = Begun::begin(&service, round).await;
        service.advance(20);
        service.take(service.restarted());
        begun.end(&service).await;
        service.advance(2 * DAY);
    }
}
