//! Which parameters are texts and which are lists. JSON has other types too; one
//! of those in place of a text must not count as absent, because an absent
//! parameter often asks for everything.

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// A text.
    Text,
    /// Texts, which a form separates by spaces.
    List,
    /// None of ours: RFC 6749 3.2 has it ignored.
    Unknown,
}

/// The parameters that are lists by nature: OAuth's and OpenID Connect's that
/// are separated by spaces, and Auth0's of `/mfa/associate`.
const LISTS: [&str; 6] = [
    "acr_values",
    "authenticator_types",
    "challenge_type",
    "oob_channels",
    "scope",
    "ui_locales",
];

/// The parameters that are texts, in lower case and in order.
const TEXTS: [&str; 71] = [
    "access_token",
    "appname",
    "audience",
    "authenticator_id",
    "binding_code",
    "changepasswordtoken",
    "choice",
    "client_id",
    "client_secret",
    "clienturi",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "confirmpassword",
    "csrf",
    "currentpassword",
    "device",
    "display",
    "email",
    "emailaddress",
    "enabled",
    "factor",
    "firstname",
    "grant_type",
    "id",
    "id_token_hint",
    "kept",
    "lastname",
    "login_hint",
    "max_age",
    "mfa_token",
    "new_password",
    "newpassword",
    "nonce",
    "on",
    "oob_channel",
    "oob_code",
    "otp",
    "password",
    "phone_number",
    "phonenumber",
    "prompt",
    "provider",
    "realm",
    "recovery_code",
    "recoverycode",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "requestcontext",
    "resettoken",
    "response_mode",
    "response_type",
    "returnurl",
    "send",
    "sent",
    "state",
    "step",
    "token",
    "token_type_hint",
    "transport",
    "twofactorcode",
    "twofactorprovider",
    "twofactortoken",
    "use",
    "user",
    "userid",
    "username",
    "usernameoremailaddress",
];

/// The type of a parameter, whatever the case of its name.
pub(super) fn type_of(name: &str) -> Type {
    let name = name.to_ascii_lowercase();
    if LISTS.contains(&name.as_str()) {
        Type::List
    } else if TEXTS.binary_search(&name.as_str()).is_ok() {
        Type::Text
    } else {
        Type::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::{TEXTS, Type, type_of};

    #[test]
    fn the_texts_stand_in_order() {
        assert!(TEXTS.is_sorted());
        assert_eq!(type_of("ClientURI"), Type::Text);
        assert_eq!(type_of("Scope"), Type::List);
        assert_eq!(type_of("extraProperties"), Type::Unknown);
    }
}
