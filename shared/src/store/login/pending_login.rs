//! Pending logins: from the right password to the tokens, once.

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, TransactWriteItem, WriteRequest};

use crate::domain::Timestamp;
use crate::domain::factors::factor::Sealed;
use crate::domain::id::UserId;
use crate::domain::login::pending_login::{Login, Proof, SentCode, State};
use crate::domain::messages::payers::Bill;
use crate::domain::refusal::Refusal;
use crate::failure::{Broken, Failure};
use crate::store::item::{Attributes, Item, binary_value, number_value, text_value};
use crate::store::login::adopted_send::{spend_earlier, unless_spent};
use crate::store::login::code_budget::given_back;
use crate::store::login::login_result::result_part;
use crate::store::login::passkey::advanced;
use crate::store::login::password_charge::{Counted, known_network_part};
use crate::store::login::pending_login_item::{
    login_of_item, write_login, write_proof, write_sends,
};
use crate::store::login::redemption::{
    AcceptedProof, LoginRedemption, LoginVerification, Redeemed,
};
use crate::store::messages::payers::{ATTEMPTS, Charged, Charging};
use crate::store::sessions::session::stepped_part;
use crate::store::sessions::trusted_device::remember_parts;
use crate::store::table::Store;
use crate::store::table_keys::{factor_key, login_key, recovery_key};
use crate::store::write::{Change, Transacted};

/// A send that was recorded, with the data to take it back.
#[derive(Debug)]
pub struct SendRecorded {
    sent: SentCode,
    before: Vec<SentCode>,
    charged: Charged,
}

impl SendRecorded {
    /// The recorded send. Its number may be higher than the number that the
    /// caller asked for.
    pub fn sent(&self) -> &SentCode {
        &self.sent
    }
}

