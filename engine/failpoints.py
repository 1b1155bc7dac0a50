"""Named places where the fault tests end the process, to prove that nothing is lost or doubled there.

Inert unless TIANQI_FAILPOINTS names a folder when the process starts; no installation sets it. A place is armed by
a file of its name in that folder: the first process that comes by takes the file away and dies as by a power cut.
"""

import os
import signal

_FOLDER = os.environ.get("TIANQI_FAILPOINTS")

NAMES = {
    "stepped": "web or ticker: the engine has decided, nothing is saved",
    "saved": "web: state, tasks, events and outbox are written, not committed",
    "committed": "web: committed, the client has no answer yet",
    "leased": "worker: the outbox row is leased, its effect has not begun",
    "printed": "worker: the paper's file lies there, no row names it",
    "effected": "worker: the effect is written, the row is not finished",
    "finished": "worker: all is committed, Redis does not know",
    "claimed": "ticker: the deadline's attempt is counted, it has not fired",
    "fired": "ticker: the deadline has fired, not committed",
    "handed_in": "ticker: a submission is committed inside, the portal does not know",
    "enqueued": "ticker: ids lie in Redis",
}
IMPORTING = {
    "staging": "some of a package's rows lie staged",
    "swapped": "the package is in the register, not committed",
}

# Seldom passed by clients at work: their own tests arm them.
SELDOM = {
    "vault_followed": "worker: the vault has the masters, the register is not processed",
    "exchange_applied": "command: a signed file is applied and committed, its receipt is not written",
}


def reach(name: str) -> None:
    """One of NAMES, IMPORTING or SELDOM."""
    if _FOLDER is None:
        return
    try:
        os.unlink(os.path.join(_FOLDER, name))
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
