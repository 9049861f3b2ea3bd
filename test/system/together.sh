#!/usr/bin/env bash
# Runs commands side by side, each to its end; fails where one of them does.
#   together.sh COMMAND...     each a text for a shell
set -uo pipefail

pids=()
trap 'kill "${pids[@]}"' INT TERM
for command in "$@"; do
  bash -euc "$command" &
  pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
exit "$failed"
