//! The answers of Aidbox's dialect to every refusal, at the token endpoint and at the
//! two-factor calls.

use countersign::wire::aidbox::login::next_step::aidbox_next_step;
use insta::assert_snapshot;

use crate::harness::refusals::{answers_of, next_steps_in};

#[tokio::test]
async fn every_refusal_has_its_answer_at_aidboxs_token_endpoint() {
    assert_snapshot!(answers_of("/auth/token").await, @r#"
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
    {"error":"invalid_request","error_description":"The body is too large"}
    - route_unknown, role_missing, user_unknown, password_rejected, current_password_wrong, sign_up_closed, name_invalid, name_taken, address_missing, action_token_invalid, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable
    404 application/json
    {"error":"not_found","error_description":"Not found"}
    - method_not_allowed
    405 application/json
    {"error":"invalid_request","error_description":"Method not allowed"}
    - grant_unsupported
    400 application/json
    {"error":"unsupported_grant_type","error_description":"Unsupported grant type"}
    - client_rejected
    401 application/json, www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"Client authentication failed"}
    - grant_not_allowed
    400 application/json
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client"}
    - scope_not_allowed
    400 application/json
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes"}
    - audience_not_allowed
    400 application/json
    {"error":"invalid_target","error_description":"The client may not ask for this audience"}
    - credentials_wrong
    400 application/json
    {"error":"invalid_grant","error_description":"Wrong user or password"}
    - passwords_exhausted, codes_exhausted
    429 application/json, retry-after: 60
    {"error":"too_many_attempts","error_description":"Too many attempts. Please wait"}
    - network_exhausted, requests_exhausted
    429 application/json, retry-after: 60
    {"error":"too_many_requests","error_description":"Too many requests. Please wait"}
    - account_inactive
    400 application/json
    {"error":"invalid_grant","error_description":"User is inactive"}
    - login_token_malformed, login_expired, code_missing
    400 application/json
    {"error":"invalid_grant","error_description":"2FA token is required"}
    - code_wrong
    400 application/json
    {"error":"invalid_grant","error_description":"Wrong token"}
    - codes_closed
    429 application/json, retry-after: 3600
    {"error":"too_many_attempts","error_description":"Too many attempts. Please wait"}
    - factors_missing
    400 application/json
    {"error":"invalid_grant","error_description":"2FA has to be enabled first, on the page /auth/two-factor"}
    - factor_unknown
    422 application/json
    {"error":"unknown_transport","error_description":"Unknown 2FA transport"}
    - send_too_soon
    429 application/json, retry-after: 60
    {"error":"too_many_attempts","error_description":"A token was sent already. Please wait"}
    - sends_exhausted
    429 application/json, retry-after: 60
    {"error":"too_many_attempts","error_description":"Too many tokens were sent. Please wait","available_transports":["sms"]}
    - delivery_failed
    503 application/json, retry-after: 1
    {"error":"delivery_failed","error_description":"The 2FA token could not be sent. Try again, or use another transport","available_transports":["sms"]}
    - refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive
    400 application/json
    {"error":"invalid_grant","error_description":"Wrong refresh token"}
    - step_up_impossible, authentication_insufficient
    401 application/json, www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {"error":"insufficient_user_authentication","error_description":"Log in again with the strongest 2FA token"}
    - access_token_invalid
    401 application/json, www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired"}
    - access_token_missing
    401 application/json, www-authenticate: Bearer
    {"error":"invalid_token","error_description":"The access token is missing"}
    - scope_insufficient
    403 application/json, www-authenticate: Bearer error="insufficient_scope"
    {"error":"insufficient_scope","error_description":"The access token lacks the scope"}
    - authorization_code_invalid
    400 application/json
    {"error":"invalid_grant","error_description":"Wrong code"}
    - user_unconfirmed
    400 application/json
    {"error":"invalid_grant","error_description":"User is not confirmed"}
    - already_enrolled
    422 application/json
    {"error":"already_enabled","error_description":"2FA is already enabled"}
    - factors_full
    422 application/json
    {"error":"too_many_factors","error_description":"The user has too many factors"}
    - factor_not_found
    422 application/json
    {"error":"not_enabled","error_description":"2FA is not enabled"}
    - factor_kept
    422 application/json
    {"error":"two_factor_required","error_description":"2FA may not be disabled"}
    - enrolment_missing
    422 application/json
    {"error":"not_requested","error_description":"2FA is not requested"}
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
    - redirect_uri_rejected, web_origin_rejected, pushed_request_invalid, response_type_unsupported, sign_in_required, second_factor_required, form_rejected
    401 application/json
    {"error":"login_required","error_description":"Nobody is signed in"}
    - broken for a while
    503 application/json, retry-after: 2
    {"error":"temporarily_unavailable","error_description":"The service is unavailable. Please try again."}
    - broken
    500 application/json
    {"error":"server_error","error_description":"The service failed to answer this request."}
    "#);
}

