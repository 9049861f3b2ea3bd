#!/usr/bin/env bash
# The lake on S3, against a real server.
#   s3.sh [FILE...]     the test files to run, all of test/system/s3 by default
set -euo pipefail
cd "$(dirname "$0")/../.."

files=("$@")
[ "${#files[@]}" -gt 0 ] || files=(test/system/s3/{loader,store,races,locked,erase,import}.ts)
exec bash test/system/with-s3.sh npx node --test --test-concurrency=2 "${files[@]}"
