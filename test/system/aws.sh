#!/usr/bin/env bash
# Secrets in AWS, against a server that speaks its protocol and knows nothing of Inlet (moto), and the
# recipe for EventBridge, held against the schemas of CloudFormation (cfn-lint).
# Needs Python 3.9 or later and a package index; fails loudly where it cannot be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=('moto[server,secretsmanager,ssm]==5.2.5' 'cfn-lint==1.51.0')
environment=.venv/aws
wanted="${packages[*]}"

if [[ ! -f "$environment/installed" || "$(cat "$environment/installed")" != "$wanted" ]]; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
  echo "$wanted" > "$environment/installed"
fi

MOTO_SERVER="$environment/bin/moto_server" npx node --test test/system/aws-secrets.ts

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
recipe() {
  cat > "$folder/inlet.yaml" << END
listen: { host: 127.0.0.1, port: 8443 }
orgs: [{ name: prod, orgId: 32aa07aa-db1b-4987-abd0-9483601ec29d }]
sources:
  - name: bus
    org: prod
    path: /bus
    contract: eventbridge
    auth: $1
    subscription:
      kind: eventbridge
      name: lake
      topics: ["v2.detail.events.conversation.{id}.customer.end"]
      publicUrl: https://in.example.com/bus
      awsAccount: "123456789012"
      awsRegion: eu-central-1
END
  npx inlet provision recipe --config "$folder/inlet.yaml" > "$folder/recipe.json"
  "$environment/bin/cfn-lint" --regions eu-central-1 -- "$folder/recipe.json"
}
recipe '{ apiKey: { header: X-Api-Key, secrets: [{ awsSecret: prod/genesys }] } }'
recipe '{ apiKey: { header: X-Api-Key, secrets: [{ env: GC_KEY }] } }'
recipe '{ basic: { user: genesys, secrets: [{ awsSecret: { id: prod/genesys, key: bus } }] } }'
recipe '{ bearer: { secrets: [{ awsSecret: prod/genesys }] } }'
