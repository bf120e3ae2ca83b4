#!/usr/bin/env bash
# Installs `cargo local` as its paper says, and runs it in an empty folder outside of the
# repository: the page, a login, and a start from the saved state. The build is the one
# that `cargo local` uses.
#
# usage: checks/installed.sh TARGET_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=$1
cargo install --quiet --locked --debug --path infra/local --root "$target/ci-local" --target-dir "$target"

folder=$(mktemp -d)
pid=
stop() { if [[ -n $pid ]]; then kill -TERM "$pid" 2>/dev/null && wait "$pid"; pid=; fi; }
trap 'stop || true; rm -rf "$folder"' EXIT
cd "$folder"

# start [OPTION...]: starts the service. Sets pid and http.
start() {
    : >log
    "$target/ci-local/bin/countersign-local" --port 0 --https-port 0 --memory "$@" >log 2>errors &
    pid=$!
    for ((tries = 0; tries < 600; tries++)); do
        if grep -q '^Stop with Ctrl-C' log; then break; fi
        if ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
    http=$(sed -n 's/^ready //p' log)
    if [[ -z $http ]]; then cat log errors >&2; fi
    [[ -n $http ]]
}

log_in() {
    curl -fsS --noproxy '*' "$http/oauth/token" -d grant_type=password -d client_id=demo \
        -d username=plain@example.com -d password=pwd -o token.json
    grep -q '"access_token"' token.json
}

start
for path in / /_local/workbench/ /_local/page/page.css /_local/api/ /_local/openapi.json \
    /.well-known/openid-configuration; do
    curl -fsS --noproxy '*' "$http$path" -o page
    test -s page
done
log_in
curl -fsS --noproxy '*' "$http/_local/state" -o state.json
stop
start --seed state.json
log_in
stop
echo "countersign-local runs in a folder of its own"
