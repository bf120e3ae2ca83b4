//! `/me/v1`: the answers to every refusal.

use insta::assert_snapshot;

use crate::harness::refusals::answers_of;

#[tokio::test]
async fn every_refusal_has_its_problem_in_the_words_of_the_my_account_api() {
    assert_snapshot!(answers_of("/me/v1/factors").await, @r#"
    - parameter_missing
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"Missing required parameter: token","validation_errors":[{"field":"token","detail":"required"}]}
    - parameter_misnamed
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"Write the name of this parameter exactly so: scope","validation_errors":[{"field":"scope","detail":"misnamed"}]}
    - request_malformed
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"malformed"}
    - parameter_invalid
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"malformed","validation_errors":[{"field":"scope","detail":"malformed"}]}
    - body_too_large
    413 application/json
    {"type":"invalid_request","status":413,"title":"Payload Too Large","detail":"The body is too large."}
    - route_unknown, role_missing, user_unknown, current_password_wrong, address_missing, action_token_invalid
    404 application/json
    {"type":"not_found","status":404,"title":"Not Found","detail":"Not found."}
    - method_not_allowed
    405 application/json
    {"type":"invalid_request","status":405,"title":"Method Not Allowed","detail":"Method not allowed."}
    - grant_unsupported
    400 application/json
    {"type":"unsupported_grant_type","status":400,"title":"Bad Request","detail":"Unsupported grant type."}
    - client_rejected
    401 application/json, www-authenticate: Basic realm="token"
    {"type":"invalid_client","status":401,"title":"Unauthorized","detail":"Client authentication failed."}
    - grant_not_allowed
    403 application/json
    {"type":"unauthorized_client","status":403,"title":"Forbidden","detail":"Grant type not allowed for the client."}
    - scope_not_allowed
    400 application/json
    {"type":"invalid_scope","status":400,"title":"Bad Request","detail":"The client may not ask for one of these scopes."}
    - audience_not_allowed
    403 application/json
    {"type":"access_denied","status":403,"title":"Forbidden","detail":"The client may not ask for this audience."}
    - credentials_wrong
    403 application/json
    {"type":"invalid_grant","status":403,"title":"Forbidden","detail":"Wrong email or password."}
    - passwords_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 10, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"type":"too_many_attempts","status":429,"title":"Too Many Requests","detail":"Your account has been blocked after multiple consecutive login attempts. We've sent you a notification via your preferred contact method with instructions on how to unblock it."}
    - network_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 100, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"type":"too_many_attempts","status":429,"title":"Too Many Requests","detail":"We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator."}
    - account_inactive
    403 application/json
    {"type":"unauthorized","status":403,"title":"Forbidden","detail":"user is blocked"}
    - login_token_malformed
    403 application/json
    {"type":"invalid_grant","status":403,"title":"Forbidden","detail":"Malformed mfa_token"}
    - login_expired
    401 application/json
    {"type":"expired_token","status":401,"title":"Unauthorized","detail":"mfa_token is expired"}
    - code_missing
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"Missing required parameter: otp"}
    - code_wrong
    403 application/json
    {"type":"invalid_grant","status":403,"title":"Forbidden","detail":"Invalid binding_code."}
    - codes_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 10, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"type":"too_many_attempts","status":429,"title":"Too Many Requests","detail":"Your account has been blocked after multiple consecutive login attempts. Please wait."}
    - codes_closed
    429 application/json, retry-after: 3600, x-ratelimit-limit: 10, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800003600
    {"type":"too_many_attempts","status":429,"title":"Too Many Requests","detail":"Your account has been blocked after multiple consecutive login attempts. Use a recovery code, or reset your password."}
    - factors_missing
    400 application/json
    {"type":"association_required","status":400,"title":"Bad Request","detail":"User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator."}
    - factor_unknown
    400 application/json
    {"type":"unsupported_challenge_type","status":400,"title":"Bad Request","detail":"User does not have any authenticators of the given type."}
    - send_too_soon
    429 application/json, retry-after: 60, x-ratelimit-limit: 1, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"type":"too_many_attempts","status":429,"title":"Too Many Requests","detail":"A code was sent just now. Please wait."}
    - sends_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 10, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"type":"too_many_attempts","status":429,"title":"Too Many Requests","detail":"Too many codes were sent. Please wait."}
    - delivery_failed
    503 application/json, retry-after: 1
    {"type":"delivery_failed","status":503,"title":"Service Unavailable","detail":"The code could not be sent. Try again, or use another authenticator."}
    - refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive
    403 application/json
    {"type":"invalid_grant","status":403,"title":"Forbidden","detail":"Unknown or invalid refresh token."}
    - step_up_impossible, authentication_insufficient
    401 application/json, www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {"type":"insufficient_user_authentication","status":401,"title":"Unauthorized","detail":"Sign in again with your strongest authenticator."}
    - access_token_invalid
    401 application/json, www-authenticate: Bearer error="invalid_token"
    {"type":"invalid_token","status":401,"title":"Unauthorized","detail":"The access token is invalid or expired."}
    - access_token_missing
    401 application/json, www-authenticate: Bearer
    {"type":"invalid_token","status":401,"title":"Unauthorized","detail":"The access token is missing."}
    - scope_insufficient
    403 application/json, www-authenticate: Bearer error="insufficient_scope"
    {"type":"insufficient_scope","status":403,"title":"Forbidden","detail":"The access token lacks the scope."}
    - password_rejected
    400 application/json
    {"type":"invalid_password","status":400,"title":"Bad Request","detail":"Password is too weak","validation_errors":[{"field":"new_password","detail":"Password is too common"}]}
    - sign_up_closed
    400 application/json
    {"type":"public signup is disabled","status":400,"title":"Bad Request","detail":"Public signup is disabled"}
    - name_invalid, name_taken
    400 application/json
    {"type":"invalid_signup","status":400,"title":"Bad Request","detail":"Invalid sign up"}
    - requests_exhausted
    429 application/json, retry-after: 60, x-ratelimit-limit: 20, x-ratelimit-remaining: 0, x-ratelimit-reset: 1800000060
    {"type":"too_many_requests","status":429,"title":"Too Many Requests","detail":"Too many requests. Please wait."}
    - authorization_code_invalid
    403 application/json
    {"type":"invalid_grant","status":403,"title":"Forbidden","detail":"Invalid authorization code."}
    - connection_unknown
    400 application/json
    {"type":"invalid_connection","status":400,"title":"Bad Request","detail":"There is no connection of this name.","validation_errors":[{"field":"connection","detail":"unknown"}]}
    - user_name_unwanted
    400 application/json
    {"type":"invalid_signup","status":400,"title":"Bad Request","detail":"This connection has no user names beside e-mail addresses."}
    - first_code_wrong
    403 application/json
    {"type":"invalid_grant","status":403,"title":"Forbidden","detail":"Wrong email or verification code."}
    - first_text_code_wrong
    403 application/json
    {"type":"invalid_grant","status":403,"title":"Forbidden","detail":"Wrong phone number or verification code."}
    - challenge_failed
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"Wrong or expired code."}
    - number_invalid, number_unreachable
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"Invalid phone number."}
    - user_unconfirmed
    403 application/json
    {"type":"access_denied","status":403,"title":"Forbidden","detail":"Please verify your email or phone number before logging in."}
    - already_enrolled
    403 application/json
    {"type":"access_denied","status":403,"title":"Forbidden","detail":"User is already enrolled"}
    - factors_full
    403 application/json
    {"type":"access_denied","status":403,"title":"Forbidden","detail":"The user has too many authenticators."}
    - factor_not_found
    404 application/json
    {"type":"not_found","status":404,"title":"Not Found","detail":"The authenticator does not exist."}
    - factor_kept
    403 application/json
    {"type":"access_denied","status":403,"title":"Forbidden","detail":"This authenticator cannot be removed."}
    - enrolment_missing
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"There is no enrollment to confirm.","validation_errors":[{"field":"auth_session","detail":"not of this method and this session, or expired"}]}
    - proof_wrong
    400 application/json
    {"type":"invalid_dpop_proof","status":400,"title":"Bad Request","detail":"The DPoP proof is wrong: htm is not the method of the request."}
    - proof_nonce_wanted
    400 application/json
    {"type":"use_dpop_nonce","status":400,"title":"Bad Request","detail":"Make the DPoP proof with the nonce of the DPoP-Nonce header."}
    - proof_missing
    400 application/json
    {"type":"invalid_dpop_proof","status":400,"title":"Bad Request","detail":"The token is bound to a key. Send a DPoP proof of this key."}
    - key_wrong
    400 application/json
    {"type":"invalid_grant","status":400,"title":"Bad Request","detail":"The token is bound to another key than that of the DPoP proof."}
    - access_token_unproven
    401 application/json, www-authenticate: DPoP error="invalid_token", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"type":"invalid_token","status":401,"title":"Unauthorized","detail":"The access token is bound to a key. Send it with the scheme DPoP and a proof of this key."}
    - access_proof_wrong
    401 application/json, www-authenticate: DPoP error="invalid_dpop_proof", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"type":"invalid_dpop_proof","status":401,"title":"Unauthorized","detail":"The DPoP proof is wrong: ath is not the hash of the access token."}
    - access_nonce_wanted
    401 application/json, www-authenticate: DPoP error="use_dpop_nonce", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"type":"use_dpop_nonce","status":401,"title":"Unauthorized","detail":"Make the DPoP proof with the nonce of the DPoP-Nonce header."}
    - redirect_uri_rejected
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"The redirect_uri is not in the client's list of allowed callback URLs."}
    - web_origin_rejected
    400 application/json
    {"type":"invalid_request","status":400,"title":"Bad Request","detail":"The origin is not in the client's list of allowed web origins."}
    - pushed_request_invalid, sign_in_required, second_factor_required, form_rejected
    401 application/json
    {"type":"login_required","status":401,"title":"Unauthorized","detail":"Login required."}
    - response_type_unsupported
    400 application/json
    {"type":"unsupported_response_type","status":400,"title":"Bad Request","detail":"The response_type has to be code, token or id_token."}
    - broken for a while
    503 application/json, retry-after: 2
    {"type":"temporarily_unavailable","status":503,"title":"Service Unavailable","detail":"The service is unavailable. Please try again."}
    - broken
    500 application/json
    {"type":"server_error","status":500,"title":"Internal Server Error","detail":"The service failed to answer this request."}
    "#);
}
