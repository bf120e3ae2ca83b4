#!/usr/bin/env bash
# Builds the book from the papers, and checks every link of the built pages. The papers
# keep their places relative to each other, so that one link is right here, in the clone
# and on a page that shows the repository.
#
# usage: checks/book/build.sh MDBOOK
set -euo pipefail
mdbook=$1
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

rm -rf target/book
mkdir -p target/book/src
# The papers, and the files that they link to.
cp -R --parents ./*.md LICENSE-* samconfig.toml docs events/README.md examples/README.md \
    examples/protected-api/src examples/protected-api-js/README.md \
    examples/protected-api-js/protected-api.mjs infra/template.yaml \
    shared/src/config/declared.rs target/book/src
# The summary stands beside the papers in the clone. mdBook expects it above all pages.
sed -e 's|](\([^.]\)|](docs/\1|' -e 's|](\.\./|](|' docs/SUMMARY.md >target/book/src/SUMMARY.md
rm target/book/src/docs/SUMMARY.md

"$mdbook" build
python3 checks/book/links.py target/book/html
