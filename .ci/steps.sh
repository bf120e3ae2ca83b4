# The functions behind the steps of .ci/run. A step runs in a subshell with `set -e`.
# shellcheck shell=bash

# end_with_step PID...: ends these processes too when the step ends, also if the step fails.
end_with_step() {
    ending+=("$@")
    # shellcheck disable=SC2064  # the ids of now are meant
    trap "kill -TERM ${ending[*]} 2>/dev/null || true; wait ${ending[*]} 2>/dev/null || true" EXIT
}

free_port() {
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# until_line PID LOG PATTERN: waits until the process has written a line with the
# pattern.
until_line() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        if grep -qE "$3" "$2"; then return 0; fi
        if ! kill -0 "$1" 2>/dev/null; then break; fi
        sleep 0.1
    done
    echo "it did not start:" >&2
    cat "$2" >&2
    return 1
}

install_tools() {
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check -r .ci/requirements.txt
    python3 -m venv "$sam"
    "$sam/bin/pip" install --quiet --disable-pip-version-check -r .ci/requirements-sam.txt
    python3 -m venv "$schemathesis"
    "$schemathesis/bin/pip" install --quiet --disable-pip-version-check \
        -r .ci/requirements-schemathesis.txt
}

licenses_and_sources() {
    # Fetched first, so that the check itself needs no network.
    cargo fetch --locked
    PATH=$tools/bin:$PATH cargo deny --offline --locked check bans licenses sources
}

# with_sam COMMAND...: runs a tool of SAM with a region, and with telemetry switched
# off.
with_sam() {
    # cargo-lambda finds zig through the python in its own folder, so that folder comes
    # first in PATH.
    PATH=$tools/bin:$sam/bin:$PATH SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 "$@"
}

lint_template() {
    with_sam cfn-lint infra/template.yaml
    "$sam/bin/python" checks/answers.py
    with_sam sam validate
}

