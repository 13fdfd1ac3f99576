#!/usr/bin/env bash
# What the outside CI runs for each push: it tests and packs the services that the push concerns, and hands them to Bakery.
#
#   BAKERY_URL=https://bakery.example.com BAKERY_SUBMIT_KEY=… ci.sh REF [REASON OF A HOTFIX]
#
# MODULES: a node_modules to take, on machines that cannot install; BAKERY: the program, `bakery` when left out.
set -euo pipefail
cd "$(dirname "$0")"
ref=$1
reason=${2:-}

if git rev-parse --quiet --verify HEAD~1 >/dev/null && git diff --quiet HEAD~1 -- services/invoices libs; then
  echo 'invoices: this push concerns nothing of it'
  exit 0
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
node --test --test-reporter=junit --test-reporter-destination="$out/tests.xml" services/invoices/*.test.js

# Only what runs: not the sources that its native part was compiled from.
if [ -z "${MODULES:-}" ]; then
  npm install --silent --no-audit --no-fund --workspace invoices
  MODULES=node_modules
fi
mkdir -p "$out/package/services" "$out/package/node_modules/better-sqlite3/build/Release"
cp -r libs package.json "$out/package/"
cp -r services/invoices "$out/package/services/"
for module in bindings file-uri-to-path; do cp -rL "$MODULES/$module" "$out/package/node_modules/"; done
for part in package.json lib build/Release/better_sqlite3.node; do
  cp -rL "$MODULES/better-sqlite3/$part" "$out/package/node_modules/better-sqlite3/$part"
done
# The same commit gives the same package.
tar --sort=name --mtime=@0 --owner=0 --group=0 --mode=u=rwX,go=rX -cf "$out/invoices.tar" -C "$out/package" .

${BAKERY:-bakery} submit --to "$BAKERY_URL" --service invoices --commit "$(git rev-parse HEAD)" --ref "$ref" \
  --package "$out/invoices.tar" --tests "$out/tests.xml" ${reason:+--hotfix "$reason"}
