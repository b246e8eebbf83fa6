import { SupervisedMicrophone, type SupervisedMicrophoneOptions } from './supervised-microphone.js';

/**
 * The microphone, recorded by a program of the system (arecord, parec, pw-record or sox) that is started when you
 * iterate it and started again whenever it fails. It ends only when it is closed.
 *
 * Each of its events is optional: `listening`, `lost` (with the fault, and when it is tried again), `restored`, and
 * `problem` (a sentence about a signal that clips or is silent, or null when it is good again).
 *
 * @throws WakegateError WG_USAGE for options that cannot be; WG_RECORDER_MISSING, when iterated, where no recorder is
 *   installed
 * @example
 * const source = microphone({ device: 'plughw:1,0' });
 * source.on('lost', (fault, retryMs) => console.warn(fault.message, `again in ${retryMs} ms`));
 * for await (const { keyword } of spotter.listen(source)) console.log(keyword);
 */
export function microphone(options: SupervisedMicrophoneOptions = {}): SupervisedMicrophone {
  return new SupervisedMicrophone(options);
}
