//! The policy that says which of a user's second factors are offered.

use crate::accounts::user::Account;
use crate::factors::factor::{Channel, Factor, Method};
use crate::factors::passkey::Passkey;
use crate::messages::sms_countries::SmsCountries;

/// When a code by e-mail or by a webhook is a second factor. Such a code never
/// gives `acr` `aal2`, because NIST SP 800-63B 3.1.3.1 does not count e-mail as
/// out-of-band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AalPolicy {
    /// Such a code always is a second factor.
    Aal1,
    /// Such a code is a second factor only for a user who has no stronger factor.
    PreferAal2,
    /// Such a code never is a second factor, so every second factor gives
    /// `aal2`.
    Aal2,
}

impl AalPolicy {
    /// The policy of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "aal1" => Some(Self::Aal1),
            "prefer-aal2" => Some(Self::PreferAal2),
            "aal2" => Some(Self::Aal2),
            _ => None,
        }
    }
}

/// Decides which factors are offered.
#[derive(Clone, Debug)]
pub struct Offer {
    /// When e-mail is a second factor.
    pub aal: AalPolicy,
    /// The countries that text messages may go to.
    pub sms_countries: SmsCountries,
    /// Whether there is a webhook.
    pub webhook: bool,
}

impl Offer {
    /// Removes the confirmed factors that are not offered, and the passkeys that are no second
    /// factor. Unconfirmed factors stay, because they complete nothing, and so does a closed
    /// factor, because it is stronger than a mailbox.
    pub fn keep_allowed(&self, factors: &mut Vec<Factor>) {
        let stays = |factor: &Factor| factor.is_closed() || self.may_reach(factor);
        factors.retain(|factor| !factor.confirmed || stays(factor));
        let stronger = factors
            .iter()
            .any(|factor| factor.confirmed && !gives_first_level_only(factor));
        if self.aal == AalPolicy::PreferAal2 && stronger {
            factors.retain(|factor| !factor.confirmed || !gives_first_level_only(factor));
        }
    }

    /// Whether this factor is offered to a user who has no other factor.
    pub fn may_reach(&self, factor: &Factor) -> bool {
        let address = factor.address();
        factor.is_second() && address.is_none_or(|(channel, to)| self.may_use(channel, to))
    }

    /// The kinds of factors that a user may enrol in every dialect.
    pub fn enrollable(&self) -> Vec<Method> {
        let mut methods = vec![Method::Totp];
        if !self.sms_countries.is_empty() {
            methods.push(Method::Sms);
        }
        if self.aal != AalPolicy::Aal2 {
            methods.push(Method::Email);
        }
        methods
    }

    /// The kinds of factors that a user may enrol at a login, which may ask for passkeys.
    pub fn enrollable_at(&self, asks_for_passkey: bool) -> Vec<Method> {
        let mut methods = self.enrollable();
        methods.extend(asks_for_passkey.then_some(Method::Passkey));
        methods
    }

    /// Whether an address of this channel is offered to a user who has no other
    /// factor.
    pub fn may_use(&self, channel: Channel, to: &str) -> bool {
        match channel {
            Channel::Email => self.aal != AalPolicy::Aal2,
            Channel::Sms => self.may_text(to),
            Channel::Webhook => self.webhook && self.aal != AalPolicy::Aal2,
        }
    }

    /// Whether text messages may go to this number, in E.164 form.
    pub fn may_text(&self, number: &str) -> bool {
        self.sms_countries.reach(number)
    }

    /// Whether the user's other factors decide if this factor is offered.
    pub fn depends_on_others(&self, factor: &Factor) -> bool {
        self.aal == AalPolicy::PreferAal2 && gives_first_level_only(factor)
    }
}

impl Account {
    /// Lets the login that the user was read for ask for the user's passkeys.
    pub fn ask_for_passkeys(&mut self) {
        self.factors.iter_mut().for_each(Factor::ask_for_passkey);
    }

    /// Whether the user has a second factor that this login cannot ask for: a passkey that
    /// was enrolled as one, or a factor of a kind that this version does not know.
    pub fn has_closed_factor(&self) -> bool {
        self.closed_factor || self.factors.iter().any(Factor::is_closed)
    }

    /// The user's passkeys, each with its factor.
    pub fn passkeys(&self) -> impl Iterator<Item = (&Factor, &Passkey)> {
        let confirmed = self.factors.iter().filter(|factor| factor.confirmed);
        confirmed.filter_map(|factor| Some((factor, factor.passkey()?)))
    }

