#!/usr/bin/env bash
# Makes .venv from uv.lock. Called by the Makefile; does nothing when the environment is up to date.
# Usage: packaging/setup.sh [extra uv sync options]
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

# The stamp holds a line for every kind of set-up done with the present lock file; the plain one is part of each other.
stamp=.venv/.daihou-setup
lock="$(cat uv.lock pyproject.toml packaging/tf-standin/*.py packaging/tf-standin/*.toml packaging/tf-standin/*.pth | sha256sum | cut -c1-16)"
if grep -qs -- "^$lock.*$*" "$stamp" && .venv/bin/python -c '' 2>/dev/null; then exit 0; fi

find_python() {
  for candidate in python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python3.10 python3; do
    for path in $(command -v "$candidate" 2>/dev/null || true); do
      if "$path" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then echo "$path"; return; fi
    done
  done
}
python=$(find_python || true)

find_uv() {
  if command -v uv >/dev/null 2>&1; then command -v uv; return; fi
  if [ -x .tools/uv/bin/uv ]; then echo .tools/uv/bin/uv; return; fi
  for maker in "$python" python3; do
    [ -n "$maker" ] || continue
    rm -rf .tools/uv
    if "$maker" -m venv .tools/uv >/dev/null 2>&1 && .tools/uv/bin/python -m pip install -q --disable-pip-version-check uv >&2; then
      echo .tools/uv/bin/uv; return
    fi
    if "$maker" -m pip install -q --disable-pip-version-check --target .tools/uv uv >&2 2>/dev/null; then
      echo .tools/uv/bin/uv; return
    fi
  done
}
echo "· environment: looking for uv" >&2
uv=$(find_uv || true)
if [ -z "$uv" ]; then
  echo "Daihou needs the tool 'uv' and could not install it. On Debian: apt-get install python3-venv python3-pip, then run this again." >&2
  exit 1
fi

if [ -z "$python" ]; then
  echo "· environment: no Python 3.10 found here, asking uv to fetch one" >&2
  if ! "$uv" python install 3.10 >&2; then
    cat >&2 <<'MESSAGE'
Daihou needs Python 3.10 (Rasa 3.6 runs on nothing newer) and none was found or could be fetched.
Any of these helps, then run the same command again:
  · pyenv install 3.10        (https://github.com/pyenv/pyenv)
  · uv python install 3.10    (where the network allows)
  · a python3.10 on the PATH from your distribution
MESSAGE
    exit 1
  fi
  python=3.10
fi

echo "· environment: installing from uv.lock (about a minute the first time)" >&2
"$uv" sync --locked --inexact --python "$python" --compile-bytecode "$@" >&2
echo "$lock $*" >> "$stamp"
