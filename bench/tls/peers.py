"""Programs that speak DICOM, in the clear or over TLS, and the pipes that put `openssl` between two that do not."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID
from pynetdicom import AE, evt
from pynetdicom.sop_class import SecondaryCaptureImageStorage, Verification  # type: ignore[attr-defined]
from pynetdicom.transport import ThreadedAssociationServer

CERTIFICATES = Path(__file__).parents[2] / "tests/tls/data"
CERTIFICATE, KEY = CERTIFICATES / "rsa.pem", CERTIFICATES / "rsa.key"
IMPLICIT = "1.2.840.10008.1.2"
TLS_PORT, PLAIN_PORT, INNER_PORT = 2762, 11112, 11113
HOST = "127.0.0.1"
SIZES = (200_000, 20_000_000, 300_000)
_NO_LETTERS = bytes(byte | 0x80 for byte in range(256))  # what begins with one `openssl` takes for a command


def image(number: int) -> Dataset:
    """One of `SIZES` bytes of noise."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = SecondaryCaptureImageStorage, f"1.2.826.0.1.3680043.10.9.{number}"
    made.PatientName, made.PatientID, made.Modality = "Forged^Tls", "TLS", "OT"
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.826.0.1.3680043.10.8", "1.2.826.0.1.3680043.10.8.1"
    made.Rows, made.Columns, made.BitsAllocated, made.SamplesPerPixel = 1000, SIZES[number] // 1000, 8, 1
    made.PixelData = os.urandom(SIZES[number]).translate(_NO_LETTERS)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = UID(IMPLICIT)
    return made


def context(side: int, version: ssl.TLSVersion, ciphers: str | None, log: Path | None) -> ssl.SSLContext:
    made = ssl.SSLContext(side)
    made.minimum_version = made.maximum_version = version
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if ciphers:
        made.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    if side == ssl.PROTOCOL_TLS_SERVER:
        made.load_cert_chain(CERTIFICATE, KEY)
    if log:
        made.keylog_filename = str(log)
    return made


def archive(port: int, security: ssl.SSLContext | None = None) -> ThreadedAssociationServer:
    """A server of pynetdicom that takes everything."""
    ae = AE(ae_title="ARCHIVE")
    ae.add_supported_context(Verification)
    ae.add_supported_context(SecondaryCaptureImageStorage)
    started = ae.start_server(
        (HOST, port), block=False, ssl_context=security, evt_handlers=[(evt.EVT_C_STORE, lambda event: 0)]
    )
    assert started is not None
    return started


def store(port: int, security: ssl.SSLContext | None = None, between: Callable[[], None] | None = None) -> None:
    """Echo and store with pynetdicom; `between` happens before the last image."""
    ae = AE(ae_title="MODALITY")
    ae.add_requested_context(Verification)
    ae.add_requested_context(SecondaryCaptureImageStorage, IMPLICIT)
    spoken = ae.associate(HOST, port, ae_title="ARCHIVE", tls_args=(security, HOST) if security else None)
    assert spoken.is_established, "no association"
    spoken.send_c_echo()
    for number in range(len(SIZES)):
        if between and number == len(SIZES) - 1:
            between()
        assert spoken.send_c_store(image(number)).Status == 0
    spoken.release()


class Pipe:
    """A plain port, and behind it a program whose input and output are the connection; or the other way round."""

    def __init__(self, command: Sequence[str], plain: socket.socket) -> None:
        self._plain = plain
        self._program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._program.stdin and self._program.stdout
        self._in, self._out = self._program.stdin, self._program.stdout
        threading.Thread(target=self._carry_in, daemon=True).start()
        threading.Thread(target=self._carry_out, daemon=True).start()

    def _carry_in(self) -> None:
        while data := self._plain.recv(1 << 16):
            self._in.write(data)
            self._in.flush()
        time.sleep(0.5)  # for what is on its way
        self._program.terminate()

    def _carry_out(self) -> None:
        while data := self._out.read1(1 << 16):  # type: ignore[attr-defined]
            self._plain.sendall(data)
        self._plain.close()

    def command(self, letter: str) -> None:
        """One of `openssl`'s connected commands; alone, or it would be data."""
        time.sleep(0.7)
        self._in.write(f"{letter}\n".encode())
        self._in.flush()
        time.sleep(0.7)


class Resuming:
    """A plain port before a TLS server, whose sessions are resumed by the next connection."""

    def __init__(self, port: int, target: int, security: ssl.SSLContext) -> None:
        self._listening = socket.create_server((HOST, port))
        self._target, self._security = target, security
        self._session: ssl.SSLSession | None = None
        self.resumed = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return  # closed
            raw = socket.create_connection((HOST, self._target))
            secured = self._security.wrap_socket(raw, session=self._session)
            self.resumed += bool(secured.session_reused)
            threading.Thread(target=self._back, args=(plain, secured), daemon=True).start()
            while data := plain.recv(1 << 16):
                secured.sendall(data)
            self._session = secured.session
            with suppress(OSError):
                secured.unwrap()  # a server forgets a session that was cut off
            secured.close()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    @staticmethod
    def _back(plain: socket.socket, secured: ssl.SSLSocket) -> None:
        try:
            while data := secured.recv(1 << 16):
                plain.sendall(data)
        except OSError:
            pass  # closed by the other thread
        with suppress(OSError):
            plain.shutdown(socket.SHUT_RDWR)  # wakes who reads from it
