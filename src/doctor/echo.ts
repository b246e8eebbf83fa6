import { chooseRecorder, type EchoSource, findRecorder, listEchoSources } from '../audio/index.js';
import type { Config } from '../config/index.js';
import { type Finding, right, wrong } from './finding.js';

const GUIDE = 'docs/guides/speaker-in-the-room.md';

/** Whether there is a source without the echo of a loudspeaker, and whether it is listened to. */
export async function checkEcho({ recorder, device }: Pick<Config, 'recorder' | 'device'>): Promise<Finding> {
  const sources = await listEchoSources();
  if (sources.length === 0) {
    const says = `no source of a sound server cancels the echo of a loudspeaker; if one plays in this room, see ${GUIDE}`;
    return right('echo', says);
  }
  const program = findRecorder(recorder) === null ? null : (await chooseRecorder(recorder)).program;
  const used = sources.find((source) => {
    // PipeWire answers for PulseAudio too, under the same names.
    const isReached = program === source.recorder || (program !== 'arecord' && device !== undefined);
    return isReached && (device === undefined ? source.isDefault : device === source.name);
  });
  if (used) return right('echo', `${used.name} cancels the echo of a loudspeaker${advice(used)}`);
  const [{ recorder: by, name }] = sources;
  return wrong(
    'echo',
    `${name} cancels the echo of a loudspeaker, and is not listened to`,
    `wakegate run --recorder ${by} --device '${name.replaceAll("'", "'\\''")}'`,
  );
}

function advice({ method }: EchoSource): string {
  return method === 'webrtc'
    ? ` by webrtc, which takes out words that are said meanwhile too: see ${GUIDE}`
    : '';
}
