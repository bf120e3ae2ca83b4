#!/usr/bin/env bash
# The commands that ABP's support gives for a login with a second factor,
# against a running `cargo local`: over http, and over https with its
# certificate. Hosts, ids, tokens and codes are filled in; nothing else is
# changed.
#
# usage: tests/abp_page.sh HTTP_URL HTTPS_URL CERTIFICATE
set -euo pipefail

http=${1%/} https=${2%/} certificate=$3
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
# What `--cacert` would say in every command.
export CURL_CA_BUNDLE=$certificate

# Runs a command; keeps the answer's body and status.
ask() {
    local answer
    answer=$("$@" --silent --show-error --max-time 30 --write-out '\n%{http_code}')
    status=${answer##*$'\n'} body=${answer%$'\n'*}
}

# expect STATUS PART: the answer has this status, and this part in its body.
expect() {
    if [[ $status != "$1" || $body != *"$2"* ]]; then
        echo "wanted $1 with $2, got $status: $body" >&2
        exit 1
    fi
    echo "  $1 $2"
}

# A text member of the body. No value that is asked for has a quote in it.
member() {
    [[ $body =~ \"$1\":\ *\"([^\"]*)\" ]] || { echo "no $1 in $body" >&2; exit 1; }
    echo "${BASH_REMATCH[1]}"
}

# connect [--data-urlencode NAME=VALUE]...: `/connect/token` with the password.
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

    # The next code goes to the same address.
    ask curl "$http/_local/clock" --data '{"advance_seconds": 31}'
    expect 200 '"now":'
done
