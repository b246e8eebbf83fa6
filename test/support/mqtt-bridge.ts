import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { MqttBridge, type MqttConfig, readMqttSettings } from '../../src/bridges/mqtt/index.js';
import { defaultConfig } from '../../src/config/index.js';
import type { Service } from '../../src/service.js';

/** A bridge over a real service, with what it logs and what its problem is. */
export class BridgeFixture {
  readonly lines: string[] = [];
  problem: string | null = null;
  readonly #bridge: MqttBridge;
  #wake: () => void = () => {};

  private constructor(service: Service, settings: Awaited<ReturnType<typeof readMqttSettings>>) {
    const log = new Writable({
      write: (line: Buffer, _encoding, done) => {
        this.lines.push(JSON.parse(String(line)).msg);
        this.#wake();
        done();
      },
    });
    this.#bridge = new MqttBridge({
      service,
      settings,
      logger: pino({}, log),
      waits: { firstMs: 20, longestMs: 100 },
      onProblem: (problem) => {
        this.problem = problem;
        this.#wake();
      },
    });
  }

  static async start(
    t: Pick<TestContext, 'after'>,
    service: Service,
    config: Partial<MqttConfig>,
  ): Promise<BridgeFixture> {
    const settings = await readMqttSettings({ ...defaultConfig(), mqttName: 'kitchen', ...config }, {});
    const fixture = new BridgeFixture(service, settings);
    t.after(() => fixture.stop());
    await fixture.#bridge.start();
    return fixture;
  }

  stop(): Promise<void> {
    return this.#bridge.stop();
  }

  /** Resolves when it has happened, as far as the log and the problem show. */
  async until(happened: () => boolean): Promise<void> {
    while (!happened()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when a line like that was logged. */
  logged(line: RegExp, times = 1): Promise<void> {
    return this.until(() => this.lines.filter((logged) => line.test(logged)).length >= times);
  }

  /** Resolves with the problem, when it is like that. */
  async problemLike(sentence: RegExp): Promise<string> {
    await this.until(() => this.problem !== null && sentence.test(this.problem));
    return this.problem!;
  }
}
