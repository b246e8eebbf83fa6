/** JSON that readers trip over; the last two are too large for a number, and nested too deep. */
const ODD: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-1',
    '0.5',
    '1e-320',
    '1e308',
    '2147483648',
    '4294967296',
    '9007199254740993',
  ],
  ...[
    '""',
    '"a"',
    '"%"',
    '"\\ud800"',
    '"__proto__"',
    '"\\u0000"',
    `"${'x'.repeat(300)}"`,
    `"${'1,'.repeat(9000)}"`,
  ],
  ...['[]', '[[]]', '[null]', '{}', '{"":null}', '{"__proto__":{"a":1}}', '{"toString":1}', '{"length":1e9}'],
  ...[
    `[${'0,'.repeat(9000)}0]`,
    `[${'{},'.repeat(5000)}{}]`,
    JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, n]))),
    '1e999',
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
  ],
];
const KEYS: readonly string[] = [
  '',
  '__proto__',
  'constructor',
  'a/b',
  'a~b',
  '%',
  '%zz',
  '\ud800',
  ' ',
  'length',
  'x',
];

/** Alters a JSON text in a few places, and leaves it JSON; null where it is none, or nested too deep for that. */
export function mutateJson(text: string): string | null {
  const odd: string[] = [];
  let altered: string;
  try {
    let value: unknown = JSON.parse(text);
    for (let change = 1 + below(3); change > 0; change--) value = alter(value, odd);
    altered = JSON.stringify(value);
  } catch {
    return null;
  }
  // What no value stands for in JavaScript is put in afterwards.
  return altered.replaceAll(/"\u00a7(\d+)\u00a7"/g, (_, index: string) => odd[Number(index)]);
}

function alter(value: unknown, odd: string[]): unknown {
  const places = placesIn(value);
  if (places.length === 0 || Math.random() < 0.02) return strange(odd);
  // Lists of many numbers would have nearly all changes, if each place had the same chance.
  const { group, key } = Math.random() < 0.5 ? places[below(places.length)] : downwards(value as Group);
  const inner = group[key];
  if (Math.random() < 0.25) alterGroup(group, key, odd);
  else if (typeof inner === 'number' && Math.random() < 0.6) {
    set(
      group,
      key,
      [inner + 1, inner - 1, -inner, inner * 1000, inner / 3, Math.round(inner * 1.5)][below(6)],
    );
  } else set(group, key, strange(odd));
  return value;
}

type Group = Record<string, unknown>;

function placesIn(value: unknown): { group: Group; key: string }[] {
  const places: { group: Group; key: string }[] = [];
  const groups = [value];
  while (groups.length > 0 && places.length < 10_000) {
    const group = groups.pop();
    if (typeof group !== 'object' || group === null) continue;
    for (const [key, inner] of Object.entries(group)) {
      places.push({ group: group as Group, key });
      groups.push(inner);
    }
  }
  return places;
}

/** A place that is reached by a choice at each level. */
function downwards(value: Group): { group: Group; key: string } {
  for (let group = value; ; ) {
    const keys = Object.keys(group);
    const key = keys[below(keys.length)];
    const inner = group[key];
    const isGroup = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
    if (!isGroup || Math.random() < 0.1) return { group, key };
    group = inner as Group;
  }
}

function alterGroup(group: Record<string, unknown>, key: string, odd: string[]): void {
  if (Array.isArray(group)) {
    const items = group as unknown[];
    const at = Number(key);
    if (Math.random() < 0.4) items.splice(at, 1);
    else items.splice(at, 0, ...Array.from({ length: 2 ** below(10) }, () => structuredClone(items[at])));
    return;
  }
  const choice = Math.random();
  if (choice < 0.4) delete group[key];
  else if (choice < 0.7) set(group, KEYS[below(KEYS.length)], strange(odd));
  else set(group, KEYS[below(KEYS.length)], structuredClone(group[key]));
}

/** Also for a key that would otherwise set the prototype. */
function set(group: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(group, key, { value, enumerable: true, configurable: true, writable: true });
}

function strange(odd: string[]): string {
  odd.push(ODD[below(ODD.length)]);
  return `\u00a7${odd.length - 1}\u00a7`;
}

function below(count: number): number {
  return Math.floor(Math.random() * count);
}
