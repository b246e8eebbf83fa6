"""
Reads, without running it, what a Home Assistant accepts in MQTT's discovery of devices, out of the wheel that is given.

Prints JSON: the keys of each schema, which of them are required, and the values of the enumerations.
"""

import ast
import json
import re
import sys
import zipfile

PLATFORMS = ["binary_sensor", "event", "number", "sensor", "switch"]
ENUMERATIONS = {
    "binary_sensor": {"device_class": ("binary_sensor/__init__.py", "BinarySensorDeviceClass")},
    "event": {"device_class": ("event/__init__.py", "EventDeviceClass")},
    "number": {"device_class": ("number/const.py", "NumberDeviceClass"), "mode": ("number/const.py", "NumberMode")},
    "sensor": {
        "device_class": ("sensor/const.py", "SensorDeviceClass"),
        "state_class": ("sensor/const.py", "SensorStateClass"),
    },
    "switch": {"device_class": ("switch/__init__.py", "SwitchDeviceClass")},
}

wheel = zipfile.ZipFile(sys.argv[1])


def parsed(path):
    return ast.parse(wheel.read(f"homeassistant/{path}"))


def assigned(tree):
    """What each name at the top of a file is."""
    names = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            names[node.target.id] = node.value
    return names


SHARED = {}
for file in ["const.py", "components/mqtt/const.py", "components/mqtt/config.py", "components/mqtt/schemas.py"]:
    SHARED.update(assigned(parsed(file)))


def text(node, names):
    return node.value if isinstance(node, ast.Constant) else text(names[node.id], names)


def keys(node, names):
    """The keys of a schema, and whether each is required."""
    if isinstance(node, ast.Name):
        return keys(names[node.id], names) if node.id in names else {}
    if isinstance(node, ast.Attribute) and node.attr == "schema":
        return keys(node.value, names)
    if isinstance(node, ast.Dict):
        found = {}
        for key in node.keys:
            if isinstance(key, ast.Call) and key.func.attr in ("Required", "Optional", "Exclusive"):
                found[text(key.args[0], names)] = key.func.attr == "Required"
        return found
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        found = keys(node.func.value, names) if node.func.attr == "extend" else {}
        if node.func.attr in ("extend", "Schema", "All"):
            for argument in node.args:
                found |= keys(argument, names)
        return found
    return {}


def values(path, name):
    """The values of an enumeration."""
    [definition] = [
        node for node in parsed(f"components/{path}").body if isinstance(node, ast.ClassDef) and node.name == name
    ]
    return sorted(node.value.value for node in definition.body if isinstance(node, ast.Assign))


def platform(name):
    names = dict(SHARED)
    for file in [*(file for file, _ in ENUMERATIONS[name].values()), f"mqtt/{name}.py"]:
        names |= assigned(parsed(f"components/{file}"))
    # The base first: what comes after it in the list of a `vol.All` only checks.
    schema = "_PLATFORM_SCHEMA_BASE" if "_PLATFORM_SCHEMA_BASE" in names else "PLATFORM_SCHEMA_MODERN"
    enumerations = {key: values(*place) for key, place in ENUMERATIONS[name].items()}
    return {"keys": keys(names[schema], names), "values": enumerations}


print(
    json.dumps(
        {
            "version": re.search(r"-(\d[\d.]+)-", sys.argv[1]).group(1),
            "message": keys(SHARED["DEVICE_DISCOVERY_SCHEMA"], SHARED),
            "device": keys(SHARED["MQTT_ENTITY_DEVICE_INFO_SCHEMA"], SHARED),
            "origin": keys(SHARED["MQTT_ORIGIN_INFO_SCHEMA"], SHARED),
            "platforms": {name: platform(name) for name in PLATFORMS},
        },
        indent=2,
        sort_keys=True,
    )
)
