import { readAudioFile } from '../audio/index.js';
import { trunkOf } from '../model/index.js';
import type { Forecast } from '../training/own/forecast.js';
import { withDaemon } from './daemon-client.js';
import type { KeywordOptions } from './keyword-options.js';
import { isUnreachable, packOf, placesOf } from './keyword-places.js';

/** `wakegate keyword list`. */
export async function listKeywords(options: KeywordOptions): Promise<void> {
  const places = await placesOf(options);
  const { keywords, problems } = await places.folder.list();
  const trunk = trunkOf(await packOf(places));
  for (const { name, phrase, threshold, forecast, trunk: own } of keywords) {
    const { missed, falseAccepts } = forecast as unknown as Partial<Forecast>;
    const expected =
      missed && falseAccepts
        ? `${(100 * missed.share).toFixed(0)} % missed, ${falseAccepts.perHour.toFixed(2)} false accepts an hour expected`
        : 'nothing is known of how well it works';
    const fits =
      own.fingerprint === trunk.fingerprint ? '' : ` (made for ${own.pack} of another trunk: add it again)`;
    console.log(`${name}  "${phrase}"  threshold ${threshold}  ${expected}${fits}`);
  }
  for (const problem of problems) console.error(problem);
  if (keywords.length === 0 && problems.length === 0) {
    console.log('There are none: make one with wakegate keyword add "hey kitchen".');
  }
}

/** `wakegate keyword test`. */
export async function testKeyword(
  name: string,
  files: readonly string[],
  options: KeywordOptions,
): Promise<void> {
  const places = await placesOf(options);
  const keyword = await places.folder.get(name);
  const { scoresIn } = await import('../training/own/score-clips.js');
  const clips: Int16Array[] = [];
  for (const file of files) clips.push(await readAudioFile(file));
  const scores = await scoresIn(await packOf(places), keyword, clips);
  for (const [i, file] of files.entries()) {
    const verdict = scores[i] >= keyword.threshold ? 'heard' : 'not heard';
    console.log(`${file}  ${verdict}  score ${scores[i].toFixed(3)} of ${keyword.threshold}`);
  }
}

/** `wakegate keyword remove`. */
export async function removeKeyword(name: string, options: KeywordOptions): Promise<void> {
  const { folder } = await placesOf(options);
  try {
    await withDaemon(options, (daemon) => daemon.removeKeyword(name));
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    await folder.remove(name);
  }
  console.log(`${name} is removed.`);
}
