import type { Logger } from 'pino';
import { findOnPath } from '../../audio/index.js';
import type { HookConfig } from '../../config/index.js';
import { WakegateError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import type { DaemonEvent, EventType, Hook as HookInfo, HookTest } from '../../protocol/index.js';
import type { HookService, Service } from '../../service.js';
import type { Bridge } from '../bridge.js';
import { Command } from './command.js';
import type { Delivery } from './delivery.js';
import { Hook } from './hook.js';
import { testDetection, testEvent } from './test-event.js';
import { Webhook } from './webhook.js';

export interface HooksOptions {
  readonly service: Pick<Service, 'events' | 'keywords' | 'status'>;
  readonly logger: Logger;
  /** Which hooks fail, in a sentence; null where none does. */
  readonly onProblem: (problem: string | null) => void;
}

const DETECTIONS: readonly EventType[] = ['detection'];

/** Webhooks and commands for what happens. Nothing here is waited for by those who listen. */
export class Hooks implements HookService, Bridge {
  readonly #hooks: readonly Hook[];
  readonly #service: HooksOptions['service'];
  readonly #onProblem: HooksOptions['onProblem'];
  readonly #take = (event: DaemonEvent) => {
    const taken = event.type !== 'test' ? event : event.fire ? testDetection(event) : null;
    if (taken !== null) for (const hook of this.#hooks) hook.take(taken);
  };

  /**
   * Reads their secrets; nothing is posted or run yet.
   *
   * @throws WakegateError WG_CONFIG_INVALID for a secret or a certificate that cannot be used
   */
  static async open(hooks: Readonly<Record<string, HookConfig>>, options: HooksOptions): Promise<Hooks> {
    const used = Object.entries(hooks).filter(([, { enabled = true }]) => enabled);
    for (const problem of missingPrograms(hooks)) options.logger.warn(problem);
    const deliveries = await Promise.all(
      used.map(([name, hook]) => openDelivery(name, hook, options.logger)),
    );
    return new Hooks(used, deliveries, options);
  }

  private constructor(
    hooks: readonly (readonly [string, HookConfig])[],
    deliveries: readonly Delivery[],
    { service, logger, onProblem }: HooksOptions,
  ) {
    this.#service = service;
    this.#onProblem = onProblem;
    this.#hooks = hooks.map(([name, { on = DETECTIONS, keywords = null }], i) => {
      const onChange = () => this.#tellProblems();
      return new Hook({ name, on, keywords, delivery: deliveries[i], logger, onChange });
    });
  }

  async start(): Promise<void> {
    this.#service.events.on('event', this.#take);
  }

  /** Ends what is in progress, at once or, of a command, within half a second. */
  async stop(): Promise<void> {
    this.#service.events.off('event', this.#take);
    await Promise.all(this.#hooks.map((hook) => hook.stop()));
  }

  list(): HookInfo[] {
    return this.#hooks.map((hook) => hook.info());
  }

  async test(name: string): Promise<HookTest> {
    const hook = this.#hooks.find((one) => one.name === name);
    if (!hook) throw new WakegateError('WG_UNKNOWN_NAME', `there is no hook "${name}"${this.#remedy(name)}`);
    return hook.test(testEvent(hook.info(), this.#service));
  }

  #remedy(name: string): string {
    const names = this.#hooks.map((hook) => hook.name);
    const meant = nearest(name, names);
    if (meant !== null) return `; did you mean "${meant}"?`;
    return names.length === 0 ? ': the settings name none' : `; there are ${names.join(', ')}`;
  }

  #tellProblems(): void {
    const failing = this.#hooks.filter(({ problem }) => problem !== null);
    const sentences = failing.map(({ name, problem }) => `the hook "${name}" failed: ${problem}`);
    this.#onProblem(sentences.length === 0 ? null : sentences.join('; '));
  }
}

/**
 * What is wrong with hooks, but does not keep the daemon from running, in sentences.
 *
 * @throws WakegateError as {@link Hooks.open} does
 */
export async function checkHooks(hooks: Readonly<Record<string, HookConfig>>): Promise<readonly string[]> {
  for (const { url, ...hook } of Object.values(hooks)) {
    if (url !== undefined) await Webhook.open({ ...hook, url });
  }
  return missingPrograms(hooks);
}

function missingPrograms(hooks: Readonly<Record<string, HookConfig>>): string[] {
  return Object.entries(hooks).flatMap(([name, { command }]) => {
    if (command === undefined || findOnPath(command[0]) !== null) return [];
    return [`The hook "${name}" cannot work yet: there is no program ${command[0]} that this user may run`];
  });
}

async function openDelivery(name: string, hook: HookConfig, logger: Logger): Promise<Delivery> {
  const { url, command } = hook;
  if (url !== undefined) return Webhook.open({ ...hook, url });
  return new Command({ ...hook, command: command! }, (output) => {
    logger.info({ hook: name, output }, `The hook "${name}" printed something`);
  });
}
