//! Changes of factors. Each change raises the user's epoch in its own
//! transaction. So only one of several concurrent changes succeeds, and every
//! session and pending login ends, except the session that made the change.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use crate::domain::Timestamp;
use crate::domain::accounts::user::User;
use crate::domain::factors::enrolment::Enrolment;
use crate::domain::factors::factor::{Factor, RecoveryCodes};
use crate::domain::factors::passkey::UserHandle;
use crate::domain::id::{FactorId, UserId};
use crate::domain::login::pending_login::{LOGIN_SECONDS, Login, Proof, State};
use crate::domain::sessions::login_result::LoginResult;
use crate::domain::sessions::session::Session;
use crate::failure::Broken;
use crate::store::Counted;
use crate::store::accounts::user_item::{mark_owned, write_factor, write_recovery};
use crate::store::factors::enrolment_parts::{
    confirm_part, confirming, delete, delete_app, delete_codes, naming, put,
};
use crate::store::item::{number_value, text_value};
use crate::store::login::adopted_send::{spend_earlier, unless_spent};
use crate::store::login::login_result::result_part;
use crate::store::login::pending_login::step_part;
use crate::store::login::pending_login_item::{write_enrolment, write_login, write_proof};
use crate::store::login::redemption::LoginVerification;
use crate::store::sessions::session::move_session;
use crate::store::table::Store;
use crate::store::table_keys::{factor_key, login_key, profile_key, recovery_key};
use crate::store::write::{Change, Transacted, delete_part, put_part};

/// The result of a change of factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The change was made.
    Done,
    /// The user or the login has changed since the read.
    Overtaken,
    /// The session that makes the change has ended.
    SessionEnded,
}

/// The beginning of an enrolment.
pub struct NewEnrolment<'a> {
    /// The user, as read.
    pub user: &'a User,
    /// The login that the enrolment completes.
    pub login: &'a Login,
    /// Whether the login is new and written whole; otherwise an existing login
    /// is updated.
    pub fresh: bool,
    /// The unconfirmed factor.
    pub factor: &'a Factor,
    /// What the authenticator of a new passkey will know the user by, if that is new.
    pub handle: Option<UserHandle>,
}

pub struct FactorConfirmation<'a> {
    /// The login that a code of the new factor completes.
    pub login: &'a Login,
    /// The enrolment of that login.
    pub enrolment: &'a Enrolment,
    /// The code that confirms the factor.
    pub proof: &'a Proof,
    /// The new recovery codes, if the change makes new ones.
    pub recovery: Option<&'a RecoveryCodes>,
    /// What the login that this completes stores, if it stores something. Or
    /// the session that began the enrolment. Each is at the new epoch.
    pub result: Option<&'a LoginResult>,
    /// The user's own e-mail address, as it is stored, if the code went there.
    /// Then the code confirms the address too.
    pub confirms: Option<&'a str>,
    /// The new passkey, if the factor is one.
    pub passkey: Option<&'a Factor>,
    /// Whether the factor is known to be the owner's.
    pub owned: bool,
    /// Whether the login then waits for a new password.
    pub waits_for_password: bool,
}

/// Another change of a user's factors.
pub struct FactorsChange<'a> {
    /// The user as it was read.
    pub user: &'a User,
    /// The session that makes the change, at the new epoch.
    pub session: &'a Session,
    pub remove: &'a [FactorId],
    /// The confirmed factors to add.
    pub add: &'a [Factor],
    /// What becomes of the recovery codes.
    pub recovery: RecoveryChange<'a>,
    /// Whether a second factor is demanded from now on.
    pub two_factor: bool,
    /// The code that was shown for the change, if one was shown. The code is
    /// consumed: its app or the recovery codes are removed, or the login that
    /// the code was sent for ends.
    pub shown: Option<AcceptedCode<'a>>,
}

/// A code that was shown for a change of factors.
#[derive(Clone, Copy)]
pub struct AcceptedCode<'a> {
    /// The code as it was recognised.
    pub proof: &'a Proof,
    /// The login that the code was sent for. `None` for a code of an
    /// authenticator app and for a recovery code, which belong to no login.
    pub sent_for: Option<&'a Login>,
}

/// What becomes of the recovery codes.
#[derive(Clone, Copy)]
pub enum RecoveryChange<'a> {
    /// The codes stay.
    Keep,
    /// The codes are removed.
    Remove,
    /// New codes replace the codes.
    Replace(&'a RecoveryCodes),
}

