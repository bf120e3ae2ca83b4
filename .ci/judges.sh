# The functions behind the steps of .ci/run that hold every answer against an OpenAPI
# document. Beside steps.sh.
# shellcheck shell=bash

# schemathesis_run NAME OPTION...: starts to send the requests that Schemathesis derives from
# the OpenAPI document to a service of its own. What Schemathesis says goes to NAME.txt. Adds
# the process to judges.
schemathesis_run() {
    start_released "$1" --memory
    SCHEMATHESIS_HOOKS=hooks PYTHONPATH=checks/schemathesis PYTHONDONTWRITEBYTECODE=1 \
        "$schemathesis/bin/schemathesis" --config-file checks/schemathesis/schemathesis.toml \
        run "$http/_local/openapi.json" --url "$http" --no-color "${@:2}" >"$logs/$1.txt" 2>&1 &
    judges+=("$!")
    end_with_step "$!"
}

# Schemathesis sends requests that it derives from the OpenAPI document. No answer may
# be a 500, or have an undocumented status, type or body. The requests are the same in
# every run. Some calls answer after two seconds, so these have runs of their own, beside
# the run of all other calls.
openapi_document() {
    local pid log data http https judge all path name names=(openapi) judges=() status=0
    local slow=('^/dbconnections/signup$' '^/dbconnections/change_password$' '^/(otp|passwordless)/')
    all=$(IFS='|' && echo "${slow[*]}")
    schemathesis_run openapi --exclude-path-regex "$all"
    for path in "${slow[@]}"; do
        names+=("openapi_slow_${#names[@]}")
        schemathesis_run "${names[-1]}" --include-path-regex "$path"
    done
    for judge in "${judges[@]}"; do wait "$judge" || status=$?; done
    for name in "${names[@]}"; do cat "$logs/$name.txt"; done
    return "$status"
}

# auth0_requests FOLDER: sends requests that Schemathesis derives from Auth0's own OpenAPI
# documents in this folder, for the operations that the service has.
auth0_requests() {
    local pid log data http https document=$logs/auth0_document.json
    start_released auth0_requests --memory
    node checks/prism/documents.mjs "$1" "$http" >"$document"
    SCHEMATHESIS_HOOKS=auth0 PYTHONPATH=checks/schemathesis PYTHONDONTWRITEBYTECODE=1 \
        "$schemathesis/bin/schemathesis" --config-file checks/schemathesis/auth0.toml \
        run "$document" --url "$http" --no-color
}

# auth0_documents FOLDER: runs the clients through Prism, which holds each answer against
# Auth0's own OpenAPI documents in this folder. Each group of clients has a service of its
# own, because some use up what others need.
auth0_documents() {
    local group python status=0
    local groups=("clients/auth0_accounts.mjs clients/auth0_auth_js.mjs prism/my_account.mjs
        clients/redirects/auth0_auth_js.mjs" python/auth0_python.py python/authlib_client.py
        clients/openid_client.mjs clients/dpop.mjs clients/redirects/oauth4webapi.mjs
        clients/redirects/openid_client.mjs clients/redirects/oidc_client_ts.mjs
        clients/redirects/appauth.mjs clients/redirects/express.mjs)
    npm ci --prefix checks/prism --ignore-scripts --no-fund --no-audit
    client_packages
    python_packages
    for group in "${groups[@]}"; do
        # shellcheck disable=SC2086  # a group is a list of words
        (through_prism "$1" $group) || status=$?
    done
    return "$status"
}

# through_prism FOLDER SCRIPT...: runs scripts of checks/ through Prism, in this order.
through_prism() {
    local pid log data http https port
    port=$(free_port)
    # The proxy before Prism is the issuer.
    start_released auth0_documents --memory --issuer "https://localhost:$port/"
    NODE_EXTRA_CA_CERTS=$data/ca.pem PYTHON=$python PYTHONDONTWRITEBYTECODE=1 \
        timeout 300 node checks/prism/answers.mjs \
        "$http" "https://localhost:$port" "$data" "$1" "${@:2}"
}
