import type { JetStream } from './nats-client.js';
import type { NatsSubjects } from './nats-subjects.js';

const SECOND = 1_000_000_000;
/** An old wake word is worse than none. */
const WINDOWS_LIVE_S = 5;
/** Who is there says so again three times in that time; it is also how long somebody who has died is still listed. */
export const PRESENCE_LIVES_S = 30;
/** A worker that has not answered by then has died, or hangs: another one has the window. */
const ACK_WAIT_S = 1;
/** The first time, and once more. */
const MOST_DELIVERIES = 2;
/** A consumer that no worker asks is removed. */
const INACTIVE_S = 60;
/** Windows that all workers of a group together may have. */
const MOST_PENDING = 4096;

const STREAMS = {
  windows: { max_age: WINDOWS_LIVE_S * SECOND, duplicate_window: WINDOWS_LIVE_S * SECOND },
  claims: { max_age: WINDOWS_LIVE_S * SECOND, duplicate_window: WINDOWS_LIVE_S * SECOND },
  presence: {
    max_msgs_per_subject: 1,
    max_age: PRESENCE_LIVES_S * SECOND,
    duplicate_window: WINDOWS_LIVE_S * SECOND,
  },
  state: { max_msgs_per_subject: 1 },
} as const;

/** Makes the streams of a fleet where they are missing. All are kept in memory: nothing in them is worth a disk. */
export async function openStreams(jetstream: JetStream, subjects: NatsSubjects): Promise<void> {
  const { streams } = await jetstream.jetstreamManager();
  for (const route of ['windows', 'claims', 'presence', 'state'] as const) {
    const name = subjects.streamOf(route);
    const common = { name, subjects: subjects.subjectsOf(route), storage: 'memory', retention: 'limits' };
    await streams.add({ ...common, discard: 'old', ...STREAMS[route] });
  }
}

/** Makes the consumer that the workers of a group share, where it is missing: each window goes to one of them. */
export async function openSharedConsumer(
  jetstream: JetStream,
  subjects: NatsSubjects,
  { group, filter }: { readonly group: string; readonly filter: string },
): Promise<string> {
  const name = subjects.consumerOf(group, filter);
  const { consumers } = await jetstream.jetstreamManager();
  await consumers.add(subjects.streamOf('windows'), {
    durable_name: name,
    filter_subject: subjects.subjectOf(filter),
    ack_policy: 'explicit',
    ack_wait: ACK_WAIT_S * SECOND,
    max_deliver: MOST_DELIVERIES,
    max_ack_pending: MOST_PENDING,
    deliver_policy: 'new',
    inactive_threshold: INACTIVE_S * SECOND,
  });
  return name;
}
