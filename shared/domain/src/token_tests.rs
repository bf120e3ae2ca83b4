//! The bytes of each kind, which tokens in flight have too.

use super::{
    ActionToken, BODY_LENGTH, BrowserToken, ChallengeToken, ChangePasswordToken, CodeToken,
    LoginToken, MailboxCodeToken, PasskeyChallengeToken, PasskeyEnrolmentToken, RefreshToken,
    TokenBody, TrustedBrowserToken,
};
use crate::id::{ActionId, BrowserId, CodeId, FactorId, LoginId, SessionId, UserId};

const KEY: u32 = 0x0102_0304;

/// One token of each kind, and what stands in its layout: the kind, the
/// generation, and each byte of the factor. Each byte of the item is 0x22.
fn kinds() -> Vec<(TokenBody, u8, u32, u8)> {
    let (user, item) = (UserId::from_bytes([0x11; 16]), [0x22; 16]);
    let (login, session) = (LoginId::from_bytes(item), SessionId::from_bytes(item));
    let factor = FactorId::from_bytes([0x33; 16]);
    let action = ActionToken {
        user,
        action: ActionId::from_bytes(item),
    };
    let login_of = |app| TokenBody::Login(LoginToken { user, login, app });
    let challenge = ChallengeToken {
        user,
        login,
        factor,
    };
    let refresh = RefreshToken {
        user,
        session,
        generation: 7,
    };
    let change = ChangePasswordToken { user, login };
    let code = CodeToken {
        user,
        code: CodeId::from_bytes(item),
    };
    let first = MailboxCodeToken {
        mailbox: user,
        login,
    };
    let passkey = PasskeyChallengeToken {
        client: user,
        challenge: login,
        key: 5,
    };
    let new_passkey = PasskeyEnrolmentToken {
        user,
        challenge: login,
        key: 6,
    };
    let trusted = TrustedBrowserToken {
        user,
        browser: BrowserId::from_bytes(item),
    };
    vec![
        (login_of(None), 1, 0, 0),
        (login_of(Some(factor)), 1, 0, 0x33),
        (TokenBody::OutOfBand(challenge), 2, 0, 0x33),
        (TokenBody::Refresh(refresh), 3, 7, 0),
        (TokenBody::ConfirmEmail(action), 4, 0, 0),
        (TokenBody::ResetPassword(action), 5, 0, 0),
        (TokenBody::ChangePassword(change), 6, 0, 0),
        (TokenBody::Browser(BrowserToken { user, session }), 7, 0, 0),
        (TokenBody::AuthorizationCode(code), 8, 0, 0),
        (TokenBody::MailboxCode(first), 9, 0, 0),
        (TokenBody::PasskeyChallenge(passkey), 10, 5, 0),
        (TokenBody::PasskeyEnrolment(new_passkey), 11, 6, 0),
        (TokenBody::TrustedBrowser(trusted), 12, 0, 0),
    ]
}

#[test]
fn the_bytes_of_each_kind_stay_so_that_tokens_in_flight_survive_a_deployment() {
    for (body, kind, generation, factor) in kinds() {
        let mut expected = vec![1, kind, 1, 2, 3, 4];
        expected.extend([0x11; 16]);
        expected.extend([0x22; 16]);
        expected.extend(u32::to_be_bytes(generation));
        expected.extend([factor; 16]);
        assert_eq!(body.encode(KEY), expected, "{body:?}");
        assert_eq!(expected.len(), BODY_LENGTH);
        assert_eq!(TokenBody::decode(&expected), Some((KEY, body)));
    }
}

#[test]
fn the_key_of_the_mac_is_derived_with_a_label_of_its_own_for_each_kind() {
    let labels: Vec<&str> = kinds().iter().map(|(body, ..)| body.label()).collect();
    let expected = [
        "token login",
        "token login",
        "token out-of-band",
        "token refresh",
        "token confirm-email",
        "token reset-password",
        "token change-password",
        "token browser",
        "token authorization-code",
        "token first-code",
        "token passkey-challenge",
        "token passkey-enrolment",
        "token trusted-browser",
    ];
    assert_eq!(labels, expected);
}

#[test]
fn a_token_is_not_taken_for_one_of_another_kind_version_or_length() {
    for (body, kind, ..) in kinds() {
        let read = [
            body.login().is_some(),
            body.out_of_band().is_some(),
            body.refresh().is_some(),
            body.confirm_email().is_some(),
            body.reset_password().is_some(),
            body.change_password().is_some(),
            body.browser().is_some(),
            body.authorization_code().is_some(),
            body.mailbox_code().is_some(),
        ];
        let own = (1..=9).map(|reader| reader == kind);
        assert!(read.into_iter().eq(own), "{body:?}: {read:?}");
        let bytes = body.encode(KEY);
        assert_eq!(TokenBody::decode(&bytes[1..]), None);
        assert_eq!(TokenBody::decode(&[bytes.as_slice(), &[0]].concat()), None);
        for version in [0, 2] {
            let other = [&[version], &bytes[1..]].concat();
            assert_eq!(TokenBody::decode(&other), None);
        }
    }
    for kind in [0, 13, 255] {
        let mut bytes = kinds()[0].0.encode(KEY);
        bytes[1] = kind;
        assert_eq!(TokenBody::decode(&bytes), None);
    }
    assert_eq!(TokenBody::decode(&[]), None);
}

#[test]
fn a_field_that_a_kind_does_not_use_holds_zeros() {
    for (body, _, generation, factor) in kinds() {
        let bytes = body.encode(KEY);
        let generation_at = BODY_LENGTH - 20;
        for (unused, at) in [
            (generation == 0, generation_at),
            (factor == 0, BODY_LENGTH - 1),
        ] {
            // An app may stand in any token of a login.
            let is_app = body.login().is_some() && at != generation_at;
            let mut other = bytes.clone();
            other[at] ^= 1;
            let read = TokenBody::decode(&other).is_some();
            assert_eq!(read, !unused || is_app, "{body:?}");
        }
    }
}

#[test]
fn a_challenge_that_names_no_factor_is_no_token() {
    let mut bytes = kinds()[2].0.encode(KEY);
    bytes[BODY_LENGTH - 16..].fill(0);
    assert_eq!(TokenBody::decode(&bytes), None);
}
