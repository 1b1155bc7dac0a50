"""Services outside, stood up on loopback: they answer as they are told to, rightly, wrongly, or not at all."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import core, tsp
from asn1crypto import x509 as asn1_x509
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from engine.documents.time_stamps import Answer

DER = serialization.Encoding.DER


@dataclass
class Service:
    """``answer`` takes (headers, body) and gives (status, headers, body); None: it keeps silent until the end."""

    answer: Callable[[Any, bytes], tuple[int, dict[str, str], bytes] | None]
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    address: str = ""
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(answer: Callable[..., Any]) -> Iterator[Service]:
    service = Service(answer)

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.asked.append((dict(self.headers), body))
            told = service.answer(self.headers, body)
            if told is None:
                service.over.wait()
                return
            status, headers, out = told
            dripping = headers.pop("Drip", None)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(out)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(out)
            while dripping and not service.over.wait(0.05):
                self.wfile.write(b".")

        do_GET = do_POST

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_port}/ask"
    try:
        yield service
    finally:
        service.over.set()
        server.shutdown()
        server.server_close()


def answering(told: Any, status: int = 200) -> Callable[..., tuple[int, dict[str, str], bytes]]:
    """As JSON; a callable is given what was asked."""

    def answer(_: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        said = told(json.loads(body)) if callable(told) else told
        return status, {"Content-Type": "application/json"}, json.dumps(said).encode()

    return answer


# --- an authority that stamps times ------------------------------------------------------------------------


@dataclass
class Authority:
    """A root and a stamping key below it. ``now``: what its clock says; ``lie`` alters what it was asked to stamp."""

    name: str = "某时间戳服务机构"
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    lie: Callable[[tsp.TimeStampReq], None] = lambda _: None

    def __post_init__(self) -> None:
        since = datetime.now(UTC) - timedelta(days=1)
        root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
        self.root = _certificate(f"{self.name}根", root_key, f"{self.name}根", root_key, since, True)
        leaf = _certificate(self.name, key, f"{self.name}根", root_key, since, False)
        private = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.stamper = DummyTimeStamper(
            asn1_x509.Certificate.load(leaf.public_bytes(DER)),
            PrivateKeyInfo.load(private),
            [asn1_x509.Certificate.load(self.root.public_bytes(DER))],  # type: ignore[arg-type]
        )

    @property
    def root_pem(self) -> str:
        return self.root.public_bytes(serialization.Encoding.PEM).decode()

    def answer(self, _: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        asked = tsp.TimeStampReq.load(body)
        self.lie(asked)
        self.stamper.fixed_dt = self.now().replace(microsecond=0)
        return 200, {}, self.stamper.request_tsa_response(asked).dump()


def another_hash(asked: tsp.TimeStampReq) -> None:
    asked["message_imprint"]["hashed_message"] = b"\0" * 32


def another_nonce(asked: tsp.TimeStampReq) -> None:
    asked["nonce"] = core.Integer(7)


def declined(*_: Any) -> tuple[int, dict[str, str], bytes]:
    status = tsp.PKIStatusInfo({"status": tsp.PKIStatus("rejection"), "fail_info": {"bad_alg"}})
    return 200, {}, Answer({"status": status}).dump()


def _certificate(
    name: str, key: Any, issuer: str, issuer_key: Any, since: datetime, root: bool
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=400))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not root:
        only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(only, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
