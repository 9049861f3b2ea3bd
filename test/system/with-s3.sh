#!/usr/bin/env bash
# Runs a command beside a real S3 server: Ceph's gateway from Debian's packages, with its objects in
# memory, on ports of its own. Needs root where the packages are still to be installed; fails loudly
# where they or the server cannot be had.
#   with-s3.sh COMMAND...     the environment names the server and its credentials
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v radosgw ceph-mon ceph-mgr ceph-osd > /dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    ceph-mon ceph-osd ceph-mgr radosgw > /dev/null
fi

place=$(mktemp -d)
finish() {
  local pid
  for file in "$place"/run/*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    kill -9 "$pid" 2> /dev/null || true
  done
  rm -rf "$place"
}
trap finish EXIT

source test/system/s3-server.sh "$place"
"$@"
