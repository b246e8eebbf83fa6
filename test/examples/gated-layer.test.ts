import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));

for (const name of ['image', 'audio']) {
  test(`examples/gated-layer/${name}.js trains, cuts and prints its trade-off`, async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [`examples/gated-layer/${name}.js`, '48', '2'],
      {
        cwd: root,
      },
    );
    const [head, ...rows] = stdout.trimEnd().split('\n');
    assert.match(head, /^alpha +beta +accuracy +negatives stopped +zeros/);
    const zeros = rows.map((row) => {
      const cells = row.match(/^1 +(\S+) +([\d.]+) % +([\d.]+) % +([\d.]+) %$/);
      assert.ok(cells, row);
      return Number(cells[4]);
    });
    assert.equal(zeros.length, 3);
    assert.ok(zeros[2] > zeros[0], 'a higher beta leaves fewer activations');
  });
}
