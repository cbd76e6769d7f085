#!/usr/bin/env bash
# The tap piped into target-postgres, which loads by COPY and in larger batches: export.sh PYTHON
set -euo pipefail
here=$(dirname "$0")
printf '{"sqlalchemy_url": "%s", "use_copy": true, "batch_size_rows": 50000,
  "default_target_schema": "chat"}' "${BENCH_DATABASE/postgresql:/postgresql+psycopg:}" >target.json
# A line of log for each call is the default.
export LOGLEVEL=WARNING
"$1" "$here/tap.py" | "$(dirname "$1")/target-postgres" --config target.json >state.jsonl
