//! Says which parameters are texts, lists and objects. JSON has other types too. A
//! parameter of a wrong JSON type must not count as absent, because an absent parameter
//! often asks for everything.

use crate::wire::documented_fields::{LISTS, OBJECTS, TEXTS};

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    /// Several texts. A form separates them by spaces.
    List,
    /// An object. Its JSON is the text.
    Object,
    /// Not a parameter of this service. RFC 6749 3.2 says that it is ignored.
    Unknown,
}

/// The parameters that a form or a text separates by spaces (OAuth and OpenID Connect).
const SPACED: [&str; 4] = ["acr_values", "challenge_type", "scope", "ui_locales"];

/// The parameters that a handler reads and does not document.
const UNDOCUMENTED: [&str; 3] = ["device", "display", "requestcontext"];

/// The type of a parameter, whatever the case of its name.
pub(super) fn type_of(name: &str) -> Type {
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    if SPACED.contains(&name) || LISTS.binary_search(&name).is_ok() {
        Type::List
    } else if OBJECTS.binary_search(&name).is_ok() {
        Type::Object
    } else if TEXTS.binary_search(&name).is_ok() || UNDOCUMENTED.contains(&name) {
        Type::Text
    } else {
        Type::Unknown
    }
}

/// The name of a documented parameter, in lower case, whatever the case of `name`.
pub(super) fn known_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let mut all = [LISTS, OBJECTS, TEXTS, &SPACED].into_iter().flatten();
    all.find(|known| **known == name).copied()
}

#[cfg(test)]
mod tests {
    use super::{LISTS, OBJECTS, TEXTS, Type, known_name, type_of};

    #[test]
    fn the_names_stand_in_order() {
        assert!(
            [LISTS, OBJECTS, TEXTS]
                .iter()
                .all(|names| names.is_sorted())
        );
        assert_eq!(type_of("ClientURI"), Type::Text);
        assert_eq!(type_of("Scope"), Type::List);
        assert_eq!(type_of("extraProperties"), Type::Unknown);
        assert_eq!(known_name("Scope"), Some("scope"));
        assert_eq!(known_name("extraProperties"), None);
    }
}
