//! The answers of Auth0's dialect to every refusal.

use countersign::wire::auth0::login::next_step::auth0_next_step;
use insta::assert_snapshot;

use crate::harness::refusals::{answers_of, next_steps_in};

#[tokio::test]
async fn every_refusal_has_its_answer_in_auth0s_words() {
    assert_snapshot!(answers_of("/oauth/token").await, @r#"
    - parameter_missing
    400 application/json
    {"error":"invalid_request","error_description":"Missing required parameter: token"}
    - parameter_misnamed
    400 application/json
    {"error":"invalid_request","error_description":"Write the name of this parameter exactly so: scope"}
    - request_malformed, parameter_invalid
    400 application/json
    {"error":"invalid_request","error_description":"malformed"}
    - body_too_large
    413 application/json
    {"error":"invalid_request","error_description":"The body is too large."}
    - route_unknown, role_missing, user_unknown, current_password_wrong, address_missing, action_token_invalid
    404 application/json
    {"error":"not_found","error_description":"Not found."}
    - method_not_allowed
    405 application/json
    {"error":"invalid_request","error_description":"Method not allowed."}
    - grant_unsupported
    400 application/json
    {"error":"unsupported_grant_type","error_description":"Unsupported grant type."}
    - client_rejected
    401 application/json, www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"Client authentication failed."}
    - grant_not_allowed
    403 application/json
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client."}
    - scope_not_allowed
    400 application/json
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes."}
    - audience_not_allowed
    403 application/json
    {"error":"access_denied","error_description":"The client may not ask for this audience."}
    - credentials_wrong
    403 application/json
    {"error":"invalid_grant","error_description":"Wrong email or password."}
    - passwords_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 10, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"error":"too_many_attempts","error_description":"Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it."}
    - network_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 100, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"error":"too_many_attempts","error_description":"We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator."}
    - account_inactive
    403 application/json
    {"error":"unauthorized","error_description":"user is blocked"}
    - login_token_malformed
    403 application/json
    {"error":"invalid_grant","error_description":"Malformed mfa_token"}
    - login_expired
    401 application/json
    {"error":"expired_token","error_description":"mfa_token is expired"}
    - code_missing
    400 application/json
    {"error":"invalid_request","error_description":"Missing required parameter: otp"}
    - code_wrong
    403 application/json
    {"error":"invalid_grant","error_description":"Invalid binding_code."}
    - codes_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 10, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"error":"too_many_attempts","error_description":"Your account has been blocked after multiple consecutive login attempts. Please wait."}
    - codes_closed
    429 application/json, retry-after: 3600, x-ratelimit-limit: 10, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800003600
    {"error":"too_many_attempts","error_description":"Your account has been blocked after multiple consecutive login attempts. Use a recovery code, or reset your password."}
    - factors_missing
    400 application/json
    {"error":"association_required","error_description":"User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."}
    - factor_unknown
    400 application/json
    {"error":"unsupported_challenge_type","error_description":"User does not have any authenticators of the given type."}
    - send_too_soon
    429 application/json, retry-after: 60, x-ratelimit-limit: 1, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"error":"too_many_attempts","error_description":"A code was sent just now. Please wait."}
    - sends_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 10, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"error":"too_many_attempts","error_description":"Too many codes were sent. Please wait.","available_authenticators":[{"id":"sms|dev_[id]","authenticator_type":"oob","type":"phone","active":true,"oob_channel":"sms","oob_channels":["sms"],"name":"XXXXXXXX0100"}]}
    - delivery_failed
    503 application/json, retry-after: 1
    {"error":"delivery_failed","error_description":"The code could not be sent. Try again, or use another authenticator.","available_authenticators":[{"id":"sms|dev_[id]","authenticator_type":"oob","type":"phone","active":true,"oob_channel":"sms","oob_channels":["sms"],"name":"XXXXXXXX0100"}]}
    - refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive
    403 application/json
    {"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}
    - step_up_impossible, authentication_insufficient
    401 application/json, www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {"error":"insufficient_user_authentication","error_description":"Sign in again with your strongest authenticator."}
    - access_token_invalid
    401 application/json, www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired."}
    - access_token_missing
    401 application/json, www-authenticate: Bearer
    {"error":"invalid_token","error_description":"The access token is missing."}
    - scope_insufficient
    403 application/json, www-authenticate: Bearer error="insufficient_scope"
    {"error":"insufficient_scope","error_description":"The access token lacks the scope."}
    - password_rejected
    400 application/json
    {"error":"invalid_password","error_description":"Password is too weak"}
    - sign_up_closed
    400 application/json
    {"error":"public signup is disabled","error_description":"Public signup is disabled"}
    - name_invalid, name_taken
    400 application/json
    {"error":"invalid_signup","error_description":"Invalid sign up"}
    - requests_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 20, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"error":"too_many_requests","error_description":"Too many requests. Please wait."}
    - authorization_code_invalid
    403 application/json
    {"error":"invalid_grant","error_description":"Invalid authorization code."}
    - connection_unknown
    400 application/json
    {"error":"invalid_connection","error_description":"There is no connection of this name."}
    - user_name_unwanted
    400 application/json
    {"error":"invalid_signup","error_description":"This connection has no user names beside e-mail addresses."}
    - first_code_wrong
    403 application/json
    {"error":"invalid_grant","error_description":"Wrong email or verification code."}
    - first_text_code_wrong
    403 application/json
    {"error":"invalid_grant","error_description":"Wrong phone number or verification code."}
    - challenge_failed
    400 application/json
    {"error":"invalid_request","error_description":"Wrong or expired code."}
    - number_invalid, number_unreachable
    400 application/json
    {"error":"invalid_request","error_description":"Invalid phone number."}
    - user_unconfirmed
    403 application/json
    {"error":"access_denied","error_description":"Please verify your email or phone number before logging in."}
    - already_enrolled
    403 application/json
    {"error":"access_denied","error_description":"User is already enrolled"}
    - factors_full
    403 application/json
    {"error":"access_denied","error_description":"The user has too many authenticators."}
    - factor_not_found
    404 application/json
    {"error":"not_found","error_description":"The authenticator does not exist."}
    - factor_kept
    403 application/json
    {"error":"access_denied","error_description":"This authenticator cannot be removed."}
    - enrolment_missing
    400 application/json
    {"error":"invalid_request","error_description":"There is no enrollment to confirm."}
    - proof_wrong
    400 application/json
    {"error":"invalid_dpop_proof","error_description":"The DPoP proof is wrong: htm is not the method of the request."}
    - proof_nonce_wanted
    400 application/json
    {"error":"use_dpop_nonce","error_description":"Make the DPoP proof with the nonce of the DPoP-Nonce header."}
    - proof_missing
    400 application/json
    {"error":"invalid_dpop_proof","error_description":"The token is bound to a key. Send a DPoP proof of this key."}
    - key_wrong
    400 application/json
    {"error":"invalid_grant","error_description":"The token is bound to another key than that of the DPoP proof."}
    - access_token_unproven
    401 application/json, www-authenticate: DPoP error="invalid_token", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"error":"invalid_token","error_description":"The access token is bound to a key. Send it with the scheme DPoP and a proof of this key."}
    - access_proof_wrong
    401 application/json, www-authenticate: DPoP error="invalid_dpop_proof", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"error":"invalid_dpop_proof","error_description":"The DPoP proof is wrong: ath is not the hash of the access token."}
    - access_nonce_wanted
    401 application/json, www-authenticate: DPoP error="use_dpop_nonce", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"error":"use_dpop_nonce","error_description":"Make the DPoP proof with the nonce of the DPoP-Nonce header."}
    - redirect_uri_rejected
    400 application/json
    {"error":"invalid_request","error_description":"The redirect_uri is not in the client's list of allowed callback URLs."}
    - web_origin_rejected
    400 application/json
    {"error":"invalid_request","error_description":"The origin is not in the client's list of allowed web origins."}
    - pushed_request_invalid, sign_in_required, second_factor_required, form_rejected
    401 application/json
    {"error":"login_required","error_description":"Login required."}
    - response_type_unsupported
    400 application/json
    {"error":"unsupported_response_type","error_description":"The response_type has to be code, token or id_token."}
    - broken for a while
    503 application/json, retry-after: 2
    {"error":"temporarily_unavailable","error_description":"The service is unavailable. Please try again."}
    - broken
    500 application/json
    {"error":"server_error","error_description":"The service failed to answer this request."}
    "#);
}

#[tokio::test]
async fn every_next_step_of_a_login_has_its_answer_in_auth0s_words() {
    assert_snapshot!(next_steps_in(auth0_next_step).await, @r#"
    - user_unconfirmed
    403 application/json
    {"error":"access_denied","error_description":"Please verify your email or phone number before logging in."}
    - password_change_required
    403 application/json
    {"error":"password_change_required","error_description":"Password change required."}
    - factors_missing
    400 application/json
    {"error":"association_required","error_description":"User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."}
    "#);
}
