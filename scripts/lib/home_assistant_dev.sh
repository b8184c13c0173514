#!/usr/bin/env bash
# Put Home Assistant's development branch, and what its manifests require, into .venv in place of
# the pinned one. For the nightly run; scripts/setup brings the pinned one back.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
install=(.python/tools/bin/uv pip install --python .venv/bin/python)

# The environment is no longer the one that scripts/setup vouches for.
rm -f .venv/.kvarbo-ready
"${install[@]}" --upgrade "homeassistant @ git+https://github.com/home-assistant/core@dev"
constraints=$(.venv/bin/python -c 'import homeassistant as h; print(h.__path__[0])')/package_constraints.txt
scripts/requirements --list >.venv/manifests.in
"${install[@]}" --constraints "$constraints" --requirement .venv/manifests.in
