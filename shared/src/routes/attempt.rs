//! What a request is for, by its route.

use axum::http::Method;

use crate::domain::events::attempt::Attempt;

/// What a request with this method to this path pattern is for. A token endpoint
/// says more, by the grant.
pub(super) fn attempt_of(method: &Method, path: &str) -> Attempt {
    if *method == Method::GET || *method == Method::HEAD {
        return of_get(path);
    }
    if *method == Method::DELETE {
        return match path {
            "/Session" => Attempt::EndSession,
            "/mfa/authenticators/{id}" => Attempt::ChangeFactors,
            _ => Attempt::Nothing,
        };
    }
    if *method == Method::POST {
        return of_post(path);
    }
    Attempt::Nothing
}

fn of_get(path: &str) -> Attempt {
    match path {
        "/auth/authorize" => Attempt::Authorize,
        "/api/account/logout" => Attempt::EndSession,
        "/api/account/authenticator-info" | "/auth/two-factor/enable" => Attempt::ShowKey,
        "/api/accounts/emailconfirmation" => Attempt::Confirm,
        path if path.contains("/.well-known/") => Attempt::Nothing,
        _ => Attempt::Look,
    }
}

fn of_post(path: &str) -> Attempt {
    match path {
        "/oauth/token"
        | "/connect/token"
        | "/abp/connect/token"
        | "/aidbox/auth/token"
        | "/auth/token"
        | "/auth/login"
        | "/api/account/login"
        | "/api/accounts/login" => Attempt::SignIn,
        "/api/accounts/twostepverification"
        | "/mfa/verify"
        | "/api/two-factor-token/verify-two-factor-code" => Attempt::ShowCode,
        "/mfa/challenge" | "/api/account/send-two-factor-code" => Attempt::AskCode,
        "/oauth/revoke" | "/abp/oauth/revoke" | "/aidbox/oauth/revoke" | "/auth/logout" => {
            Attempt::EndSession
        }
        "/auth/authorize" => Attempt::Authorize,
        "/mfa/associate"
        | "/api/account/verify-authenticator-code"
        | "/auth/two-factor/enable"
        | "/app/auth/two-factor/request"
        | "/app/auth/two-factor/confirm"
        | "/auth/two-factor/request"
        | "/auth/two-factor/confirm" => Attempt::Enrol,
        "/api/account/reset-authenticator"
        | "/api/account/my-profile/set-two-factor-enabled"
        | "/auth/two-factor/disable"
        | "/app/auth/two-factor/disable" => Attempt::ChangeFactors,
        "/auth/signup" => Attempt::SignUpOnPage,
        "/api/account/register" | "/api/accounts/registration" => Attempt::SignUp,
        "/auth/confirm" | "/api/account/confirm-email" | "/api/account/confirm-phone-number" => {
            Attempt::Confirm
        }
        "/auth/forgot"
        | "/api/account/send-password-reset-code"
        | "/api/accounts/forgotpassword" => Attempt::AskReset,
        "/auth/reset"
        | "/api/account/reset-password"
        | "/api/account/my-profile/change-password"
        | "/api/accounts/resetpassword" => Attempt::ChangePassword,
        "/api/account/send-email-confirmation-token"
        | "/api/account/send-phone-number-confirmation-token" => Attempt::AskConfirmation,
        "/userinfo"
        | "/connect/userinfo"
        | "/abp/userinfo"
        | "/aidbox/userinfo"
        | "/api/account/verify-password-reset-token"
        | "/api/account/verify-email-confirmation-token" => Attempt::Look,
        _ => Attempt::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::{Attempt, attempt_of};
    use crate::routes::ROUTES;

    #[test]
    fn every_route_is_for_something_except_those_that_publish_keys_and_settings() {
        for route in ROUTES {
            let publishes = route.path.contains("/.well-known/");
            let nothing = attempt_of(&route.method, route.path) == Attempt::Nothing;
            assert_eq!(nothing, publishes, "{} {}", route.method, route.path);
        }
        assert_eq!(attempt_of(&Method::PUT, "/oauth/token"), Attempt::Nothing);
    }
}
