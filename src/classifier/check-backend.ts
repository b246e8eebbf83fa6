import { WakegateError } from '../errors.js';
import { newKernels } from '../simd/index.js';
import type { BackendChoice, BackendName } from './types.js';

/**
 * Whether a backend can be used here, as far as that can be said without a pack.
 *
 * @returns the one that would be taken
 * @throws WakegateError WG_BACKEND_UNAVAILABLE with the reason of each that was tried
 */
export async function checkBackend(choice: BackendChoice): Promise<BackendName> {
  if (choice === 'auto' || choice === 'simd') {
    const problem = simdProblem();
    if (problem === null) return 'simd';
    if (choice === 'simd') throw simdUnavailable(problem);
  }
  const { openBackend } = await import('./backend.js');
  return (await openBackend(choice as Exclude<BackendChoice, 'simd'>)).name;
}

/** Why our own kernels cannot be used here, whatever the pack; null where they can. */
export function simdProblem(): string | null {
  if (process.env.WAKEGATE_SIMD === 'off') return 'WAKEGATE_SIMD is off in the environment';
  return newKernels() === null ? 'there is no WebAssembly with SIMD here' : null;
}

export function simdUnavailable(reason: string): WakegateError {
  return new WakegateError(
    'WG_BACKEND_UNAVAILABLE',
    `backend simd cannot be used (${reason}); choose auto or wasm`,
  );
}
