import { Counter, Gauge, Registry } from 'prom-client';
import { type EnergyAccount, STAGES, type Status } from '../../protocol/index.js';
import type { Activity } from '../activity.js';
import type { Durations, Observations } from '../observations.js';

/** What a scrape is answered from. */
export interface Readings {
  readonly status: Status;
  readonly account: EnergyAccount;
  readonly activity: Activity;
  readonly observations: Observations;
}

/** A value of a metric, with its labels. */
type Value = readonly [labels: Record<string, string>, value: number];

/** The daemon's metrics for Prometheus, copied at each scrape. Loads prom-client, so import it only when it is needed. */
export class Instruments {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition format, text version 0.0.4. */
  async text({ status, account, activity, observations }: Readings): Promise<string> {
    const { detections, latency, detectionCpu, wakes } = observations;
    const keywords = new Set([...detections.keys(), ...status.keywords.map(({ name }) => name)]);
    this.#counter(
      'detections_total',
      'Detections in the input.',
      [...keywords].map((keyword): Value => [{ keyword }, detections.get(keyword) ?? 0]),
    );
    this.#copyInput(status);
    this.#copyGate(status);
    this.#copyClassifier(status);
    this.#copyFleet(status);
    this.#copyBridges(status);
    this.#copyAccount(account);
    this.#copyProcess(status, activity);
    const histograms = [
      histogram('detection_latency_seconds', 'From the end of a keyword to the event.', latency),
      histogram(
        'detection_classifier_cpu_seconds',
        "The classifier's CPU time for a detection, since the gate opened.",
        detectionCpu,
      ),
      histogram(
        'classifier_wake_seconds',
        "From the start of the classifier's worker to its being awake.",
        wakes,
      ),
    ];
    return [await this.#registry.metrics(), ...histograms].join('\n');
  }

