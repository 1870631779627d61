"""`c360 serve` with a certificate: HTTPS with what modern clients accept, and nothing else on that port."""

import datetime
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from commands.certificates import require_certificate
from core.errors import StartError
from core.settings import Settings
from tests.commands.conftest import Start
from tests.commands.service import PATIENCE_SECONDS, eventually


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1, signed by itself, and its key."""

    cert: Path
    key: Path


def make_certificate(folder: Path, name: str = "tls", passphrase: bytes | None = None) -> Certificate:
    """A certificate in files of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    made.cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    made.key.write_bytes(pem)
    return made


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_speaks_https(used_home: Path, start: Start, tmp_path: Path, workers: str) -> None:
    made = make_certificate(tmp_path)
    service = start(C360_TLS_CERT_FILE=str(made.cert), C360_TLS_KEY_FILE=str(made.key), C360_WORKERS=workers)
    url = service.url.replace("http://", "https://")
    trust = ssl.create_default_context(cafile=str(made.cert))
    with httpx.Client(base_url=url, verify=trust, trust_env=False, timeout=PATIENCE_SECONDS) as client:

        def answers() -> bool:
            assert service.process.poll() is None, service.err
            try:
                return client.get("/health").status_code == 200
            except httpx.ConnectError:
                return False

        eventually(answers, f"{url}/health")
        assert client.post("/graphql", json={"query": "{ __typename }"}).json() == {"data": {"__typename": "Query"}}
    assert f"{url}/graphql " in service.out
    with pytest.raises(httpx.ConnectError), httpx.Client(trust_env=False) as stranger:
        stranger.get(f"{url}/health")
    with pytest.raises(httpx.HTTPError), httpx.Client(trust_env=False) as plain:
        plain.get(f"{service.url}/health")
    assert service.stop() == 0


def test_a_certificate_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    good, other = make_certificate(tmp_path), make_certificate(tmp_path, "other")
    locked = make_certificate(tmp_path, "locked", passphrase=b"secret")
    nothing = tmp_path / "nothing"
    require_certificate(Settings())
    require_certificate(Settings(tls_cert_file=good.cert, tls_key_file=good.key))
    for cert, key, message in (
        (good.cert, None, "go together"),
        (None, good.key, "go together"),
        (nothing, good.key, "C360_TLS_CERT_FILE: cannot read"),
        (good.cert, nothing, "C360_TLS_KEY_FILE: cannot read"),
        (good.cert, other.key, "is not the key of"),
        (good.cert, good.cert, "is not the key of"),
        (locked.cert, locked.key, "is protected by a passphrase"),
    ):
        with pytest.raises(StartError, match=message):
            require_certificate(Settings(tls_cert_file=cert, tls_key_file=key))
