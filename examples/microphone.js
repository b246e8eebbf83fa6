/**
 * Listens to the microphone until Ctrl-C: `node microphone.js [KEYWORD...]`
 * With no keyword named, it listens for all that the model pack has.
 */
import { KeywordSpotter, microphone } from 'wakegate';

const keywords = process.argv.slice(2);
const spotter = await KeywordSpotter.load(keywords.length > 0 ? { keywords } : {});

const ending = new AbortController();
process.once('SIGINT', () => ending.abort());

// A microphone that fails is started again. These events say what happens to it.
const source = microphone();
source.on('lost', (fault, retryMs) =>
  console.error(`${fault.message}; trying again in ${Math.round(retryMs)} ms`),
);
source.on('problem', (sentence) => sentence && console.error(sentence));

console.error(`Listening for ${spotter.keywords.flatMap((k) => (k.enabled ? k.name : [])).join(', ')}`);
for await (const { keyword, score, time } of spotter.listen(source, { signal: ending.signal })) {
  console.log(`${time.toFixed(2)} s  ${keyword}  ${score.toFixed(3)}`);
}

const { total } = spotter.energy();
console.error(`Listening took ${total.cpuMs.toFixed(0)} ms of CPU.`);
await spotter.close();
