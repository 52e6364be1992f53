"""AE tables of DCMTK and Orthanc."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomsniff.rules.configuration import ConfigurationError
from dicomsniff.rules.configuration.ae_tables import ae_table
from dicomsniff.rules.known_aes import KnownAe

DCMQRSCP = """
NetworkTCPPort  = 104
HostTable BEGIN
# a comment
acme1           = (ACME1, acmehost1, 5678)   # the first
acme2           = (ACME2, "acmehost2", 5679)
cluster         = (PACS, 10.0.0.2, 104), (PACS, 10.0.0.3, 104)
everyone        = acme1, acme2
HostTable END
AETable BEGIN
ACME_STORE /var/db RW (9, 1024mb, 5) acme1
AETable END
"""

ORTHANC = """
/* the site's archive */
{
  "DicomAet" : "ORTHANC",  // our title
  "DicomModalities" : {
    "sample" : [ "STORESCP", "127.0.0.1", 2000 ],
    "ge" : [ "GE_CT", "10.0.0.7", 104, "GE" ],
    // "off" : [ "OFF", "10.0.0.8", 104 ],
    "untrusted" : { "AET" : "ORTHANC2", "Host" : "http://x//y", "Port" : 104, "AllowEcho" : false },
  }
}
"""


def test_a_host_table_gives_every_triple_and_no_group() -> None:
    assert ae_table(DCMQRSCP) == (
        KnownAe("ACME1", "acmehost1", 5678),
        KnownAe("ACME2", "acmehost2", 5679),
        KnownAe("PACS", "10.0.0.2", 104),
        KnownAe("PACS", "10.0.0.3", 104),
    )


def test_modalities_of_both_forms_are_read_through_comments() -> None:
    assert ae_table(ORTHANC) == (
        KnownAe("STORESCP", "127.0.0.1", 2000),
        KnownAe("GE_CT", "10.0.0.7", 104),
        KnownAe("ORTHANC2", "http://x//y", 104),
    )


@pytest.mark.parametrize("text", ['"DicomModalities" : { "a" : ["A", "h", 1] }', '{"a": ["A", "h", 1]}'])
def test_the_section_alone_is_enough(text: str) -> None:
    assert ae_table(text) == (KnownAe("A", "h", 1),)


def test_an_orthanc_without_modalities_names_nobody() -> None:
    assert ae_table('{"DicomAet": "ORTHANC", "HttpPort": 8042}') == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "neither"),
        ('{"DicomModalities": {"a": ["A", "h"]}}', "'a'"),
        ('{"DicomModalities": [1]}', "no object"),
        ("{", "no JSON"),
        ('{"a": ["A", "h", 70000]}', "70000"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        ae_table(text)


@given(st.text(max_size=300))
def test_any_text_gives_aes_or_one_error(text: str) -> None:
    with suppress(ConfigurationError):
        assert isinstance(ae_table(text), tuple)
