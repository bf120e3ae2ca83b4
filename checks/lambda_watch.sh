#!/usr/bin/env bash
# Runs a whole login with curl in Auth0's and in ABP's dialect, through functions under
# `cargo lambda watch`. Sends events to each function with `cargo lambda invoke`.
#
# usage: checks/lambda_watch.sh PORT INBOX_URL
#   PORT: where `cargo lambda watch` listens on 127.0.0.1
#   INBOX_URL: the stand-ins of `cargo local --aws-only`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

port=$1
# shellcheck source=checks/page_commands.sh
source checks/page_commands.sh "http://localhost:$port" "$2" ""
unset CURL_CA_BUNDLE
host=$http inbox=$https

# The first request to a function waits until the function is built.
echo "the functions are built"
first() {
    curl --silent --show-error --output /dev/null --max-time 900 "$host$1" "${@:2}"
}
first /.well-known/jwks.json --retry 60 --retry-delay 1 --retry-connrefused 2>/dev/null
first /userinfo
first /mfa/authenticators
first /mfa/verify --data ''

echo "a login in Auth0's words"
ask curl "$host/.well-known/openid-configuration"
expect 200 "\"issuer\":\"$host/\""
ask curl "$host/oauth/token" \
    --data grant_type=password --data client_id=demo \
    --data username=user@example.com --data password=pwd \
    --data audience=https://someapi.com/api \
    --data 'scope=openid profile read:sample offline_access'
expect 403 '"error":"mfa_required"'
mfa_token=$(member mfa_token)
ask curl "$host/mfa/authenticators" --header "authorization: Bearer $mfa_token"
expect 200 '"oob_channel":"email"'
ask curl "$host/mfa/challenge" --data client_id=demo --data "mfa_token=$mfa_token" \
    --data challenge_type=oob --data oob_channel=email
expect 200 '"oob_code":'
oob_code=$(member oob_code)
ask curl "$inbox/_local/messages"
code=$(member code)
ask curl "$host/oauth/token" --data client_id=demo \
    --data grant_type=http://auth0.com/oauth/grant-type/mfa-oob \
    --data "mfa_token=$mfa_token" --data "oob_code=$oob_code" --data "binding_code=$code"
expect 200 '"access_token":'
access_token=$(member access_token) refresh_token=$(member refresh_token)
ask curl "$host/userinfo" --header "authorization: Bearer $access_token"
expect 200 '"sub":"'
# The example of a protected API runs here as a function too, although no route leads to
# it.
ask curl "$host/lambda-url/protected-api/orders" --header "authorization: Bearer $access_token"
expect 200 '"client_id":"demo"'
ask curl "$host/lambda-url/protected-api/orders"
expect 401 ''
ask curl "$host/oauth/token" --data client_id=demo \
    --data grant_type=refresh_token --data "refresh_token=$refresh_token"
expect 200 '"refresh_token":'
ask curl "$host/oauth/token" --data client_id=demo \
    --data grant_type=http://auth0.com/oauth/grant-type/mfa-oob \
    --data "mfa_token=$mfa_token" --data "oob_code=$oob_code" --data "binding_code=$code"
expect 401 '"error":"expired_token"'

echo "a login in ABP's words"
connect() {
    ask curl "$host/connect/token" --data grant_type=password \
        --data client_id=AbpSolution1_App --data 'scope=offline_access AbpSolution1' \
        --data username=admin --data-urlencode 'password=1q2w3E*' "$@"
}
connect
expect 400 RequiresTwoFactor
user_id=$(member userId) token=$(member twoFactorToken)
ask curl --get "$host/api/account/two-factor-providers" \
    --data-urlencode "userId=$user_id" --data-urlencode "token=$token"
expect 200 '"Email"'
ask curl "$host/api/account/send-two-factor-code" --header 'content-type: application/json' \
    --data "{\"token\":\"$token\",\"userId\":\"$user_id\",\"provider\":\"Email\"}"
expect 204 ''
ask curl "$inbox/_local/messages"
code=$(member code)
ask curl "$host/api/two-factor-token/verify-two-factor-code" \
    --header 'content-type: application/json' \
    --data "{\"userId\":\"$user_id\",\"provider\":\"Email\",\"code\":\"$code\",\"token\":\"$token\"}"
expect 200 ''
connect --data TwoFactorProvider=Email --data "TwoFactorCode=$code"
expect 200 '"refresh_token":'

# invoke FUNCTION FILE: prints the function's answer to this event.
invoke() {
    local answer
    answer=$(cargo lambda invoke --invoke-address 127.0.0.1 --invoke-port "$port" \
        "$1" --data-file "$2")
    [[ $answer =~ \"statusCode\":\ *([0-9]+) ]] || { echo "$2: $answer" >&2; exit 1; }
    status=${BASH_REMATCH[1]} body=$answer
}

echo "events that run as they are"
while read -r function wanted name; do
    invoke "$function" "events/$function-$name.json"
    expect "$wanted" '"body":' "$function $name"
done <<'EVENTS'
keys 200 oauth-authorization-server
keys 200 oauth-openid-configuration
keys 200 oauth-jwks
keys 405 oauth-jwks-wrong-method
send-code 400 abp-providers-no-user
send-code 401 auth0-authenticators-no-token
token 401 abp-client-unknown
token 400 abp-password
token 400 abp-password-wrong
token 401 auth0-client-secret-wrong
token 400 auth0-grant-unsupported
token 403 auth0-mfa-otp-malformed-token
token 403 auth0-password
token 403 auth0-password-basic-client
token 400 auth0-password-missing-username
token 200 auth0-password-plain-text-form
token 403 auth0-password-realm
token 403 auth0-password-wrong
token 403 auth0-refresh-unknown
token 400 oauth-revoke-missing-token
token 401 oauth-userinfo-no-token
verify 403 auth0-token-malformed
EVENTS

echo "an event whose placeholder is filled"
invoke token events/token-auth0-password.json
[[ $body =~ \\\"mfa_token\\\":\\\"([A-Za-z0-9_-]+) ]] || { echo "no token in $body" >&2; exit 1; }
filled=$(mktemp)
trap 'rm -f "$filled"' EXIT
events/fill.py events/send-code-auth0-authenticators.json "mfa_token=${BASH_REMATCH[1]}" >"$filled"
invoke send-code "$filled"
expect 200 'recovery-code'
echo "every request was answered as it should"
