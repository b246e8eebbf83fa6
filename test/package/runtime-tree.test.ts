import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface LockedPackage {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
}

test('no package of the runtime tree has an install script', () => {
  const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8'));
  const packages = Object.entries(lock.packages as Record<string, LockedPackage>).filter(
    ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
  );
  // As many as an install of the package brings, so that this looks at all of them.
  assert.ok(packages.length > 80, `${packages.length}`);
  assert.deepEqual(
    packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    [],
  );
});
