"""A small OpenID Connect issuer: discovery and keys over HTTP on 127.0.0.1, and tokens signed with them."""

import json
import threading
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "customer360-api"


class Issuer:
    """Answers until `stop`. `requests` are the paths asked for; `answers` may replace what it says."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.keys: list[dict[str, Any]] = []
        self.answers: dict[str, tuple[int, bytes]] = {}
        self._private: dict[str, Any] = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests.append(self.path)
                status, body = issuer.answers.get(self.path) or issuer.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str) -> tuple[int, bytes]:
        """What a correct issuer says."""
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"}).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": self.keys}).encode()
        return 404, b""

    def add_rsa_key(self, kid: str, bits: int = 2048, **members: Any) -> None:
        """Publish an RSA key."""
        private = rsa.generate_private_key(65537, bits)
        self._private[kid] = private
        self.keys.append({**RSAAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": kid, **members})

    def add_ec_key(self, kid: str, **members: Any) -> None:
        """Publish a P-256 key."""
        private = ec.generate_private_key(ec.SECP256R1())
        self._private[kid] = private
        self.keys.append({**ECAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": kid, **members})

    def claims(self, **claims: Any) -> dict[str, Any]:
        """The claims of a good token; None takes one away."""
        now = int(time.time())
        good = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "user-1",
            "iat": now,
            "exp": now + 300,
            "auth_time": now - 10,
            "groups": ["staff"],
        }
        return {name: value for name, value in {**good, **claims}.items() if value is not None}

    def token(
        self, kid: str = "k1", algorithm: str = "RS256", header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """A token signed with a key."""
        headers = {name: value for name, value in {"kid": kid, **(header or {})}.items() if value is not None}
        with warnings.catch_warnings():
            # Some keys are too short on purpose.
            warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
            return jwt.encode(self.claims(**claims), self._private[kid], algorithm, headers)
