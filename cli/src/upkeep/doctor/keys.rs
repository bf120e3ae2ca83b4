//! The keys in the table: whether there are all kinds, how old they are, and
//! whether their makers had the right time.

use countersign::app::App;
use countersign::domain::Timestamp;
use countersign::keyring::{KeyKind, KeyState, ListedKey, Purpose};

use crate::problem::Problem;
use crate::upkeep::doctor::finding::Diagnosis;

const AREA: &str = "keys";
const DAY: i64 = 86_400;

/// How far ahead the clock of a key's maker may have been, in seconds.
const AHEAD: i64 = 300;

pub(super) async fn look(app: &App, findings: &mut Diagnosis) -> Result<(), Problem> {
    findings.checked(AREA);
    let now = app.clock.now();
    let keys = app.keyring.every_key(now).await?;
    let kinds = [
        (KeyKind::Data(Purpose::Tokens), "tokens"),
        (KeyKind::Data(Purpose::Seeds), "seeds"),
        (KeyKind::Data(Purpose::Signing), "signing"),
        (KeyKind::Pair, "pair"),
    ];
    for (kind, name) in kinds {
        let same = || keys.iter().filter(|key| key.kind == kind);
        let Some(newest) = same().max_by_key(|key| key.made_at) else {
            // Only the function `keys` makes first keys, at each deployment.
            findings.add(
                AREA,
                format!("the table holds no key of the kind {name}"),
                "sam deploy --no-fail-on-empty-changeset --parameter-overrides FirstClientId=app",
            );
            continue;
        };
        let why = match kind {
            KeyKind::Pair => "the daily schedule of the function keys does not make the next",
            KeyKind::Data(_) => "a key that is used for years is worth more to a thief",
        };
        let age = now - newest.made_at;
        if age > kind.oldest(app.config.signing_key_seconds) {
            findings.add(
                AREA,
                format!("{} is {} days old: {why}", newest.name, age / DAY),
                format!("countersign keys rotate {name}"),
            );
        }
        old(same(), findings);
    }
    if let Some(early) = keys.iter().find(|key| key.made_at > now + AHEAD) {
        findings.add(
            AREA,
            format!(
                "{} was made {} seconds from now: the clock of its maker, or yours, is wrong",
                early.name,
                early.made_at - now
            ),
            "timedatectl set-ntp true",
        );
    }
    Ok(())
}

/// Each old data key costs a call to KMS at each cold start.
fn old<'a>(keys: impl Iterator<Item = &'a ListedKey>, findings: &mut Diagnosis) {
    const MANY: usize = 4;
    let old: Vec<&ListedKey> = keys
        .filter(|key| key.state == KeyState::Old && key.kind != KeyKind::Pair)
        .collect();
    if let (true, Some(first)) = (old.len() > MANY, old.first()) {
        let made: Timestamp = first.made_at;
        findings.add(
            AREA,
            format!(
                "{} old keys are kept beside {}, which was made at {made}: each is opened at each cold start",
                old.len(),
                first.name
            ),
            "countersign keys retire",
        );
    }
}
