"""The gateway's log: one JSON object per line on stderr, with the request's id, never with people."""

import logging

import structlog

LOGGER = "wuye.web"
FIELDS = ("method", "route", "status", "ms", "request_id")


def speak_up() -> None:
    """Write the log to stderr where nobody has said where it should go."""
    log = logging.getLogger(LOGGER)
    if log.hasHandlers():
        return
    handler = logging.StreamHandler()
    handler.setFormatter(formatter())
    log.addHandler(handler)
    log.setLevel(logging.INFO)


def formatter() -> logging.Formatter:
    """Level, time (UTC), message and the fields of a request."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(allow=FIELDS),
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
