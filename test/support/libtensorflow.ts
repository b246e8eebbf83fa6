/**
 * Takes out of a program's stderr what libtensorflow says of itself there, whatever its log level, where tfjs-node is
 * installed.
 */
export function withoutLibtensorflow(stderr: string): string {
  return stderr.replace(/^(WARNING: All log messages before absl::|I\d{4} [\d:.]+ +\d+ port\.cc).*\n/gm, '');
}
