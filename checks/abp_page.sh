#!/usr/bin/env bash
# Runs the commands that ABP's support gives for a login with a second factor, against a
# running `cargo local`: over http, and over https with its certificate. Only hosts,
# ids, tokens and codes are filled in.
#
# usage: checks/abp_page.sh HTTP_URL HTTPS_URL CERTIFICATE
set -euo pipefail

# shellcheck source=checks/page_commands.sh
source "$(dirname "${BASH_SOURCE[0]}")/page_commands.sh" "$@"

# connect [--data-urlencode NAME=VALUE]...: calls `/connect/token` with the password.
connect() {
    ask curl --location "$host/connect/token" \
        --header 'Content-Type: application/x-www-form-urlencoded' \
        --data-urlencode 'grant_type=password' \
        --data-urlencode 'scope=offline_access AbpSolution1' \
        --data-urlencode 'client_id=AbpSolution1_App' \
        --data-urlencode 'username=admin' \
        --data-urlencode 'password=1q2w3E*' \
        "$@"
}

for host in "$http" "$https"; do
    echo "$host"
    connect
    expect 400 '"error_description":"RequiresTwoFactor"'
    user_id=$(member userId)
    token=$(member twoFactorToken)

    ask curl "$host/api/account/send-two-factor-code" \
        --header 'Content-Type: application/json' \
        --data "{ \"token\": \"$token\", \"userid\": \"$user_id\", \"provider\": \"Email\" }"
    expect 204 ''

    ask curl "$http/_local/messages"
    code=$(member code)
    connect --data-urlencode 'TwoFactorProvider=Email' --data-urlencode "TwoFactorCode=$code"
    expect 200 '"access_token":'
    expect 200 '"refresh_token":'

    # The next code goes to the same address, so the cool-down applies.
    ask curl "$http/_local/clock" --data '{"advance_seconds": 31}'
    expect 200 '"now":'
done
