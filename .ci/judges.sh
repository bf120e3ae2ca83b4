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

# auth0_documents FOLDER: runs the client of Auth0 through Prism, which holds each answer
# against Auth0's own OpenAPI documents in this folder.
auth0_documents() {
    local pid log data http https port
    npm ci --prefix checks/prism --ignore-scripts --no-fund --no-audit
    client_packages
    port=$(free_port)
    # The proxy before Prism is the issuer.
    start_local auth0_documents --memory --issuer "https://localhost:$port/"
    NODE_EXTRA_CA_CERTS=$data/ca.pem node checks/prism/answers.mjs \
        "$http" "https://localhost:$port" "$data" "$1" \
        checks/clients/auth0_accounts.mjs checks/clients/auth0_auth_js.mjs \
        checks/prism/my_account.mjs checks/clients/redirects/auth0_auth_js.mjs
}
