//! Makes a user for a trial login. The operator removes the user after the trial.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::domain::accounts::login_name::LoginName;
use crate::domain::accounts::moving_in::arrival::{Arrival, ArrivedFactor, ArrivedPassword};
use crate::domain::accounts::moving_in::former_identity::FormerIdentity;
use crate::domain::accounts::profile::Profile;
use crate::domain::accounts::user::{EmailAddress, UserName};
use crate::domain::factors::totp::Seed;
use crate::domain::id::UserId;
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::random_bytes;
use crate::store::Remains;
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;
use crate::usecase::administration::users::add::create;
use crate::usecase::administration::users::delete::delete_account;
use crate::usecase::administration::users::import::account_of_arrival;

/// A user who exists for a trial, with everything that a login asks for.
pub struct TrialUser {
    pub id: UserId,
    pub name: String,
    pub password: Secret,
    /// The seed of the user's authenticator app (RFC 6238).
    pub seed: Seed,
}

/// Makes a user with a random password and an authenticator app. The user's e-mail address
/// counts as confirmed, because a dialect may demand that. The address is in the domain
/// `invalid` (RFC 6761 6.4), which no message reaches.
///
/// # Errors
/// `Refused` if the name is no user name or is taken.
pub async fn add_trial_user(
    app: &App,
    operator: &Operator,
    name: &str,
) -> Result<TrialUser, ActFailure> {
    let refused = |why: &str| ActFailure::Refused(format!("{name} {why}"));
    let user_name = UserName::parse(name).ok_or_else(|| refused("is no user name"))?;
    let email = EmailAddress::parse(&format!("{name}@countersign.invalid"));
    let trial = TrialUser {
        id: UserId::random(random_bytes()?),
        name: name.to_owned(),
        password: Secret::new(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?)),
        seed: Seed::random(random_bytes()?),
    };
    let arrival = arrival(app, &trial, (user_name, email))?;
    let names: Vec<LoginName> = arrival.login_names();
    let account = account_of_arrival(app, operator.now, &arrival).await?;
    create(app, operator, (&account, &names)).await?;
    Ok(trial)
}

/// Removes the user of a trial. Reads no more than the user's own partitions, because a trial
/// sends no message.
///
/// # Errors
/// `Broken` if DynamoDB does not answer.
pub async fn remove_trial_user(
    app: &App,
    operator: &Operator,
    trial: &TrialUser,
) -> Result<(), ActFailure> {
    delete_account(app, operator, trial.id, Remains::OwnPartitions).await?;
    Ok(())
}

fn arrival(
    app: &App,
    trial: &TrialUser,
    (user_name, email): (UserName, Option<EmailAddress>),
) -> Result<Arrival, Broken> {
    let hash = app.hasher.hash(&trial.password, random_bytes()?);
    let hash = hash.map_err(|unusable| Broken::internal(unusable.0))?;
    Ok(Arrival {
        identity: FormerIdentity {
            id: trial.id,
            subject: None,
        },
        user_name: Some(user_name),
        email_confirmed: email.is_some(),
        email,
        phone: None,
        phone_confirmed: false,
        given_name: None,
        family_name: None,
        profile: Profile::default(),
        roles: Vec::new(),
        active: true,
        locked_until: None,
        two_factor: true,
        must_change_password: false,
        password: Some(ArrivedPassword::Slow(hash)),
        factors: vec![ArrivedFactor::App(Seed::new(trial.seed.expose().to_vec()))],
        recovery_codes: Vec::new(),
        kept: None,
    })
}
