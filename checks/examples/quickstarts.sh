#!/usr/bin/env bash
# Runs the quickstarts against a fresh `cargo local`, and sends the requests of the SDKs
# whose platforms are not on this machine. Needs Chromium.
#
# usage: checks/examples/quickstarts.sh HTTP_URL HTTPS_URL CERTIFICATE
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
http=$1 https=${2%/} certificate=$3
venv=${CARGO_TARGET_DIR:-$PWD/target}/ci-quickstart

npm ci --prefix examples/protected-api-js --no-fund --no-audit
npm ci --prefix checks/browser --no-fund --no-audit
for name in node browser react-native enrolment; do
    npm ci --prefix "examples/quickstarts/$name" --ignore-scripts --no-fund --no-audit
    # One compiler is enough for all of them.
    examples/quickstarts/node/node_modules/.bin/tsc --project "examples/quickstarts/$name"
done
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check \
    -r examples/quickstarts/python/requirements.txt

export NODE_EXTRA_CA_CERTS=$certificate
# The API in Python wants the right time, so it comes before the clock is moved.
node checks/examples/quickstarts.mjs "$http" "$https" "$certificate" "$venv/bin/python"
node checks/examples/browser_quickstart.mjs "$http" "$https" "$certificate"
node checks/examples/react_native.mjs "$http" "$https" "$certificate"
node checks/examples/requests.mjs "$http" "$https" "$certificate"
