import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BackendChoice, openBackend } from '../../src/classifier/index.js';

const require = createRequire(import.meta.url);

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

describe('openBackend', () => {
  it('opens WebAssembly, which computes', async () => {
    const { name, tf, passedOver } = await openBackend('wasm');
    assert.equal(name, 'wasm');
    assert.equal(tf.getBackend(), 'wasm');
    assert.deepEqual(passedOver, []);
    assert.deepEqual([...tf.softmax(tf.tensor1d([0, 0])).dataSync()], [0.5, 0.5]);
  });

  it('opens tfjs-node where it loads', { skip: !isInstalled('@tensorflow/tfjs-node') }, async () => {
    const script = `
      const { openBackend } = await import(process.argv[1]);
      const { name, tf } = await openBackend('auto');
      console.log(name, tf.getBackend());
    `;
    const index = new URL('../../src/classifier/index.js', import.meta.url).href;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      script,
      index,
    ]);
    assert.equal(stdout, 'node tensorflow\n');
  });

  describe('where tfjs-node is not installed', () => {
    let root: string;

    before(async () => {
      root = await mkdtemp(join(tmpdir(), 'wakegate-backend-'));
      await mkdir(join(root, 'node_modules/@tensorflow'), { recursive: true });
      for (const name of ['tfjs-core', 'tfjs-layers', 'tfjs-backend-wasm']) {
        const folder = dirname(require.resolve(`@tensorflow/${name}/package.json`));
        await symlink(folder, join(root, 'node_modules/@tensorflow', name));
      }
      await cp(fileURLToPath(new URL('../../src', import.meta.url)), join(root, 'src'), { recursive: true });
      await writeFile(join(root, 'package.json'), '{ "type": "module" }');
    });

    after(() => rm(root, { recursive: true }));

    /** What a process of that installation prints for a choice: name, backend and reasons, or code and message. */
    async function open(choice: BackendChoice): Promise<{ stdout: string; stderr: string }> {
      const script = `
        import { openBackend } from './src/classifier/backend.js';
        openBackend(${JSON.stringify(choice)}).then(
          ({ name, tf, passedOver }) => console.log(name, tf.getBackend(), passedOver.join()),
          ({ code, message }) => console.log(code, message),
        );
      `;
      return promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
    }

    it('takes WebAssembly for auto, says why, and keeps stderr quiet', async () => {
      const { stdout, stderr } = await open('auto');
      assert.match(stdout, /^wasm wasm node: Cannot find module '@tensorflow\/tfjs-node'/);
      assert.equal(stderr, '');
    });

    it('refuses node, with the reason and what to do', async () => {
      const { stdout } = await open('node');
      assert.match(
        stdout,
        /^WG_BACKEND_UNAVAILABLE .*Cannot find module '@tensorflow\/tfjs-node'.*choose wasm/,
      );
    });
  });
});
