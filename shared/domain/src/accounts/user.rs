//! A user, with names, addresses and the rules about them.

use crate::Timestamp;
use crate::accounts::login_name::LoginName;
use crate::accounts::password::PasswordHash;
use crate::accounts::profile::Profile;
use crate::factors::factor::{Channel, Factor, RecoveryCodes};
use crate::factors::passkey::UserHandle;
use crate::id::{FactorId, UserId};
use crate::messages::delivery::DeliveryMark;
use crate::messages::destination::same_destination;
use crate::typed_text::trimmed;

/// A user name that may be registered. It has at most 256 ASCII letters, digits
/// and `-._@+`, so that no two names look alike. Or it is an e-mail address,
/// which is ASCII too and may have other signs, such as an apostrophe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserName(String, LoginName);

impl UserName {
    /// Reads typed text. `None` if the text cannot be a user name.
    pub fn parse(typed: &str) -> Option<Self> {
        let text = trimmed(typed);
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-._@+".contains(&byte);
        let fits = text.len() <= 256 && text.bytes().all(good);
        let fits = fits || EmailAddress::parse(text).is_some();
        let name = LoginName::parse(text).filter(|_| fits)?;
        Some(Self(text.to_owned(), name))
    }

    /// The text as the user typed it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in the form in which names are compared.
    pub fn login_name(&self) -> &LoginName {
        &self.1
    }
}

/// An e-mail address that messages can go to: one `@`, ASCII, no quoting, at
/// most 254 bytes (RFC 5321).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String, LoginName);

impl EmailAddress {
    /// Reads typed text. `None` if the text cannot be an e-mail address.
    pub fn parse(typed: &str) -> Option<Self> {
        let text = trimmed(typed);
        let (local, domain) = text.split_once('@')?;
        let dots = |part: &str| !part.split('.').any(str::is_empty);
        let local_good =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
        let domain_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        let fits = text.len() <= 254
            && local.len() <= 64
            && dots(local)
            && dots(domain)
            && domain.contains('.')
            && local.bytes().all(local_good)
            && domain.bytes().all(domain_good);
        let name = LoginName::parse(text).filter(|_| fits)?;
        Some(Self(text.to_owned(), name))
    }

    /// The text as the user typed it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address in the form in which names are compared.
    pub fn login_name(&self) -> &LoginName {
        &self.1
    }
}

/// The content of the `PROFILE` item.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    /// The user name as it was registered.
    pub user_name: String,
    /// The e-mail address as it was registered.
    pub email: Option<String>,
    /// Whether the address was confirmed.
    pub email_confirmed: bool,
    /// The phone number in E.164 form.
    pub phone: Option<String>,
    /// Whether the number was confirmed.
    pub phone_confirmed: bool,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// What apps show of the user and keep with the user.
    pub profile: Profile,
    /// The `sub` that the tokens of the user's former system named. `None` if the text of
    /// the identifier is the `sub`.
    pub former_subject: Option<String>,
    pub roles: Vec<String>,
    /// The stored password, if the user has one.
    pub password: Option<PasswordHash>,
    /// A number that rises with every change of password, factor or standing.
    pub epoch: u64,
    /// Whether the user may sign in.
    pub active: bool,
    /// Whether a second factor is demanded.
    pub two_factor: bool,
    /// When the user was made.
    pub created_at: Timestamp,
    /// Whether the user has to change the password before getting tokens again.
    pub must_change_password: bool,
    /// When the password was last changed, if it ever was.
    pub password_changed_at: Option<Timestamp>,
    /// The e-mail address that the last password reset was sent to. Until a
    /// login completes with another factor, this mailbox is not a second
    /// factor, because a person who reads the mailbox got the password from it.
    pub reset_by: Option<String>,
    /// When the password was last reset by a link.
    pub reset_at: Option<Timestamp>,
    /// Whether a new password has set the wrong codes in a row to zero since a
    /// login last completed. Then the next new password does not do so again.
    pub codes_opened: bool,
    /// How many enrolments were begun. The count is a condition of the write,
    /// so that two concurrent enrolments do not both rely on what they read.
    pub enrolments: u64,
    /// What SES and SNS reported about the user's destinations.
    pub delivery: Vec<DeliveryMark>,
    /// What authenticators know the user by, once the user has had a passkey.
    pub passkey_handle: Option<UserHandle>,
    /// The mailbox or number whose code began the login that the user was read for. It is no second
    /// factor of that login. The table does not hold it with the user.
    pub signing_in_mailbox: Option<String>,
    /// What the user calls factors. The table holds each name with its factor.
    pub factor_names: Vec<(FactorId, String)>,
}

