//! `try`: whole logins against the API of a deployment, with a client and users that the
//! command makes before and removes after.

mod api;
mod dialect_words;
mod token;

use countersign::app::App;
use countersign::domain::Dialect;
use countersign::domain::authorization::client::Client;
use countersign::domain::authorization::grant::Grant;
use countersign::domain::factors::totp::STEP_SECONDS;
use countersign::keyring::random_bytes;
use countersign::usecase::administration::clients::add::add_new_client;
use countersign::usecase::administration::clients::remove::remove_client;
use countersign::usecase::administration::operator::Operator;
use countersign::usecase::administration::users::trial::{
    TrialUser, add_trial_user, remove_trial_user,
};
use serde_json::{Value, json};

use crate::connection::Opened;
use crate::options::TryOptions;
use crate::problem::Problem;
use crate::report::Report;
use crate::trial::api::{Answer, Api, Call};
use crate::trial::dialect_words::words_of;
use crate::trial::token::check_token;

/// The beginning of the names of the client and of the users. Whatever a killed command
/// left behind is found by this beginning.
const PREFIX: &str = "countersign-try-";

/// The audience of the trial's tokens. No API takes them.
const AUDIENCE: &str = "https://countersign-try.invalid/";

/// A request of a trial, and what came of it.
struct Step {
    dialect: Dialect,
    /// The method and the path.
    request: String,
    /// The status, and how long the answer took in milliseconds; nothing without an answer.
    answer: Option<(u16, u128)>,
    /// What was right or wrong.
    told: String,
    right: bool,
}

/// What the logins of one trial share.
struct Trial<'a> {
    app: &'a App,
    operator: &'a Operator,
    api: Api,
    client: Client,
    steps: Vec<Step>,
}

/// Signs in once in the words of each dialect that the deployment speaks, and removes
/// what the trial has made. Sends no message.
///
/// # Errors
/// The reason, in one line, if the client or a user cannot be made or removed. A login that
/// fails is a finding of the report.
pub async fn try_logins(
    opened: &Opened,
    operator: &Operator,
    options: &TryOptions,
) -> Result<Report, Problem> {
    let app = &opened.app;
    let url = options.url.as_ref().unwrap_or(&app.config.issuer);
    let api = Api::new(url, opened.authority.as_deref())?;
    let mark = u32::from_be_bytes(random_bytes()?);
    let client = trial_client(format!("{PREFIX}{mark:08x}"));
    let (client, _) = add_new_client(app, operator, client, false).await?;
    let mut trial = Trial {
        app,
        operator,
        api,
        client,
        steps: Vec::new(),
    };
    let tried = trial.every_dialect(mark).await;
    // The client goes too if a user could not be made.
    remove_client(app, operator, &trial.client.id).await?;
    tried?;
    Ok(report(&trial.steps))
}

fn trial_client(id: String) -> Client {
    Client {
        grants: [Grant::Password, Grant::MfaOtp].into(),
        audiences: vec![AUDIENCE.to_owned()],
        access_token_seconds: Some(60),
        ..Client::new(id)
    }
}

impl Trial<'_> {
    /// Every dialect has a user of its own, because the code of an app works once.
    async fn every_dialect(&mut self, mark: u32) -> Result<(), Problem> {
        for dialect in self.app.config.dialects.iter().copied() {
            let name = format!("{PREFIX}{}-{mark:08x}", dialect.name());
            let user = add_trial_user(self.app, self.operator, &name).await?;
            self.sign_in(dialect, &user).await;
            remove_trial_user(self.app, self.operator, &user).await?;
        }
        Ok(())
    }

    async fn sign_in(&mut self, dialect: Dialect, user: &TrialUser) {
        let words = words_of(dialect);
        let call = (words.password)(&self.client.id, user);
        let given = |answer: &Answer| (words.token)(answer).is_some();
        // A deployment whose policy disables second factors asks for none.
        let begun = |answer: &Answer| (words.asks_for_code)(answer) || given(answer);
        let Some(asked) = self.call(dialect, call, begun).await else {
            return;
        };
        let answer = match given(&asked) {
            true => Some(asked),
            false => {
                let step = self.app.clock.now() / STEP_SECONDS;
                let code = user.seed.code(step.unsigned_abs());
                let call = (words.code)(&self.client.id, user, &asked, &code);
                self.call(dialect, call, given).await
            }
        };
        let Some(answer) = answer else {
            return;
        };
        let token = (words.token)(&answer).unwrap_or_default();
        let keys = Call::get(".well-known/jwks.json");
        let published = |answer: &Answer| answer.status == 200 && answer.body["keys"].is_array();
        let Some(keys) = self.call(dialect, keys, published).await else {
            return;
        };
        let issuer = &self.app.config.issuer;
        if let (Err(wrong), Some(last)) = (
            check_token(token, &keys.body, issuer),
            self.steps.last_mut(),
        ) {
            last.told = wrong;
            last.right = false;
        }
    }

    /// Makes a request, and notes the step. Returns the answer if the answer is right.
    async fn call(
        &mut self,
        dialect: Dialect,
        call: Call,
        right: impl Fn(&Answer) -> bool,
    ) -> Option<Answer> {
        let request = format!("{} /{}", call.method, call.path);
        let answer = self.api.send(call).await;
        let (told, good) = match &answer {
            Ok(answer) if right(answer) => ("as expected".to_owned(), true),
            Ok(answer) => (answer.in_a_line(), false),
            Err(why) => (why.clone(), false),
        };
        let answer = answer.ok();
        self.steps.push(Step {
            dialect,
            request,
            answer: answer
                .as_ref()
                .map(|answer| (answer.status, answer.milliseconds)),
            told,
            right: good,
        });
        answer.filter(|_| good)
    }
}

fn report(steps: &[Step]) -> Report {
    let line = |step: &Step| {
        let answer = step.answer;
        let answer = answer.map_or_else(
            || "no answer".to_owned(),
            |(status, milliseconds)| format!("{status} after {milliseconds} ms"),
        );
        format!(
            "{}: {}: {answer}, {}\n",
            step.dialect.name(),
            step.request,
            step.told
        )
    };
    let value = |step: &Step| -> Value {
        json!({
            "dialect": step.dialect.name(),
            "request": step.request,
            "status": step.answer.map(|(status, _)| status),
            "milliseconds": step.answer.map(|(_, milliseconds)| milliseconds),
            "told": step.told,
            "right": step.right,
        })
    };
    let lines: String = steps.iter().map(line).collect();
    let healthy = steps.iter().all(|step| step.right);
    let end = match healthy {
        true => "Every login gave a token that the published keys verify.",
        false => "A login failed.",
    };
    Report::Examined {
        sentence: format!("{lines}{end} The client and the users of the trial are removed."),
        value: json!({ "steps": steps.iter().map(value).collect::<Vec<_>>() }),
        healthy,
    }
}
