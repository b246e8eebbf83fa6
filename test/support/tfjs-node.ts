import { createRequire } from 'node:module';

/** Why a test that needs tfjs-node is skipped; false where it is not. */
export const skipWithoutTfjsNode = isInstalled('@tensorflow/tfjs-node')
  ? false
  : 'tfjs-node is not built here: npm run tfjs-node';

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
