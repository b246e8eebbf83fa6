/** `tcp://10.0.0.11:8765`, the address of another container. */
const ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** What follows the service's name: `SERVICE_HOST`, `SERVICE_PORT_HTTP`, `PORT_8765_TCP_ADDR`. */
const KUBERNETES =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR|PORT_START|PORT_END))?)$/;

/**
 * Names of the variables that Kubernetes sets for each of its services, and docker for each linked container. Where one is called
 * `wakegate`, or starts with it, they look like settings: `WAKEGATE_PORT=tcp://10.0.0.11:8765`, `WAKEGATE_SERVICE_HOST`.
 * They are known by their form.
 */
export function linkVariables(environment: NodeJS.ProcessEnv): string[] {
  const names = Object.keys(environment).filter((name) => name.startsWith('WAKEGATE_'));
  const links = names.filter(
    (name) => /^WAKEGATE(?:_[A-Z0-9_]+)?_NAME$/.test(name) && environment[name]!.startsWith('/'),
  );
  // Docker also passes on the linked container's own variables.
  const inherited = links.map((name) => name.replace(/NAME$/, 'ENV_'));
  return names.filter(
    (name) =>
      links.includes(name) ||
      inherited.some((prefix) => name.startsWith(prefix)) ||
      KUBERNETES.test(name) ||
      (name.endsWith('_PORT') && ADDRESS.test(environment[name]!)),
  );
}

/** What is to be said of them; null where there are none. */
export function linkWarning(environment: NodeJS.ProcessEnv = process.env): string | null {
  const names = linkVariables(environment);
  if (names.length === 0) return null;
  return (
    `${names.length === 1 ? `The variable ${names[0]} is` : `The variables ${names.join(', ')} are`} ignored: they describe ` +
    'a service or container called wakegate and are no settings (in Kubernetes, enableServiceLinks: false leaves them out)'
  );
}
