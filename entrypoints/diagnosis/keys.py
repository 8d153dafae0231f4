"""Whether those who should be answered are, and nobody else."""

from collections.abc import Iterator

from domain.errors import BackendUnavailable, BrokenKeys
from domain.ports import KeyStore
from entrypoints.diagnosis.finding import Finding, broken, good, worth_knowing
from entrypoints.serving.address import CannotListen, resolved
from entrypoints.serving.admission import is_loopback
from entrypoints.settings import Settings

SUBJECT = "keys"
OTHERS = 0o077


def keys(settings: Settings, store: KeyStore) -> Iterator[Finding]:
    """Say whether a server would start with these keys, and whom it would answer."""
    try:
        ring = store.ring()
    except BrokenKeys as error:
        yield broken(SUBJECT, str(error), "servers that run keep the last good keys; mend the file, or put it back")
        return
    except BackendUnavailable as error:
        yield broken(SUBJECT, str(error), "see that this user may read the file")
        return
    if ring is None:
        yield _without(settings)
    elif not ring.keys:
        yield worth_knowing(
            SUBJECT, "every key has been revoked, so that nobody is answered", "`endeavour keys add NAME`"
        )
    else:
        yield good(SUBJECT, f"{len(ring.keys)} in {settings.keys}; every request needs one")
    if ring is not None and settings.keys.stat().st_mode & OTHERS:
        yield worth_knowing(SUBJECT, f"{settings.keys} is open to other users", f"chmod 600 {settings.keys}")


def _without(settings: Settings) -> Finding:
    """Return what having no keys means at the server's address."""
    try:
        _, address = resolved(settings.host, settings.port, "ENDEAVOUR_HOST")
    except CannotListen as error:
        return broken(SUBJECT, str(error), "an address of this machine, 127.0.0.1 or 0.0.0.0")
    address = settings.published or address
    if is_loopback(address):
        return good(SUBJECT, "there are none, and only this machine is answered")
    if settings.allow_anonymous:
        return worth_knowing(SUBJECT, f"there are none, and everybody who reaches {address} is answered", "make keys")
    return broken(
        SUBJECT,
        f"there are none, and others can reach {address}: a server does not start",
        "`endeavour keys add NAME`, or `endeavour serve --allow-anonymous`",
    )
