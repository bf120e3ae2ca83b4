//! Every route, one line each: the function that serves the route, the method, the
//! path, the kind (how the route words its refusals), what a request to the route is
//! for, and the handler to open next.

mod kind;
pub mod other_spellings;
pub mod router;
mod spelling;
pub mod words;

use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use self::kind::{
    ABP_REST, ABP_TOKEN, AIDBOX, AIDBOX_TWO_FACTOR, AUTH0, AUTH0_DATABASE, AUTH0_MY_ACCOUNT,
    AUTH0_OTP, AUTH0_PASSWORDLESS, CODEMAZE_LOGIN, CODEMAZE_REGISTRATION, CODEMAZE_RESET,
    CODEMAZE_TEXT, FIRST_PARTY, PAGE, PAGE_OF_ABP, PAGE_OF_ALL, PAGE_OF_AUTH0, PLAIN,
};
use crate::app::App;
use crate::domain::events::attempt::Attempt;
use crate::domain::function_name;
use crate::keyring::Purpose;
use crate::wire::aidbox::pages;
use crate::wire::{abp, aidbox, auth0, codemaze, oauth};

pub use self::kind::Kind;

/// A deployment unit. A function may serve several use cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Takes passwords, codes and refresh tokens, and gives tokens.
    Token,
    /// Lists factors and sends codes.
    SendCode,
    /// Verifies codes.
    Verify,
    /// Registers users, confirms addresses, resets and changes passwords.
    Account,
    /// Adds, confirms and removes factors.
    Enroll,
    /// Publishes and makes keys.
    Keys,
    /// Takes what SES and SNS report about messages. Serves no route.
    Feedback,
}

impl Function {
    /// All functions.
    pub const ALL: [Self; 7] = [
        Self::Token,
        Self::SendCode,
        Self::Verify,
        Self::Account,
        Self::Enroll,
        Self::Keys,
        Self::Feedback,
    ];

    /// The name of the function's folder, of its binary, and in its log lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => function_name::TOKEN,
            Self::SendCode => function_name::SEND_CODE,
            Self::Verify => function_name::VERIFY,
            Self::Account => function_name::ACCOUNT,
            Self::Enroll => function_name::ENROLL,
            Self::Keys => function_name::KEYS,
            Self::Feedback => function_name::FEEDBACK,
        }
    }

    /// The data keys that the function may open. `keys` publishes only public keys, and
    /// opens a data key only to make the first signing key.
    pub fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Token | Self::Account => &[Purpose::Tokens, Purpose::Seeds, Purpose::Signing],
            Self::SendCode => &[Purpose::Tokens],
            Self::Verify | Self::Enroll => &[Purpose::Tokens, Purpose::Seeds],
            Self::Keys | Self::Feedback => &[],
        }
    }

    /// The function's routes. Only for `cargo local` and the tests, because this method
    /// links the handlers of all functions. A function's `main` names its own slice
    /// instead.
    pub fn slice(self) -> Slice {
        match self {
            Self::Token => TOKEN,
            Self::SendCode => SEND_CODE,
            Self::Verify => VERIFY,
            Self::Account => ACCOUNT,
            Self::Enroll => ENROLL,
            Self::Keys => KEYS,
            Self::Feedback => FEEDBACK,
        }
    }
}

/// A route without its handler.
pub struct Route {
    /// The function that serves the route.
    pub function: Function,
    pub method: Method,
    pub path: &'static str,
    /// How the route words its refusals, and which dialect must be switched on.
    pub kind: &'static Kind,
    /// What a request to the route is for. The event of a refused request names it.
    pub attempt: Attempt,
    /// Whether a request may send a code, or a link without a refusal. The gateway's rate
    /// limit is lower then.
    pub sends: bool,
}

/// The routes of one function with their handlers. A function's binary contains only
/// the handlers of the slices that its `main` names.
#[derive(Clone, Copy)]
pub struct Slice {
    pub function: Function,
    routes: &'static [Served],
}

/// A route with its handler.
#[derive(Clone, Copy)]
struct Served {
    route: &'static Route,
    handler: Handler,
}

type Handler = fn() -> MethodRouter<App>;

