# Shared code of the scripts that run commands from pages. It is sourced, not run. Puts
# the arguments into http, https and certificate.
# shellcheck shell=bash
http=${1%/} https=${2%/} certificate=$3
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
# Replaces `--cacert` in every command.
export CURL_CA_BUNDLE=$certificate

# Runs a command of the page. Keeps the body and the status of the answer.
ask() {
    local answer
    answer=$("$@" --silent --show-error --max-time 30 --write-out '\n%{http_code}')
    status=${answer##*$'\n'} body=${answer%$'\n'*}
}

# expect STATUS PART [NAME]: checks that the answer has this status, and this part in
# its body. NAME distinguishes the check in the output.
expect() {
    if [[ $status != "$1" || $body != *"$2"* ]]; then
        echo "wanted $1 with $2, got $status: $body" >&2
        exit 1
    fi
    echo "  $1 ${3:-$2}"
}

# Prints a text member of the body. The values that are read contain no quotes.
member() {
    [[ $body =~ \"$1\":\ *\"([^\"]*)\" ]] || { echo "no $1 in $body" >&2; exit 1; }
    echo "${BASH_REMATCH[1]}"
}
