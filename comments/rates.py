"""How much one member, and one place on the internet, writes in a short time.

Counted in the cache that all processes share, in stretches of `WINDOW` that begin for everybody
at the same moment. What is counted is what was tried: a form that is refused counts too, and one
that is sent again after it was posted does not. A cache without a count in one step (that of the
database) may miss one of two that arrive at once; the rows of a member's comments, which `writing`
counts besides, miss none.

Where the cache is away nothing is counted, and everybody may write: the rules of `holding` and
the rows still stand.
"""

import logging
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)

# Not longer than caches keep a value by themselves, for counting may not say how long.
WINDOW = 300  # seconds


@dataclass(frozen=True)
class Limit:
    """Beyond `held` in one window a comment waits for the studio; beyond `refused` it is sent back.

    Many may share an address: a class that goes home from the studio through one router.
    """

    held: int
    refused: int


OF_MEMBER = Limit(held=5, refused=20)
OF_STUDIO = Limit(held=60, refused=60)  # an instructor at the desk answers one after another
OF_ADDRESS = Limit(held=60, refused=200)


@dataclass(frozen=True)
class Rate:
    is_held: bool = False
    refused_for: int = 0  # seconds until it may be tried again; 0 if it is not refused


def count(member_id: int, address: str, *, of_studio: bool = False, act: str = "post") -> Rate:
    """Count one comment that is tried, and say whether it is too many. Never raises.

    What is posted and what is changed (another `act`) are counted apart. `address` is that of
    `address_of`. Called outside a transaction, or a count in the database would go with it when it
    is rolled back.
    """
    now = time.time()
    window = int(now // WINDOW)
    tried = [(f"m{member_id}", OF_STUDIO if of_studio else OF_MEMBER), (address, OF_ADDRESS)]
    counted = [(_counted(f"comments.{act}:{window}:{name}"), limit) for name, limit in tried]
    refused = any(number > limit.refused for number, limit in counted)
    return Rate(
        is_held=any(number > limit.held for number, limit in counted),
        refused_for=max(1, round((window + 1) * WINDOW - now)) if refused else 0,
    )


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as a name that does not give the address away.

    All of a household's IPv6 addresses are one. Requests of which nothing is known are one too.
    """
    try:
        found = ip_address(get_adapter().get_client_ip(request))
    except (ValueError, ImproperlyConfigured, PermissionDenied):
        network = "unknown"
    else:
        if isinstance(found, IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        network = found.exploded[:19] if isinstance(found, IPv6Address) else str(found)
    return salted_hmac("comments.rates", network, algorithm="sha256").hexdigest()[:32]


def _counted(key: str) -> int:
    """How many there were in this window, with this one; 0 if the cache does not answer."""
    try:
        try:
            return cache.incr(key)
        except ValueError:  # nobody was counted yet
            return 1 if cache.add(key, 1, timeout=WINDOW) else cache.incr(key)
    except Exception:  # each cache fails in its own way, and none may keep a comment away
        logger.warning("The cache does not count comments", exc_info=True)
        return 0
