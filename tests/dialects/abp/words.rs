//! The answers of ABP's dialect to every refusal, at the token endpoint and elsewhere.

use countersign::wire::abp::login::next_step::abp_next_step;
use insta::assert_snapshot;

use crate::harness::refusals::{answers_of, next_steps_in};

#[tokio::test]
async fn every_refusal_has_its_answer_at_abps_token_endpoint() {
    assert_snapshot!(answers_of("/connect/token").await, @r#"
    - parameter_missing
    400 application/json
    {"error":"invalid_request","error_description":"The token field is required."}
    - parameter_misnamed
    400 application/json
    {"error":"invalid_request","error_description":"Write the name of this parameter exactly so: scope"}
    - request_malformed, parameter_invalid
    400 application/json
    {"error":"invalid_request","error_description":"malformed"}
    - body_too_large
    413 application/json
    {"error":"invalid_request","error_description":"The body is too large."}
    - route_unknown, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable, redirect_uri_rejected, web_origin_rejected, pushed_request_invalid, response_type_unsupported, sign_in_required, second_factor_required, form_rejected
    404 application/json
    {"error":"invalid_request","error_description":"Not found."}
    - method_not_allowed
    405 application/json
    {"error":"invalid_request","error_description":"Method not allowed."}
    - grant_unsupported
    400 application/json
    {"error":"unsupported_grant_type","error_description":"The specified 'grant_type' is not supported."}
    - client_rejected
    401 application/json, www-authenticate: Basic realm="token"
    {"error":"invalid_client","error_description":"The specified client credentials are invalid."}
    - grant_not_allowed
    400 application/json
    {"error":"unauthorized_client","error_description":"This client application is not allowed to use the specified grant type."}
    - scope_not_allowed
    400 application/json
    {"error":"invalid_scope","error_description":"This client application is not allowed to use the specified scope."}
    - audience_not_allowed
    400 application/json
    {"error":"invalid_target","error_description":"This client application is not allowed to use the specified audience."}
    - credentials_wrong
    400 application/json
    {"error":"invalid_grant","error_description":"Invalid username or password!","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - passwords_exhausted, codes_exhausted
    400 application/json, retry-after: 60
    {"error":"invalid_grant","error_description":"The user account has been locked out due to invalid login attempts. Please wait a while and try again.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - network_exhausted, requests_exhausted
    429 application/json, retry-after: 60
    {"error":"invalid_request","error_description":"Too many requests. Please wait a while and try again."}
    - account_inactive
    400 application/json
    {"error":"invalid_grant","error_description":"You are not allowed to login! Your account is inactive.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - login_token_malformed
    400 application/json
    {"error":"invalid_grant","error_description":"The two-factor token is invalid.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - login_expired
    400 application/json
    {"error":"invalid_grant","error_description":"The two-factor login has expired. Sign in again.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - code_missing
    400 application/json
    {"error":"invalid_grant","error_description":"The two-factor code has not been verified.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - code_wrong
    400 application/json
    {"error":"invalid_grant","error_description":"Invalid authenticator code!","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - codes_closed
    400 application/json, retry-after: 3600
    {"error":"invalid_grant","error_description":"The user account has been locked out due to invalid login attempts. Please wait a while and try again.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - factors_missing
    400 application/json
    {"error":"invalid_grant","error_description":"Set up an authenticator app first, on the page /auth/two-factor of the sign-in service.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - factor_unknown
    400 application/json
    {"error":"invalid_grant","error_description":"The user does not have this two-factor provider.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - send_too_soon
    429 application/json, retry-after: 60
    {"error":"invalid_request","error_description":"A code was sent already. Please wait a while and try again."}
    - sends_exhausted
    429 application/json, retry-after: 60
    {"error":"invalid_request","error_description":"Too many codes were sent. Please wait a while and try again."}
    - delivery_failed
    503 application/json, retry-after: 1
    {"error":"invalid_request","error_description":"The code could not be sent. Try again, or use another provider."}
    - refresh_token_invalid
    400 application/json
    {"error":"invalid_grant","error_description":"The specified refresh token is invalid.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - refresh_token_ended
    400 application/json
    {"error":"invalid_grant","error_description":"The token is no longer valid.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - refresh_token_reused
    400 application/json
    {"error":"invalid_grant","error_description":"The specified refresh token has already been redeemed.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - refresh_user_inactive
    400 application/json
    {"error":"invalid_grant","error_description":"The user is no longer allowed to sign in.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - step_up_impossible, authentication_insufficient
    403 application/json, www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {"error":"insufficient_user_authentication","error_description":"Sign in again with your strongest two-factor provider to change it."}
    - access_token_invalid
    401 application/json, www-authenticate: Bearer error="invalid_token"
    {"error":"invalid_token","error_description":"The specified token is invalid."}
    - access_token_missing
    401 application/json, www-authenticate: Bearer
    {"error":"missing_token","error_description":"The security token is missing."}
    - scope_insufficient
    403 application/json, www-authenticate: Bearer error="insufficient_scope"
    {"error":"insufficient_scope","error_description":"The specified token lacks a scope."}
    - role_missing
    400 application/json
    {"error":"invalid_grant","error_description":"Given policy has not granted: the user lacks the role.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - user_unknown
    404 application/json
    {"error":"invalid_request","error_description":"There is no entity User with that id!"}
    - password_rejected
    400 application/json
    {"error":"invalid_grant","error_description":"This password is too common. Choose another.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - current_password_wrong
    400 application/json
    {"error":"invalid_grant","error_description":"Incorrect password.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - sign_up_closed
    400 application/json
    {"error":"invalid_grant","error_description":"Self-registration is disabled for this application. Please contact the application administrator to register a new user.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - name_invalid
    400 application/json
    {"error":"invalid_grant","error_description":"Username 'name' is invalid.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - name_taken
    400 application/json
    {"error":"invalid_grant","error_description":"Email 'user@example.com' is already taken.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - address_missing
    400 application/json
    {"error":"invalid_grant","error_description":"The user has no such address.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - action_token_invalid
    400 application/json
    {"error":"invalid_grant","error_description":"Invalid token.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - authorization_code_invalid
    400 application/json
    {"error":"invalid_grant","error_description":"The specified authorization code is invalid.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - user_unconfirmed
    400 application/json
    {"error":"invalid_grant","error_description":"RequiresConfirmUser","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - already_enrolled
    400 application/json
    {"error":"invalid_grant","error_description":"The user already has this two-factor provider.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - factors_full
    400 application/json
    {"error":"invalid_grant","error_description":"The user has too many two-factor providers.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - factor_not_found
    404 application/json
    {"error":"invalid_request","error_description":"The two-factor provider does not exist."}
    - factor_kept
    400 application/json
    {"error":"invalid_grant","error_description":"This two-factor provider cannot be removed.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    - enrolment_missing
    400 application/json
    {"error":"invalid_grant","error_description":"There is no authenticator to verify. Get a new key first.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
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
    - broken for a while
    503 application/json, retry-after: 2
    {"error":"temporarily_unavailable","error_description":"The service is unavailable. Please try again."}
    - broken
    500 application/json
    {"error":"server_error","error_description":"The service failed to answer this request."}
    "#);
}

#[tokio::test]
async fn every_refusal_has_its_answer_in_abps_rest() {
    assert_snapshot!(answers_of("/api/account/register").await, @r#"
    - parameter_missing
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"The token field is required.","members":["token"]}]}}
    - parameter_misnamed
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"Write the name of this parameter exactly so: scope","members":[]}]}}
    - request_malformed, parameter_invalid
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"malformed","members":[]}]}}
    - body_too_large
    413 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The body is too large.","details":null,"data":null,"validationErrors":null}}
    - route_unknown, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable, redirect_uri_rejected, web_origin_rejected, pushed_request_invalid, response_type_unsupported, sign_in_required, second_factor_required, form_rejected
    404 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Not found.","details":null,"data":null,"validationErrors":null}}
    - method_not_allowed
    405 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Method not allowed.","details":null,"data":null,"validationErrors":null}}
    - grant_unsupported
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"The specified 'grant_type' is not supported.","members":[]}]}}
    - client_rejected
    401 application/json, _abperrorformat: true, www-authenticate: Basic realm="token"
    {"error":{"code":null,"message":"The specified client credentials are invalid.","details":null,"data":null,"validationErrors":null}}
    - grant_not_allowed
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"This client application is not allowed to use the specified grant type.","members":[]}]}}
    - scope_not_allowed
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"This client application is not allowed to use the specified scope.","members":[]}]}}
    - audience_not_allowed
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"This client application is not allowed to use the specified audience.","members":[]}]}}
    - credentials_wrong
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Invalid username or password!","details":null,"data":null,"validationErrors":null}}
    - passwords_exhausted, codes_exhausted
    403 application/json, _abperrorformat: true, retry-after: 60
    {"error":{"code":null,"message":"The user account has been locked out due to invalid login attempts. Please wait a while and try again.","details":null,"data":null,"validationErrors":null}}
    - network_exhausted, requests_exhausted
    429 application/json, _abperrorformat: true, retry-after: 60
    {"error":{"code":null,"message":"Too many requests. Please wait a while and try again.","details":null,"data":null,"validationErrors":null}}
    - account_inactive
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"You are not allowed to login! Your account is inactive.","details":null,"data":null,"validationErrors":null}}
    - login_token_malformed
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The two-factor token is invalid.","details":null,"data":null,"validationErrors":null}}
    - login_expired
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The two-factor login has expired. Sign in again.","details":null,"data":null,"validationErrors":null}}
    - code_missing
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The two-factor code has not been verified.","details":null,"data":null,"validationErrors":null}}
    - code_wrong
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Invalid authenticator code!","details":null,"data":null,"validationErrors":null}}
    - codes_closed
    403 application/json, _abperrorformat: true, retry-after: 3600
    {"error":{"code":null,"message":"The user account has been locked out due to invalid login attempts. Please wait a while and try again.","details":null,"data":null,"validationErrors":null}}
    - factors_missing
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Set up an authenticator app first, on the page /auth/two-factor of the sign-in service.","details":null,"data":null,"validationErrors":null}}
    - factor_unknown
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The user does not have this two-factor provider.","details":null,"data":null,"validationErrors":null}}
    - send_too_soon
    429 application/json, _abperrorformat: true, retry-after: 60
    {"error":{"code":null,"message":"A code was sent already. Please wait a while and try again.","details":null,"data":null,"validationErrors":null}}
    - sends_exhausted
    429 application/json, _abperrorformat: true, retry-after: 60
    {"error":{"code":null,"message":"Too many codes were sent. Please wait a while and try again.","details":null,"data":{"providers":["Phone"]},"validationErrors":null}}
    - delivery_failed
    503 application/json, _abperrorformat: true, retry-after: 1
    {"error":{"code":null,"message":"The code could not be sent. Try again, or use another provider.","details":null,"data":{"providers":["Phone"]},"validationErrors":null}}
    - refresh_token_invalid
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The specified refresh token is invalid.","details":null,"data":null,"validationErrors":null}}
    - refresh_token_ended
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The token is no longer valid.","details":null,"data":null,"validationErrors":null}}
    - refresh_token_reused
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The specified refresh token has already been redeemed.","details":null,"data":null,"validationErrors":null}}
    - refresh_user_inactive
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The user is no longer allowed to sign in.","details":null,"data":null,"validationErrors":null}}
    - step_up_impossible, authentication_insufficient
    403 application/json, _abperrorformat: true, www-authenticate: Bearer error="insufficient_user_authentication", max_age=600
    {"error":{"code":null,"message":"Sign in again with your strongest two-factor provider to change it.","details":null,"data":null,"validationErrors":null}}
    - access_token_invalid
    401 application/json, _abperrorformat: true, www-authenticate: Bearer error="invalid_token"
    {"error":{"code":null,"message":"The specified token is invalid.","details":null,"data":null,"validationErrors":null}}
    - access_token_missing
    401 application/json, _abperrorformat: true, www-authenticate: Bearer
    {"error":{"code":null,"message":"The security token is missing.","details":null,"data":null,"validationErrors":null}}
    - scope_insufficient
    403 application/json, _abperrorformat: true, www-authenticate: Bearer error="insufficient_scope"
    {"error":{"code":null,"message":"The specified token lacks a scope.","details":null,"data":null,"validationErrors":null}}
    - role_missing
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Given policy has not granted: the user lacks the role.","details":null,"data":null,"validationErrors":null}}
    - user_unknown
    404 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"There is no entity User with that id!","details":null,"data":null,"validationErrors":null}}
    - password_rejected
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"This password is too common. Choose another.","details":null,"data":null,"validationErrors":null}}
    - current_password_wrong
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Incorrect password.","details":null,"data":null,"validationErrors":null}}
    - sign_up_closed
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Self-registration is disabled for this application. Please contact the application administrator to register a new user.","details":null,"data":null,"validationErrors":null}}
    - name_invalid
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Username 'name' is invalid.","details":null,"data":null,"validationErrors":null}}
    - name_taken
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Email 'user@example.com' is already taken.","details":null,"data":null,"validationErrors":null}}
    - address_missing
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The user has no such address.","details":null,"data":null,"validationErrors":null}}
    - action_token_invalid
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Invalid token.","details":null,"data":null,"validationErrors":null}}
    - authorization_code_invalid
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The specified authorization code is invalid.","details":null,"data":null,"validationErrors":null}}
    - user_unconfirmed
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"RequiresConfirmUser","details":null,"data":null,"validationErrors":null}}
    - already_enrolled
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The user already has this two-factor provider.","details":null,"data":null,"validationErrors":null}}
    - factors_full
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The user has too many two-factor providers.","details":null,"data":null,"validationErrors":null}}
    - factor_not_found
    404 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The two-factor provider does not exist.","details":null,"data":null,"validationErrors":null}}
    - factor_kept
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"This two-factor provider cannot be removed.","details":null,"data":null,"validationErrors":null}}
    - enrolment_missing
    403 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"There is no authenticator to verify. Get a new key first.","details":null,"data":null,"validationErrors":null}}
    - proof_wrong
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"The DPoP proof is wrong: htm is not the method of the request.","members":[]}]}}
    - proof_nonce_wanted
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"Make the DPoP proof with the nonce of the DPoP-Nonce header.","members":[]}]}}
    - proof_missing
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"The token is bound to a key. Send a DPoP proof of this key.","members":[]}]}}
    - key_wrong
    400 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"Your request is not valid!","details":null,"data":null,"validationErrors":[{"message":"The token is bound to another key than that of the DPoP proof.","members":[]}]}}
    - access_token_unproven
    401 application/json, _abperrorformat: true, www-authenticate: DPoP error="invalid_token", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"error":{"code":null,"message":"The access token is bound to a key. Send it with the scheme DPoP and a proof of this key.","details":null,"data":null,"validationErrors":null}}
    - access_proof_wrong
    401 application/json, _abperrorformat: true, www-authenticate: DPoP error="invalid_dpop_proof", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"error":{"code":null,"message":"The DPoP proof is wrong: ath is not the hash of the access token.","details":null,"data":null,"validationErrors":null}}
    - access_nonce_wanted
    401 application/json, _abperrorformat: true, www-authenticate: DPoP error="use_dpop_nonce", algs="ES256 ES384 PS256 RS256 EdDSA"
    {"error":{"code":null,"message":"Make the DPoP proof with the nonce of the DPoP-Nonce header.","details":null,"data":null,"validationErrors":null}}
    - broken for a while
    503 application/json, _abperrorformat: true, retry-after: 2
    {"error":{"code":null,"message":"The service is unavailable. Please try again.","details":null,"data":null,"validationErrors":null}}
    - broken
    500 application/json, _abperrorformat: true
    {"error":{"code":null,"message":"The service failed to answer this request.","details":null,"data":null,"validationErrors":null}}
    "#);
}

#[tokio::test]
async fn every_next_step_of_a_login_has_its_answer_in_abps_words() {
    assert_snapshot!(next_steps_in(abp_next_step).await, @r#"
    - user_unconfirmed
    400 application/json
    {"error":"invalid_grant","error_description":"RequiresConfirmUser","error_uri":"https://documentation.openiddict.com/errors/ID2024","userId":"[id]","email":"user@example.com","phoneNumber":""}
    - password_change_required
    400 application/json
    {"error":"invalid_grant","error_description":"ShouldChangePasswordOnNextLogin","error_uri":"https://documentation.openiddict.com/errors/ID2024","userId":"[id]","changePasswordToken":"token"}
    - factors_missing
    400 application/json
    {"error":"invalid_grant","error_description":"Set up an authenticator app first, on the page /auth/two-factor of the sign-in service.","error_uri":"https://documentation.openiddict.com/errors/ID2024"}
    "#);
}