    /// The kinds of factors that can complete a login of the user, each once. Empty
    /// if the user has to enrol first.
    pub fn completing_methods(&self) -> Vec<Method> {
        let mut methods: Vec<Method> = Vec::new();
        for factor in self.active_factors() {
            if !methods.contains(&factor.method()) {
                methods.push(factor.method());
            }
        }
        let recovery = self.recovery.as_ref();
        if recovery.is_some_and(|codes| !codes.hashes.is_empty()) {
            methods.push(Method::RecoveryCode);
        }
        methods
    }

    /// Whether a factor that can complete a login of the user gives `aal2`.
    pub fn has_strong_factor(&self) -> bool {
        self.active_factors()
            .any(|factor| !gives_first_level_only(factor))
    }

    /// Removes the confirmed factors that never give `aal2`, if another factor that can
    /// complete a login of the user does.
    pub fn keep_strong_factors(&mut self) {
        if self.has_strong_factor() {
            self.factors
                .retain(|factor| !factor.confirmed || !gives_first_level_only(factor));
        }
    }
}

/// Whether the factor is a mailbox or a webhook.
pub(crate) fn gives_first_level_only(factor: &Factor) -> bool {
    let address = factor.address();
    address.is_some_and(|(channel, _)| channel.is_weak())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{AalPolicy, Account, Channel, Factor, Method, Offer, Passkey, SmsCountries};
    use crate::accounts::user::User;
    use crate::factors::factor::{FactorKind, RecoveryCodes};
    use crate::factors::passkey::SecondUse;
    use crate::id::{FactorId, UserId};

    fn factor(channel: Channel, to: &str, confirmed: bool) -> Factor {
        Factor {
            id: FactorId::random([1; 16]),
            kind: FactorKind::Address {
                channel,
                to: to.into(),
            },
            confirmed,
            created_at: 0,
        }
    }

    fn offer(policy: &str, countries: &[&str]) -> Offer {
        Offer {
            aal: AalPolicy::from_name(policy).unwrap(),
            sms_countries: SmsCountries::parse(countries.iter().copied()).unwrap(),
            webhook: true,
        }
    }

    fn kept(policy: &str, countries: &[&str], factors: &[Factor]) -> Vec<String> {
        let mut factors = factors.to_vec();
        offer(policy, countries).keep_allowed(&mut factors);
        let to = |factor: &Factor| factor.address().unwrap().1.to_owned();
        factors.iter().map(to).collect()
    }

    #[test]
    fn a_passkey_is_a_factor_of_the_login_that_asks_and_one_enrolled_as_second_is_closed_elsewhere()
    {
        for (second, closed) in [(SecondUse::Nothing, false), (SecondUse::Closed, true)] {
            let passkey = Passkey {
                second,
                ..Passkey::begun()
            };
            let mut account = Account {
                user: User::plain(UserId::from_bytes([9; 16])),
                factors: vec![Factor {
                    kind: FactorKind::Passkey(Box::new(passkey)),
                    ..factor(Channel::Email, "a@b", true)
                }],
                recovery: None,
                closed_factor: false,
            };
            assert_eq!(account.active_factors().count(), 0);
            assert_eq!(account.has_closed_factor(), closed);
            assert_eq!(account.has_factor(), closed);
            assert!(!account.has_strong_factor());
            account.ask_for_passkeys();
            assert_eq!(account.completing_methods(), [Method::Passkey]);
            assert!(!account.has_closed_factor() && account.has_strong_factor());
        }
    }

    #[test]
    fn a_mailbox_beside_a_closed_passkey_is_offered_as_beside_an_app() {
        let passkey = Passkey {
            second: SecondUse::Closed,
            ..Passkey::begun()
        };
        let email = factor(Channel::Email, "a@b", true);
        let mut account = Account {
            user: User::plain(UserId::from_bytes([9; 16])),
            factors: vec![
                email.clone(),
                Factor {
                    kind: FactorKind::Passkey(Box::new(passkey)),
                    ..email
                },
            ],
            recovery: None,
            closed_factor: false,
        };
        let offered = |policy: &str, account: &Account| {
            let mut account = account.clone();
            offer(policy, &["+1"]).keep_allowed(&mut account.factors);
            assert!(account.has_closed_factor());
            account.completing_methods()
        };
        assert_eq!(offered("aal1", &account), [Method::Email]);
        assert_eq!(offered("prefer-aal2", &account), []);
        account.user.reset_by = Some("a@b".to_owned());
        assert_eq!(offered("aal1", &account), []);
    }

    #[test]
    fn beside_a_stronger_factor_email_is_offered_by_policy_only() {
        let email = factor(Channel::Email, "a@b", true);
        let both = [factor(Channel::Sms, "+1555", true), email.clone()];
        assert_eq!(kept("aal1", &["+1"], &both), ["+1555", "a@b"]);
        assert_eq!(kept("prefer-aal2", &["+1"], &both), ["+1555"]);
        assert_eq!(
            kept("prefer-aal2", &["+1"], std::slice::from_ref(&email)),
            ["a@b"]
        );
        assert_eq!(kept("aal2", &["+1"], &[email]), Vec::<String>::new());
    }

    #[test]
    fn a_webhook_is_offered_where_e_mail_is() {
        let webhook = factor(Channel::Webhook, "bridge", true);
        let both = [factor(Channel::Sms, "+1555", true), webhook.clone()];
        assert_eq!(kept("aal1", &["+1"], &both), ["+1555", "bridge"]);
        assert_eq!(kept("prefer-aal2", &["+1"], &both), ["+1555"]);
        let alone = std::slice::from_ref(&webhook);
        assert_eq!(kept("prefer-aal2", &["+1"], alone), ["bridge"]);
        assert_eq!(kept("aal2", &["+1"], alone), Vec::<String>::new());
    }

    #[test]
    fn a_stronger_factor_that_is_not_confirmed_or_not_offered_takes_no_email_away() {
        let email = factor(Channel::Email, "a@b", true);
        let begun = [factor(Channel::Sms, "+1555", false), email.clone()];
        assert_eq!(kept("prefer-aal2", &["+1"], &begun), ["+1555", "a@b"]);
        let abroad = [factor(Channel::Sms, "+44555", true), email];
        assert_eq!(kept("prefer-aal2", &["+1"], &abroad), ["a@b"]);
    }

    #[test]
    fn text_messages_go_to_the_named_countries_only() {
        let phones = [
            factor(Channel::Sms, "+15555550100", true),
            factor(Channel::Sms, "+18765550100", true),
        ];
        assert_eq!(kept("aal1", &["+1876", "+44"], &phones), ["+18765550100"]);
        assert_eq!(kept("aal1", &[], &phones), Vec::<String>::new());
    }

    #[test]
    fn only_a_factor_that_completes_a_login_takes_the_weaker_ones_away() {
        let (email, webhook) = (
            factor(Channel::Email, "a@b", true),
            factor(Channel::Webhook, "bridge", true),
        );
        let sms = |confirmed| factor(Channel::Sms, "+1555", confirmed);
        for (factors, expected) in [
            (vec![email.clone(), sms(true), webhook], vec!["+1555"]),
            (vec![email.clone(), sms(false)], vec!["a@b", "+1555"]),
            (vec![email], vec!["a@b"]),
        ] {
            let mut account = Account {
                user: User::plain(UserId::from_bytes([9; 16])),
                factors,
                recovery: None,
                closed_factor: false,
            };
            account.keep_strong_factors();
            let to = |factor: &Factor| factor.address().unwrap().1.to_owned();
            let kept: Vec<String> = account.factors.iter().map(to).collect();
            assert_eq!(kept, expected);
        }
    }

    #[test]
    fn each_kind_of_factor_completes_a_login_once_and_recovery_codes_while_any_is_left() {
        let account = |factors: Vec<Factor>, codes: Option<usize>| Account {
            user: User::plain(UserId::from_bytes([9; 16])),
            factors,
            recovery: codes.map(|count| RecoveryCodes {
                id: FactorId::random([2; 16]),
                hashes: vec!["hash".into(); count],
            }),
            closed_factor: false,
        };
        let two_phones = vec![
            factor(Channel::Sms, "+1555", true),
            factor(Channel::Sms, "+1556", true),
            factor(Channel::Email, "a@b", true),
            factor(Channel::Webhook, "bridge", false),
        ];
        let (sms, email) = (Method::Sms, Method::Email);
        for (account, expected) in [
            (account(vec![], None), vec![]),
            (account(two_phones.clone(), None), vec![sms, email]),
            (account(two_phones.clone(), Some(0)), vec![sms, email]),
            (
                account(two_phones, Some(1)),
                vec![sms, email, Method::RecoveryCode],
            ),
        ] {
            assert_eq!(account.completing_methods(), expected);
        }
    }
}
