"""A server with a certificate of its own: clients that verify it are answered, and nothing is answered in clear."""

import http.client
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.entrypoints.serving.program import EITHER_SERVER, ask

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The paths of a certificate for `localhost`, signed by itself, and of its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(params=EITHER_SERVER)
def server(request):
    return request.param


@pytest.fixture
def program(ready, certificate):
    cert, key = certificate
    return ready(tls_cert=cert, tls_key=key)


def test_key_of_another_certificate_ends_the_start_with_a_sentence(start, certificate, tmp_path):
    other = ec.generate_private_key(ec.SECP256R1())
    key = tmp_path / "key.pem"
    key.write_bytes(
        other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )

    program = start(tls_cert=certificate[0], tls_key=key)

    assert program.process.wait(20) == 2
    assert "ENDEAVOUR_TLS_CERT and ENDEAVOUR_TLS_KEY cannot be used" in program.err
    assert "Traceback" not in program.err


def test_client_that_verifies_the_certificate_is_answered_and_clear_text_is_not(program, certificate):
    assert program.said[0].startswith(b"serving on https://")
    verified = ssl.create_default_context(cafile=str(certificate[0]))

    connection = http.client.HTTPSConnection("localhost", program.port, timeout=10, context=verified)
    try:
        status, _, body = ask(connection, "POST", "/stream", {"X": 0.2})
    finally:
        connection.close()

    assert (status, body[:10]) == (200, b'{"result":')
    assert answer_in_clear(program) in (None, 400)


def answer_in_clear(program):
    """Return the status of what is sent without TLS, None if the connection is closed instead."""
    with program.connection() as clear:
        try:
            return ask(clear, "POST", "/stream", {"X": 0.2})[0]
        except (OSError, http.client.HTTPException):
            return None


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_protocols_are_refused(program, version):
    old = ssl._create_unverified_context()  # noqa: S323  # no handshake comes so far
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = version

    with program.socket() as raw, pytest.raises((ssl.SSLError, ConnectionError)):
        old.wrap_socket(raw)
