#!/usr/bin/env bash
# The CDK's source, its records straight into COPY: export.sh PYTHON
# PyAirbyte writes files first and loads them through pandas; a pipe is the shortest way that there is.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
psql=(psql -X -q -v ON_ERROR_STOP=1 "$BENCH_DATABASE")
"$1" "$here/prepare.py"
"${psql[@]}" -c 'create schema chat' -c 'create unlogged table chat.messages (message jsonb)'
code=0
"$(dirname "$1")/source-declarative-manifest" read \
  --config config.json --catalog catalog.json --manifest-path manifest.yaml |
  # A character that JSON writes as \u0001 stands for the quote, so that a line is a value.
  "${psql[@]}" -c "copy chat.messages from stdin with (format csv, quote e'\x01', delimiter e'\x02')" || code=$?
# A source that fails for one user resumes the others before it ends, and what it gave is loaded.
"${psql[@]}" -f "$here/load.sql"
exit "$code"
