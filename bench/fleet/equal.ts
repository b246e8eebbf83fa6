import { isDeepStrictEqual } from 'node:util';
import { Classifier } from '../../src/classifier/index.js';
import { type Detection, Listener } from '../../src/pipeline.js';
import type { Line } from '../measure.js';
import { joined } from '../measure.js';
import { speechClips } from '../speech-clips.js';
import { FleetBroker } from './broker.js';
import { allUp, SimulatedSatellite } from './simulated-satellite.js';
import { fleetPack, fleetWords } from './streams.js';
import { WorkerProcess } from './worker-process.js';

const WORDS = 60;

/** The same audio through two workers and through one machine: every detection, with its sample and score. */
export async function benchEqual(): Promise<Line[]> {
  const pack = await fleetPack();
  const broker = await FleetBroker.start();
  const workers = [
    await WorkerProcess.start(broker.url, 'one'),
    await WorkerProcess.start(broker.url, 'two'),
  ];
  const satellite = new SimulatedSatellite(pack, await broker.settings(), 'kitchen');
  const own = new Classifier({ pack });
  await allUp([satellite], 2);
  const words = (await fleetWords(WORDS)).map(({ samples }) => samples);
  const speech = await speechClips(6);
  const sound = joined([...words, ...speech.clips], 150 * 16_000);
  const hear = async (classifier: Classifier | SimulatedSatellite['classifier']) => {
    const listener = new Listener({ pack, classifier, secondLook: 'off' });
    const heard: Pick<Detection, 'keyword' | 'score' | 'sample'>[] = [];
    listener.on('detection', ({ keyword, score, sample }) => heard.push({ keyword, score, sample }));
    for (let at = 0; at < sound.length; at += 1280) {
      await listener.ready();
      listener.push(sound.subarray(at, at + 1280), at);
    }
    await listener.finish();
    return heard;
  };
  const [alone, fleet] = [await hear(own), await hear(satellite.classifier)];
  const different = alone.filter((detection, i) => !isDeepStrictEqual(detection, fleet[i])).length;
  await satellite.stop();
  await own.close();
  for (const worker of workers) await worker.kill('SIGTERM');
  await broker.stop();
  return [
    {
      name: "detections that differ from one machine's",
      value: different + Math.abs(alone.length - fleet.length),
      unit: '',
      bar: { atMost: 0 },
      detail: `${alone.length} detections in ${sound.length / 16_000} s of words and ${speech.what}, two workers; keyword, sample and score are compared`,
    },
  ];
}
