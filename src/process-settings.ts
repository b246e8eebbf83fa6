/**
 * How the daemon's process is started: V8's flags and malloc's environment. With them, what the classifier held goes back
 * to the system when it sleeps.
 *
 * The unit of systemd and the benches take them from here. The first line of src/cli/main.ts, package.json and the
 * Dockerfile cannot import: test/process-settings.test.ts holds them to it.
 */

/** V8's half-spaces for new objects: the daemon makes little garbage, and V8 would let each grow to 16 MB. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=1'];

/**
 * For glibc's malloc: one arena for all threads; blocks of 64 kB and more are mapped one by one, and so go back when they are
 * freed; so does free memory at the end of the heap. Other mallocs ignore them.
 */
export const MALLOC_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '65536',
};
