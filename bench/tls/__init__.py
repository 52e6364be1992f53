"""Real programs store images over every kind of TLS; what dicomsniff decrypts of it beside what tshark does.

`python -m bench.tls OUT [NAME …]` plays and compares (root; pynetdicom, DCMTK, openssl, tcpdump, tshark); the table
goes to `docs/tls.md` with `--table docs/tls.md`.
"""
