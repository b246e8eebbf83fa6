import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chooseBasis } from '../../src/energy/index.js';

describe('energy basis', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wakegate-basis-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function boardCalled(model: string) {
    const file = join(folder, 'model');
    await writeFile(file, `${model}\0`);
    return chooseBasis(file);
  }

  it('is the profile of the board that it runs on', async () => {
    const basis = await boardCalled('Raspberry Pi Zero 2 W Rev 1.0');
    assert.equal(basis.name, 'profile:pi-zero-2w');
    assert.equal(basis.asIf, false);
    // (2.1 W - 0.6 W) / 4 cores, for two seconds.
    assert.equal(basis.energyMj(2000), 750);
    assert.match(basis.how, /^An estimate: .*0\.375 W/);
  });

  it('is that of a Raspberry Pi 3B, 3B+ and 4B too, by the name in their device tree', async () => {
    // A quarter of what four busy cores need over idle, for two seconds.
    const boards = {
      'Raspberry Pi 3 Model B Rev 1.2': ['profile:pi-3b', 1150],
      'Raspberry Pi 3 Model B Plus Rev 1.3': ['profile:pi-3b-plus', 1600],
      'Raspberry Pi 4 Model B Rev 1.5': ['profile:pi-4b', 1850],
    } as const;
    for (const [model, [name, mj]] of Object.entries(boards)) {
      const basis = await boardCalled(model);
      assert.equal(basis.name, name);
      assert.equal(basis.asIf, false);
      assert.ok(Math.abs(basis.energyMj(2000) - mj) < 1e-6, `${model}: ${basis.energyMj(2000)}`);
    }
  });

  it('says "as if" on any other board, and where there is no device tree', async () => {
    const others = [
      await boardCalled('Raspberry Pi 5 Model B Rev 1.0'),
      await boardCalled('Raspberry Pi Zero W Rev 1.1'),
      await boardCalled('Raspberry Pi 3 Model A Plus Rev 1.0'),
      await boardCalled(''),
      chooseBasis(join(folder, 'missing')),
    ];
    for (const basis of others) {
      assert.equal(basis.name, 'profile:pi-zero-2w');
      assert.equal(basis.asIf, true);
      assert.match(basis.how, /^As if on a Raspberry Pi Zero 2 W: /);
      assert.equal(basis.energyMj(2000), 750);
    }
  });
});
