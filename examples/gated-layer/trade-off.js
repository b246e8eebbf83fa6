import * as tf from '@tensorflow/tfjs-core';
import { gatedCompression, gatedLosses, gatedTargets, splitAtGate } from 'wakegate/training';

/** Class 0 is "nothing": what the gate is to stop. */
const NEGATIVE = 0;
/** Share of positives that the gate may stop. */
const FALSE_STOPS = 0.02;

/**
 * Trains a copy of `model` with a GC layer behind `after`, cuts it, and runs the halves as one would in use: the back half
 * sees only what the gate lets through.
 *
 * @param train and test: {x, labels}, labels one-hot
 * @returns accuracy with the gate, share of negatives stopped, and share of zeros in what is handed over for positives
 */
export async function trainGated(model, { after, alpha, beta, epochs }, train, test) {
  const gated = gatedCompression(model, { after, alpha, beta, seed: 5 });
  gated.compile({ optimizer: tf.train.adam(0.01), loss: gatedLosses(gated, 'categoricalCrossentropy') });
  await gated.fit(train.x, gatedTargets(train.labels, { negative: NEGATIVE }), {
    epochs,
    batchSize: 32,
    shuffle: false,
    verbose: 0,
  });

  const { front, back } = splitAtGate(gated);
  return tf.tidy(() => {
    const [z, p] = front.predict(test.x);
    const truth = [...tf.argMax(test.labels, 1).dataSync()];
    const scores = [...tf.max(tf.reshape(p, [truth.length, -1]), 1).dataSync()];
    const positives = truth.flatMap((label, i) => (label === NEGATIVE ? [] : [i]));
    // The highest threshold that stops no more positives than allowed.
    const ranked = positives.map((i) => scores[i]).sort((a, b) => a - b);
    const threshold = ranked[Math.floor(FALSE_STOPS * ranked.length)];

    const passed = truth.flatMap((_, i) => (scores[i] >= threshold ? [i] : []));
    const answers = truth.map(() => NEGATIVE);
    const said = tf.argMax(back.predict(tf.gather(z, tf.tensor1d(passed, 'int32'))), 1).dataSync();
    passed.forEach((i, k) => {
      answers[i] = said[k];
    });
    const handedOver = tf.gather(z, tf.tensor1d(positives, 'int32'));
    return {
      accuracy: share(truth, (label, i) => answers[i] === label),
      stopped: share(
        truth.flatMap((label, i) => (label === NEGATIVE ? [scores[i]] : [])),
        (score) => score < threshold,
      ),
      zeros: tf.mean(tf.cast(tf.equal(handedOver, 0), 'float32')).dataSync()[0],
    };
  });
}

/** Prints what each setting of the dials gives. */
export async function printTradeOff(makeModel, settings, train, test) {
  console.log('alpha  beta   accuracy  negatives stopped  zeros in what is handed over');
  for (const setting of settings) {
    const { accuracy, stopped, zeros } = await trainGated(makeModel(), setting, train, test);
    const percent = (x) => `${(100 * x).toFixed(1)} %`;
    console.log(
      `${String(setting.alpha).padEnd(6)} ${String(setting.beta).padEnd(6)} ${percent(accuracy).padStart(8)}  ` +
        `${percent(stopped).padStart(17)}  ${percent(zeros).padStart(28)}`,
    );
  }
}

function share(items, isOne) {
  return items.filter(isOne).length / items.length;
}
