"""The only module that opens an address somebody typed.

A name is resolved once, every address it has must lie in the open internet, and the
connection goes to the very address that was checked, while TLS keeps the name: neither
a second answer of the name server nor a redirect leads elsewhere. No proxy settings of
the environment are read. `post` reads nothing of an answer's body; `get` streams it.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

PORTS = {80, 443, 8080, 8443}
CONNECT_SECONDS, TOTAL_SECONDS = 3.0, 5.0
# A file may take long to come; what counts is how long nothing comes.
SILENT_SECONDS = 30.0
REDIRECTS = 5
CHUNK = 1024 * 1024
# Ways to write an IPv4 address as an IPv6 one that nobody should need to reach.
_TUNNELS = tuple(
    ipaddress.ip_network(each)
    for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchRefused(ValueError):
    """An address that the portal does not open; the message says why."""


class FetchFailed(OSError):
    """An address that did not answer as a web server does."""


@dataclass(frozen=True)
class Target:
    """Where a request goes."""

    is_tls: bool
    host: str  # in ASCII, as it is sent
    port: int
    path: str
    is_trusted: bool  # an operator has named it in OUTGOING_HOSTS


def target_of(url: str) -> Target:
    """Return where an address leads, as far as that can be told without asking.

    Raises
    ------
    FetchRefused
        If it is no plain http or https address of an ordinary port, or names an
        address that is not of the open internet.
    """
    parts, port = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise FetchRefused(_("Only http:// and https:// addresses can be told."))
    if parts.username is not None or parts.password is not None:
        raise FetchRefused(_("An address must not carry a user name or a password."))
    is_tls = parts.scheme == "https"
    port = port or (443 if is_tls else 80)
    host = _ascii(parts.hostname)
    is_trusted = bool({host, f"{host}:{port}"} & set(settings.OUTGOING_HOSTS))
    if not is_trusted and port not in PORTS:
        raise FetchRefused(
            _("Port %(port)s is not opened; 80, 443, 8080 and 8443 are.")
            % {"port": port}
        )
    target = Target(is_tls, host, port, _path(parts), is_trusted)
    if (literal := _literal(host)) and not is_trusted:
        _refuse_inner(host, literal)
    return target


def host_of(url: str) -> str:
    """Return the host of an address, which says where without its secrets."""
    return urlsplit(url).hostname or url[:60]


def _split(url: str) -> tuple[SplitResult, int | None]:
    if any(ord(sign) <= 32 or sign in '\\"<>' for sign in url):
        raise FetchRefused(_("An address has no blanks, quotes or backslashes."))
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise FetchRefused(_("This is no address: %s") % error) from error


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode().lower().rstrip(".")
    except UnicodeError as error:
        raise FetchRefused(_("“%s” is no name of a computer.") % host) from error


def _path(parts: SplitResult) -> str:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return path.encode("ascii").decode()
    except UnicodeError as error:
        raise FetchRefused(
            _("Write letters beyond A to Z in the path as %%XX.")
        ) from error


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refuse_inner(host: str, address: IPAddress) -> None:
    if not is_open(address):
        raise FetchRefused(
            _(
                "%(host)s leads into a network of its own (%(address)s). An operator "
                "may allow it with OUTGOING_HOSTS."
            )
            % {"host": host, "address": address}
        )


def is_open(address: IPAddress) -> bool:
    """Return whether an address is one of the open internet, and of one computer."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_open(address.ipv4_mapped)
        if any(address in each for each in _TUNNELS):
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def addresses_of(target: Target) -> list[str]:
    """Return the checked addresses of a target, in the order of its name server.

    Raises
    ------
    FetchRefused
        If one of them is not of the open internet, and no operator has allowed it.
    FetchFailed
        If the name has no address.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(
            _("No computer is known by the name %s.") % target.host
        ) from error
    addresses = list(dict.fromkeys(str(each[4][0]).split("%")[0] for each in found))
    if not target.is_trusted:
        for each in addresses:
            _refuse_inner(target.host, ipaddress.ip_address(each))
    return addresses


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send `body` to an address; return the status of the answer, whatever it is.

    Raises
    ------
    FetchRefused
        If the address is none that the portal opens.
    FetchFailed
        If nothing answers in time, or not as a web server does.
    """
    target = target_of(url)
    address, *_others = addresses_of(target)
    connection = _connection(target, address)
    try:
        with _deadline(connection):
            connection.request("POST", target.path, body=body, headers=dict(headers))
            return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise FetchFailed(_said(error)) from error
    finally:
        connection.close()


