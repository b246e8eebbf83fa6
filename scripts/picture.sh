#!/usr/bin/env bash
# Draws docs/images/terminal.svg: a daemon that hears the bundled sample, and what it cost, as a terminal shows them. Nothing in it is
# written by hand. Needs `script` (util-linux) and Python with its venv; rich, which draws the picture, is installed into .venv/.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run --silent build
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check 'rich==15.0.0'

port=18765
work=$(mktemp -d)
ln -s "$PWD/samples/demo.wav" "$work/demo.wav"
ln -s "$PWD/dist/src/cli/main.cjs" "$work/wakegate"
cd "$work"
# A terminal of 100 columns, in a folder that holds nothing but the sample.
terminal() {
  script --quiet --flush --return --command "stty cols 100 rows 40; echo \$\$ > $2.pid; exec env -u NO_COLOR $1" "$2.txt" </dev/null >/dev/null
}

trap 'kill "$(cat "$work/run.pid")" 2>/dev/null || true; rm -rf "$work"' EXIT
terminal "node wakegate run --input demo.wav --port $port --state-directory state" run &
# Its line at the end of the file.
until grep -qa 'demo.wav has ended' run.txt 2>/dev/null; do
  sleep 0.5
  kill -0 $! 2>/dev/null || { cat run.txt >&2; exit 1; }
done
terminal "sh -c 'node wakegate energy --url http://127.0.0.1:$port | head -n 9'" energy

cd - >/dev/null
.venv/bin/python - "$work" docs/images/terminal.svg <<'PYTHON'
import re, sys
from rich.console import Console
from rich.text import Text

work, out = sys.argv[1:]

def recorded(name):
    """What was printed between the first and the last line of `script`."""
    lines = open(f'{work}/{name}', errors='replace').read().replace('\r', '').split('\n')[1:]
    lines = [line for line in lines if not line.startswith('Script done')]
    return '\n'.join(lines).strip('\n').replace(f'{work}/', '').replace(':18765', ':8765')

console = Console(record=True, width=100, file=open('/dev/null', 'w'), force_terminal=True, color_system='truecolor')
for command, name in (('npx wakegate run --input demo.wav', 'run.txt'), ('npx wakegate energy | head -n 9', 'energy.txt')):
    console.print(Text.assemble(('$ ', 'bold green'), (command, 'bold')))
    console.print(Text.from_ansi(recorded(name)))
    console.print()
svg = console.export_svg(title='wakegate')
# No fonts from elsewhere: a page that shows the picture asks nobody for anything.
svg = re.sub(r'@font-face \{.*?\}', '', svg, flags=re.S).replace('Fira Code, monospace', 'ui-monospace, Menlo, Consolas, monospace')
svg = '\n'.join(line.rstrip() for line in svg.split('\n') if line.strip())
open(out, 'w').write(svg + '\n')
PYTHON
echo "docs/images/terminal.svg"