  #copyInput({ input }: Status): void {
    const isListening = input.state === 'listening' || input.state === 'restored';
    this.#gauge('input_listening', 'Whether sound comes in.', Number(isListening));
    this.#gauge('input_muted', 'Whether it is muted.', Number(input.state === 'muted'));
    if (input.levelDbfs !== null) {
      this.#gauge('input_level_dbfs', 'Root mean square of the last tenth of a second.', input.levelDbfs);
    }
    this.#counter('input_gaps_total', 'Times that samples were missing.', input.gaps);
    this.#counter('input_restarts_total', 'Times that a lost microphone gave sound again.', input.restarts);
  }

  #copyGate({ gate }: Status): void {
    this.#counter('steps_total', 'Steps of 40 ms, by what the gate did with them.', [
      [{ result: 'passed' }, gate.passed],
      [{ result: 'stopped' }, gate.steps - gate.passed],
    ]);
    this.#counter('gate_openings_total', 'Times that the gate opened.', gate.openings);
    this.#gauge('gate_open', 'Whether it is open.', Number(gate.open));
    this.#gauge('gate_threshold', 'Score at which it opens.', gate.threshold);
  }

  #copyClassifier({ classifier }: Status): void {
    this.#gauge('classifier_awake', 'Whether it is awake.', Number(classifier.state === 'awake'));
    this.#counter('classifier_wakes_total', 'Times that a handoff woke it.', classifier.wakes);
    this.#counter('classifier_restarts_total', 'Times that its worker had died.', classifier.restarts);
    this.#counter(
      'classifier_answered_total',
      'Handoffs that it answered, of all streams.',
      classifier.answered,
    );
    this.#counter(
      'classifier_dropped_total',
      'Handoffs that were dropped for newer ones.',
      classifier.dropped,
    );
    this.#gauge('classifier_queued', 'Handoffs that wait.', classifier.queued + classifier.inFlight);
  }

  /** Of a satellite only. */
  #copyFleet({ fleet }: Status): void {
    if (!fleet) return;
    this.#gauge('fleet_connected', 'Whether its broker is there.', Number(fleet.connected));
    this.#gauge('fleet_workers', 'Workers that hold its model pack.', fleet.workers.length);
    this.#gauge('fleet_rooms', 'Rooms of its group that are there.', fleet.rooms.length);
    this.#gauge('fleet_lag_seconds', 'From a handoff to its answer, mean.', fleet.lagMs / 1000);
    this.#counter('fleet_handoffs_total', 'Handoffs of a satellite, by what became of them.', [
      [{ result: 'answered' }, fleet.answered],
      [{ result: 'lost' }, fleet.lost],
      [{ result: 'own' }, fleet.own],
    ]);
    this.#counter('fleet_sent_again_total', 'Handoffs that were sent once more.', fleet.again);
    this.#counter('fleet_duplicates_total', 'Answers that came twice, or too late.', fleet.duplicates);
    this.#counter('fleet_words_total', 'Words, by who answered.', [
      [{ room: 'this' }, fleet.detections],
      [{ room: 'another' }, fleet.outvoted],
    ]);
  }

  /** Only those that are on. */
  #copyBridges({ mqtt, wyoming }: Status): void {
    if (mqtt !== null) {
      this.#gauge(
        'mqtt_connected',
        'Whether there is a connection to the MQTT broker.',
        Number(mqtt.connected),
      );
      this.#gauge('mqtt_waiting', 'Messages that wait for the MQTT broker.', mqtt.waiting);
      this.#counter('mqtt_messages_total', 'Messages over MQTT, by what became of them.', [
        [{ result: 'sent' }, mqtt.sent],
        [{ result: 'dropped' }, mqtt.dropped],
        [{ result: 'ignored' }, mqtt.ignored],
      ]);
    }
    if (wyoming !== null) {
      this.#gauge('wyoming_connections', 'Connections to the Wyoming server.', wyoming.connections);
      this.#counter('wyoming_detections_total', 'Detections for wyomingPeers, by what became of them.', [
        [{ result: 'sent' }, wyoming.sent],
        [{ result: 'dropped' }, wyoming.dropped],
      ]);
    }
  }

  /** Of the input, since the start or the last reset. */
  #copyAccount({ stages, saved }: EnergyAccount): void {
    const each = (value: (stage: EnergyAccount['stages']['gate']) => number) =>
      STAGES.map((stage): Value => [{ stage }, value(stages[stage])]);
    this.#counter('handoffs_total', 'Windows that were handed over.', stages.handoff.calls);
    this.#counter('handoff_bytes_total', 'Bytes of them, compressed.', stages.handoff.bytesOut);
    this.#counter(
      'stage_calls_total',
      'Calls of a stage.',
      each(({ calls }) => calls),
    );
    this.#counter(
      'stage_cpu_seconds_total',
      'CPU time of a stage.',
      each(({ cpuMs }) => cpuMs / 1000),
    );
    this.#counter(
      'stage_macs_total',
      'Multiply-accumulates of a stage.',
      each(({ macs }) => macs),
    );
    this.#counter(
      'stage_bytes_total',
      'Bytes into and out of a stage.',
      STAGES.flatMap((stage): Value[] => [
        [{ stage, direction: 'in' }, stages[stage].bytesIn],
        [{ stage, direction: 'out' }, stages[stage].bytesOut],
      ]),
    );
    this.#counter(
      'stage_energy_joules_total',
      'Estimated energy of a stage, on the named basis.',
      STAGES.map((stage): Value => [{ stage, basis: stages[stage].basis }, stages[stage].energyMj / 1000]),
    );
    if (saved === null) return;
    this.#gauge('saved_ratio', 'CPU time of an always-on classifier, over what was spent.', saved.ratio);
    this.#gauge('saved_joules', 'Estimated energy that was saved, on the named basis.', [
      [{ basis: saved.basis }, saved.energyMj / 1000],
    ]);
  }

  #copyProcess({ version, uptimeSeconds }: Status, activity: Activity): void {
    this.#gauge('info', 'Version that runs.', [[{ version }, 1]]);
    this.#gauge('uptime_seconds', 'Since it was started.', uptimeSeconds);
    this.#gauge('subscribers', 'Subscribers of events.', activity.subscribers);
    this.#gauge('streams', 'Streams that are sent to /v1/listen.', activity.streams);
    this.#gauge('bodies', 'Bodies of /v1/detect that are listened to.', activity.detections);
    const { user, system } = process.cpuUsage();
    this.#counter('process_cpu_seconds_total', 'CPU time of the whole process.', (user + system) / 1e6);
    this.#gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss());
  }

  /** Takes over a count, or one for each set of labels, that only goes up until it starts over. */
  #counter(name: string, help: string, values: number | readonly Value[]): void {
    const all = asValues(values);
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter({ ...this.#describe(name, help), labelNames: labelsOf(all) });
      this.#counters.set(name, counter);
    }
    counter.reset();
    for (const [labels, value] of all) counter.inc(labels, value);
  }

  #gauge(name: string, help: string, values: number | readonly Value[]): void {
    const all = asValues(values);
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge({ ...this.#describe(name, help), labelNames: labelsOf(all) });
      this.#gauges.set(name, gauge);
    }
    gauge.reset();
    for (const [labels, value] of all) gauge.set(labels, value);
  }

  #describe(name: string, help: string) {
    return { name: `wakegate_${name}`, help, registers: [this.#registry] };
  }
}

function asValues(values: number | readonly Value[]): readonly Value[] {
  return typeof values === 'number' ? [[{}, values]] : values;
}

function labelsOf(values: readonly Value[]): string[] {
  return values.length === 0 ? [] : Object.keys(values[0][0]);
}

/** As lines, which prom-client could only write of durations that it was told of one by one. */
function histogram(name: string, help: string, { bounds, counts, count, sumSeconds }: Durations): string {
  const full = `wakegate_${name}`;
  let below = 0;
  const buckets = bounds.map((bound, i) => {
    below += counts[i];
    return `${full}_bucket{le="${bound}"} ${below}`;
  });
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} histogram`,
    ...buckets,
    `${full}_bucket{le="+Inf"} ${count}`,
    `${full}_sum ${sumSeconds}`,
    `${full}_count ${count}`,
    '',
  ].join('\n');
}