/// Makes three tables from the lines: `ROUTES`, the handlers in the same order, and the
/// handlers' OpenAPI operations. Every function reads `ROUTES`. A function's binary
/// contains only its own part of the handlers, and none of the operations.
macro_rules! routes {
    ($($function:ident $method:ident $path:literal $kind:ident $attempt:ident $($handler:ident)::+ $(, $sends:ident)?;)*) => {
        /// Every route of every function, without the handlers.
        pub const ROUTES: &[Route] = &[$(Route {
            function: Function::$function,
            method: Method::$method,
            path: $path,
            kind: &$kind,
            attempt: Attempt::$attempt,
            sends: sends!($($sends)?),
        }),*];

        /// The handlers, in the order of `ROUTES`.
        const HANDLERS: &[Handler] = &[$(|| on(MethodFilter::$method, $($handler)::+)),*];

        /// What the handlers' `#[operation]` says, in the order of `ROUTES`.
        pub(crate) const OPERATIONS: &[fn() -> OpenApi] = &[$({
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($handler)::+))]
            struct Operation;
            Operation::openapi
        }),*];
    };
}

/// The word that may stand at the end of a line.
macro_rules! sends {
    () => {
        false
    };
    (sends) => {
        true
    };
}

routes! {
    Token    POST   "/oauth/token"                                     AUTH0                 SignIn          auth0::login::token::auth0_token;
    Token    POST   "/oauth/revoke"                                    PLAIN                 EndSession      oauth::sessions::revocation::revocation;
    Token    POST   "/oauth/introspect"                                PLAIN                 Look            oauth::sessions::introspection::introspection;
    Token    GET    "/userinfo"                                        PLAIN                 Look            oauth::accounts::user_info::oauth_userinfo;
    Token    POST   "/userinfo"                                        PLAIN                 Look            oauth::accounts::user_info::oauth_userinfo;
    Token    POST   "/connect/token"                                   ABP_TOKEN             SignIn          abp::login::token::abp_token;
    Token    GET    "/connect/userinfo"                                ABP_TOKEN             Look            oauth::accounts::user_info::oauth_userinfo;
    Token    POST   "/connect/userinfo"                                ABP_TOKEN             Look            oauth::accounts::user_info::oauth_userinfo;
    Token    GET    "/authorize"                                       PAGE_OF_AUTH0         Authorize       pages::authorization::authorize::show_authorize;
    Token    POST   "/authorize"                                       PAGE_OF_AUTH0         Authorize       pages::authorization::authorize::submit_authorize;
    Token    POST   "/oauth/par"                                       AUTH0                 PushRequest     auth0::authorization::push::push_authorization;
    Token    POST   "/authorize-challenge"                             FIRST_PARTY           SignIn          auth0::authorization::authorize_challenge::authorize_challenge, sends;
    Token    POST   "/passkey/register"                                AUTH0                 SignUp          auth0::login::passkey_sign_up::auth0_passkey_register;
    Token    POST   "/passkey/challenge"                               AUTH0                 Look            auth0::login::passkey::auth0_passkey_challenge;
    Token    GET    "/v2/logout"                                       PAGE_OF_AUTH0         EndSession      pages::sessions::app_sign_out::v2_logout;
    Token    GET    "/oidc/logout"                                     PAGE_OF_AUTH0         EndSession      pages::sessions::app_sign_out::oidc_logout;
    Token    POST   "/oidc/logout"                                     PAGE_OF_AUTH0         EndSession      pages::sessions::app_sign_out::submit_oidc_logout;
    Token    GET    "/auth/authorize"                                  PAGE_OF_ALL           Authorize       pages::authorization::authorize::show_authorize;
    Token    POST   "/auth/authorize"                                  PAGE_OF_ALL           Authorize       pages::authorization::authorize::submit_authorize;
    Token    GET    "/auth/login"                                      PAGE_OF_ALL           Look            pages::login::sign_in::show_sign_in;
    Token    POST   "/auth/login"                                      PAGE_OF_ALL           SignIn          pages::login::sign_in::submit_sign_in, sends;
    Token    GET    "/auth/link"                                       PAGE_OF_AUTH0         Look            pages::login::mailed_sign_in::show_sign_in_link;
    Token    POST   "/auth/link"                                       PAGE_OF_AUTH0         SignIn          pages::login::mailed_sign_in::submit_sign_in_link;
    Token    POST   "/auth/logout"                                     PAGE_OF_ALL           EndSession      pages::sessions::sign_out::leave;
    Token    GET    "/api/account/logout"                              ABP_REST              EndSession      abp::sessions::session::logout;
    Token    POST   "/abp/connect/token"                               ABP_TOKEN             SignIn          abp::login::token::abp_token;
    Token    POST   "/abp/oauth/revoke"                                ABP_TOKEN             EndSession      oauth::sessions::revocation::revocation;
    Token    POST   "/abp/oauth/introspect"                            ABP_TOKEN             Look            oauth::sessions::introspection::introspection;
    Token    GET    "/abp/userinfo"                                    ABP_TOKEN             Look            oauth::accounts::user_info::oauth_userinfo;
    Token    POST   "/abp/userinfo"                                    ABP_TOKEN             Look            oauth::accounts::user_info::oauth_userinfo;
    Token    GET    "/abp/auth/authorize"                              PAGE_OF_ABP           Look            pages::authorization::authorize::enter;
    Token    POST   "/aidbox/auth/token"                               AIDBOX                SignIn          aidbox::login::token::aidbox_token, sends;
    Token    POST   "/aidbox/oauth/revoke"                             AIDBOX                EndSession      oauth::sessions::revocation::revocation;
    Token    POST   "/aidbox/oauth/introspect"                         AIDBOX                Look            oauth::sessions::introspection::introspection;
    Token    GET    "/aidbox/userinfo"                                 AIDBOX                Look            oauth::accounts::user_info::oauth_userinfo;
    Token    POST   "/aidbox/userinfo"                                 AIDBOX                Look            oauth::accounts::user_info::oauth_userinfo;
    Token    GET    "/aidbox/auth/authorize"                           PAGE                  Look            pages::authorization::authorize::enter;
    SendCode GET    "/mfa/authenticators"                              AUTH0                 Look            auth0::factors::list_authenticators::authenticators;
    SendCode POST   "/mfa/challenge"                                   AUTH0                 AskCode         auth0::login::mfa::challenge, sends;
    SendCode GET    "/api/account/two-factor-providers"                ABP_REST              Look            abp::login::codes::providers;
    SendCode POST   "/api/account/send-two-factor-code"                ABP_REST              AskCode         abp::login::codes::send_two_factor_code, sends;
    Verify   POST   "/api/two-factor-token/verify-two-factor-code"     ABP_REST              ShowCode        abp::login::codes::verify_two_factor_code;
    Verify   POST   "/mfa/verify"                                      AUTH0                 ShowCode        auth0::login::mfa::verify_mfa;
    Enroll   POST   "/mfa/associate"                                   AUTH0                 Enrol           auth0::factors::enrolment::associate, sends;
    Enroll   DELETE "/mfa/authenticators/{id}"                         AUTH0                 ChangeFactors   auth0::factors::enrolment::remove_authenticator;
    Enroll   GET    "/me/v1/factors"                                   AUTH0_MY_ACCOUNT      Look            auth0::factors::my_methods::my_factor_kinds;
    Enroll   GET    "/me/v1/authentication-methods"                    AUTH0_MY_ACCOUNT      Look            auth0::factors::my_methods::my_methods;
    Enroll   POST   "/me/v1/authentication-methods"                    AUTH0_MY_ACCOUNT      Enrol           auth0::factors::my_enrolment::begin_my_method, sends;
    Enroll   GET    "/me/v1/authentication-methods/{id}"               AUTH0_MY_ACCOUNT      Look            auth0::factors::my_methods::my_method;
    Enroll   PATCH  "/me/v1/authentication-methods/{id}"               AUTH0_MY_ACCOUNT      Look            auth0::factors::my_update::update_my_method;
    Enroll   DELETE "/me/v1/authentication-methods/{id}"               AUTH0_MY_ACCOUNT      ChangeFactors   auth0::factors::my_methods::remove_my_method;
    Enroll   POST   "/me/v1/authentication-methods/{id}/verify"        AUTH0_MY_ACCOUNT      Enrol           auth0::factors::my_enrolment::verify_my_method;
    Enroll   GET    "/me/v1/trusted-devices"                           AUTH0_MY_ACCOUNT      Look            auth0::sessions::trusted_devices::list_my_devices;
    Enroll   DELETE "/me/v1/trusted-devices/{id}"                      AUTH0_MY_ACCOUNT      ChangeFactors   auth0::sessions::trusted_devices::remove_my_device;
    Enroll   GET    "/me/v1/sessions"                                  AUTH0_MY_ACCOUNT      Look            auth0::sessions::my_sessions::my_sessions;
    Enroll   DELETE "/me/v1/sessions/{id}"                             AUTH0_MY_ACCOUNT      EndSession      auth0::sessions::my_sessions::end_my_session;
    Enroll   GET    "/api/account/has-authenticator-key"               ABP_REST              Look            abp::factors::authenticator::has_key;
    Enroll   GET    "/api/account/authenticator-info"                  ABP_REST              ShowKey         abp::factors::authenticator::info;
    Enroll   POST   "/api/account/verify-authenticator-code"           ABP_REST              Enrol           abp::factors::authenticator::verify_app;
    Enroll   POST   "/api/account/reset-authenticator"                 ABP_REST              ChangeFactors   abp::factors::authenticator::reset_app;
    Enroll   GET    "/api/account/my-profile/two-factor-enabled"       ABP_REST              Look            abp::factors::authenticator::enabled;
    Enroll   GET    "/api/account/my-profile/can-enable-two-factor"    ABP_REST              Look            abp::factors::authenticator::can_enable;
    Enroll   POST   "/api/account/my-profile/set-two-factor-enabled"   ABP_REST              ChangeFactors   abp::factors::authenticator::set_enabled;
    Enroll   GET    "/auth/two-factor"                                 PAGE_OF_ALL           Look            pages::factors::settings::settings;
    Enroll   POST   "/auth/two-factor"                                 PAGE_OF_ALL           ChangeFactors   pages::factors::settings::submit_settings;
    Enroll   GET    "/auth/two-factor/enable"                          PAGE_OF_ALL           ShowKey         pages::factors::two_factor::show_enable;
    Enroll   POST   "/auth/two-factor/enable"                          PAGE_OF_ALL           Enrol           pages::factors::two_factor::enable;
    Enroll   GET    "/auth/two-factor/passkey"                         PAGE_OF_ALL           ShowKey         pages::factors::passkey::show_passkey_form;
    Enroll   POST   "/auth/two-factor/passkey"                         PAGE_OF_ALL           Enrol           pages::factors::passkey::submit_passkey_form;
    Enroll   GET    "/auth/two-factor/disable"                         PAGE_OF_ALL           Look            pages::factors::disable::show_disable;
    Enroll   POST   "/auth/two-factor/disable"                         PAGE_OF_ALL           ChangeFactors   pages::factors::disable::submit_disable, sends;
    Account  POST   "/dbconnections/signup"                            AUTH0_DATABASE        SignUpAlike     auth0::accounts::sign_up::auth0_sign_up, sends;
    Account  POST   "/dbconnections/change_password"                   AUTH0_DATABASE        AskReset        auth0::accounts::password::auth0_change_password, sends;
    Account  POST   "/otp/challenge"                                   AUTH0_OTP             AskMailboxCode    auth0::login::passwordless::otp_challenge, sends;
    Account  POST   "/passwordless/start"                              AUTH0_PASSWORDLESS    AskMailboxCode    auth0::login::passwordless::passwordless_start, sends;
    Account  GET    "/auth/signup"                                     PAGE_OF_ALL           Look            pages::accounts::sign_up::show_sign_up;
    Account  POST   "/auth/signup"                                     PAGE_OF_ALL           SignUpAlike     pages::accounts::sign_up::submit_sign_up, sends;
    Account  GET    "/auth/confirm"                                    PAGE_OF_ALL           Look            pages::accounts::sign_up::show_confirm;
    Account  POST   "/auth/confirm"                                    PAGE_OF_ALL           Confirm         pages::accounts::sign_up::confirm_by_form, sends;
    Account  GET    "/auth/forgot"                                     PAGE_OF_ALL           Look            pages::accounts::reset::show_forgot;
    Account  POST   "/auth/forgot"                                     PAGE_OF_ALL           AskReset        pages::accounts::reset::page_forgot_password, sends;
    Account  GET    "/auth/reset"                                      PAGE_OF_ALL           Look            pages::accounts::reset::show_reset;
    Account  POST   "/auth/reset"                                      PAGE_OF_ALL           ChangePassword  pages::accounts::reset::page_reset_password;
    Account  POST   "/api/account/register"                            ABP_REST              SignUp          abp::accounts::register::registered;
    Account  POST   "/api/account/login"                               ABP_REST              SignIn          abp::accounts::register::abp_check_login;
    Account  POST   "/api/account/send-password-reset-code"            ABP_REST              AskReset        abp::accounts::password::send_password_reset, sends;
    Account  POST   "/api/account/verify-password-reset-token"         ABP_REST              Look            abp::accounts::password::verify_reset_token;
    Account  POST   "/api/account/reset-password"                      ABP_REST              ChangePassword  abp::accounts::password::abp_reset_password;
    Account  POST   "/api/account/send-email-confirmation-token"       ABP_REST              AskConfirmation abp::accounts::confirmation::send_email, sends;
    Account  POST   "/api/account/verify-email-confirmation-token"     ABP_REST              Look            abp::accounts::confirmation::verify_email;
    Account  POST   "/api/account/confirm-email"                       ABP_REST              Confirm         abp::accounts::confirmation::email;
    Account  POST   "/api/account/send-phone-number-confirmation-token" ABP_REST              AskConfirmation abp::accounts::confirmation::send_phone, sends;
    Account  POST   "/api/account/confirm-phone-number"                ABP_REST              Confirm         abp::accounts::confirmation::phone;
    Account  GET    "/api/account/confirmation-state"                  ABP_REST              Look            abp::accounts::confirmation::state;
    Account  GET    "/api/account/my-profile"                          ABP_REST              Look            abp::accounts::profile::mine;
    Account  POST   "/api/account/my-profile/change-password"          ABP_REST              ChangePassword  abp::accounts::profile::password;
    Account  GET    "/api/identity/users/by-username/{userName}"       ABP_REST              Look            abp::accounts::profile::by_user_name;
    Account  GET    "/api/identity/users/by-email/{email}"             ABP_REST              Look            abp::accounts::profile::by_email;
    Account  GET    "/api/identity/users/{id}"                         ABP_REST              Look            abp::accounts::profile::by_id;
    Account  POST   "/api/accounts/login"                              CODEMAZE_LOGIN        SignIn          codemaze::login::first_step::codemaze_login, sends;
    Account  POST   "/api/accounts/twostepverification"                CODEMAZE_TEXT         ShowCode        codemaze::login::second_step::second_step;
    Account  POST   "/api/accounts/registration"                       CODEMAZE_REGISTRATION SignUp          codemaze::accounts::registration::registration, sends;
    Account  GET    "/api/accounts/emailconfirmation"                  CODEMAZE_TEXT         Confirm         codemaze::accounts::registration::email_confirmation;
    Account  POST   "/api/accounts/forgotpassword"                     CODEMAZE_TEXT         AskReset        codemaze::accounts::password::codemaze_forgot_password, sends;
    Account  POST   "/api/accounts/resetpassword"                      CODEMAZE_RESET        ChangePassword  codemaze::accounts::password::codemaze_reset_password;
    Token    POST   "/auth/token"                                      AIDBOX                SignIn          aidbox::login::token::aidbox_token, sends;
    Token    GET    "/auth/userinfo"                                   AIDBOX                Look            aidbox::accounts::user::aidbox_userinfo;
    Token    DELETE "/Session"                                         AIDBOX                EndSession      aidbox::sessions::session::end_aidbox_session;
    Enroll   POST   "/app/auth/two-factor/request"                     AIDBOX_TWO_FACTOR     Enrol           aidbox::factors::two_factor::request, sends;
    Enroll   POST   "/app/auth/two-factor/confirm"                     AIDBOX_TWO_FACTOR     Enrol           aidbox::factors::two_factor::confirm_by_token;
    Enroll   POST   "/app/auth/two-factor/disable"                     AIDBOX_TWO_FACTOR     ChangeFactors   aidbox::factors::two_factor::disable;
    Enroll   POST   "/auth/two-factor/request"                         AIDBOX_TWO_FACTOR     Enrol           aidbox::factors::two_factor::request, sends;
    Enroll   POST   "/auth/two-factor/confirm"                         AIDBOX_TWO_FACTOR     Enrol           aidbox::factors::two_factor::confirm_by_token;
    Keys     GET    "/.well-known/openid-configuration"                PLAIN                 Nothing         oauth::keys::discovery::metadata;
    Keys     GET    "/.well-known/oauth-authorization-server"          PLAIN                 Nothing         oauth::keys::discovery::metadata;
    Keys     GET    "/.well-known/jwks.json"                           PLAIN                 Nothing         oauth::keys::discovery::key_set;
    Keys     GET    "/.well-known/assetlinks.json"                     PLAIN                 Nothing         oauth::keys::passkey_files::asset_links;
    Keys     GET    "/.well-known/apple-app-site-association"          PLAIN                 Nothing         oauth::keys::passkey_files::apple_association;
    Keys     GET    "/.well-known/passkey-endpoints"                   PLAIN                 Nothing         oauth::keys::passkey_files::passkey_endpoints;
    Keys     GET    "/abp/.well-known/openid-configuration"            ABP_TOKEN             Nothing         oauth::keys::discovery::metadata;
    Keys     GET    "/.well-known/oauth-authorization-server/abp"      ABP_TOKEN             Nothing         oauth::keys::discovery::metadata;
    Keys     GET    "/abp/.well-known/jwks.json"                       ABP_TOKEN             Nothing         oauth::keys::discovery::key_set;
    Keys     GET    "/aidbox/.well-known/openid-configuration"         AIDBOX                Nothing         oauth::keys::discovery::metadata;
    Keys     GET    "/.well-known/oauth-authorization-server/aidbox"   AIDBOX                Nothing         oauth::keys::discovery::metadata;
    Keys     GET    "/aidbox/.well-known/jwks.json"                    AIDBOX                Nothing         oauth::keys::discovery::key_set;
}

