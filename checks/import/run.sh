#!/usr/bin/env bash
# Imports ROWS users of each system into a running `cargo local`, with hashes that
# other implementations made. See imports.py.
#
#     checks/import/run.sh ROWS HTTP DATA [FORMAT...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rows=$1 http=$2 data=$3
target=${CARGO_TARGET_DIR:-$PWD/target}
venv=$target/ci-import
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r checks/import/requirements.txt
# The check runs the binary itself, because Cargo's own memory would count.
cargo build --locked --workspace --bins
PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" checks/import/imports.py \
    "$rows" "$http" "$data" "$target/debug/countersign" "${@:4}"
