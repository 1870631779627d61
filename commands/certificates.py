"""The certificate with which the service speaks HTTPS itself, where no proxy in front of it does."""

import ssl

from core.errors import StartError
from core.settings import Settings


def require_certificate(settings: Settings) -> None:
    """Raises StartError when only one of certificate and key is named, or they cannot be used with one another."""
    certificate, key = settings.tls_cert_file, settings.tls_key_file
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise StartError("C360_TLS_CERT_FILE and C360_TLS_KEY_FILE go together: name both, or none for plain HTTP")
    for name, file in (("C360_TLS_CERT_FILE", certificate), ("C360_TLS_KEY_FILE", key)):
        try:
            file.read_bytes()
        except OSError as error:
            raise StartError(f"{name}: cannot read {file}: {error.strerror or error}") from None
    try:
        # A key under a passphrase would have it asked for on the terminal.
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, ValueError):
        raise StartError(
            f"C360_TLS_KEY_FILE: {key} is not the key of {certificate}, is protected by a passphrase, or one is no PEM"
        ) from None
