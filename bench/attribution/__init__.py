"""Plays slow transfers whose cause is known between real DICOM programs, captures each at three points at once, and says how
near dicomsniff comes to the truth: `python -m bench.attribution OUT`. Linux, root, DCMTK, tcpdump, iproute2, pynetdicom."""
