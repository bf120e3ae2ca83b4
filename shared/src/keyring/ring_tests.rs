//! Rings built in memory: what rotates, what is bound to what.
#![allow(clippy::unwrap_used)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::super::derive::split_token;
use super::{Algorithm, DataKey, Purpose, Ring};
use crate::domain::factors::factor::Channel;
use crate::domain::factors::totp::Seed;
use crate::domain::id::{FactorId, LoginId, UserId};
use crate::domain::login::pending_login::SentCode;
use crate::domain::token::{LoginToken, TokenBody};

const NOW: i64 = 1_800_000_000;

fn ring(keys: &[(u32, i64)]) -> Ring {
    let both = [Purpose::Tokens, Purpose::Seeds];
    let data = both
        .iter()
        .flat_map(|purpose| {
            keys.iter().map(|(number, created_at)| {
                let secret = Zeroizing::new([u8::try_from(*number).unwrap(); 32]);
                (
                    *purpose,
                    DataKey {
                        number: *number,
                        created_at: *created_at,
                        secret,
                    },
                )
            })
        })
        .collect();
    Ring::build(&both, data, &[], Algorithm::Rs256, NOW).unwrap()
}

fn body() -> TokenBody {
    TokenBody::Login(LoginToken {
        user: UserId::from_bytes([1; 16]),
        login: LoginId::from_bytes([2; 16]),
        app: None,
    })
}

fn opens(ring: &Ring, text: &str) -> bool {
    split_token(text).is_some_and(|token| ring.token_mac_is_right(&token))
}

#[test]
fn a_token_of_an_older_key_still_opens_after_a_rotation() {
    let token = ring(&[(1, 0)]).seal_token(body()).unwrap();
    let rotated = ring(&[(1, 0), (2, NOW - 900)]);
    assert_eq!(rotated.current_token_key(), 2);
    assert!(opens(&rotated, token.expose()));
}

#[test]
fn a_new_data_key_derives_nothing_for_fifteen_minutes() {
    assert_eq!(ring(&[(1, 0), (2, NOW - 899)]).current_token_key(), 1);
    assert_eq!(ring(&[(1, NOW)]).current_token_key(), 1);
}

#[test]
fn a_changed_token_or_one_of_another_kind_does_not_open() {
    let ring = ring(&[(1, 0)]);
    let token = ring.seal_token(body()).unwrap();
    let text = token.expose();
    assert!(opens(&ring, text));
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    for kind in 2..=8 {
        let mut other = bytes.clone();
        other[1] = kind;
        assert!(!opens(&ring, &URL_SAFE_NO_PAD.encode(other)), "{kind}");
    }
    for place in 0..text.len() - 1 {
        let mut forged = text.to_owned();
        let other = if text.as_bytes()[place] == b'A' {
            "B"
        } else {
            "A"
        };
        forged.replace_range(place..=place, other);
        assert!(!opens(&ring, &forged), "changed at {place}");
    }
}

#[test]
fn a_code_belongs_to_its_login_its_factor_and_its_send() {
    let ring = ring(&[(1, 0)]);
    let sent = |number, factor| SentCode {
        earlier: None,
        number,
        factor: FactorId::from_bytes([factor; 16]),
        channel: Channel::Email,
        at: NOW,
        key: 1,
    };
    let code = |login, sent| {
        ring.code(LoginId::from_bytes([login; 16]), &sent)
            .unwrap()
            .expose()
            .to_owned()
    };
    let one = code(1, sent(1, 1));
    assert_eq!(one, code(1, sent(1, 1)));
    assert_eq!(one.len(), 6);
    assert_ne!(one, code(2, sent(1, 1)));
    assert_ne!(one, code(1, sent(2, 1)));
    assert_ne!(one, code(1, sent(1, 2)));
}

#[test]
fn a_seed_opens_for_its_own_user_and_factor_only() {
    let ring = ring(&[(1, 0)]);
    let (user, factor) = (UserId::from_bytes([1; 16]), FactorId::from_bytes([2; 16]));
    let sealed = ring
        .seal_seed(user, factor, &Seed::new(vec![5; 20]))
        .unwrap();
    assert_eq!(
        ring.open_seed(user, factor, &sealed).unwrap().expose(),
        [5; 20]
    );
    assert!(
        ring.open_seed(UserId::from_bytes([9; 16]), factor, &sealed)
            .is_err()
    );
    assert!(
        ring.open_seed(user, FactorId::from_bytes([9; 16]), &sealed)
            .is_err()
    );
}

#[test]
fn a_ring_without_the_keys_it_needs_is_unavailable() {
    let missing = Ring::build(&[Purpose::Tokens], vec![], &[], Algorithm::Rs256, NOW);
    assert!(missing.is_err_and(|broken| broken.transient));
}
