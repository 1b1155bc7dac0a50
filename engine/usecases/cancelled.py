"""How long work ends that somebody stopped."""


class Cancelled(Exception):
    """Somebody asked for the end; raised by ``tell``."""
