import type { Handoff } from '../gate/handoff.js';
import type { Backend } from './backend.js';
import { simdProblem, simdUnavailable } from './check-backend.js';
import { NotPlanned } from './network-plan.js';
import type { WorkerModel } from './protocol.js';
import { SimdBackHalf } from './simd-back-half.js';
import type { BackendChoice, BackendName } from './types.js';

/** What answers handoffs. */
export interface BackNetwork {
  /** Posteriors, [positions, classes + own keywords] each. */
  classify(handoffs: readonly Handoff[]): Float32Array[];
}

/** What a second look asks. */
export interface SecondNetwork {
  /** @returns posteriors [classes + own keywords], "none" first */
  judge(samples: Int16Array): Float32Array;
}

/** The networks of a pack, on the backend that was asked for. */
export interface Networks {
  readonly name: BackendName;
  /** Why the backends that were tried before this one did not do; empty unless the choice was `auto`. */
  readonly passedOver: readonly string[];
  readonly back: BackNetwork;
  /** Loads the second look, of a pack that has one. */
  openSecondLook(): Promise<SecondNetwork>;
}

/**
 * Loads a pack's networks, and of the code only what they need. `auto` takes our own kernels where they can run the back half, else TensorFlow.js. A second look that they
 * cannot run is TensorFlow.js's with `auto`, whatever the back half runs on.
 *
 * Throws `WG_BACKEND_UNAVAILABLE` with the reason of each that was tried, or `WG_MODEL_INVALID`.
 */
export async function openNetworks(choice: BackendChoice, model: WorkerModel): Promise<Networks> {
  const passedOver: string[] = [];
  if (choice === 'auto' || choice === 'simd') {
    const simd = openSimd(model, choice);
    if (typeof simd !== 'string') return simd;
    if (choice === 'simd') throw simdUnavailable(simd);
    passedOver.push(`simd: ${simd}`);
  }
  const { openBackend } = await import('./backend.js');
  const backend = await openBackend(choice as Exclude<BackendChoice, 'simd'>);
  const { BackHalf } = await import('./back-half.js');
  const half = await BackHalf.load(backend, model);
  return {
    name: backend.name,
    passedOver: [...passedOver, ...backend.passedOver],
    back: { classify: (handoffs) => half.classify(handoffs.map(({ levels }) => levels)) },
    openSecondLook: () => loadSecondLook(backend, model),
  };
}

/** What a second look is made of. */
type LookModel = Omit<WorkerModel, 'back'>;

function openSimd(model: WorkerModel, choice: BackendChoice): Networks | string {
  const problem = simdProblem();
  if (problem !== null) return problem;
  const { back: _, ...others } = model;
  try {
    return simdNetworks(new SimdBackHalf(model), others, choice);
  } catch (error) {
    if (error instanceof NotPlanned) return `back.json: ${error.message}`;
    throw error;
  }
}

/** It is not given the whole model, whose weights would stay in memory with it. */
function simdNetworks(back: SimdBackHalf, model: LookModel, choice: BackendChoice): Networks {
  return {
    name: 'simd',
    passedOver: [],
    back,
    async openSecondLook() {
      const { SimdSecondLook } = await import('./simd-second-look.js');
      try {
        return new SimdSecondLook(model.secondLook!, model.classes, model.ownSeconds);
      } catch (error) {
        if (!(error instanceof NotPlanned)) throw error;
        if (choice === 'simd') throw simdUnavailable(`second.json: ${error.message}`);
        const { openBackend } = await import('./backend.js');
        return loadSecondLook(await openBackend('auto'), model);
      }
    },
  };
}

async function loadSecondLook(backend: Backend, model: LookModel): Promise<SecondNetwork> {
  const { SecondLook } = await import('./second-look.js');
  return SecondLook.load(backend, model.secondLook!, model.classes, model.ownSeconds);
}
