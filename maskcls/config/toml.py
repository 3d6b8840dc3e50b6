"""Write a configuration as TOML, so that what is stored can be read and edited."""

import dataclasses
import json
from typing import Any


def to_toml(config: Any) -> str:
    """TOML text of a dataclass whose fields are dataclasses of plain values.

    Lists are written one item a line where they hold tables.
    """
    blocks = []
    for section in dataclasses.fields(config):
        table = getattr(config, section.name)
        lines = [f"{f.name} = {_value(getattr(table, f.name))}" for f in dataclasses.fields(table)]
        blocks.append("\n".join([f"[{section.name}]", *lines]))
    return "\n\n".join(blocks) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(item)}" for k, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], dict):
            return "[\n" + "".join(f"    {_value(item)},\n" for item in value) + "]"
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else _value(name)
