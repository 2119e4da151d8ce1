"""How fast something may be: `512Kbps`, `10Mbps` or unlimited."""

from __future__ import annotations

import re
from typing import Annotated

from harborconf.spec.value import UNLIMITED, ValueType, shown

_SPEED = re.compile(r"([0-9]{1,9}) ?([KMG])bps")
# As Harbor's pages count: 1 Kbps is 1024 bits a second, 1 Mbps 1024 Kbps.
_KILOBITS = {"K": 1, "M": 1024, "G": 1024**2}
# Harbor (2.13 to 2.15) multiplies by 128 in 32 bits: what is more becomes negative.
_MAX = 2**31 // 128 - 1


def _read(raw: object) -> int:
    """Kilobits a second; -1 is unlimited."""
    if raw == "unlimited":
        return UNLIMITED
    match = _SPEED.fullmatch(raw) if isinstance(raw, str) else None
    if match is None:
        message = f"expected a speed like 512Kbps or 10Mbps, or unlimited, got {shown(raw)}"
        raise ValueError(message)
    speed = int(match[1]) * _KILOBITS[match[2]]
    if not 0 < speed <= _MAX:
        message = f"a speed is 1Kbps to {_MAX}Kbps, or unlimited, got `{raw}`"
        raise ValueError(message)
    return speed


def _write(speed: int) -> str:
    if speed == UNLIMITED:
        return "unlimited"
    if speed % _KILOBITS["M"] == 0:
        return f"{speed // _KILOBITS['M']}Mbps"
    return f"{speed}Kbps"


BANDWIDTH = ValueType(
    "speed",
    _read,
    _write,
    {"type": "string", "pattern": "^(unlimited|[0-9]{1,9} ?[KMG]bps)$"},
)
Bandwidth = Annotated[int, BANDWIDTH]


def bandwidth_from_api(raw: object) -> object:
    """What Harbor has, as text or number: 0 and less are unlimited; nonsense stays as it came."""
    try:
        speed = int(str(raw))
    except ValueError:
        return raw
    return speed if speed > 0 else UNLIMITED
