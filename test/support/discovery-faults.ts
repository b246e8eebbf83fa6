/** What bench/home/read_schema.py reads out of a Home Assistant. */
export interface DiscoverySchema {
  readonly version: string;
  readonly message: Keys;
  readonly device: Keys;
  readonly origin: Keys;
  readonly platforms: Readonly<
    Record<string, { readonly keys: Keys; readonly values: Readonly<Record<string, readonly string[]>> }>
  >;
}

/** Whether each key is required. */
type Keys = Readonly<Record<string, boolean>>;
type Fields = Readonly<Record<string, unknown>>;

/** What that Home Assistant would refuse or ignore in a description of a device. */
export function discoveryFaults(message: Fields, schema: DiscoverySchema): string[] {
  const { device, origin, components } = message as Readonly<Record<string, Fields>>;
  return [
    ...keyFaults('', message, schema.message),
    ...keyFaults('device.', device, schema.device),
    ...(device.identifiers || device.connections ? [] : ['device: nothing identifies it']),
    ...keyFaults('origin.', origin, schema.origin),
    ...Object.entries(components).flatMap(([id, component]) =>
      componentFaults(id, component as Fields, message, schema),
    ),
  ];
}

function componentFaults(id: string, component: Fields, shared: Fields, schema: DiscoverySchema): string[] {
  const { platform, ...config } = component;
  const known = schema.platforms[platform as string];
  if (known === undefined) return [`${id}: no platform is called ${platform}`];
  const wrong = Object.entries(known.values).filter(
    ([key, values]) => key in config && !values.includes(config[key] as string),
  );
  return [
    ...keyFaults(`${id}.`, config, known.keys, shared),
    ...wrong.map(([key]) => `${id}.${key}: ${config[key]} is none of its values`),
    ...('unique_id' in config ? [] : [`${id}: it has no unique_id`]),
    ...(platform === 'sensor' ? sensorFaults(id, config) : []),
  ];
}

/** Those of `validate_sensor_state_and_device_class_config`, for the classes that are in use here. */
function sensorFaults(
  id: string,
  { options, device_class, state_class, unit_of_measurement }: Fields,
): string[] {
  const faults: string[] = [];
  if ((options !== undefined) !== (device_class === 'enum')) faults.push(`${id}: options go with enum`);
  if (options && (state_class || unit_of_measurement))
    faults.push(`${id}: options go with no unit and state class`);
  if (device_class === 'energy' && !/^([kMGT]?Wh|[kMG]?J|M?cal|[kG]cal)$/.test(String(unit_of_measurement)))
    faults.push(`${id}: ${unit_of_measurement} is no unit of energy`);
  if (device_class === 'energy' && !/^total(_increasing)?$/.test(String(state_class)))
    faults.push(`${id}: energy is a total`);
  return faults;
}

/** @param shared what is given for all, and counts as given here */
function keyFaults(place: string, fields: Fields, keys: Keys, shared: Fields = {}): string[] {
  const missing = Object.keys(keys).filter((key) => keys[key] && !(key in fields) && !(key in shared));
  return [
    ...missing.map((key) => `${place}${key} is missing`),
    ...Object.keys(fields).flatMap((key) =>
      Object.hasOwn(keys, key) ? [] : [`${place}${key} is not known`],
    ),
  ];
}
