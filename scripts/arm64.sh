#!/usr/bin/env bash
# Shows wakegate running on arm64, the architecture of a Raspberry Pi, on a machine of another one: in a Debian root made by
# debootstrap, under qemu-user. Looks for native modules in the runtime tree, compares what is heard in the bundled sample
# with what is heard here, and lets the daemon hear it at the pace of sound.
#
#   sudo bash scripts/arm64.sh [FOLDER]     the root is made in FOLDER (default .cache/arm64, 500 MB) and kept
#
# Needs debootstrap and qemu-user-static, and leaves the kernel knowing how to start arm64 programs until it reboots.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$(realpath -m "${1:-.cache/arm64}")
suite=trixie # its Node is the oldest that is supported, and Raspberry Pi OS has the same
app=$root/opt/wakegate

for program in debootstrap qemu-aarch64-static; do
  command -v "$program" >/dev/null || { echo "$program is missing: apt-get install debootstrap qemu-user-static" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "a root is made and entered by root only: use sudo" >&2; exit 1; }

binfmt=/proc/sys/fs/binfmt_misc
[ -e $binfmt/register ] || mount -t binfmt_misc binfmt_misc $binfmt
if [ ! -e $binfmt/qemu-aarch64 ]; then
  # An ELF of 64 bits for machine 183. F: the emulator is opened now, so that it need not be in the root.
  printf '%s' ':qemu-aarch64:M:0:\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:' \
    "$(command -v qemu-aarch64-static):F" >$binfmt/register
fi

if ! [ -x "$root/usr/bin/node" ]; then
  debootstrap --arch=arm64 --variant=minbase --include=nodejs "$suite" "$root"
fi

echo "== The runtime tree, as npm installs it"
npm run --silent build
rm -rf "$app"
mkdir -p "$app"
cp -r dist models samples package.json package-lock.json "$app"
npm ci --omit=dev --ignore-scripts --no-audit --no-fund --prefix "$app"
native=$(find "$app/node_modules" -name '*.node' -o -name binding.gyp -o -name '*.so')
[ -z "$native" ] || { echo "native modules: $native" >&2; exit 1; }
echo "no native module"

emulated() { chroot "$root" env -u NODE_EXTRA_CA_CERTS sh -c "cd /opt/wakegate && $1"; }
detect='node dist/src/cli/main.cjs detect samples/demo.wav'

echo "== What is heard in the bundled sample"
emulated 'node -p "[process.arch, process.version].join(\" \")"'
emulated "$detect" | tee "$root/tmp/arm64.txt"
$detect >"$root/tmp/here.txt"
diff "$root/tmp/here.txt" "$root/tmp/arm64.txt"
echo "the same as on $(node -p process.arch)"
emulated "WAKEGATE_SIMD=off $detect" | diff "$root/tmp/here.txt" -
echo "the same without SIMD"

echo "== The daemon, at the pace of sound"
# However slow the emulator is: until it says that all has been heard, for ten minutes at most.
emulated 'node dist/src/cli/main.cjs run --input samples/demo.wav --port 0 >/tmp/daemon.log & pid=$!
  for _ in $(seq 600); do grep -q "has been heard" /tmp/daemon.log && break; sleep 1; done
  kill $pid; wait $pid' || true
grep -o '"msg":"Heard[^,]*' "$root/tmp/daemon.log"
heard=$(grep -c '"event":"detection"' "$root/tmp/daemon.log")
expected=$(grep -c ' s  ' "$root/tmp/here.txt")
[ "$heard" = "$expected" ] || { echo "the daemon heard $heard of $expected keywords" >&2; exit 1; }
grep -q '"backend":"simd"' "$root/tmp/daemon.log" || { echo "the classifier ran without the SIMD kernels" >&2; exit 1; }
echo "by the SIMD kernels"