impl Store {
    /// Begins an enrolment: stores the unconfirmed factor and the login that is
    /// to complete it. Of two concurrent enrolments of a user, one succeeds. One
    /// transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn put_enrolment(
        &self,
        new: &NewEnrolment<'_>,
        now: Timestamp,
    ) -> Result<Changed, Broken> {
        let NewEnrolment {
            user,
            login,
            fresh,
            factor,
            handle,
        } = *new;
        let counted = match user.enrolments {
            0 => Change::of(
                profile_key(user.id),
                "#epoch = :epoch AND #active = :true AND attribute_not_exists(#enrolments)",
            ),
            count => Change::of(
                profile_key(user.id),
                "#epoch = :epoch AND #active = :true AND #enrolments = :count",
            )
            .value(":count", number_value(count)),
        };
        let counted = counted
            .set("#enrolments = :next")
            .value(":epoch", number_value(user.epoch))
            .value(":true", AttributeValue::Bool(true))
            .value(":next", number_value(user.enrolments + 1));
        let (counted, named) = naming(counted, &self.table, (user.id, handle))?;
        let login_part = match &login.enrolment {
            Some(enrolment) if !fresh => Change::of(
                login_key(login.user, login.id),
                "#state IN (:pending, :sent) AND #epoch = :epoch AND #expires_at > :now",
            )
            .set("#enrolment = :enrolment")
            .value(":pending", text_value(State::Pending.name()))
            .value(":sent", text_value(State::CodeSent.name()))
            .value(":epoch", number_value(login.epoch))
            .value(":now", number_value(now))
            .value(":enrolment", write_enrolment(enrolment))
            .into_part(&self.table)?,
            _ => put(&self.table, write_login(login), None)?,
        };
        let unconfirmed = "attribute_not_exists(PK) OR confirmed = :false";
        let mut parts = vec![
            counted.into_part(&self.table)?,
            login_part,
            put(
                &self.table,
                write_factor(user.id, factor),
                Some(unconfirmed),
            )?,
        ];
        parts.extend(named);
        self.transact("begin an enrolment", parts)
            .await
            .map(changed)
    }

    /// Completes an enrolment: confirms the factor, consumes the code, redeems the login or lets
    /// it wait for a new password, removes the replaced factors, raises the epoch, demands a second factor from now
    /// on, and stores recovery codes and session. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn confirm_enrolment(
        &self,
        confirmation: &FactorConfirmation<'_>,
        counted: Option<&Counted>,
        now: Timestamp,
    ) -> Result<LoginVerification, Broken> {
        let FactorConfirmation { login, .. } = confirmation;
        let user = login.user;
        let proof = confirmation.proof;
        let mut redeemed = match confirmation.waits_for_password {
            true => verified_for_change(login, proof, now),
            false => step_part(login, &State::Redeemed, now),
        }
        .set("#proof = :proof")
        .value(":proof", write_proof(proof));
        // A verified login consumed its proof before.
        let verified = matches!(login.state, State::Verified { .. });
        if !verified {
            redeemed = unless_spent(redeemed, proof);
        }
        let mut parts = vec![
            confirming(raise_epoch(user, login.epoch, true), confirmation.confirms)
                .into_part(&self.table)?,
            redeemed.into_part(&self.table)?,
            self.confirm_part(confirmation)?,
        ];
        if let Some(spent) = spend_earlier(user, proof, now).filter(|_| !verified) {
            parts.push(spent.into_part(&self.table)?);
        }
        let consumed = 2..parts.len();
        for replaced in &confirmation.enrolment.replaces {
            parts.push(delete_part(&self.table, &factor_key(user, *replaced))?);
        }
        if let Some(recovery) = confirmation.recovery {
            let item = write_recovery(user, recovery, now);
            let item = if confirmation.owned {
                mark_owned(item)
            } else {
                item
            };
            parts.push(put(&self.table, item, None)?);
        }
        match confirmation.result {
            Some(LoginResult::Session(session)) if login.is_of_session() => {
                parts.push(move_session(session, login.epoch).into_part(&self.table)?);
            }
            Some(result) => parts.push(result_part(&self.table, result)?),
            None => {}
        }
        if !confirmation.waits_for_password {
            parts.extend(self.finished_login_parts(login, counted, now)?);
        }
        Ok(match self.transact("confirm a factor", parts).await? {
            Transacted::Done => LoginVerification::Done,
            // Only the factor, or the login that the code was sent for, refused
            // the code. So the code was used before.
            Transacted::Refused(refused)
                if refused.iter().all(|(index, _)| consumed.contains(index)) =>
            {
                LoginVerification::ProofUsed
            }
            Transacted::Refused(_) => LoginVerification::LoginOver,
        })
    }

    /// The part that confirms the new factor. A passkey gets its key with this part.
    fn confirm_part(
        &self,
        confirmation: &FactorConfirmation<'_>,
    ) -> Result<TransactWriteItem, Broken> {
        let FactorConfirmation { login, .. } = confirmation;
        let Some(passkey) = confirmation.passkey else {
            let shown = (confirmation.proof, confirmation.owned);
            let factor = confirmation.enrolment.factor;
            return confirm_part(login, factor, shown).into_part(&self.table);
        };
        let item = write_factor(login.user, passkey);
        let item = match confirmation.owned {
            true => mark_owned(item),
            false => item,
        };
        put(&self.table, item, Some("confirmed = :false"))
    }

    /// Makes another change of factors. Raises the epoch, and moves the session
    /// to the new epoch. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn change_factors(
        &self,
        change: &FactorsChange<'_>,
        now: Timestamp,
    ) -> Result<Changed, Broken> {
        let user = change.user;
        let mut parts = vec![
            raise_epoch(user.id, user.epoch, change.two_factor).into_part(&self.table)?,
            move_session(change.session, user.epoch).into_part(&self.table)?,
        ];
        for factor in change.remove {
            let key = factor_key(user.id, *factor);
            parts.push(match change.shown.map(|shown| shown.proof) {
                Some(Proof::Totp { factor: of, step }) if of == factor => {
                    delete_app(&self.table, &key, *step)?
                }
                _ => delete(&self.table, &key, "attribute_exists(PK)")?,
            });
        }
        if let Some(AcceptedCode {
            proof,
            sent_for: Some(login),
        }) = change.shown
        {
            let step = unless_spent(step_part(login, &State::Redeemed, now), proof);
            parts.push(step.into_part(&self.table)?);
            if let Some(spent) = spend_earlier(user.id, proof, now) {
                parts.push(spent.into_part(&self.table)?);
            }
        }
        for factor in change.add {
            parts.push(put_part(
                &self.table,
                mark_owned(write_factor(user.id, factor)).0,
            )?);
        }
        match change.recovery {
            RecoveryChange::Keep => {}
            RecoveryChange::Remove => {
                let key = recovery_key(user.id);
                parts.push(match change.shown.map(|shown| shown.proof) {
                    Some(Proof::Recovery { hash }) => delete_codes(&self.table, &key, hash)?,
                    _ => delete_part(&self.table, &key)?,
                });
            }
            RecoveryChange::Replace(codes) => {
                let item = mark_owned(write_recovery(user.id, codes, now));
                parts.push(put(&self.table, item, None)?);
            }
        }
        Ok(match self.transact("change factors", parts).await? {
            Transacted::Done => Changed::Done,
            Transacted::Refused(refused) if refused.iter().all(|(index, _)| *index == 1) => {
                Changed::SessionEnded
            }
            Transacted::Refused(_) => Changed::Overtaken,
        })
    }

    /// Forgets a factor that was never confirmed. Returns whether the factor
    /// existed and was still unconfirmed. One transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn forget_unconfirmed(&self, user: UserId, factor: FactorId) -> Result<bool, Broken> {
        let part = delete(&self.table, &factor_key(user, factor), "confirmed = :false")?;
        let done = self.transact("forget a factor", vec![part]).await?;
        Ok(matches!(done, Transacted::Done))
    }
}

