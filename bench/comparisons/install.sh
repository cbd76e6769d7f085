#!/usr/bin/env bash
# Installs the rivals, each at its pinned version, into .venvs/ beside this file: bench/comparisons/install.sh [NAME…]
# Nothing of this is part of the project's own install. One that cannot be had here is skipped, and the reason told.
set -uo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-python3}

skip() { echo "skipped $1: $2" >&2; }

install_python() {
  "$python" -c 'import sys; sys.exit(sys.version_info[:2] not in [(3, 11), (3, 12)])' ||
    { skip "$1" "it is pinned for Python 3.11 or 3.12, and $python is another (PYTHON=… names one)"; return; }
  local log=".venvs/$1.log"
  { "$python" -m venv ".venvs/$1" && ".venvs/$1/bin/pip" install --quiet --requirement "$1/requirements.txt"; } \
    >"$log" 2>&1 || { skip "$1" "$(tail -n 1 "$log")"; rm -rf ".venvs/$1"; return; }
  echo "installed $1: $(du -sh ".venvs/$1" | cut -f 1)"
}

install_benthos() {
  command -v go >/dev/null || { skip benthos 'there is no Go on this machine'; return; }
  command -v psql >/dev/null || { skip benthos 'it hands its rows to psql, which is not on this machine'; return; }
  mkdir -p .venvs/benthos
  local log=.venvs/benthos.log
  (cd benthos && go build -mod=readonly -o ../.venvs/benthos/benthos .) >"$log" 2>&1 ||
    { skip benthos "$(tail -n 1 "$log")"; return; }
  echo "installed benthos: $(du -sh .venvs/benthos | cut -f 1)"
}

mkdir -p .venvs
for name in "${@:-dlt meltano airbyte benthos}"; do
  for rival in $name; do
    case $rival in
      dlt | meltano | airbyte) install_python "$rival" ;;
      benthos) install_benthos ;;
      *) echo "no rival is called $rival" >&2; exit 2 ;;
    esac
  done
done
# The whole of Redpanda Connect, which benthos is the engine of, is not an option here: see README.md.
