//! A device that a user trusts: a key that stands in for the second factor beside the right
//! password. In a browser, a random value in a cookie stands in place of the key.

use crate::Timestamp;
use crate::accounts::user::User;
use crate::authorization::key_proof::KeyThumbprint;
use crate::id::UserId;

/// The content of a `DEVICE` item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedDevice {
    pub user: UserId,
    /// The key that the device holds. For a browser, the hash of the random value in its cookie.
    pub key: KeyThumbprint,
    /// The app that asked to be remembered. No other app may use the key. Empty for a browser
    /// on our own pages.
    pub client: String,
    /// What the app calls the device.
    pub name: String,
    /// The user's epoch that the device belongs to. Each change of a factor, of the password or
    /// of the standing ends the device.
    pub epoch: u64,
    pub remembered_at: Timestamp,
    /// When the device last stood in for a factor.
    pub used_at: Option<Timestamp>,
    /// When the device ends. No use prolongs this time.
    pub expires_at: Timestamp,
    /// Whether the user or an operator has ended the device.
    pub ended: bool,
}

/// A device that a login remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    pub device: TrustedDevice,
    /// The device that this one takes the place of: the browser kept another value before.
    pub replaces: Option<KeyThumbprint>,
}

impl TrustedDevice {
    /// The device where devices are trusted for so many seconds: the setting may have become
    /// shorter since the device was remembered.
    pub fn within(self, seconds: i64) -> Self {
        Self {
            expires_at: self.expires_at.min(self.remembered_at + seconds),
            ..self
        }
    }

    /// Whether the device is trusted at `now`, for its user as the user is now.
    pub fn is_trusted(&self, user: &User, now: Timestamp) -> bool {
        !self.ended && user.active && self.epoch == user.epoch && self.expires_at > now
    }

    /// Whether the device stands in for the second factor of this user at this client.
    pub fn stands_in(&self, user: &User, client: &str, now: Timestamp) -> bool {
        self.user == user.id && self.client == client && self.is_trusted(user, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = 1000;

    #[test]
    fn a_device_stands_in_for_its_user_and_client_until_something_ends_it() {
        let device = TrustedDevice {
            user: UserId::from_bytes([1; 16]),
            key: KeyThumbprint::parse(&"k".repeat(43)).unwrap(),
            client: "app".into(),
            name: "phone".into(),
            epoch: 4,
            remembered_at: 0,
            used_at: None,
            expires_at: NOW + 1,
            ended: false,
        };
        for (user, client, epoch, active, now, ended, expected) in [
            (1, "app", 4, true, NOW, false, true),
            (2, "app", 4, true, NOW, false, false),
            (1, "other", 4, true, NOW, false, false),
            (1, "app", 5, true, NOW, false, false),
            (1, "app", 3, true, NOW, false, false),
            (1, "app", 4, false, NOW, false, false),
            (1, "app", 4, true, NOW + 1, false, false),
            (1, "app", 4, true, NOW, true, false),
        ] {
            let user = User {
                epoch,
                active,
                ..User::plain(UserId::from_bytes([user; 16]))
            };
            let device = TrustedDevice {
                ended,
                ..device.clone()
            };
            let found = device.stands_in(&user, client, now);
            assert_eq!(found, expected, "{client} {epoch} {active} {now} {ended}");
        }
    }
}
