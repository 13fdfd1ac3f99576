#!/usr/bin/env bash
# Hands a package over to Bakery, for machines that have no `bakery`: needs bash, curl, openssl and sha256sum.
#
#   BAKERY_SUBMIT_KEY=… submit.sh --to https://bakery.example.com --service invoices --commit SHA \
#     [--ref main] --package out/invoices.tar [--tests report.xml]…
#
# openssl gets the key as an argument, which other accounts of this machine can see: use `bakery submit` on shared ones.
set -euo pipefail

to='' service='' commit='' ref='' package='' tests=()
while [ $# -gt 1 ]; do
  case $1 in
    --to) to=${2%/} ;;
    --service) service=$2 ;;
    --commit) commit=$2 ;;
    --ref) ref=$2 ;;
    --package) package=$2 ;;
    --tests) tests+=("$2") ;;
    *) echo "$1 is not known; see the top of this file." >&2; exit 2 ;;
  esac
  shift 2
done
for needed in to service commit package BAKERY_SUBMIT_KEY; do
  [ -n "${!needed:-}" ] || { echo "$needed is missing; see the top of this file." >&2; exit 2; }
done

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
digest() { sha256sum "$1" | cut -d ' ' -f 1; }

# signed TEXT: the header that proves who says TEXT, now.
signed() {
  local now sum
  now=$(date +%s)
  sum=$(printf '%s.%s' "$now" "$1" | openssl dgst -sha256 -hmac "$BAKERY_SUBMIT_KEY" | sed 's/.*= *//')
  echo "x-bakery-signature: t=$now,v1=$sum"
}

# ask METHOD PATH TEXT [CURL ARGUMENT…]: prints the status; Bakery's sentence is in $answer.
ask() {
  local method=$1 path=$2 text=$3
  shift 3
  curl --silent --show-error --retry 4 --retry-connrefused --max-time 1800 --output "$answer" --write-out '%{http_code}' \
    --request "$method" --header "$(signed "$text")" "$@" "$to$path"
}

refused() { cat "$answer" >&2; exit 1; }

upload() {
  local path status text
  path="/submit/$service/sha256:$(digest "$1")"
  text="PUT $path"
  status=$(ask GET "$path" "$text")
  [ "$status" != 200 ] || return 0
  [ "$status" = 404 ] || refused
  status=$(ask PUT "$path" "$text" --upload-file "$1")
  [ "$status" = 201 ] || [ "$status" = 200 ] || refused
}

reports=''
for file in "$package" ${tests[@]+"${tests[@]}"}; do
  upload "$file"
  [ "$file" = "$package" ] || reports="$reports${reports:+,}\"sha256:$(digest "$file")\""
done

body=$(printf '{"id":"%s","commit":"%s",%s"package":{"name":"%s","digest":"sha256:%s","size":%s},"reports":[%s]}' \
  "$(openssl rand -hex 16)" "$commit" "${ref:+\"ref\":\"$ref\",}" "$(basename "$package")" "$(digest "$package")" "$(stat -c %s "$package")" "$reports")
status=$(ask POST "/submit/$service" "$body" --header 'content-type: application/json' --data-binary "$body")
case $status in
  200 | 202) cat "$answer" ;;
  *) refused ;;
esac
