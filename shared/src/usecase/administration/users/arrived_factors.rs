//! Factors and recovery codes of another system as they are stored here.

use crate::app::App;
use crate::domain::Timestamp;
use crate::domain::accounts::moving_in::arrival::ArrivedFactor;
use crate::domain::factors::factor::{Factor, FactorKind, RecoveryCodes};
use crate::domain::id::{FactorId, UserId};
use crate::domain::secret::Secret;
use crate::failure::Broken;
use crate::keyring::random_bytes;

/// The recovery codes of another system as they are stored: argon2id hashes with one
/// salt.
pub(super) fn former_codes(app: &App, codes: &[Secret]) -> Result<Option<RecoveryCodes>, Broken> {
    if codes.is_empty() {
        return Ok(None);
    }
    let salt = random_bytes()?;
    let hashes = codes.iter().map(|code| {
        let hash = app.hasher.hash(code, salt);
        let hash = hash.map_err(|unusable| Broken::internal(unusable.0))?;
        Ok(hash.as_str().to_owned())
    });
    Ok(Some(RecoveryCodes {
        id: FactorId::random(random_bytes()?),
        hashes: hashes.collect::<Result<_, Broken>>()?,
    }))
}

/// A factor of another system that a user gets here.
pub(super) struct FactorToStore<'a> {
    pub user: UserId,
    pub id: FactorId,
    pub arrived: &'a ArrivedFactor,
}

/// The factor as it is stored. The ring seals the seed of an app.
pub(super) async fn stored_factor(
    app: &App,
    now: Timestamp,
    new: FactorToStore<'_>,
) -> Result<Factor, Broken> {
    let FactorToStore { user, id, arrived } = new;
    let kind = match arrived {
        ArrivedFactor::App(seed) => {
            let ring = app.keyring.current_ring(now).await?;
            FactorKind::Totp {
                seed: ring.seal_seed(user, id, seed)?,
                last_step: None,
            }
        }
        ArrivedFactor::Address(channel, to) => FactorKind::Address {
            channel: *channel,
            to: to.clone(),
        },
        ArrivedFactor::Passkey(passkey) => FactorKind::Passkey(passkey.clone()),
    };
    Ok(Factor {
        id,
        kind,
        confirmed: true,
        created_at: now,
    })
}
