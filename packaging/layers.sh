#!/usr/bin/env bash
# Checks who imports whom (.importlinter). import-linter wants a newer pydantic than Rasa, hence its own environment.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=.tools/layers
if [ ! -x "$tool/bin/lint-imports" ]; then
  .venv/bin/python -m venv "$tool"
  "$tool/bin/python" -m pip install -q --disable-pip-version-check 'import-linter==2.3'
fi
PYTHONPATH=. "$tool/bin/lint-imports"
