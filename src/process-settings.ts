/**
 * How the daemon's process is started: malloc's environment. With it, what the classifier held goes back to the system when it sleeps.
 * No flags of V8: with any of them, Node's own code is compiled from its sources, as that which it comes with was compiled without.
 *
 * The unit of systemd and the benches take it from here. The first line of src/cli/main.cts, package.json and the
 * Dockerfile cannot import: test/process-settings.test.ts holds them to it.
 */

/**
 * For glibc's malloc: one arena for all threads; blocks of 64 kB and more are mapped one by one, and so go back when they are
 * freed; so does free memory at the end of the heap. Other mallocs ignore them.
 */
export const MALLOC_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '65536',
};
