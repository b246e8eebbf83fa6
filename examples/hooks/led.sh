#!/bin/sh
# Lights a LED for a moment, as a hook's command:
#
#   led.sh gpiochip0 17 2        line 17 of a chip for 2 s, by gpioset of libgpiod 1 or 2
#   led.sh /sys/class/leds/ACT 2 a LED that the kernel has a name for
#
# The user of the daemon needs the right to do that: see docs/guides/hooks.md.
set -eu

case $1 in
/*)
  brightness=$1/brightness
  before=$(cat "$brightness")
  # Also where the daemon stops, or the hook takes too long.
  # By KILL, since the sleep is the shell itself for a moment, which catches TERM.
  trap 'echo "$before" > "$brightness"; kill -KILL "${!-}" 2> /dev/null || true' EXIT
  trap 'exit 1' TERM INT
  cat "$1/max_brightness" > "$brightness"
  sleep "${2:-2}" &
  wait $!
  ;;
*)
  case $(gpioset --version | head -n 1) in
  *v1.*) exec gpioset --mode=time --sec="${3:-2}" "$1" "$2=1" ;;
  *) exec gpioset --toggle "${3:-2}s,0" --chip "$1" "$2=1" ;;
  esac
  ;;
esac
