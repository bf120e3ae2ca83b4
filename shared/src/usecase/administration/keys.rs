//! What operators do with keys.

use crate::app::App;
use crate::domain::events::operator_command::{ActSubject, OperatorCommand};
use crate::keyring::{KeyKind, KeyNeed, ListedKey};
use crate::usecase::administration::not_done::NotDone;
use crate::usecase::administration::operator::Operator;

/// Every key of the deployment, without opening any.
///
/// # Errors
/// `Broken`.
pub async fn list_keys(app: &App, operator: &Operator) -> Result<Vec<ListedKey>, NotDone> {
    Ok(app.keyring.list(operator.now).await?)
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
) -> Result<Vec<ListedKey>, NotDone> {
    let mut made = Vec::new();
    for kind in kinds {
        let act = operator.act_upon(
            OperatorCommand::KeysRotate,
            ActSubject::Keys(kind.name().to_owned()),
        );
        let next = app.keyring.make_next(*kind, &act).await?;
        match &next.act {
            Some(done) => operator.completes(done),
            None => operator.withdraw(&act),
        }
        // A later kind may fail.
        operator.deliver_acts(app).await;
        made.push(next.key);
    }
    Ok(made)
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
) -> Result<Vec<(ListedKey, KeyNeed)>, NotDone> {
    let seen = app.keyring.old_keys(operator.now).await?;
    for (key, need) in &seen {
        if delete && *need == KeyNeed::Nothing {
            let mut act = operator.act_upon(
                OperatorCommand::KeysRetire,
                ActSubject::Keys(key.name.clone()),
            );
            act.key = key.kid.clone().or(Some(key.name.clone()));
            operator.completes(&act);
            app.keyring.delete_old(&key.name, &act).await?;
            operator.deliver_acts(app).await;
        }
    }
    Ok(seen)
}
