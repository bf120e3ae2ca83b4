//! Checks and hashes a new password.

use crate::app::App;
use crate::domain::accounts::password::{Compared, PasswordHash};
use crate::domain::accounts::password_policy::{Guesses, LEAST_GUESSES, PasswordProblem};
use crate::domain::accounts::user::User;
use crate::domain::refusal::Refusal;
use crate::domain::secret::Secret;
use crate::failure::{Broken, Failure};
use crate::keyring::random;

/// The hash of a password that this user chooses, if the password passes every
/// rule. If `present` is given, the new password must differ from it.
///
/// # Errors
/// `PasswordRejected`.
pub(crate) fn new_password(
    app: &App,
    user: &User,
    password: &Secret,
    present: Option<&PasswordHash>,
) -> Result<PasswordHash, Failure> {
    let policy = app.config.password_policy;
    let product = app.config.messages.brand.product.as_str();
    let problem = policy
        .check_length(password)
        .or_else(|| policy.check_guesses(guesses(password, &names(user, product))));
    if let Some(problem) = problem {
        return Err(Refusal::PasswordRejected(problem).into());
    }
    if let Some(present) = present {
        let compared = app.hasher.compare(password, Some(present));
        if compared.is_ok_and(|compared| compared != Compared::Wrong) {
            return Err(Refusal::PasswordRejected(PasswordProblem::Unchanged).into());
        }
    }
    let hashed = app.hasher.hash(password, random()?);
    hashed.map_err(|unusable| {
        Broken::internal(format!("the password could not be hashed: {}", unusable.0)).into()
    })
}

/// The words that an attacker who knows the account would try first.
fn names<'a>(user: &'a User, product: &'a str) -> Vec<&'a str> {
    let email = user.email.as_deref();
    let parts = email.and_then(|email| email.split_once('@'));
    let parts = parts
        .into_iter()
        .flat_map(|(local, domain)| [local, domain]);
    let given = [
        email,
        user.given_name.as_deref(),
        user.family_name.as_deref(),
    ];
    [user.user_name.as_str(), product]
        .into_iter()
        .chain(product.split_whitespace())
        .chain(given.into_iter().flatten())
        .chain(parts)
        .collect()
}

/// How many characters of a password zxcvbn reads. If letters are replaced by digits
/// and signs ("leet"), each further character takes zxcvbn more time.
const ESTIMATED: usize = 50;

/// An estimate by zxcvbn. It knows the passwords, words and names that
/// attackers try first, and how people vary them. It reads `ESTIMATED`
/// characters, so a long text costs no more. zxcvbn's numbers may overflow, so
/// it is built without overflow checks in every profile (`Cargo.toml` says why).
fn guesses(password: &Secret, names: &[&str]) -> Guesses {
    let text = password.expose();
    let end = text.char_indices().nth(ESTIMATED).map(|(at, _)| at);
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let estimate = |names: &[&str]| zxcvbn::zxcvbn(text, names).guesses();
    let with_names = estimate(names);
    let without_names = if with_names < LEAST_GUESSES {
        estimate(&[])
    } else {
        with_names
    };
    Guesses {
        with_names,
        without_names,
    }
}
