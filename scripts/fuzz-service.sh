#!/usr/bin/env bash
# Sends the service some 10 000 malformed requests, made from its OpenAPI document by schemathesis (PyPI), and as many
# WebSocket frames of its own making. Fails where there is a crash, an answer of 5xx, one that the document does not
# have, or memory that does not come back.
#
# usage: scripts/fuzz-service.sh [EXAMPLES]   for each operation with something to vary; 2500 by default
#        scripts/fuzz-service.sh --quick       about a minute, for every run of the checks
# Where schemathesis cannot be installed, it says so and checks nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
quick=
[ "${1:-}" != --quick ] || quick=1
examples=${1:-2500}
first=50
limit=0 # seconds for each of the two runs; 0 for none
settle=10
[ -z "$quick" ] || { examples=20; first=2; limit=30; settle=2; }
schemathesis_version=4.32.5
most_growth_bytes=$((30 * 1024 * 1024))

npm run --silent build
work=$(mktemp -d)
daemon=
finish() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

if ! { python3 -m venv "$work/venv" &&
  timeout 90 "$work/venv/bin/pip" install --quiet --retries 1 --timeout 10 "schemathesis==$schemathesis_version"; } >"$work/install.log" 2>&1; then
  echo "fuzz-service: skipped, as schemathesis cannot be installed: $(tail -1 "$work/install.log")"
  exit 0
fi

# The sample is over after half a minute; what is measured is the service.
node dist/src/cli/main.cjs run --port 0 --input samples/demo.wav \
  --state-directory "$work/state" --log-level info >"$work/daemon.log" &
daemon=$!
for _ in $(seq 100); do
  url=$(grep -o 'http://127[^"]*' "$work/daemon.log" | head -1) && break
  sleep 0.1
done
resident() { curl -sf "$url/metrics" | sed -n 's/^wakegate_process_resident_memory_bytes //p'; }

# Not of what never ends, a stream and a WebSocket, nor of /readyz, whose 503 is an answer.
fuzz() (
  cd "$work" # where it leaves notes of its own
  timeout "$limit" venv/bin/schemathesis run "$url/openapi.json" \
    --exclude-path /v1/events --exclude-path /v1/listen --exclude-path /readyz \
    --phases coverage,fuzzing --mode negative --max-examples "$1" --seed 1 \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection \
    --continue-on-failure --no-shrink --suppress-health-check all --request-timeout 30 --warnings off
)
# What has run out of time has found nothing so far, or it would have to say so.
in_time() { "$@" || { [ $? = 124 ] && [ -n "$quick" ] && echo "ended after $limit s"; }; }
in_time fuzz "$first" >"$work/first.log" || { tail -40 "$work/first.log"; exit 1; } # so that what is loaded once is not taken for a leak
before=$(resident)
in_time fuzz "$examples" >"$work/fuzz.log" || { tail -60 "$work/fuzz.log"; exit 1; }
tail -20 "$work/fuzz.log"
kill -0 "$daemon" || { echo "the daemon has crashed"; exit 1; }
sleep "$settle"
after=$(resident)
echo "resident memory: $before bytes before, $after after"
[ $((after - before)) -le $most_growth_bytes ] || { echo "memory was not given back"; exit 1; }
if grep -E '"level":"(error|fatal)"' "$work/daemon.log"; then
  echo "the daemon has logged faults"
  exit 1
fi

[ -z "$quick" ] || exit 0 # the tests send frames too
WAKEGATE_FUZZ_RUNS=2000 node --test --test-timeout=600000 dist/test/server/frames.test.js | tail -12
