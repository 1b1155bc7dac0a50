"""Whatever changes about a case, the portal's view of it is published anew."""

from engine.operations.work import Work


def tell_portal(work: Work) -> None:
    """One row, even when a command changes much: the publisher reads the case as it then stands."""
    work.later("publish_case", {"case": work.case.number})