/// Lets a login whose enrolment is complete wait for a new password, at the epoch after the
/// enrolment.
fn verified_for_change(login: &Login, proof: &Proof, now: Timestamp) -> Change {
    let verified = State::Verified {
        proof: proof.clone(),
        by_token: false,
    };
    step_part(login, &verified, now)
        .set("#epoch = :next_epoch")
        .set("#by_token = :by_token")
        .set("#expires_at = :expires_at")
        .remove("#enrolment")
        .value(":next_epoch", number_value(login.epoch + 1))
        .value(":by_token", AttributeValue::Bool(false))
        .value(
            ":expires_at",
            number_value(login.created_at + LOGIN_SECONDS),
        )
}

fn changed(transacted: Transacted) -> Changed {
    match transacted {
        Transacted::Done => Changed::Done,
        Transacted::Refused(_) => Changed::Overtaken,
    }
}

pub(in crate::store) fn raise_epoch(user: UserId, from: u64, two_factor: bool) -> Change {
    Change::of(profile_key(user), "#epoch = :from AND #active = :true")
        .set("#epoch = :to")
        .set("#two_factor = :two_factor")
        .value(":from", number_value(from))
        .value(":to", number_value(from + 1))
        .value(":true", AttributeValue::Bool(true))
        .value(":two_factor", AttributeValue::Bool(two_factor))
}
