import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Short against what a handoff may take, so that a process that is held does not wait for long. */
const PERIOD_US = 10_000;
const V1 = '/sys/fs/cgroup/cpu';
const V2 = '/sys/fs/cgroup';

/** A control group of Linux that gives a process, with all its threads, a share of one core and no more, however idle the others are. */
export class CpuShare {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param share of one core
   * @throws where this user may make no control group
   */
  static hold(pid: number, share: number): CpuShare {
    const isV1 = existsSync(join(V1, 'cpu.cfs_quota_us'));
    const folder = join(isV1 ? V1 : V2, `wakegate-bench-${pid}`);
    const quota = Math.round(share * PERIOD_US);
    try {
      mkdirSync(folder);
    } catch (cause) {
      throw new Error(`${folder} cannot be made: run this as root, on Linux`, { cause });
    }
    const held = new CpuShare(folder);
    try {
      if (isV1) {
        writeFileSync(join(folder, 'cpu.cfs_period_us'), String(PERIOD_US));
        writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quota));
      } else writeFileSync(join(folder, 'cpu.max'), `${quota} ${PERIOD_US}`);
      writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    } catch (error) {
      held.end();
      throw error;
    }
    return held;
  }

  /** Once its process has ended. */
  end(): void {
    rmdirSync(this.#folder);
  }
}