impl User {
    /// An active user with this name and nothing else.
    pub fn new(id: UserId, user_name: impl Into<String>, created_at: Timestamp) -> Self {
        Self {
            id,
            user_name: user_name.into(),
            email: None,
            email_confirmed: false,
            phone: None,
            phone_confirmed: false,
            given_name: None,
            family_name: None,
            profile: Profile::default(),
            former_subject: None,
            roles: Vec::new(),
            password: None,
            epoch: 1,
            active: true,
            two_factor: false,
            created_at,
            must_change_password: false,
            password_changed_at: None,
            reset_by: None,
            reset_at: None,
            codes_opened: false,
            enrolments: 0,
            delivery: Vec::new(),
            passkey_handle: None,
            signing_in_mailbox: None,
            factor_names: Vec::new(),
        }
    }

    /// Whether the person who signs in is known to own the account. An e-mail
    /// address that was never confirmed may belong to somebody else, and that
    /// mailbox can claim the account. A user without an e-mail address was made
    /// by an operator.
    pub fn is_owned(&self) -> bool {
        self.email.is_none() || self.email_confirmed
    }

    /// The names that the user signs in with: the user name, and the e-mail
    /// address if that is another name.
    pub fn login_names(&self) -> Vec<LoginName> {
        let texts = [Some(self.user_name.as_str()), self.email.as_deref()];
        let names = texts.into_iter().flatten().filter_map(LoginName::parse);
        let mut names: Vec<LoginName> = names.collect();
        names.dedup();
        names
    }

    /// Whether this destination is the user's own e-mail address.
    pub fn is_own_email(&self, channel: Channel, to: &str) -> bool {
        let own = self.email.as_deref().and_then(LoginName::parse);
        channel == Channel::Email && own.is_some() && own == LoginName::parse(to)
    }

    /// Whether this destination is the user's own address of this channel, and
    /// confirmed.
    pub fn has_confirmed(&self, channel: Channel, to: &str) -> bool {
        let (own, confirmed) = match channel {
            Channel::Email => (&self.email, self.email_confirmed),
            Channel::Sms => (&self.phone, self.phone_confirmed),
            Channel::Webhook => return false,
        };
        let own = own.as_deref().filter(|_| confirmed);
        own.is_some_and(|own| same_destination(channel, own, to))
    }

    /// Whether this destination is the mailbox or phone that has shown the first factor.
    pub fn signs_in_by(&self, channel: Channel, to: &str) -> bool {
        let shown = self.signing_in_mailbox.as_deref();
        let shown = shown.filter(|_| channel != Channel::Webhook);
        shown.is_some_and(|shown| same_destination(channel, shown, to))
    }

    /// Whether this factor is the mailbox or phone that has shown the first factor.
    pub fn signs_in_by_factor(&self, factor: &Factor) -> bool {
        let address = factor.address();
        address.is_some_and(|(channel, to)| self.signs_in_by(channel, to))
    }

    /// Whether this factor is the mailbox that the last password reset was sent
    /// to.
    pub fn was_reset_by(&self, factor: &Factor) -> bool {
        let address = self.reset_by.as_deref().and_then(LoginName::parse);
        let to = factor
            .address()
            .filter(|(channel, _)| *channel == Channel::Email);
        let to = to.and_then(|(_, to)| LoginName::parse(to));
        address.is_some() && address == to
    }
}

/// What a user must confirm before getting tokens. The operator sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConfirmationPolicy {
    pub email: bool,
    pub phone: bool,
    /// Whether a session under an unconfirmed e-mail address may enrol factors.
    pub unconfirmed_enrolls: bool,
}

impl ConfirmationPolicy {
    /// The setting of this name: `none`, `email`, `phone` or `both`.
    pub fn from_name(name: &str) -> Option<Self> {
        let (email, phone) = match name {
            "none" => (false, false),
            "email" => (true, false),
            "phone" => (false, true),
            "both" => (true, true),
            _ => return None,
        };
        Some(Self {
            email,
            phone,
            unconfirmed_enrolls: false,
        })
    }

