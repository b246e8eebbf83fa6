#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node against the libtensorflow inside PyPI's tensorflow-cpu wheel, for training and for
# `--backend node`. Nothing else needs it: the daemon's default is the WebAssembly backend.
#
#   npm run tfjs-node          builds once into .tfjs-node/ (ignored by git), then links it into node_modules/
#
# After an `npm ci`, which clears node_modules/, run it again: it only links. Needs python3 with pip, g++ and 2 GB of
# disk while it unpacks (0.7 GB after). Exit code 3: PyPI or npm cannot be reached.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly tfjs_version=4.22.0
readonly wheel_version=2.21.0
declare -A wheel_sha256=(
  [x86_64]=2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c
)
readonly machine=$(uname -m)
readonly home=.tfjs-node
readonly package=$home/node_modules/@tensorflow/tfjs-node

link() {
  mkdir -p node_modules/@tensorflow
  ln -sfn "../../$package" node_modules/@tensorflow/tfjs-node
  node -e "require('@tensorflow/tfjs-node')" 2>/dev/null
}

if [ -e "$home/built-$tfjs_version-$wheel_version" ] && link; then
  echo "tfjs-node $tfjs_version: built before, linked into node_modules/"
  exit 0
fi
if [ -z "${wheel_sha256[$machine]:-}" ]; then
  echo "tfjs-node: no wheel is known for $machine; use the WebAssembly backend" >&2
  exit 1
fi

rm -rf "$home" && mkdir -p "$home"
cat > "$home/package.json" <<JSON
{ "private": true, "dependencies": { "@tensorflow/tfjs-node": "$tfjs_version" } }
JSON
npm install --prefix "$home" --ignore-scripts --no-audit --no-fund --loglevel=error || { echo "tfjs-node: npm cannot be reached" >&2; exit 3; }
# One tfjs-core for the whole process: what the project has already must not stand here a second time.
for name in tfjs-core tfjs-layers tfjs-backend-cpu; do rm -rf "$home/node_modules/@tensorflow/$name"; done

python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.11 --platform manylinux_2_27_"$machine" \
  -d "$home/wheel" "tensorflow-cpu==$wheel_version" || { echo "tfjs-node: PyPI cannot be reached" >&2; exit 3; }
wheel=$(ls "$home"/wheel/*.whl)
echo "${wheel_sha256[$machine]}  $wheel" | sha256sum --check --quiet

python3 - "$wheel" "$home/lib" <<'PYTHON'
import sys, zipfile
wheel, target = sys.argv[1:]
keep = ("tensorflow/include/", "tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(target, [name for name in archive.namelist() if name.startswith(keep)])
PYTHON
rm -rf "$home/wheel"

lib=$PWD/$home/lib/tensorflow
mkdir -p "$package/deps/lib"
ln -sfn "$lib/include" "$package/deps/include"
ln -sfn "$lib/libtensorflow_cc.so.2" "$package/deps/lib/libtensorflow.so"
ln -sfn "$lib/libtensorflow_cc.so.2" "$package/deps/lib/libtensorflow_cc.so.2"
ln -sfn "$lib/libtensorflow_framework.so.2" "$package/deps/lib/libtensorflow_framework.so"
ln -sfn "$lib/libtensorflow_framework.so.2" "$package/deps/lib/libtensorflow_framework.so.2"

gyp=$(node -p "require('path').join(require('child_process').execSync('npm root -g').toString().trim(), 'npm/node_modules/node-gyp/bin/node-gyp.js')")
headers=$(dirname "$(dirname "$(node -p process.execPath)")")
nodedir=()
[ -e "$headers/include/node/node_api.h" ] && nodedir=(--nodedir "$headers")
(cd "$package" && CXXFLAGS=-std=c++17 node "$gyp" rebuild --loglevel=warn "${nodedir[@]}" --module_name=tfjs_binding \
  --module_path="$PWD/lib/napi-v8" --napi_version=9 --napi_build_version=8)
rm -rf "$lib/include" "$package/build" "$package/deps/include"

touch "$home/built-$tfjs_version-$wheel_version"
link
echo "tfjs-node $tfjs_version: built into $home/ and linked into node_modules/"
