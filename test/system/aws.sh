#!/usr/bin/env bash
# Secrets in AWS, against a server that speaks its protocol and knows nothing of Inlet (moto).
# Needs Python 3.9 or later and a package index; fails loudly where it cannot be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=('moto[server,secretsmanager,ssm]==5.2.5')
environment=.venv/aws
wanted="${packages[*]}"

if [[ ! -f "$environment/installed" || "$(cat "$environment/installed")" != "$wanted" ]]; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
  echo "$wanted" > "$environment/installed"
fi

MOTO_SERVER="$environment/bin/moto_server" npx node --test test/system/aws-secrets.ts
