import { fileURLToPath } from 'node:url';

/** From dist/bench/. */
export const SAMPLE_FILE = fileURLToPath(new URL('../../samples/demo.wav', import.meta.url));
export const CLI = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
