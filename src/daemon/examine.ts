import type { Config } from '../config/index.js';
import { examine, type Finding } from '../doctor/index.js';
import type { DoctorFinding, Status } from '../protocol/index.js';

/** Checks what this daemon needs, as `wakegate doctor` does where one runs. */
export async function examineDaemon(config: Config, status: Status): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for await (const finding of examine(config, status)) findings.push(asWire(finding));
  return findings;
}

function asWire({ about, state, says, mend }: Finding): DoctorFinding {
  return { about, state, says, fix: mend };
}
