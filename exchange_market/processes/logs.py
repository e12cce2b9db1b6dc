"""Logs are events on standard error: readable on a terminal, JSON lines elsewhere."""

import logging
import sys

import structlog


def configure_logs(process: str) -> None:
    """Set up logging of one process; every line names it. Values that look like secrets are
    masked."""
    readable = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask_secrets,
            structlog.processors.dict_tracebacks,
            structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)


_SECRET_NAMES = ("password", "secret", "token", "authorization", "api_key", "one_time")


def _mask_secrets(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    del logger, method
    return {
        name: "***" if any(word in name.lower() for word in _SECRET_NAMES) else value
        for name, value in event.items()
    }
