//! Says which parameters are texts, lists and objects. JSON has other types too. A
//! parameter of a wrong JSON type must not count as absent, because an absent parameter
//! often asks for everything.

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

/// The parameters that are lists: the space-separated ones of OAuth and OpenID Connect,
/// and those of Auth0's `/mfa/associate`.
const LISTS: [&str; 6] = [
    "acr_values",
    "authenticator_types",
    "challenge_type",
    "oob_channels",
    "scope",
    "ui_locales",
];

/// The parameters that are objects: those of Auth0's `/dbconnections/signup`.
const OBJECTS: [&str; 1] = ["user_metadata"];

/// The parameters that are texts, in lower case and sorted.
const TEXTS: [&str; 85] = [
    "access_token",
    "allow_signup",
    "appname",
    "audience",
    "auth_session",
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
    "connection",
    "csrf",
    "currentpassword",
    "device",
    "display",
    "email",
    "emailaddress",
    "enabled",
    "factor",
    "family_name",
    "firstname",
    "given_name",
    "grant_type",
    "id",
    "id_token_hint",
    "kept",
    "lastname",
    "login_hint",
    "max_age",
    "mfa_token",
    "name",
    "new_password",
    "newpassword",
    "nickname",
    "nonce",
    "on",
    "oob_channel",
    "oob_code",
    "otp",
    "otp_code",
    "password",
    "phone_number",
    "phonenumber",
    "picture",
    "post_logout_redirect_uri",
    "preferred_authentication_method",
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
    "returnto",
    "returnurl",
    "screen_hint",
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
    "type",
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
    } else if OBJECTS.contains(&name.as_str()) {
        Type::Object
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