@dataclass(frozen=True)
class Answer:
    """What a server sends: `chunks` are its body, to be read while it is open."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    url: str  # where redirects led
    chunks: Iterator[bytes]


@contextmanager
def get(url: str, headers: Mapping[str, str]) -> Iterator[Answer]:
    """Open an address, following redirects that lead where the portal may go too.

    `headers` are for the server that was named: another one, or the same without TLS,
    gets them without Authorization.

    Raises
    ------
    FetchRefused
        If the address, or one that it leads to, is none that the portal opens.
    FetchFailed
        If nothing answers in time, or not as a web server does; while the body is read
        too.
    """
    first = target_of(url)
    for _hop in range(REDIRECTS + 1):
        target = target_of(url)
        is_same = (target.is_tls, target.host, target.port) == (
            first.is_tls,
            first.host,
            first.port,
        )
        sent = headers if is_same else _without_secrets(headers)
        connection = _connection(target, addresses_of(target)[0], SILENT_SECONDS)
        try:
            with _failures():
                connection.request("GET", target.path, headers=dict(sent))
                answer = connection.getresponse()
            there = answer.getheader("Location")
            if answer.status not in {301, 302, 303, 307, 308} or not there:
                found = {name.lower(): text for name, text in answer.getheaders()}
                yield Answer(answer.status, found, url, _body(answer))
                return
            url = urljoin(url, there)
        finally:
            connection.close()
    raise FetchFailed(_("It leads from one address to the next without an end."))


def _without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: text for name, text in headers.items() if name.lower() != "authorization"
    }


def _body(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    with _failures():
        while piece := answer.read1(CHUNK):
            yield piece
        if answer.length:
            raise http.client.IncompleteRead(b"", answer.length)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except http.client.IncompleteRead as error:
        raise FetchFailed(
            _("The connection broke before the whole file had come.")
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise FetchFailed(_said(error)) from error


def checked_address(host: str, port: int) -> str:
    """Return the address of a server that is no web server, such as a database.

    Raises
    ------
    FetchRefused
        If it is not of the open internet, and no operator has allowed it.
    FetchFailed
        If the name has no address.
    """
    name = _ascii(host)
    is_trusted = bool({name, f"{name}:{port}"} & set(settings.OUTGOING_HOSTS))
    target = Target(is_tls=False, host=name, port=port, path="", is_trusted=is_trusted)
    return addresses_of(target)[0]


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return _("It did not answer in time.")
    if isinstance(error, ssl.SSLError):
        return _("Its certificate was not accepted: %s") % error.reason
    if isinstance(error, ConnectionRefusedError):
        return _("Nothing listens there.")
    return _("It did not answer as a web server does (%s).") % type(error).__name__


class _Pinned(http.client.HTTPConnection):
    """A connection by name to one checked address."""

    def __init__(self, target: Target, address: str, seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self.target, self.address, self.seconds = target, address, seconds

    def connect(self) -> None:
        """Connect to the address that was checked, whatever its name says by now."""
        plain = socket.create_connection(
            (self.address, self.port), timeout=CONNECT_SECONDS
        )
        plain.settimeout(self.seconds)
        self.sock = (
            _tls().wrap_socket(plain, server_hostname=self.target.host)
            if self.target.is_tls
            else plain
        )


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _connection(
    target: Target, address: str, seconds: float = TOTAL_SECONDS
) -> _Pinned:
    connection = _Pinned(target, address, seconds)
    if target.is_tls:
        # Else the name would be sent with its port, as on any unusual one.
        connection.default_port = 443
    return connection


@contextmanager
def _deadline(connection: _Pinned) -> Iterator[None]:
    """End a request after its time, however slowly it trickles in."""
    over = threading.Event()

    def end() -> None:
        over.set()
        if connection.sock is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    timer = threading.Timer(TOTAL_SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        if over.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
