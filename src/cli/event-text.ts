import type { Message } from '../client/index.js';
import { clockText } from './clock-text.js';
import { bytesText, roundedText } from './numbers.js';
import { printableIn } from './printable.js';
import type { Style } from './style.js';

type Event = Exclude<Message, { type: 'snapshot' }>;
type Detection = Extract<Message, { type: 'detection' }>;
type Input = Extract<Message, { type: 'input' }>;
type Config = Extract<Message, { type: 'config' }>;

/** The names of the keywords that wakegate comes with fit. */
const LABEL_WIDTH = 14;

/** One event as a line for people; numbers are rounded. */
export function eventText(given: Event, style: Style): string {
  const event = printableIn(given);
  const at = style.faint(clockText(event.type === 'detection' ? event.heardAt : event.time));
  if (event.type === 'detection') return `${at}  ${detectionText(event, style)}`;
  return `${at}  ${event.type.padEnd(LABEL_WIDTH)}  ${otherText(event)}`;
}

/** `alexa           █████████░  93 %  3 handoffs, 1.2 kB, 4.1 ms of CPU` */
function detectionText({ label, score, cost }: Detection, style: Style): string {
  const percent = `${Math.round(100 * score)} %`.padStart(5);
  const handoffs = `${cost.handoffs} handoff${cost.handoffs === 1 ? '' : 's'}`;
  const spent = `${handoffs}, ${bytesText(cost.bytes)}, ${roundedText(cost.cpuMs)} ms of CPU`;
  return [
    style.strong(label.padEnd(LABEL_WIDTH)),
    `${style.good(style.bar(score))} ${percent}`,
    style.faint(spent),
  ].join('  ');
}

function otherText(event: Exclude<Event, Detection>): string {
  switch (event.type) {
    case 'gate':
      return `${event.open ? 'opened' : 'closed'}, score ${event.score.toFixed(2)}`;
    case 'classifier':
      return `${event.state} (was ${event.previous}): ${event.reason}`;
    case 'input':
      return inputText(event);
    case 'config':
      return configText(event);
    case 'problem':
      return event.problem === null ? `the ${event.part} works again` : `${event.part}: ${event.problem}`;
    case 'test':
      return `a test of ${event.label}${event.fire ? ', as if it had been said' : ''}`;
    case 'outvoted':
      return `${event.label}: ${event.room} answers`;
    case 'keyword':
      return keywordText(event);
    case 'scores':
      return `gate ${event.gate.score.toFixed(2)}, classifier ${event.classifier}`;
    case 'level':
      return event.dbfs === null ? 'silence' : `${event.dbfs.toFixed(0)} dBFS`;
  }
}

function keywordText({
  name,
  state,
  stage,
  done,
  of,
  problem,
}: Extract<Message, { type: 'keyword' }>): string {
  if (problem !== null) return `${name} could not be made: ${problem}`;
  if (state !== 'running' || stage === null) return `${name} is ${state}`;
  return `${name}: ${stage}, ${Math.round((100 * done) / Math.max(1, of))} %`;
}

/** What has become of the input. */
export function inputText({ name, state, reason, problem }: Input): string {
  const text = {
    opening: `opening ${name}`,
    listening: `listening to ${name}`,
    restored: `listening to ${name} again`,
    lost: `lost ${name}, trying again`,
    muted: `muted ${name}`,
    ended: `${name} has ended`,
  }[state];
  const why = reason ?? problem;
  return why === null ? text : `${text}: ${why}`;
}

/** What has been changed. */
export function configText({ keyword, model }: Config): string {
  const parts: string[] = [];
  if (keyword) {
    const { name, enabled, threshold } = keyword;
    parts.push(`keyword ${name} is ${enabled ? `on, threshold ${threshold.toFixed(2)}` : 'off'}`);
  }
  if (model) parts.push(`model pack ${model.name} is in use`);
  return parts.join('; ');
}
