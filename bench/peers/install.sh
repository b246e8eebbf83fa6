#!/usr/bin/env bash
# Installs what wakegate is measured against, in this folder: node_modules/ and .venv/, both ignored by git. What cannot be had here
# is said, and then left out of the comparison. Nothing is done where all of it is there already.
set -uo pipefail
cd "$(dirname "$0")"

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  # The one script that matters, of onnxruntime-node, would fetch CUDA.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json ||
    echo "peers: npm ci failed: the engines of npm are left out" >&2
fi

# node-personal-wakeword stands on two add-ons, which are compiled here: their own scripts would fetch binaries from GitHub.
npm_cli="${npm_execpath:-$(readlink -f "$(command -v npm)")}"
node_gyp="$(dirname "$npm_cli")/../node_modules/node-gyp/bin/node-gyp.js"
prefix="$(node -p 'require("path").resolve(fs.realpathSync(process.execPath), "../..")')"
headers=()
[ -f "$prefix/include/node/node.h" ] && headers=(--nodedir="$prefix")
compile() {
  (cd "$1" && node "$node_gyp" rebuild "${headers[@]}" "${@:2}" >build.log 2>&1) ||
    echo "peers: $1 cannot be compiled (see its build.log): node-personal-wakeword is left out" >&2
}
if [ -d node_modules/node-vad ] && [ ! -f node_modules/node-vad/build/Release/vad.node ]; then compile node_modules/node-vad; fi
gist=node_modules/@mathquis/node-gist
if [ -d "$gist" ]; then
  binding="$(node -p "require('./node_modules/@mapbox/node-pre-gyp').find(require('path').resolve('$gist/package.json'))")"
  if [ ! -f "$binding" ]; then compile "$gist" --module_name=gist --module_path="$(dirname "$binding")"; fi
fi

if [ ! -x .venv/bin/python ] || [ requirements.txt -nt .venv/installed ]; then
  python3 -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt && touch .venv/installed ||
    echo "peers: no Python environment can be made here: microWakeWord, Snowboy and wakeforge are left out" >&2
fi

# Snowboy is a static library, for x64 and arm64, which is linked to something that Python can load.
library=.venv/libsnowboy.so
if [ -d node_modules/snowboy ] && [ -x .venv/bin/python ] && { [ ! -f "$library" ] || [ adapters/snowboy.cc -nt "$library" ]; }; then
  case "$(uname -m)" in aarch64) port=aarch64-ubuntu1604 ;; *) port=ubuntu64 ;; esac
  blas="$(.venv/bin/python -c 'import scipy_openblas32 as blas; print(blas.get_lib_dir())')"
  g++ -O2 -std=c++11 -D_GLIBCXX_USE_CXX11_ABI=0 -shared -fPIC -Inode_modules/snowboy/include adapters/snowboy.cc \
    "node_modules/snowboy/lib/$port/libsnowboy-detect.a" -L"$blas" -lscipy_openblas -Wl,-rpath,"$blas" -o "$library" ||
    echo "peers: Snowboy cannot be linked here, and is left out" >&2
fi
exit 0
