"""DICOM over TLS. `python -m sample_captures.tls` rebuilds it.

US01 does not trust the certificate of the archive and says so. CT01 does, and what it then sends cannot be read. The handshakes
are OpenSSL's, kept here as they were made; what is encrypted is noise.
"""

import base64
import random
from pathlib import Path

from tests.forge.hospital import CT01, US01, Device, Hospital
from tests.forge.wire import BACK, OUT, Frame, write_pcap

HERE = Path(__file__).parent
SECURE = Device("ARCHIVE", "192.168.10.20", 2762)
UNKNOWN_CA = bytes.fromhex("15030300020230")
CHANGE = bytes.fromhex("140303000101")


def frames() -> list[Frame]:
    """Every packet in the order of time."""
    hospital = Hospital()
    distrusting = hospital.wire(US01, SECURE.listener, 0).connect().send(OUT, HELLO).send(BACK, CERTIFICATE)
    distrusting.send(OUT, UNKNOWN_CA).close(OUT)
    noise = random.Random(1)
    well = hospital.wire(CT01, SECURE.listener, 10).connect().send(OUT, NEW_HELLO)
    well.send(BACK, NEW_ANSWER + CHANGE + encrypted(noise, 680)).send(OUT, CHANGE + encrypted(noise, 53))
    for _ in range(3):
        well.send(OUT, encrypted(noise, 1_200)).wait(0.002).send(BACK, encrypted(noise, 170))
    well.send(OUT, encrypted(noise, 19)).send(BACK, encrypted(noise, 19)).close(OUT)
    return hospital.frames


def encrypted(noise: random.Random, length: int) -> bytes:
    """An application data record."""
    return b"\x17\x03\x03" + length.to_bytes(2, "big") + noise.randbytes(length)


HELLO = base64.b64decode(
    """
    FgMBAJwBAACYAwMb06zV5iXE4mOS6/T3uDWZGYkKuYdyMQmcy4OmhbY15QAABMArAP8BAABrAAAAFQATAAAQcGFjcy5leGFtcGxlLm9yZwALAAQD
    AAECAAoADAAKAB0AFwAeABkAGAAjAAAAFgAAABcAAAANACoAKAQDBQMGAwgHCAgICQgKCAsIBAgFCAYEAQUBBgEDAwMBAwIEAgUCBgI=
    """
)
CERTIFICATE = base64.b64decode(
    """
    FgMDAEECAAA9AwNTv5slJTazNTjSvffeNfFvb7czS1F5RU21LRNjObHX9gDAKwAAFf8BAAEAAAsABAMAAQIAIwAAABcAABYDAwHLCwABxwABxAAB
    wTCCAb0wggFioAMCAQICAhAAMAoGCCqGSM49BAMCMCUxDzANBgNVBAoMBkNsaW5pYzESMBAGA1UEAwwJQ2xpbmljIGNhMCAXDTIwMDEwMTAwMDAw
    MFoYDzIxMjAwMTAxMDAwMDAwWjAsMQ8wDQYDVQQKDAZDbGluaWMxGTAXBgNVBAMMEHBhY3MuZXhhbXBsZS5vcmcwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAARUdEQIkuNI/bG4BaKOpi7ave5llQiV4MiDvqP/NhozztIJNesoq2H70PGmPhWYoluL/JgUpJEhJVgXNVpQdrd4o3kwdzA1BgNVHREE
    LjAsghBwYWNzLmV4YW1wbGUub3JnghIqLnBhY3MuZXhhbXBsZS5vcmeHBAoAAAIwHQYDVR0OBBYEFPRQ80QyNMyPdh28KAZ84nfaESM0MB8GA1Ud
    IwQYMBaAFKR38azDGunG6FwOJj8cuqGvYEZOMAoGCCqGSM49BAMCA0kAMEYCIQCegDihnWnhFVcY0Zn3VyE2d7nwc1/24dOZRZDvjUmzcgIhAOBn
    e1xu0xO12+oXE1jsJPv3UQISidou7l3XQY3jLjsEFgMDAHMMAABvAwAdII5XL4gQj1nDEk2KM8YQG+lsyB5qy9ZkrWLriHcwHktxBAMARzBFAiBS
    rs5hJcqMffJyeloIZO8Q1e2sLftZ3DNPPcDj1svv2QIhAIZlLSiH54OlgxDH3ZJqeSLwGASsD+3Uvq7UzeQWkBloFgMDAAQOAAAA
    """
)
NEW_HELLO = base64.b64decode(
    """
    FgMBAPUBAADxAwPzzOWxENJjdqGxNWeXoDcAgoFegnYyy6AVlK+zolDWJyDMc7qTarCb/DcxGqbkQd394gRQ6LN2Qg3B57DDEGqZUAAIEwITAxMB
    AP8BAACgAAAAFQATAAAQcGFjcy5leGFtcGxlLm9yZwALAAQDAAECAAoAFgAUAB0AFwAeABkAGAEAAQEBAgEDAQQAIwAAABYAAAAXAAAADQAeABwE
    AwUDBgMIBwgICAkICggLCAQIBQgGBAEFAQYBACsAAwIDBAAtAAIBAQAzACYAJAAdACCu5ulL3/ewHjxG+T4hMy6TfId97tNwkWGqV9P5QOImGQ==
    """
)
NEW_ANSWER = base64.b64decode(
    """
    FgMDAHoCAAB2AwNQA80dXrLwhUmKZyaNyNUOAks1nExYORvGpev8Ajh7DyDMc7qTarCb/DcxGqbkQd394gRQ6LN2Qg3B57DDEGqZUBMCAAAuACsA
    AgMEADMAJAAdACC4RbBes50TiI2GfHlW+3gdgyCTbjtSSGUBDHG6j9IULQ==
    """
)


if __name__ == "__main__":
    write_pcap(HERE / "tls.pcap", frames())