# Builds every function as it is deployed.
build_functions() {
    local began=$logs/sam_build_began folders=(functions/*) folder packages=()
    touch "$began"
    for folder in "${folders[@]}"; do packages+=(--package "${folder##*/}"); done
    # `sam build` builds the functions one after the other, and at the end of each build
    # only one core is busy. Building all of them together first, with the same options,
    # takes half the time.
    with_sam cargo lambda build --release "${packages[@]}"
    with_sam sam build
    # One function for each folder, and the example of a protected API.
    local functions=(.aws-sam/build/*/bootstrap)
    ls -l "${functions[@]}"
    ((${#functions[@]} == ${#folders[@]} + 1))
    # Checks that the service and the AWS SDK were compiled only once for all functions.
    local twice
    twice=$(find "$CARGO_TARGET_DIR" -path '*/release/deps/*' -newer "$began" \
        \( -name 'libcountersign-*.rlib' -o -name 'libaws_sdk_*.rlib' \) -printf '%f\n' |
        sed 's/-[0-9a-f]*\.rlib$//' | sort | uniq -d)
    if [[ -n $twice ]]; then
        echo "compiled more than once: $twice" >&2
        return 1
    fi
}

# Runs the result of `sam build` as Lambda runs it.
release_bootstraps() {
    local answer=$logs/release_bootstraps.txt
    COUNTERSIGN_TEST_BOOTSTRAPS=$CARGO_TARGET_DIR/lambda \
        cargo test --locked -p tests --test all -- bootstrap no_function_holds a_function_holds | tee "$answer"
    grep -qE '^test result: ok\. [1-9]' "$answer"
}

# Leaves a release in dist/: a zip for each function, the operators' tool, and `cargo
# local` as one binary. Then the two binaries run, outside the workspace.
release() {
    local pid log data folder
    # Nothing of an earlier release is taken for this one.
    rm -rf dist
    # The build of cargo-lambda links an old C library, so the binaries run on older Linux
    # machines too.
    with_sam cargo lambda build --release --package countersign-local --package countersign-cli
    python3 .ci/dist.py "$CARGO_TARGET_DIR/lambda" dist $(cd functions && ls)
    data=$logs/release log=$logs/release.log folder=$PWD/dist
    rm -rf "$data"
    : >"$log"
    mkdir -p "$data"
    cd "$data"
    "$folder/countersign-local" --port 0 --https-port 0 --data "$data/local" >"$log" 2>&1 &
    pid=$!
    end_with_step "$pid"
    until_line "$pid" "$log" '^Stop with Ctrl-C' || return 1
    "$folder/countersign" "--local=$data/local" try
}

# Measures little, with the functions that were just built, to see that the figures can
# still be made.
figures() {
    cargo bench-login --quick --functions "$CARGO_TARGET_DIR/lambda"
}

# other_dynamodb FILTER: runs the tests with this name on a DynamoDB from another
# project.
other_dynamodb() {
    local port pid log=$logs/ministack.log answer=$logs/other_dynamodb.txt
    port=$(free_port)
    BIND_HOST=127.0.0.1 GATEWAY_PORT=$port PERSIST_STATE=0 \
        SFTP_ENABLED=0 IOT_MTLS_ENABLED=0 \
        "$tools/bin/ministack" >"$log" 2>&1 &
    pid=$!
    end_with_step "$pid"
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        if curl --silent --output /dev/null --max-time 2 "http://127.0.0.1:$port/"; then break; fi
        if ! kill -0 "$pid" 2>/dev/null; then tries=600; fi
        sleep 0.1
    done
    if ((tries >= 600)); then
        cat "$log" >&2
        return 1
    fi
    COUNTERSIGN_TEST_DYNAMODB=http://127.0.0.1:$port \
        cargo test --locked -p tests --test all "$1" | tee "$answer"
    # A name that matches no test would pass without testing anything.
    grep -qE '^test result: ok\. [1-9]' "$answer"
}

# Rehearses a deployment on MiniStack, with the functions, the template and the tool that
# were just built: checks/rehearsal.
rehearsal() {
    local data=$logs/rehearsal
    rm -rf "$data"
    PYTHONDONTWRITEBYTECODE=1 "$tools/bin/python" checks/rehearsal \
        "$data" .aws-sam/build/template.yaml \
        "$CARGO_TARGET_DIR/lambda/countersign/bootstrap" "$sam/bin/sam"
}

# start_program NAME PROGRAM...: runs a program that is `cargo local`, on free ports and with
# its own folder. Sets pid, log, data, http and https. The service ends with the step.
start_program() {
    data=$logs/$1 log=$logs/$1.log
    rm -rf "$data"
    # Emptied, so that output of an earlier run is not taken for this run's.
    : >"$log"
    "${@:2}" --port 0 --https-port 0 --data "$data" >"$log" 2>&1 &
    pid=$!
    end_with_step "$pid"
    until_line "$pid" "$log" '^Stop with Ctrl-C' || return 1
    http=$(sed -n 's/^ready //p' "$log")
    https=$(sed -n 's/^https *\(https:.*\)$/\1/p' "$log")
}

# start_local NAME [OPTION...]: runs the service as the README says.
start_local() {
    # The wait for the start is not for the compiler.
    cargo build --locked --quiet --package countersign-local
    # Cargo replaces itself with the service, so pid is the process id of the service.
    start_program "$1" cargo local "${@:2}"
}

# start_released NAME [OPTION...]: runs the service from the release, which needs half of
# the time. If the release failed, runs the service as the README says.
start_released() {
    if [[ -x dist/countersign-local ]]; then
        start_program "$1" dist/countersign-local "${@:2}"
    else
        start_local "$@"
    fi
}

# page_commands SCRIPT: runs a script that does what pages say, such as the commands from a
# page about another system.
page_commands() {
    local pid log data http https
    start_local "$(basename "$1" .sh)"
    "$1" "$http" "$https" "$data/ca.pem" || {
        cat "$log" >&2
        return 1
    }
    # After SIGTERM, the service must end with success.
    kill -TERM "$pid"
    wait "$pid"
}

# Runs the functions under `cargo lambda watch` on the stand-ins of `cargo local
# --aws-only`, as the README says, on free ports.
lambda_watch() {
    local pid log data http https port watch served=$logs/lambda_watch_functions.log
    port=$(free_port)
    : >"$served"
    start_local lambda_watch --aws-only --memory --issuer "http://localhost:$port/"
    # The example API accepts the tokens of the functions.
    ISSUER=http://localhost:$port/ AUDIENCE=https://someapi.com/api PATH=$tools/bin:$PATH \
        cargo lambda watch --invoke-address 127.0.0.1 --invoke-port "$port" \
        --ignore-changes --env-file "$data/lambda.env" >"$served" 2>&1 &
    watch=$!
    end_with_step "$watch"
    PATH=$tools/bin:$PATH checks/lambda_watch.sh "$port" "$http" || {
        cat "$log" "$served" >&2
        return 1
    }
}

# Runs the examples in `examples/` with valid and invalid tokens.
protected_apis() {
    local pid log data http https
    npm ci --prefix examples/protected-api-js --no-fund --no-audit
    cargo build --locked --workspace --bins
    start_local examples --memory
    NODE_EXTRA_CA_CERTS=$data/ca.pem \
        node checks/examples/protected_apis.mjs "$http" "${https%/}" "$data/ca.pem"
}

install_chromium() {
    if command -v chromium >/dev/null; then return 0; fi
    local as_root=()
    if [[ $(id -u) != 0 ]]; then as_root=(sudo); fi
    "${as_root[@]}" apt-get update
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install --yes --no-install-recommends \
        chromium
}

# Uses the page of `cargo local` in a browser.
browser_page() {
    local pid log data http https
    npm ci --prefix checks/browser --no-fund --no-audit
    start_local page --memory
    node checks/browser/page.mjs "$http/" "$logs/screenshots"
}

# Runs the Playwright test that docs/testing-your-app.md shows. The service is fresh, as
# the paper says, because other checks use up what a day allows to send.
app_test() {
    local pid log data http https
    npm ci --prefix checks/browser --no-fund --no-audit
    start_local app_test --memory
    node checks/browser/app_test.mjs "$http"
}

# Uses Aidbox's pages in a browser without JavaScript, from the sign-up to an app's
# token. Without passkeys, no page has a script.
browser_aidbox() {
    local pid log data http https
    export COUNTERSIGN_PASSKEY_DOMAIN=
    npm ci --prefix checks/browser --no-fund --no-audit
    export COUNTERSIGN_TRUSTED_DEVICE_DAYS=30
    start_local aidbox --memory
    node checks/browser/aidbox.mjs "$http/" "$https" "$logs/screenshots"
}

# Builds the book from the papers, and checks its links. mdBook is compiled once.
book() {
    cargo install mdbook --version 0.5.4 --locked --quiet \
        --no-default-features --features search \
        --root "$mdbook" --target-dir "$mdbook/build"
    checks/book/build.sh "$mdbook/bin/mdbook"
}

# papers PAPER...: runs the commands of these papers, each on a service of its own.
papers() {
    local paper
    for paper in "$@"; do
        (
            start_local "paper_$(basename "$paper" .md)" --memory
            python3 checks/papers.py "$http" "$https" "$paper"
        )
    done
}

# Imports users of each former system, with hashes that other implementations made. A
# sample of the users signs in.
imports() {
    local pid log data http https
    start_local imports
    checks/import/run.sh 2000 "$http" "$data"
}

# Calls each operation that Auth0's SDKs call, and prints what answers.
auth0_surface() {
    local pid log data http https
    start_local auth0_surface --memory
    checks/auth0_surface.py "$http"
}

# Runs ABP's Angular app, built from ABP's own packages, at another origin.
abp_angular() {
    local pid log data http https
    npm ci --prefix checks/abp_angular --ignore-scripts --no-fund --no-audit
    start_local abp_angular --memory
    node checks/abp_angular/story.mjs "$http" "$https"
}

# client_packages: installs the clients of other projects, once for all steps.
client_packages() {
    local lock=checks/clients/package-lock.json kept=checks/clients/node_modules/.installed
    if cmp --silent "$lock" "$kept"; then return 0; fi
    npm ci --prefix checks/clients --ignore-scripts --no-fund --no-audit
    cp "$lock" "$kept"
}

# client SCRIPT: runs an unmodified client of another project, from npm.
client() {
    local pid log data http https
    client_packages
    start_local client --memory
    NODE_EXTRA_CA_CERTS=$data/ca.pem \
        timeout 300 node "checks/clients/$1" "$http" "${https%/}" "$data/ca.pem"
}

# python_packages: installs packages of other projects from PyPI, once for all steps. Sets
# python.
python_packages() {
    local venv=$CARGO_TARGET_DIR/ci-python list=checks/python/requirements.txt
    python=$venv/bin/python
    if cmp --silent "$list" "$venv/installed"; then return 0; fi
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$list"
    cp "$list" "$venv/installed"
}

# python_client SCRIPT: runs an unmodified client of another project, from PyPI.
python_client() {
    local pid log data http https python
    python_packages
    start_local python_client --memory
    REQUESTS_CA_BUNDLE=$data/ca.pem SSL_CERT_FILE=$data/ca.pem PYTHONDONTWRITEBYTECODE=1 \
        timeout 300 "$python" "checks/python/$1" "$http" "${https%/}"
}

# Spoils ceremonies of passkeys, which two libraries of other projects judge too. Before that,
# a password manager of another project makes passkeys and signs in.
ceremonies() {
    local pid log data http https python
    npm ci --prefix checks/ceremonies --ignore-scripts --no-fund --no-audit
    python_packages
    cargo build --locked --quiet --manifest-path checks/ceremonies/password_manager/Cargo.toml \
        --target-dir "$CARGO_TARGET_DIR/password-manager"
    export COUNTERSIGN_PASSKEY_DOMAIN=example.com COUNTERSIGN_WEB_DOMAIN=example.com
    start_local ceremonies --memory --seed checks/ceremonies/seed.json
    NODE_EXTRA_CA_CERTS=$data/ca.pem timeout 300 node checks/ceremonies/ceremonies.mjs \
        "$http" "${https%/}" "$data/ca.pem" "$python" \
        "$CARGO_TARGET_DIR/password-manager/debug/password-manager"
}

install_browser_clients() {
    local folder
    for folder in checks/browser checks/browser_clients examples/protected-api-js; do
        npm ci --prefix "$folder" --ignore-scripts --no-fund --no-audit
    done
}

# browser_client SCRIPT [SETTING=VALUE...]: runs an unmodified library for browsers of
# another project, from npm, in Chromium. The service has these settings.
browser_client() {
    local pid log data http https
    if (($# > 1)); then export "${@:2}"; fi
    start_local browser_client --memory
    NODE_EXTRA_CA_CERTS=$data/ca.pem \
        timeout 600 node "checks/browser_clients/$1" "$http" "${https%/}" "$data/ca.pem"
}
