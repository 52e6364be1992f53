"""Stream bytes in, PDUs out (PS3.8): framing, every PDU and every A-ASSOCIATE item, and "is this DICOM at all?"."""