    /// Whether this user may enrol a factor. Under an address that was never
    /// confirmed, a user may not, unless the operator allows that for a trial.
    pub fn lets_enroll(self, user: &User) -> bool {
        self.unconfirmed_enrolls || user.is_owned()
    }

    /// Whether this user has confirmed what must be confirmed. A user without
    /// an e-mail address has none to confirm, because only an operator makes
    /// such a user.
    pub fn is_met_by(self, user: &User) -> bool {
        (!self.email || user.is_owned()) && (!self.phone || user.phone_confirmed)
    }
}

/// A user with everything that can complete a login. One query reads it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The profile.
    pub user: User,
    /// The factors, confirmed or not, in the order of `order_factors`.
    pub factors: Vec<Factor>,
    /// The recovery codes, if the user has any.
    pub recovery: Option<RecoveryCodes>,
    /// Whether the user has a confirmed factor of a kind that this version does
    /// not know. This version cannot check its codes, and may not enrol a
    /// factor in its place.
    pub closed_factor: bool,
}

impl Account {
    /// The factors that may complete a login: the confirmed ones, without the mailbox that has
    /// shown the first factor, and without passkeys unless the login asks for them. If the user
    /// has another, also one that the login cannot ask for, the mailbox that the last password
    /// reset was sent to does not count.
    pub fn active_factors(&self) -> impl Iterator<Item = &Factor> {
        let may = |factor: &&Factor| {
            factor.confirmed && factor.is_second() && !self.user.signs_in_by_factor(factor)
        };
        let confirmed = move || self.factors.iter().filter(may);
        let another =
            self.has_closed_factor() || confirmed().any(|factor| !self.user.was_reset_by(factor));
        confirmed().filter(move |factor| !another || !self.user.was_reset_by(factor))
    }

    /// Whether the user has a second factor, also if the login cannot ask for it.
    pub fn has_factor(&self) -> bool {
        self.has_closed_factor() || self.active_factors().next().is_some()
    }

    /// Whether anything could complete a login: an active factor, or a
    /// confirmed address that may become a factor.
    pub fn has_provider(&self) -> bool {
        self.has_confirmed_address() || self.has_factor()
    }

    /// Whether the user has a confirmed address or number.
    pub fn has_confirmed_address(&self) -> bool {
        let user = &self.user;
        let email = user.email.is_some() && user.email_confirmed;
        email || (user.phone.is_some() && user.phone_confirmed)
    }

    /// The authenticator app that a request means if it names no factor: the
    /// first.
    pub fn default_totp(&self) -> Option<&Factor> {
        self.active_factors().find(|factor| factor.is_totp())
    }
}

#[cfg(test)]
impl User {
    /// A user with nothing but an identifier, for tests.
    pub(crate) fn plain(id: UserId) -> Self {
        Self::new(id, "user", 0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{EmailAddress, LoginName, UserName};

    #[test]
    fn a_user_name_holds_letters_digits_and_few_signs() {
        for good in ["ann", " Ann.B-c_d+1@example.com ", "o'brien@example.com"] {
            assert_eq!(UserName::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in [
            "",
            "a b",
            "a/b",
            "o'brien",
            "<b>",
            "аnn",
            "a\u{200b}b",
            &"a".repeat(257),
        ] {
            assert_eq!(UserName::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_that_could_be_read_as_two_or_carry_a_header_is_none() {
        for good in [
            "ann@example.com",
            "a.n+n@mail.example.com",
            "o'b@example.com",
        ] {
            assert_eq!(EmailAddress::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "ann",
            "ann@example",
            "@example.com",
            "ann@",
            "a@b@example.com",
            "ann@example.com,bob@example.com",
            "Ann <ann@example.com>",
            "ann@example.com\r\nBcc: bob@example.com",
            "ann @example.com",
            "\"ann\"@example.com",
            ".ann@example.com",
            "ann@example..com",
            "änn@example.com",
        ] {
            assert_eq!(EmailAddress::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_compare_in_one_form() {
        let name = LoginName::parse("  Ｕser@Example.COM ").unwrap();
        assert_eq!(name.as_str(), "user@example.com");
    }

    #[test]
    fn empty_overlong_and_control_names_are_no_names() {
        assert!(LoginName::parse("   ").is_none());
        assert!(LoginName::parse(&"a".repeat(321)).is_none());
        assert!(LoginName::parse("a\u{0}b").is_none());
    }
}
