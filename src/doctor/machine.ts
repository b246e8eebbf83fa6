import { readFileSync } from 'node:fs';
import { findOnPath, outputOf } from '../audio/index.js';
import supported from '../node-version.cjs';
import { type Finding, right, unknown, wrong } from './finding.js';

/** What the daemon uses while the classifier is awake, with some margin. */
const NEEDED_MB = 150;

/** A correct clock never shows an earlier time; boards without a battery start years before. */
const RELEASED_MS = Date.UTC(2026, 0, 1);

export function checkNode(version = process.versions.node): Finding {
  const verdict = supported.nodeVersion(version);
  if (verdict !== 'supported') {
    return wrong(
      'Node.js',
      `version ${version} is ${verdict}: ${supported.SUPPORTED_NODE} are supported`,
      'npx --yes node@22 $(which wakegate) doctor',
    );
  }
  return right('Node.js', `version ${version} on ${process.arch}`);
}

export function checkMemory(meminfo = '/proc/meminfo'): Finding {
  const availableMb = availableMegabytes(meminfo);
  if (availableMb === null) return unknown('memory', 'the kernel does not say how much is free');
  if (availableMb < NEEDED_MB) {
    return wrong(
      'memory',
      `${availableMb} MB are free, and the daemon needs up to ${NEEDED_MB} MB: stop another program`,
      'ps -eo rss,comm --sort=-rss | head',
    );
  }
  return right('memory', `${availableMb} MB are free`);
}

/** Detections carry the time of day; TLS and logs depend on it too. */
export async function checkClock(nowMs = Date.now()): Promise<Finding> {
  const time = new Date(nowMs).toISOString();
  if (nowMs < RELEASED_MS) {
    return wrong('clock', `it shows ${time}, which is in the past`, 'sudo timedatectl set-ntp true');
  }
  const timedatectl = findOnPath('timedatectl');
  const answer =
    timedatectl && (await outputOf(timedatectl, ['show', '--property=NTPSynchronized', '--value']));
  if (answer?.trim() === 'no') {
    return wrong('clock', `it shows ${time}, not set by a time server`, 'sudo timedatectl set-ntp true');
  }
  return right('clock', answer?.trim() === 'yes' ? `${time}, set by a time server` : time);
}

function availableMegabytes(meminfo: string): number | null {
  try {
    const found = /^MemAvailable: *(\d+) kB/m.exec(readFileSync(meminfo, 'utf8'));
    return found && Math.floor(Number(found[1]) / 1024);
  } catch {
    return null;
  }
}
