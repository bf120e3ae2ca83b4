//! The error page for every refusal.

use insta::assert_snapshot;

use crate::harness::refusals::answers_of;

#[tokio::test]
async fn every_refusal_has_its_page() {
    assert_snapshot!(answers_of("/auth/login").await, @r"
    - parameter_missing, code_missing
    400 This did not work
    This did not work
    Enter the code.
    - parameter_misnamed
    400 This did not work
    This did not work
    This request cannot be read. The parameter must be named exactly scope.
    - request_malformed, parameter_invalid
    400 This did not work
    This did not work
    This request cannot be read: malformed.
    - body_too_large
    413 This did not work
    This did not work
    That is too much text.
    - route_unknown, grant_unsupported, refresh_token_invalid, refresh_token_ended, refresh_token_reused, refresh_user_inactive, step_up_impossible, role_missing, user_unknown, current_password_wrong, address_missing, authorization_code_invalid, connection_unknown, user_name_unwanted, first_code_wrong, first_text_code_wrong, challenge_failed, number_invalid, number_unreachable, proof_wrong, proof_nonce_wanted, proof_missing, key_wrong, access_token_unproven, access_proof_wrong, access_nonce_wanted
    404 This did not work
    This did not work
    There is no such page.
    - method_not_allowed
    405 This did not work
    This did not work
    This page cannot be used in this way.
    - client_rejected
    400 This did not work
    This did not work
    The app that sent you here is not known to this service.
    - grant_not_allowed, scope_not_allowed, audience_not_allowed, response_type_unsupported
    400 This did not work
    This did not work
    The app that sent you here asks for something that it may not have.
    - credentials_wrong
    401 This did not work
    This did not work
    The name or the password is wrong.
    - passwords_exhausted
    429 This did not work
    This did not work
    Too many wrong passwords. Try again in a minute.
    - network_exhausted, requests_exhausted
    429 This did not work
    This did not work
    Too many requests from your network. Try again in a minute.
    - account_inactive
    403 This did not work
    This did not work
    This account is switched off.
    - login_token_malformed, login_expired
    401 This did not work
    This did not work
    That took too long. Please sign in again.
    Sign in
    - code_wrong
    401 This did not work
    This did not work
    This code is wrong or too old.
    - codes_exhausted
    429 This did not work
    This did not work
    Too many wrong codes. Try again in a minute.
    - codes_closed
    429 This did not work
    This did not work
    There were too many wrong codes: only a recovery code signs you in. Try again in 60 minutes.
    - factors_missing, factor_unknown, factor_not_found
    400 This did not work
    This did not work
    You have not set up a second factor of this kind.
    - send_too_soon
    429 This did not work
    This did not work
    A code was sent just now. Try again in a minute.
    - sends_exhausted
    429 This did not work
    This did not work
    Too many messages were sent. Wait, or use another way. Try again in a minute.
    - delivery_failed
    503 This did not work
    This did not work
    The message could not be sent. Try again, or use another way.
    - access_token_invalid, access_token_missing, sign_in_required, second_factor_required
    401 This did not work
    This did not work
    Please sign in again.
    Sign in
    - scope_insufficient
    403 This did not work
    This did not work
    You may not do this with this account.
    - password_rejected
    400 This did not work
    This did not work
    This password is too common.
    - sign_up_closed
    403 This did not work
    This did not work
    Nobody can sign up here.
    - name_invalid
    400 This did not work
    This did not work
    Enter a valid e-mail address.
    - name_taken
    400 This did not work
    This did not work
    This address cannot be used.
    - action_token_invalid
    400 This did not work
    This did not work
    This link is not valid any more.
    Sign in
    - authentication_insufficient
    403 This did not work
    This did not work
    For this, you have to have signed in within the last ten minutes, with your strongest second factor. Please sign in again.
    - user_unconfirmed
    403 This did not work
    This did not work
    Please confirm your e-mail address first.
    - already_enrolled
    400 This did not work
    This did not work
    Two-factor authentication is on already.
    - factors_full
    400 This did not work
    This did not work
    You have set up too many second factors.
    - factor_kept
    403 This did not work
    This did not work
    Two-factor authentication may not be turned off here.
    - enrolment_missing
    400 This did not work
    This did not work
    That took too long. Please start again.
    - redirect_uri_rejected
    400 This did not work
    This did not work
    The app that sent you here wants to send you to an address that is not registered for the app.
    - web_origin_rejected
    400 This did not work
    This did not work
    The app that sent you here wants an answer at an address that is not registered for the app.
    - pushed_request_invalid
    400 This did not work
    This did not work
    That took too long. Please begin again in the app.
    - form_rejected
    403 This did not work
    This did not work
    This form is too old, or was not sent by this browser: somebody may have signed in, signed out or begun again in another tab. Nothing was changed. Cookies have to be allowed here.
    Sign in
    - broken for a while
    503 This did not work
    This did not work
    The service is unavailable. Please try again.
    - broken
    500 This did not work
    This did not work
    The service failed to answer this request.
    ");
}