#[tokio::test]
async fn every_refusal_has_its_answer_at_aidboxs_two_factor_calls() {
    assert_snapshot!(answers_of("/app/auth/two-factor/request").await, @r#"
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
    {"error":"invalid_request","error_description":"The body is too large"}
    - route_unknown, role_missing, user_unknown, password_rejected, current_password_wrong, sign_up_closed, name_invalid, name_taken, address_missing, action_token_invalid, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable
    404 application/json
    {"error":"not_found","error_description":"Not found"}
    - method_not_allowed
    405 application/json
    {"error":"invalid_request","error_description":"Method not allowed"}
    - grant_unsupported
    400 application/json
    {"error":"unsupported_grant_type","error_description":"Unsupported grant type"}
    - client_rejected
    401 application/json, www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"Client authentication failed"}
    - grant_not_allowed
    400 application/json
    {"error":"unauthorized_client","error_description":"Grant type not allowed for the client"}
    - scope_not_allowed
    400 application/json
    {"error":"invalid_scope","error_description":"The client may not ask for one of these scopes"}
    - audience_not_allowed
    400 application/json
    {"error":"invalid_target","error_description":"The client may not ask for this audience"}
    - credentials_wrong
    400 application/json
    {"error":"invalid_grant","error_description":"Wrong user or password"}
    - passwords_exhausted, codes_exhausted
    429 application/json, retry-after: 60
    {"error":"too_many_attempts","error_description":"Too many attempts. Please wait"}
    - network_exhausted, requests_exhausted
    429 application/json, retry-after: 60
    {"error":"too_many_requests","error_description":"Too many requests. Please wait"}
    - account_inactive
    400 application/json
    {"error":"invalid_grant","error_description":"User is inactive"}
    - login_token_malformed, code_missing
    400 application/json
    {"error":"invalid_grant","error_description":"2FA token is required"}
    - login_expired, enrolment_missing
    422 application/json
    {"error":"not_requested","error_description":"2FA is not requested"}
    - code_wrong
    422 application/json
    {"error":"wrong_token","error_description":"Wrong token"}
    - codes_closed
    429 application/json, retry-after: 3600
    {"error":"too_many_attempts","error_description":"Too many attempts. Please wait"}
    - factors_missing
    400 application/json
    {"error":"invalid_grant","error_description":"2FA has to be enabled first, on the page /auth/two-factor"}
    - factor_unknown
    422 application/json
    {"error":"unknown_transport","error_description":"Unknown 2FA transport"}
    - send_too_soon
    429 application/json, retry-after: 60
    {"error":"too_many_attempts","error_description":"A token was sent already. Please wait"}
    - sends_exhausted
    429 application/json, retry-after: 60
    {"error":"too_many_attempts","error_description":"Too many tokens were sent. Please wait","available_transports":["sms"]}
    - delivery_failed
    503 application/json, retry-after: 1
    {"error":"delivery_failed","error_description":"The 2FA token could not be sent. Try again, or use another transport","available_transports":["sms"]}
    - refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive
    400 application/json
    {"error":"invalid_grant","error_description":"Wrong refresh token"}
    - step_up_impossible, authentication_insufficient
    401 application/json, www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {"error":"insufficient_user_authentication","error_description":"Log in again with the strongest 2FA token"}
    - access_token_invalid
    401 application/json, www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The access token is invalid or expired"}
    - access_token_missing
    401 application/json, www-authenticate: Bearer
    {"error":"invalid_token","error_description":"The access token is missing"}
    - scope_insufficient
    403 application/json, www-authenticate: Bearer error="insufficient_scope"
    {"error":"insufficient_scope","error_description":"The access token lacks the scope"}
    - authorization_code_invalid
    400 application/json
    {"error":"invalid_grant","error_description":"Wrong code"}
    - user_unconfirmed
    400 application/json
    {"error":"invalid_grant","error_description":"User is not confirmed"}
    - already_enrolled
    422 application/json
    {"error":"already_enabled","error_description":"2FA is already enabled"}
    - factors_full
    422 application/json
    {"error":"too_many_factors","error_description":"The user has too many factors"}
    - factor_not_found
    422 application/json
    {"error":"not_enabled","error_description":"2FA is not enabled"}
    - factor_kept
    422 application/json
    {"error":"two_factor_required","error_description":"2FA may not be disabled"}
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
    - redirect_uri_rejected, web_origin_rejected, pushed_request_invalid, response_type_unsupported, sign_in_required, second_factor_required, form_rejected
    401 application/json
    {"error":"login_required","error_description":"Nobody is signed in"}
    - broken for a while
    503 application/json, retry-after: 2
    {"error":"temporarily_unavailable","error_description":"The service is unavailable. Please try again."}
    - broken
    500 application/json
    {"error":"server_error","error_description":"The service failed to answer this request."}
    "#);
}

#[tokio::test]
async fn every_next_step_of_a_login_has_its_answer_in_aidboxs_words() {
    assert_snapshot!(next_steps_in(aidbox_next_step).await, @r#"
    - user_unconfirmed
    400 application/json
    {"error":"invalid_grant","error_description":"User is not confirmed"}
    - password_change_required
    400 application/json
    {"error":"invalid_grant","error_description":"Password has to be changed"}
    - factors_missing
    400 application/json
    {"error":"invalid_grant","error_description":"2FA has to be enabled first, on the page /auth/two-factor"}
    "#);
}
