//! The answers of CodeMaze's dialect to every refusal. They differ by the call.

use countersign::wire::codemaze::login::next_step::{
    codemaze_next_step, codemaze_next_step_in_text,
};
use insta::assert_snapshot;

use crate::harness::refusals::{answers_of, next_steps_in};

#[tokio::test]
async fn every_refusal_has_its_answer_at_codemazes_login() {
    assert_snapshot!(answers_of("/api/accounts/login").await, @r#"
    - parameter_missing
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Token":["Token is required."]}}
    - parameter_misnamed
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Scope":["Write the name of this parameter exactly so: scope"]}}
    - request_malformed, parameter_invalid
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"":["malformed"]}}
    - body_too_large
    413 application/json
    {"isAuthSuccessful":false,"errorMessage":"The body is too large.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - route_unknown
    404 application/json
    {"isAuthSuccessful":false,"errorMessage":"Not found.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - method_not_allowed
    405 application/json
    {"isAuthSuccessful":false,"errorMessage":"Method not allowed.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - grant_unsupported, client_rejected, grant_not_allowed, scope_not_allowed, audience_not_allowed, credentials_wrong, login_token_malformed, login_expired, code_missing, code_wrong, factors_missing, refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive, step_up_impossible, access_token_invalid, access_token_missing, scope_insufficient, role_missing, user_unknown, password_rejected, current_password_wrong, sign_up_closed, name_invalid, name_taken, address_missing, action_token_invalid, authentication_insufficient, authorization_code_invalid, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable, user_unconfirmed, already_enrolled, factors_full, factor_not_found, factor_kept, enrolment_missing, proof_wrong, proof_nonce_wanted, proof_missing, key_wrong, access_token_unproven, access_proof_wrong, access_nonce_wanted, redirect_uri_rejected, web_origin_rejected, pushed_request_invalid, response_type_unsupported, sign_in_required, second_factor_required, form_rejected
    401 application/json
    {"isAuthSuccessful":false,"errorMessage":"Invalid Authentication","token":null,"is2StepVerificationRequired":false,"provider":null}
    - passwords_exhausted, codes_exhausted
    401 application/json, retry-after: 60
    {"isAuthSuccessful":false,"errorMessage":"The account is locked out","token":null,"is2StepVerificationRequired":false,"provider":null}
    - network_exhausted, requests_exhausted
    429 application/json, retry-after: 60
    {"isAuthSuccessful":false,"errorMessage":"Too many requests. Please wait a while and try again.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - account_inactive
    401 application/json
    {"isAuthSuccessful":false,"errorMessage":"The account is inactive","token":null,"is2StepVerificationRequired":false,"provider":null}
    - codes_closed
    401 application/json, retry-after: 3600
    {"isAuthSuccessful":false,"errorMessage":"The account is locked out","token":null,"is2StepVerificationRequired":false,"provider":null}
    - factor_unknown
    401 application/json
    {"isAuthSuccessful":false,"errorMessage":"Invalid 2-Step Verification Provider.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - send_too_soon
    429 application/json, retry-after: 60
    {"isAuthSuccessful":false,"errorMessage":"A code was sent already. Please wait a while and try again.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - sends_exhausted
    429 application/json, retry-after: 60
    {"isAuthSuccessful":false,"errorMessage":"Too many codes were sent. Please wait a while and try again.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - delivery_failed
    503 application/json, retry-after: 1
    {"isAuthSuccessful":false,"errorMessage":"The code could not be sent. Please try again.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - broken for a while
    503 application/json, retry-after: 2
    {"isAuthSuccessful":false,"errorMessage":"The service is unavailable. Please try again.","token":null,"is2StepVerificationRequired":false,"provider":null}
    - broken
    500 application/json
    {"isAuthSuccessful":false,"errorMessage":"The service failed to answer this request.","token":null,"is2StepVerificationRequired":false,"provider":null}
    "#);
}

#[tokio::test]
async fn every_refusal_has_its_answer_in_codemazes_plain_text() {
    assert_snapshot!(answers_of("/api/accounts/forgotpassword").await, @r#"
    - parameter_missing
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Token":["Token is required."]}}
    - parameter_misnamed
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Scope":["Write the name of this parameter exactly so: scope"]}}
    - request_malformed, parameter_invalid
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"":["malformed"]}}
    - body_too_large
    413 text/plain; charset=utf-8
    The body is too large.
    - route_unknown
    404 text/plain; charset=utf-8
    Not found.
    - method_not_allowed
    405 text/plain; charset=utf-8
    Method not allowed.
    - grant_unsupported, client_rejected, grant_not_allowed, scope_not_allowed, audience_not_allowed, credentials_wrong, account_inactive, login_token_malformed, code_missing, factors_missing, refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive, step_up_impossible, access_token_invalid, access_token_missing, scope_insufficient, role_missing, user_unknown, password_rejected, current_password_wrong, sign_up_closed, name_invalid, name_taken, address_missing, authentication_insufficient, authorization_code_invalid, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable, user_unconfirmed, already_enrolled, factors_full, factor_not_found, factor_kept, enrolment_missing, proof_wrong, proof_nonce_wanted, proof_missing, key_wrong, access_token_unproven, access_proof_wrong, access_nonce_wanted, redirect_uri_rejected, web_origin_rejected, pushed_request_invalid, response_type_unsupported, sign_in_required, second_factor_required, form_rejected
    400 text/plain; charset=utf-8
    Invalid Request
    - passwords_exhausted
    400 text/plain; charset=utf-8, retry-after: 60
    Invalid Request
    - network_exhausted, requests_exhausted
    429 text/plain; charset=utf-8, retry-after: 60
    Too many requests. Please wait a while and try again.
    - login_expired, code_wrong, factor_unknown
    400 text/plain; charset=utf-8
    Invalid Token Verification
    - codes_exhausted
    429 text/plain; charset=utf-8, retry-after: 60
    The account is locked out
    - codes_closed
    429 text/plain; charset=utf-8, retry-after: 3600
    The account is locked out
    - send_too_soon
    429 text/plain; charset=utf-8, retry-after: 60
    A code was sent already. Please wait a while and try again.
    - sends_exhausted
    429 text/plain; charset=utf-8, retry-after: 60
    Too many codes were sent. Please wait a while and try again.
    - delivery_failed
    503 text/plain; charset=utf-8, retry-after: 1
    The code could not be sent. Please try again.
    - action_token_invalid
    400 text/plain; charset=utf-8
    Invalid Email Confirmation Request
    - broken for a while
    503 application/json, retry-after: 2
    "The service is unavailable. Please try again."
    - broken
    500 application/json
    "The service failed to answer this request."
    "#);
}

#[tokio::test]
async fn every_refusal_has_its_answer_at_codemazes_registration() {
    assert_snapshot!(answers_of("/api/accounts/registration").await, @r#"
    - parameter_missing
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Token":["Token is required."]}}
    - parameter_misnamed
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Scope":["Write the name of this parameter exactly so: scope"]}}
    - request_malformed, parameter_invalid
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"":["malformed"]}}
    - body_too_large
    413 application/json
    {"isSuccessfulRegistration":false,"errors":["The body is too large."]}
    - route_unknown
    404 application/json
    {"isSuccessfulRegistration":false,"errors":["Not found."]}
    - method_not_allowed
    405 application/json
    {"isSuccessfulRegistration":false,"errors":["Method not allowed."]}
    - grant_unsupported, client_rejected, grant_not_allowed, scope_not_allowed, audience_not_allowed, credentials_wrong, account_inactive, login_token_malformed, code_missing, factors_missing, refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive, step_up_impossible, access_token_invalid, access_token_missing, scope_insufficient, role_missing, user_unknown, current_password_wrong, address_missing, authentication_insufficient, authorization_code_invalid, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable, user_unconfirmed, already_enrolled, factors_full, factor_not_found, factor_kept, enrolment_missing, proof_wrong, proof_nonce_wanted, proof_missing, key_wrong, access_token_unproven, access_proof_wrong, access_nonce_wanted, redirect_uri_rejected, web_origin_rejected, pushed_request_invalid, response_type_unsupported, sign_in_required, second_factor_required, form_rejected
    400 application/json
    {"isSuccessfulRegistration":false,"errors":["Invalid Request"]}
    - passwords_exhausted
    400 application/json, retry-after: 60
    {"isSuccessfulRegistration":false,"errors":["Invalid Request"]}
    - network_exhausted, requests_exhausted
    429 application/json, retry-after: 60
    {"isSuccessfulRegistration":false,"errors":["Too many requests. Please wait a while and try again."]}
    - login_expired, code_wrong, factor_unknown
    400 application/json
    {"isSuccessfulRegistration":false,"errors":["Invalid Token Verification"]}
    - codes_exhausted
    429 application/json, retry-after: 60
    {"isSuccessfulRegistration":false,"errors":["The account is locked out"]}
    - codes_closed
    429 application/json, retry-after: 3600
    {"isSuccessfulRegistration":false,"errors":["The account is locked out"]}
    - send_too_soon
    429 application/json, retry-after: 60
    {"isSuccessfulRegistration":false,"errors":["A code was sent already. Please wait a while and try again."]}
    - sends_exhausted
    429 application/json, retry-after: 60
    {"isSuccessfulRegistration":false,"errors":["Too many codes were sent. Please wait a while and try again."]}
    - delivery_failed
    503 application/json, retry-after: 1
    {"isSuccessfulRegistration":false,"errors":["The code could not be sent. Please try again."]}
    - password_rejected
    400 application/json
    {"isSuccessfulRegistration":false,"errors":["This password is too common. Choose another."]}
    - sign_up_closed
    400 application/json
    {"isSuccessfulRegistration":false,"errors":["Registration is closed."]}
    - name_invalid
    400 application/json
    {"isSuccessfulRegistration":false,"errors":["Username 'name' is invalid, can only contain letters or digits."]}
    - name_taken
    400 application/json
    {"isSuccessfulRegistration":false,"errors":["Email 'user@example.com' is already taken."]}
    - action_token_invalid
    400 application/json
    {"isSuccessfulRegistration":false,"errors":["Invalid token."]}
    - broken for a while
    503 application/json, retry-after: 2
    {"isSuccessfulRegistration":false,"errors":["The service is unavailable. Please try again."]}
    - broken
    500 application/json
    {"isSuccessfulRegistration":false,"errors":["The service failed to answer this request."]}
    "#);
}

#[tokio::test]
async fn every_refusal_has_its_answer_at_codemazes_reset() {
    assert_snapshot!(answers_of("/api/accounts/resetpassword").await, @r#"
    - parameter_missing
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Token":["Token is required."]}}
    - parameter_misnamed
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"Scope":["Write the name of this parameter exactly so: scope"]}}
    - request_malformed, parameter_invalid
    400 application/problem+json; charset=utf-8
    {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"One or more validation errors occurred.","status":400,"errors":{"":["malformed"]}}
    - body_too_large
    413 application/json
    {"errors":["The body is too large."]}
    - route_unknown
    404 application/json
    {"errors":["Not found."]}
    - method_not_allowed
    405 application/json
    {"errors":["Method not allowed."]}
    - grant_unsupported, client_rejected, grant_not_allowed, scope_not_allowed, audience_not_allowed, credentials_wrong, account_inactive, login_token_malformed, code_missing, factors_missing, refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive, step_up_impossible, access_token_invalid, access_token_missing, scope_insufficient, role_missing, user_unknown, current_password_wrong, address_missing, authentication_insufficient, authorization_code_invalid, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable, user_unconfirmed, already_enrolled, factors_full, factor_not_found, factor_kept, enrolment_missing, proof_wrong, proof_nonce_wanted, proof_missing, key_wrong, access_token_unproven, access_proof_wrong, access_nonce_wanted, redirect_uri_rejected, web_origin_rejected, pushed_request_invalid, response_type_unsupported, sign_in_required, second_factor_required, form_rejected
    400 application/json
    {"errors":["Invalid Request"]}
    - passwords_exhausted
    400 application/json, retry-after: 60
    {"errors":["Invalid Request"]}
    - network_exhausted, requests_exhausted
    429 application/json, retry-after: 60
    {"errors":["Too many requests. Please wait a while and try again."]}
    - login_expired, code_wrong, factor_unknown
    400 application/json
    {"errors":["Invalid Token Verification"]}
    - codes_exhausted
    429 application/json, retry-after: 60
    {"errors":["The account is locked out"]}
    - codes_closed
    429 application/json, retry-after: 3600
    {"errors":["The account is locked out"]}
    - send_too_soon
    429 application/json, retry-after: 60
    {"errors":["A code was sent already. Please wait a while and try again."]}
    - sends_exhausted
    429 application/json, retry-after: 60
    {"errors":["Too many codes were sent. Please wait a while and try again."]}
    - delivery_failed
    503 application/json, retry-after: 1
    {"errors":["The code could not be sent. Please try again."]}
    - password_rejected
    400 application/json
    {"errors":["This password is too common. Choose another."]}
    - sign_up_closed
    400 application/json
    {"errors":["Registration is closed."]}
    - name_invalid
    400 application/json
    {"errors":["Username 'name' is invalid, can only contain letters or digits."]}
    - name_taken
    400 application/json
    {"errors":["Email 'user@example.com' is already taken."]}
    - action_token_invalid
    400 application/json
    {"errors":["Invalid token."]}
    - broken for a while
    503 application/json, retry-after: 2
    {"errors":["The service is unavailable. Please try again."]}
    - broken
    500 application/json
    {"errors":["The service failed to answer this request."]}
    "#);
}

#[tokio::test]
async fn every_next_step_of_a_login_has_its_answer_in_codemazes_words() {
    assert_snapshot!(next_steps_in(codemaze_next_step).await, @r#"
    - user_unconfirmed
    401 application/json
    {"isAuthSuccessful":false,"errorMessage":"Email is not confirmed","token":null,"is2StepVerificationRequired":false,"provider":null}
    - password_change_required
    401 application/json
    {"isAuthSuccessful":false,"errorMessage":"The password must be changed","token":null,"is2StepVerificationRequired":false,"provider":null}
    - factors_missing
    401 application/json
    {"isAuthSuccessful":false,"errorMessage":"Set up an authenticator app first, on the page /auth/two-factor of the sign-in service.","token":null,"is2StepVerificationRequired":false,"provider":null}
    "#);
}

#[tokio::test]
async fn every_next_step_of_a_login_has_its_answer_in_codemazes_plain_text() {
    assert_snapshot!(next_steps_in(codemaze_next_step_in_text).await, @r"
    - user_unconfirmed, password_change_required, factors_missing
    400 text/plain; charset=utf-8
    Invalid Request
    ");
}
