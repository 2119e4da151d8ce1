"""When a policy runs: by hand, on an event, or on a schedule."""

from __future__ import annotations

from harborconf.spec.value import CRON, ValueType

MANUAL, EVENT = "manual", "event_based"


def trigger_type(sort: str) -> ValueType:
    """A trigger, kept as its word or its cron. `sort` is what has it, as errors name it."""

    def read(raw: object) -> str:
        if raw in (MANUAL, EVENT):
            return str(raw)
        if raw == "never":
            message = f"a {sort} that runs only by hand has `trigger: {MANUAL}`"
            raise ValueError(message)
        try:
            cron: str = CRON.read(raw)
        except ValueError as error:
            message = f"{error}; without a schedule it is {MANUAL} or {EVENT}"
            raise ValueError(message) from None
        return cron

    return ValueType(
        "trigger",
        read,
        lambda trigger: trigger if trigger in (MANUAL, EVENT) else CRON.write(trigger),
        {"type": "string"},
    )
