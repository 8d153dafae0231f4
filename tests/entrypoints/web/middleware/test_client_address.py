"""Client addresses, with proxies of ours and without."""

from ipaddress import ip_network

from entrypoints.web.middleware.client_address import ClientAddressResolver

OURS = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def address(peer, forwarded=None, trusted=OURS):
    environ = {"REMOTE_ADDR": peer} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    return ClientAddressResolver(trusted).resolve(environ)


CLIENTS = [
    ("192.0.2.1", None, "192.0.2.1"),
    ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
    ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
    ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.2.3.4", "203.0.113.9"),
    ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
    ("10.0.0.1", None, "10.0.0.1"),
    ("10.0.0.1", "", "10.0.0.1"),
    ("10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
    ("10.0.0.1", "1.1.1.1, nonsense, 10.0.0.2", "10.0.0.2"),
    ("10.0.0.1", "1.1.1.1, " * 60 + "203.0.113.9", "203.0.113.9"),
    ("10.0.0.1", "1.1.1.1:1, 203.0.113.9:51234, 10.2.3.4:80", "203.0.113.9"),
    ("10.0.0.1", "[2001:db8::1]", "2001:db8::/64"),
    ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::/64"),
    ("10.0.0.1", "[::ffff:203.0.113.9]:443", "203.0.113.9"),
    ("10.0.0.1", "[", "10.0.0.1"),
    ("10.0.0.1", "203.0.113.9:8, ,", "203.0.113.9"),
    ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
    ("fd00::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    ("2001:db8::1", None, "2001:db8::/64"),
    ("::ffff:192.0.2.1", None, "192.0.2.1"),
    ("", None, "unknown"),
    ("unix:", "203.0.113.9", "unknown"),
]


def test_client_is_the_nearest_address_that_is_not_ours():
    assert [(peer, forwarded, address(peer, forwarded)) for peer, forwarded, _ in CLIENTS] == CLIENTS


def test_without_trusted_proxies_no_header_counts():
    assert address("10.0.0.1", "203.0.113.9", trusted=()) == "10.0.0.1"