pub const TOKEN: Slice = Slice {
    function: Function::Token,
    routes: &served::<{ count(Function::Token) }>(Function::Token),
};

pub const SEND_CODE: Slice = Slice {
    function: Function::SendCode,
    routes: &served::<{ count(Function::SendCode) }>(Function::SendCode),
};

pub const VERIFY: Slice = Slice {
    function: Function::Verify,
    routes: &served::<{ count(Function::Verify) }>(Function::Verify),
};

pub const ACCOUNT: Slice = Slice {
    function: Function::Account,
    routes: &served::<{ count(Function::Account) }>(Function::Account),
};

pub const ENROLL: Slice = Slice {
    function: Function::Enroll,
    routes: &served::<{ count(Function::Enroll) }>(Function::Enroll),
};

pub const KEYS: Slice = Slice {
    function: Function::Keys,
    routes: &served::<{ count(Function::Keys) }>(Function::Keys),
};

/// The slice of `feedback`: no route.
pub const FEEDBACK: Slice = Slice {
    function: Function::Feedback,
    routes: &[],
};

/// The number of routes of a function.
const fn count(function: Function) -> usize {
    let (mut at, mut found) = (0, 0);
    while at < ROUTES.len() {
        found += (ROUTES[at].function as u8 == function as u8) as usize;
        at += 1;
    }
    found
}

/// The routes of a function. They are selected at compile time, so a binary that names
/// them contains no other handler.
const fn served<const COUNT: usize>(function: Function) -> [Served; COUNT] {
    let mut all = [Served {
        route: &ROUTES[0],
        handler: HANDLERS[0],
    }; COUNT];
    let (mut at, mut found) = (0, 0);
    while at < ROUTES.len() {
        if ROUTES[at].function as u8 == function as u8 {
            all[found] = Served {
                route: &ROUTES[at],
                handler: HANDLERS[at],
            };
            found += 1;
        }
        at += 1;
    }
    all
}
