#!/usr/bin/env bash
# Reads lakes that Inlet wrote, in a folder and in a bucket, with engines that know nothing of it,
# and compares row by row. Needs Python 3.10 or later, Java 17 or later, Maven, and the indexes of
# both; fails loudly where something cannot be installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

here=test/system/readers
environment=$PWD/.venv/readers
packages=(deltalake==1.6.6 pyarrow==26.0.1 pyspark==4.1.4 duckdb==1.5.5
  duckdb-extension-delta==1.5.5 duckdb-extension-httpfs==1.5.5)

# All of it lies in the environment, which is made again where anything is to be another version.
install() {
  local wanted
  wanted="${packages[*]} $(sha256sum < "$here/pom.xml")"
  [ "$(cat "$environment/installed" 2> /dev/null)" != "$wanted" ] || return 0
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-compile "${packages[@]}"
  mvn --quiet --batch-mode --file "$here/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$environment/jars"
  echo "$wanted" > "$environment/installed"
}

install
lakes=$(mktemp -d)
trap 'rm -rf "$lakes"' EXIT
python="$environment/bin/python -B"
PYTHONPATH=$here $python -m unittest faults_test
export SPARK_JARS=$environment/jars
together="bash test/system/together.sh"
bash test/system/with-s3.sh bash -euc "
  $together 'npx node $here/states.ts $lakes' \
    'npx node $here/run.ts $lakes folder' 'npx node $here/run.ts $lakes bucket'
  $together '$python $here/readers.py $lakes spark' \
    '$python $here/readers.py $lakes not spark'"
