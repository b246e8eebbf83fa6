#!/bin/sh
# Makes a Python environment with Home Assistant in the folder that is given, if it is not there yet (550 MB, minutes).
set -eu
environment="$1"
here="$(cd "$(dirname "$0")" && pwd)"
cmp -s "$here/requirements.txt" "$environment/installed.txt" && exit 0

python3 -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' || {
  echo "home: Home Assistant 2024.3.3 needs Python 3.11 or 3.12, and this is $(python3 --version)" >&2
  exit 1
}
echo "home: installing Home Assistant into $environment" >&2
python3 -m venv --clear "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check uv
# With the versions that Home Assistant was tested with: without them the resolver goes back through years of releases.
wheel="$(mktemp -d)"
trap 'rm -rf "$wheel"' EXIT
"$environment/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$wheel" \
  "$(grep '^homeassistant==' "$here/requirements.txt")"
python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read("homeassistant/package_constraints.txt").decode())' \
  "$wheel"/*.whl >"$wheel/constraints.txt"
"$environment/bin/uv" pip install --quiet --python "$environment/bin/python" \
  --constraint "$wheel/constraints.txt" --requirement "$here/requirements.txt"
cp "$here/requirements.txt" "$environment/installed.txt"
