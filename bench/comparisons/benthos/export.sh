#!/usr/bin/env bash
# Runs benthos with the configuration of a folder: export.sh BENTHOS benthos/stock|benthos/tuned
# Rows go through psql's COPY: the outputs for SQL are not among the engine's own (see the README).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# Nobody reaches the last figure, where there is no quota.
export BENCH_WINDOW_CALLS=$((${BENCH_RATE:-100000000} / 20))
psql=(psql -X -q -v ON_ERROR_STOP=1 "$BENCH_DATABASE")
"${psql[@]}" -f "$here/tables.sql"
"$1" run "$here/../$2/export.yaml" |
  # A character that JSON writes as \u0001 stands for the quote, so that a line is a value.
  "${psql[@]}" -c "copy chat.answers from stdin with (format csv, quote e'\x01', delimiter e'\x02')"
"${psql[@]}" -f "$here/load.sql"
