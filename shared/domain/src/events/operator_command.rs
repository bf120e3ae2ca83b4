//! What operators do, and upon what.

use crate::accounts::user::User;
use crate::events::kind::EventKind;
use crate::id::UserId;

macro_rules! commands {
    ($($command:ident $name:literal $kind:ident,)*) => {
        /// A command of the operators' tool that leaves an act.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum OperatorCommand {
            $($command,)*
        }

        impl OperatorCommand {
            /// All commands that leave an act.
            pub const ALL: &[Self] = &[$(Self::$command,)*];

            /// The words of the command. The act has them in the table and on the bus.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$command => $name,)*
                }
            }

            /// The kind of the act's event.
            pub fn kind(self) -> EventKind {
                match self {
                    $(Self::$command => EventKind::$kind,)*
                }
            }
        }
    };
}

commands! {
    UserAdd "user add" OperatorActed,
    UserDisable "user disable" OperatorActed,
    UserEnable "user enable" OperatorActed,
    UserRequirePasswordChange "user require-password-change" OperatorActed,
    UserSignOut "user sign-out" OperatorActed,
    UserSetRoles "user set-roles" OperatorActed,
    UserConfirmEmail "user confirm-email" OperatorActed,
    UserConfirmPhone "user confirm-phone" PhoneConfirmed,
    UserUpdate "user update" OperatorActed,
    UserUpdateEmail "user update" EmailChanged,
    UserUpdatePhone "user update" PhoneChanged,
    UserUpdateEmailAndPhone "user update" EmailChanged,
    UserUnlock "user unlock" AccountUnlocked,
    UserDelete "user delete" UserDeleted,
    UserResetFactors "user reset-factors" FactorRemoved,
    UserRemoveFactor "user remove-factor" FactorRemoved,
    UserRemoveDevice "user remove-device" DeviceEnded,
    UserExport "user export" OperatorActed,
    SessionEnd "session end" OperatorActed,
    ClientAdd "client add" OperatorActed,
    ClientUpdate "client update" OperatorActed,
    ClientRemove "client remove" OperatorActed,
    ClientRotateSecret "client rotate-secret" OperatorActed,
    KeysRotate "keys rotate" KeyMade,
    KeysRetire "keys retire" KeyRetired,
    KeysReplace "keys replace" KeyMade,
    SendsOpen "sends open" OperatorActed,
    Import "import" UsersImported,
    Export "export" OperatorActed,
}

impl OperatorCommand {
    /// The update that makes `new` of `old`. The commands of updates have one name and
    /// different kinds.
    pub fn of_update(old: &User, new: &User) -> Self {
        let email = new.email != old.email;
        let phone = new.phone.is_some() && new.phone != old.phone;
        match (email, phone) {
            (true, true) => Self::UserUpdateEmailAndPhone,
            (true, false) => Self::UserUpdateEmail,
            (false, true) => Self::UserUpdatePhone,
            (false, false) => Self::UserUpdate,
        }
    }

    /// The kinds of the other outcomes of the act.
    pub fn other_kinds(self) -> &'static [EventKind] {
        match self {
            // The new key, and the old keys that are gone.
            Self::KeysReplace => &[EventKind::KeyRetired],
            Self::UserUpdateEmailAndPhone => &[EventKind::PhoneChanged],
            _ => &[],
        }
    }
}

/// What an act is upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActSubject {
    User(UserId),
    /// The client of this identifier.
    Client(String),
    /// The key of this name, or the keys of the kind of this name.
    Keys(String),
    /// The destination with this hash.
    Destination(String),
    /// Many users: all those of this command.
    Many(OperatorCommand),
}

impl ActSubject {
    /// The name of the subject, under which its acts are listed.
    pub fn listed_as(&self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Client(client) => format!("client {client}"),
            Self::Keys(keys) => format!("keys {keys}"),
            Self::Destination(hash) => format!("destination {hash}"),
            Self::Many(command) => command.name().to_owned(),
        }
    }

    /// The user, if the act is upon one user.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(*user),
            Self::Client(_) | Self::Keys(_) | Self::Destination(_) | Self::Many(_) => None,
        }
    }

    /// The identifier of the client, if the act is upon a client.
    pub fn client(&self) -> Option<&str> {
        match self {
            Self::Client(client) => Some(client),
            Self::User(_) | Self::Keys(_) | Self::Destination(_) | Self::Many(_) => None,
        }
    }

    /// The subject in the list of all acts, where `key` is the key that was made or retired.
    /// `None` if the act is upon many users.
    pub fn in_list(&self, key: Option<&str>) -> Option<String> {
        match self {
            Self::User(user) => Some(user.dashed()),
            Self::Client(client) => Some(client.clone()),
            Self::Keys(_) => Some(key.map_or_else(|| self.listed_as(), str::to_owned)),
            Self::Destination(_) => Some(self.listed_as()),
            Self::Many(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ActSubject, OperatorCommand};
    use crate::id::UserId;

    #[test]
    fn the_list_of_all_acts_names_the_subject_of_each() {
        let user = UserId::from_bytes([1; 16]);
        let keys = || ActSubject::Keys("seeds".to_owned());
        let table = [
            (ActSubject::User(user), None, Some(user.dashed())),
            (ActSubject::Client("app".into()), None, Some("app".into())),
            (keys(), Some("seeds-2"), Some("seeds-2".into())),
            (keys(), None, Some("keys seeds".into())),
            (
                ActSubject::Destination("1f".into()),
                None,
                Some("destination 1f".into()),
            ),
            (ActSubject::Many(OperatorCommand::Export), None, None),
        ];
        for (subject, key, listed) in table {
            assert_eq!(subject.in_list(key), listed, "{subject:?}");
        }
    }
}
