//! What operators do with keys.

use crate::app::App;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::failure::Broken;
use crate::keyring::{KeyKind, KeyNeed, ListedKey, NextKey, Replaced, ReplacedKind};
use crate::usecase::administration::act_failure::ActFailure;
use crate::usecase::administration::operator::Operator;

/// How often a key is tried to be made, if others make keys at the same time.
const ATTEMPTS: u32 = 3;

/// Every key of the deployment, without opening any.
///
/// # Errors
/// `Broken`.
pub async fn list_keys(app: &App, operator: &Operator) -> Result<Vec<ListedKey>, ActFailure> {
    Ok(app.keyring.every_key(operator.now).await?)
}

/// Makes the next key of each of these kinds. What older keys have made stays
/// good, so nobody is signed out and no code is lost. A key that was made before
/// and is not used yet counts as the next key.
///
/// # Errors
/// `Broken`. A retry is safe.
pub async fn rotate_keys(
    app: &App,
    operator: &Operator,
    kinds: &[KeyKind],
) -> Result<Vec<ListedKey>, ActFailure> {
    let mut made = Vec::new();
    for kind in kinds {
        made.push(make_next(app, operator, *kind).await?);
    }
    Ok(made)
}

/// Makes the next key of this kind. If somebody else changes the keys at the same time, the
/// next key may be theirs.
async fn make_next(app: &App, operator: &Operator, kind: KeyKind) -> Result<ListedKey, ActFailure> {
    for _ in 0..ATTEMPTS {
        let next = match app.keyring.prepare_next(kind, operator.now).await? {
            NextKey::There(key) => return Ok(key),
            NextKey::New(next) => next,
        };
        let subject = ActSubject::Keys(kind.name().to_owned());
        let intent = operator.intends(OperatorCommand::KeysRotate, subject);
        let intent = intent.upon_key(next.told_as());
        let act = operator.announce(app, intent).await?;
        if let Some(key) = app.keyring.add_next(&next, &act).await? {
            return Ok(key);
        }
    }
    Err(changing())
}

fn changing() -> ActFailure {
    ActFailure::Broken(Broken::unavailable(
        "somebody else changes the keys at this moment: try again",
    ))
}

/// Replaces all keys of this kind by one new key, which is used at once. What the old keys
/// made is not good any more.
///
/// # Errors
/// `Broken`. A retry replaces the keys again.
pub async fn replace_keys(
    app: &App,
    operator: &Operator,
    kind: ReplacedKind,
) -> Result<Replaced, ActFailure> {
    let replacement = app.keyring.prepare_replacement(kind, operator.now).await?;
    let subject = ActSubject::Keys(kind.kind().name().to_owned());
    let intent = operator.intends(OperatorCommand::KeysReplace, subject);
    let intent = intent.upon_key(replacement.told_as());
    let act = operator.announce(app, intent).await?;
    let replaced = app.keyring.store_replacement(replacement, &act).await?;
    replaced.ok_or_else(changing)
}

/// The old keys, and what still needs each. With `delete`, the keys that nothing
/// needs are deleted. Reads the whole table.
///
/// # Errors
/// `Broken`. A retry is safe.
pub async fn retire_keys(
    app: &App,
    operator: &Operator,
    delete: bool,
) -> Result<Vec<(ListedKey, KeyNeed)>, ActFailure> {
    let seen = app.keyring.old_keys(operator.now).await?;
    for (key, need) in &seen {
        if delete && *need == KeyNeed::Nothing {
            let subject = ActSubject::Keys(key.name.clone());
            let intent = operator.intends(OperatorCommand::KeysRetire, subject);
            let intent = intent.upon_key(key.kid.as_ref().unwrap_or(&key.name).clone());
            let act = operator.announce(app, intent).await?;
            app.keyring.delete_old(&key.name, &act).await?;
        }
    }
    Ok(seen)
}
