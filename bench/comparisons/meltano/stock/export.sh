#!/usr/bin/env bash
# The tap piped into target-postgres with its defaults: export.sh PYTHON
set -euo pipefail
here=$(dirname "$0")
printf '{"sqlalchemy_url": "%s", "default_target_schema": "chat"}' \
  "${BENCH_DATABASE/postgresql:/postgresql+psycopg:}" >target.json
"$1" "$here/tap.py" | "$(dirname "$1")/target-postgres" --config target.json >state.jsonl
