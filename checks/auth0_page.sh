#!/usr/bin/env bash
# Runs the commands of Auth0's page on the password flow with MFA, against a running
# `cargo local`: over http, and over https with its certificate. Only hosts, ids, tokens
# and codes are filled in.
#
# usage: checks/auth0_page.sh HTTP_URL HTTPS_URL CERTIFICATE
set -euo pipefail

# shellcheck source=checks/page_commands.sh
source "$(dirname "${BASH_SOURCE[0]}")/page_commands.sh" "$@"
client_id=demo-server client_secret=demo-secret
recovery_code=${RECOVERY_CODE:-COUNTERSIGN2RECOVER4DEMO}

password() {
    ask curl --request POST \
        --url "$host/oauth/token" \
        --header 'content-type: application/x-www-form-urlencoded' \
        --data grant_type=password \
        --data username=user@example.com \
        --data password=pwd \
        --data "client_id=$client_id" \
        --data "client_secret=$client_secret" \
        --data audience=https://someapi.com/api \
        --data 'scope=openid profile read:sample'
    expect 403 '"error":"mfa_required"'
    expect 403 '"error_description":"Multifactor authentication required"'
    mfa_token=$(member mfa_token)
}

authenticators() {
    ask curl --request GET \
        --url "$host/mfa/authenticators" \
        --header "authorization: Bearer $mfa_token" \
        --header 'content-type: application/json'
    expect 200 '"authenticator_type":"oob"'
    expect 200 '"authenticator_type":"recovery-code"'
}

# sent CHANNEL: asks for a code over that channel, and exchanges it for tokens.
sent() {
    [[ $body =~ \"($1\|dev_[0-9A-Za-z]+)\" ]] || { echo "no $1 in $body" >&2; exit 1; }
    local authenticator_id=${BASH_REMATCH[1]}
    # The page's JSON has no content type, so curl labels it as a form.
    ask curl --request POST \
        --url "$host/mfa/challenge" \
        --data "{ \"client_id\": \"$client_id\", \"client_secret\": \"$client_secret\", \"challenge_type\": \"oob\", \"authenticator_id\": \"$authenticator_id\", \"mfa_token\": \"$mfa_token\" }"
    expect 200 '"challenge_type":"oob"'
    expect 200 '"binding_method":"prompt"'
    local oob_code
    oob_code=$(member oob_code)
    ask curl "$http/_local/messages"
    expect 200 "\"channel\":\"$1\""
    local binding_code
    binding_code=$(member code)
    ask curl --request POST \
        --url "$host/oauth/token" \
        --header 'content-type: application/x-www-form-urlencoded' \
        --data grant_type=http://auth0.com/oauth/grant-type/mfa-oob \
        --data "client_id=$client_id" \
        --data "client_secret=$client_secret" \
        --data "mfa_token=$mfa_token" \
        --data "oob_code=$oob_code" \
        --data "binding_code=$binding_code"
    tokens
}

recovery() {
    ask curl --request POST \
        --url "$host/oauth/token" \
        --header 'content-type: application/x-www-form-urlencoded' \
        --data grant_type=http://auth0.com/oauth/grant-type/mfa-recovery-code \
        --data "client_id=$client_id" \
        --data "client_secret=$client_secret" \
        --data "mfa_token=$mfa_token" \
        --data "recovery_code=$recovery_code"
    tokens
    recovery_code=$(member recovery_code)
}

tokens() {
    expect 200 '"token_type":"Bearer"'
    expect 200 '"id_token":"ey'
    local access_token
    access_token=$(member access_token)
    ask_user "$access_token"
}

# Calls /userinfo, and keeps the earlier answer.
ask_user() {
    local kept_status=$status kept_body=$body
    ask curl --url "$host/userinfo" --header "authorization: Bearer $1"
    expect 200 '"sub":"'
    status=$kept_status body=$kept_body
}

for host in "$http" "$https"; do
    echo "$host"
    for factor in email sms; do
        # A second code to the same address must wait 30 seconds.
        ask curl --data '{"advance_seconds": 31}' "$http/_local/clock"
        expect 200 '"now":'
        password
        authenticators
        sent "$factor"
    done
    password
    recovery
done
echo "every command of the page answered as the page says"