impl Store {
    /// Stores a login that has just begun. Forgets the passwords that were
    /// counted up to the login's own. One batch write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn begin_login(&self, login: &Login, counted: &Counted) -> Result<(), Broken> {
        let put = PutRequest::builder()
            .set_item(Some(write_login(login).0))
            .build()
            .map_err(|_| Broken::internal("an incomplete put"))?;
        let mut writes = counted.forgotten()?;
        writes.push(WriteRequest::builder().put_request(put).build());
        self.write_batch("keep a login", writes).await
    }

    /// Stores a login that no password began: a code to a mailbox did, or a signed-in
    /// browser that shows a factor again. One write.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn keep_login(&self, login: &Login) -> Result<(), Broken> {
        if self.put_new("keep a login", write_login(login).0).await? {
            return Ok(());
        }
        Err(Broken::internal("a new login's identifier is taken"))
    }

    /// Records a send before it is made, and charges everybody who pays for it.
    /// One transaction; one more when a budget is in use, or when a send to
    /// another factor was recorded first. In that case this send takes the next
    /// number.
    ///
    /// # Errors
    /// `LoginExpired`, `SendTooSoon`, `SendsExhausted`, `RequestsExhausted`;
    /// `Broken` if DynamoDB does not answer.
    pub async fn record_send(
        &self,
        login: &Login,
        sent: SentCode,
        bill: &Bill,
        now: Timestamp,
    ) -> Result<SendRecorded, Failure> {
        let mut charging = Charging::of(bill, now);
        let (mut login, mut sent) = (login.clone(), sent);
        for _ in 0..ATTEMPTS {
            let mut parts = vec![record_part(&login, sent, now).into_part(&self.table)?];
            parts.extend(charging.parts(&self.table)?);
            let refused = match self.transact("record a send", parts).await? {
                Transacted::Done => {
                    return Ok(SendRecorded {
                        sent,
                        before: login.sent,
                        charged: charging.done(),
                    });
                }
                Transacted::Refused(refused) => refused,
            };
            for (index, item) in &refused {
                if *index == 0 {
                    login = changed(&login, item, now)?;
                    sent = login.next_send(sent.factor, sent.channel, sent.key, now)?;
                } else if let Some(refusal) = charging.learn(*index - 1, item)? {
                    return Err(refusal.into());
                }
            }
        }
        // Other requests wrote first in every attempt.
        Err(Refusal::SendTooSoon { retry_at: now + 1 }.into())
    }

    /// Takes back a send that failed, so nobody has paid for it. The send's
    /// number is used again, so a retry sends the same code. One transaction,
    /// one more if an item has changed since.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn mark_unsent(&self, login: &Login, recorded: &SendRecorded) -> Result<(), Broken> {
        let undo = Change::of(
            login_key(login.user, login.id),
            "#sends = :n AND #state = :sent",
        )
        .set("#sends = :before")
        .set("#sent = :list")
        .value(":n", number_value(recorded.sent.number))
        .value(":sent", text_value(State::CodeSent.name()))
        .value(":before", number_value(recorded.sent.number - 1))
        .value(":list", write_sends(&recorded.before));
        self.undo_send(undo, &recorded.charged).await
    }

    /// Marks a login verified and consumes the proof, in one transaction.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn verify_login(
        &self,
        login: &Login,
        shown: &AcceptedProof<'_>,
        now: Timestamp,
    ) -> Result<LoginVerification, Broken> {
        let AcceptedProof {
            proof,
            by_token,
            resealed,
        } = *shown;
        let verified = State::Verified {
            proof: proof.clone(),
            by_token,
        };
        let change = unless_spent(step_part(login, &verified, now), proof)
            .set("#by_token = :by_token")
            .set("#proof = :proof")
            .set("#expires_at = :expires_at")
            .value(":by_token", AttributeValue::Bool(by_token))
            .value(":proof", write_proof(proof))
            .value(":expires_at", number_value(login.expiry_when_verified(now)));
        let mut parts = vec![self.standing_part(login)?, change.into_part(&self.table)?];
        let standing = parts.len();
        parts.extend(self.consume_part(login.user, proof, (None, resealed), now)?);
        let done = self.transact("verify a login", parts).await?;
        Ok(outcome(&done, standing))
    }

    /// Redeems a login in one transaction. It consumes the proof, unless the
    /// verify did. It stores the session or the code, and the hash of a new recovery
    /// code, if there are any. It may give the guess of the right code back. If a password came with the request, it forgets the
    /// passwords that were counted. It makes the network of the login's
    /// password known to the name.
    ///
    /// # Errors
    /// `Broken` if DynamoDB does not answer.
    pub async fn redeem_login(
        &self,
        redemption: &LoginRedemption<'_>,
        now: Timestamp,
    ) -> Result<Redeemed, Broken> {
        let LoginRedemption {
            login,
            proof,
            result,
            gives_back,
            new_recovery,
            counted,
            resealed,
            device,
        } = *redemption;
        // A verified login consumed its proof before.
        let step = step_part(login, &State::Redeemed, now);
        let step = match login.state {
            State::Verified { .. } => step,
            State::Pending | State::CodeSent | State::Redeemed => unless_spent(step, proof),
        };
        let change = step
            .set("#proof = :proof")
            .value(":proof", write_proof(proof));
        let mut parts = vec![self.standing_part(login)?, change.into_part(&self.table)?];
        parts.extend(stepped_part(&self.table, login, now)?);
        let standing = parts.len();
        if matches!(login.state, State::Verified { .. }) {
            parts.extend(self.renew_part(login.user, new_recovery, now)?);
        } else {
            parts.extend(self.consume_part(login.user, proof, (new_recovery, resealed), now)?);
        }
        if let Some(result) = result {
            parts.push(result_part(&self.table, result)?);
        }
        if let Some(device) = device {
            parts.extend(remember_parts(&self.table, device)?);
        }
        if let Some(guesser) = gives_back {
            parts.push(given_back(guesser).into_part(&self.table)?);
        }
        parts.extend(self.finished_login_parts(login, counted, now)?);
        let done = self.transact("redeem a login", parts).await?;
        Ok(outcome(&done, standing))
    }

    /// What a completed login does to the budgets of passwords. `counted` is
    /// the password of the request that completes the login, if the request has
    /// one.
    pub(in crate::store) fn finished_login_parts(
        &self,
        login: &Login,
        counted: Option<&Counted>,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, Broken> {
        match (counted, &login.came_from) {
            (Some(counted), _) => counted.finished_login_parts(&self.table, now),
            (None, Some(hash)) => Ok(vec![known_network_part(&self.table, hash, now)?]),
            (None, None) => Ok(Vec::new()),
        }
    }

    /// The condition that the user is active, and unchanged since the right
    /// password.
    fn standing_part(&self, login: &Login) -> Result<TransactWriteItem, Broken> {
        self.profile_check(login.user, login.epoch)
    }

    /// Consumes a time step or a recovery code, or advances the counter of a passkey. The same write may replace the
    /// recovery code, or the seal of the app's seed. A sent code needs no part of
    /// its own: it is consumed with its login, or with the earlier login that
    /// it was sent for.
    fn consume_part(
        &self,
        user: UserId,
        proof: &Proof,
        (new_recovery, resealed): (Option<&str>, Option<&Sealed>),
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, Broken> {
        let change = match proof {
            Proof::Sent(_) => {
                let spent = spend_earlier(user, proof, now);
                return spent.map(|spent| spent.into_part(&self.table)).transpose();
            }
            Proof::Totp { factor, step } => {
                let change = Change::of(
                    factor_key(user, *factor),
                    "attribute_exists(PK) AND (attribute_not_exists(#last_step) OR #last_step < :step)",
                )
                .set("#last_step = :step")
                .value(":step", number_value(step));
                match resealed {
                    None => change,
                    Some(seed) => change
                        .set("#seed = :seed")
                        .set("#seed_key = :seed_key")
                        .value(":seed", binary_value(seed.bytes.clone()))
                        .value(":seed_key", number_value(seed.key)),
                }
            }
            Proof::Passkey(passkey) => {
                let signed = (passkey.counter, passkey.is_copied);
                advanced(user, passkey.factor, signed, now)
            }
            Proof::Recovery { hash } => {
                let change = Change::of(recovery_key(user), "attribute_exists(#codes.#spent)")
                    .name("#spent", hash)
                    .remove("#codes.#spent")
                    .set("#used_at = :now")
                    .value(":now", number_value(now));
                match new_recovery {
                    None => change,
                    Some(new) => change.name("#new", new).set("#codes.#new = :now"),
                }
            }
        };
        change.into_part(&self.table).map(Some)
    }

    fn renew_part(
        &self,
        user: UserId,
        new_recovery: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, Broken> {
        let Some(new) = new_recovery else {
            return Ok(None);
        };
        Change::of(recovery_key(user), "attribute_exists(PK)")
            .name("#new", new)
            .set("#codes.#new = :now")
            .value(":now", number_value(now))
            .into_part(&self.table)
            .map(Some)
    }
}

/// The first `standing` parts are the conditions of the login: the profile, the login, and
/// the session that the login makes stronger. The consumed proof follows.
fn outcome(transacted: &Transacted, standing: usize) -> LoginVerification {
    match transacted {
        Transacted::Done => LoginVerification::Done,
        Transacted::Refused(parts) if parts.iter().any(|(index, _)| *index < standing) => {
            LoginVerification::LoginOver
        }
        Transacted::Refused(_) => LoginVerification::ProofUsed,
    }
}

/// Moves a live login on from the state in which it was read.
pub(in crate::store) fn step_part(login: &Login, to: &State, now: Timestamp) -> Change {
    let live = "#client = :client AND #epoch = :epoch AND #expires_at > :now";
    let key = login_key(login.user, login.id);
    let change = match login.state {
        State::Pending | State::CodeSent => {
            // A send that happens meanwhile does not stop this step.
            Change::of(key, format!("#state IN (:pending, :sent) AND {live}"))
                .value(":pending", text_value(State::Pending.name()))
                .value(":sent", text_value(State::CodeSent.name()))
        }
        State::Verified { .. } | State::Redeemed => {
            Change::of(key, format!("#state = :read AND {live}"))
                .value(":read", text_value(login.state.name()))
        }
    };
    change
        .set("#state = :state")
        .value(":state", text_value(to.name()))
        .value(":client", text_value(&login.authorized.client))
        .value(":epoch", number_value(login.epoch))
        .value(":now", number_value(now))
}

fn record_part(login: &Login, sent: SentCode, now: Timestamp) -> Change {
    Change::of(
        login_key(login.user, login.id),
        "#state IN (:pending, :sent) AND #sends = :n AND #expires_at > :now AND #epoch = :epoch",
    )
    .set("#state = :sent")
    .set("#sends = :number")
    .set("#sent = :list")
    .value(":pending", text_value(State::Pending.name()))
    .value(":sent", text_value(State::CodeSent.name()))
    .value(":n", number_value(login.sends))
    .value(":number", number_value(sent.number))
    .value(":list", write_sends(&login.newest_with(sent)))
    .value(":epoch", number_value(login.epoch))
    .value(":now", number_value(now))
}

/// The login as it is now, after a send to the login as it was read was
/// refused.
fn changed(login: &Login, item: &Attributes, now: Timestamp) -> Result<Login, Failure> {
    if item.is_empty() {
        return Err(Refusal::LoginExpired.into());
    }
    let changed = login_of_item(login.user, Item(item))?;
    if changed.expires_at <= now || changed.epoch != login.epoch {
        return Err(Refusal::LoginExpired.into());
    }
    Ok(changed)
}
