"""The row of a TLS handshake."""

from dicomsniff.core import Direction
from dicomsniff.report.tls_rows import tls_row
from dicomsniff.tls.values import Alert, Certificate, Chain, ClientHello, Decryption, Handshake, ServerHello

SEEN = Handshake(
    client=ClientHello(1, 10, bytes(32), (0x0304, 0x0303), (0x1301, 0xC02F), "pacs", ("dicom",)),
    server=ServerHello(2, 20, bytes(32), 0x0303, 0xC02F),
    server_chain=Chain(2, (Certificate("CN=pacs", "CN=ca", 0, 1_700_000_000, ("pacs",), "EC P-256"),)),
    alerts=(Alert(Direction.TO_INITIATOR, 5, 50, 2, 40),),
    decryption=Decryption(7, 1, (9,)),
)


def test_everything_that_was_seen_is_told_in_words() -> None:
    row = tls_row(SEEN)
    assert (row["version"], row["cipher_suite"]) == ("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
    assert row["offered_versions"] == ["TLS 1.3", "TLS 1.2"] and row["server_name"] == "pacs"
    assert row["server_certificates"][0]["not_after"] == "2023-11-14T22:13:20.000000000Z"
    assert row["server_certificates"][0]["key"] == "EC P-256" and row["server_chain_in_order"] is True
    assert row["client_certificates"] is None and row["begun"] == "1970-01-01T00:00:00.000000010Z"
    assert row["alerts"][0]["text"] == "handshake_failure (40)" and row["alerts"][0]["by"] == "responder"
    assert (row["decrypted"], row["records_opened"], row["records_unreadable"]) == (True, 7, 1)


def test_what_was_not_seen_is_null() -> None:
    row = tls_row(Handshake())
    assert row["version"] is None and row["server_certificates"] is None and row["decrypted"] is None
