#!/usr/bin/env bash
# Reads lakes that Inlet wrote with engines that know nothing of it, and compares row by row.
# Needs Python 3.9 or later and a package index; fails loudly where something cannot be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=(deltalake==1.6.6 pyarrow==26.0.1 duckdb==1.5.5 duckdb-extension-delta==1.5.5)
environment=.venv/readers
wanted="${packages[*]}"

if [[ ! -f "$environment/installed" || "$(cat "$environment/installed")" != "$wanted" ]]; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
  echo "$wanted" > "$environment/installed"
fi

lakes=$(mktemp -d)
trap 'rm -rf "$lakes"' EXIT
npx node test/system/make-lake.ts "$lakes"
"$environment/bin/python" test/system/readers.py "$lakes"
