import { parentPort } from 'node:worker_threads';
import { collectGarbage } from '../collect-garbage.js';
import { bestClock } from '../energy/clock.js';
import { WakegateError } from '../errors.js';
import { type Handoff, HandoffDecoder } from '../gate/handoff.js';
import { type Networks, openNetworks, type SecondNetwork } from './networks.js';
import type { Fault, FromWorker, ToWorker, WorkerModel } from './protocol.js';
import type { BackendChoice, Classification } from './types.js';

/** The classifier's worker thread: loads the back half once, then answers batches. */

const port = parentPort!;
/** On Node without `threadCpuUsage` the time on the clock, which around work that does not wait is near enough. */
const clock = bestClock();
const startedMs = clock.kind === 'wall' ? clock.nowMs() : 0;

port.on('message', async (message: ToWorker) => {
  if (message.kind === 'load') await load(message.backend, message.model);
  else if (message.kind === 'look') await look(message.samples);
  else {
    send(answer(message.messages));
    // A look comes after several handoffs, if at all: none of them is to wait for its network.
    if (hasSecondLook && !secondLook) secondLook = prepare();
  }
});

let networks: Networks;
let hasSecondLook = false;
let decoder: HandoffDecoder;
let secondLook: Promise<SecondNetwork> | undefined;

/** Keeps of the model only what is needed: the weights are large, and the networks have them. */
async function load(choice: BackendChoice, model: WorkerModel): Promise<void> {
  try {
    networks = await openNetworks(choice, model);
    hasSecondLook = model.secondLook !== undefined;
    decoder = new HandoffDecoder(model.compression, model.fingerprint, model.handoff.windowSteps);
    const cpuMs = clock.nowMs() - startedMs;
    send({ kind: 'loaded', backend: networks.name, passedOver: networks.passedOver, cpuMs });
  } catch (error) {
    // Anything else is a bug or a lack of memory: it ends the thread, and the classifier starts another.
    if (!(error instanceof WakegateError)) throw error;
    send({ kind: 'unloadable', ...fault(error) });
  }
}

async function prepare(): Promise<SecondNetwork> {
  const start = clock.nowMs();
  const loading = networks.openSecondLook();
  // Whoever asks for a look is told.
  loading.then(
    () => {
      // The file that it was read from is several megabytes.
      collectGarbage();
      send({ kind: 'prepared', cpuMs: clock.nowMs() - start });
    },
    () => {},
  );
  return loading;
}

async function look(samples: Int16Array): Promise<void> {
  try {
    secondLook ??= prepare();
    const second = await secondLook;
    const start = clock.nowMs();
    const posteriors = second.judge(samples);
    send({ kind: 'looked', answer: { posteriors }, cpuMs: clock.nowMs() - start });
  } catch (error) {
    if (!(error instanceof WakegateError)) throw error;
    send({ kind: 'looked', answer: fault(error), cpuMs: 0 });
  }
}

/** Decodes and classifies one batch; a message that cannot be decoded costs the others nothing. */
function answer(messages: readonly Uint8Array[]): FromWorker {
  const start = clock.nowMs();
  const decoded = messages.map(decode);
  const sound = decoded.filter((handoff) => 'levels' in handoff);
  const posteriors = sound.length === 0 ? [] : networks.back.classify(sound);
  let next = 0;
  const answers = decoded.map((handoff): Classification | Fault => {
    if (!('levels' in handoff)) return handoff;
    const { streamId, step, endSample } = handoff;
    return { streamId, step, endSample, posteriors: posteriors[next++] };
  });
  return { kind: 'answers', answers, cpuMs: clock.nowMs() - start };
}

function decode(message: Uint8Array): Handoff | Fault {
  try {
    return decoder.decode(message);
  } catch (error) {
    if (!(error instanceof WakegateError)) throw error;
    return fault(error);
  }
}

function fault({ code, message }: WakegateError): Fault {
  return { code, message };
}

function send(message: FromWorker): void {
  port.postMessage(message);
}
