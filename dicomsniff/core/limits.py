"""Every cap in the project, each with the reason for its number."""

from dicomsniff.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on memory, time and nesting. All sizes are bytes, all durations nanoseconds."""

    block_bytes: int = 8 << 20
    """Size of one PacketBlock: large enough that numpy's cost per call vanishes, small enough for the cache and 200 MB."""
    record_bytes: int = 16 << 20
    """Longest believable captured packet. libpcap's own limit is 256 KiB, USB captures reach 8 MiB; beyond this a length is garbage."""
    reorder_bytes: int = 16 << 20
    """Out-of-order bytes kept per direction while a hole may still be filled; more than any TCP window seen in this field."""
    reorder_segments: int = 4096
    """Segments kept per direction behind an acknowledged hole before the hole is declared lost: far beyond any reordering."""
    copy_ns: int = 2_000_000
    """How much later than the first a copy of the same packet may be captured: mirrored ports and routers lag behind by microseconds, a busy switch by a millisecond; retransmission timers begin at 10 ms and more."""
    copy_packets: int = 4096
    """How many packets later, at most, where clocks stand still or step back: 10 Gbit/s bring 1,700 full segments in 2 ms."""
    empty_connections: int = 10_000
    """Connections without a byte of data that are followed and listed one by one, at 5 kB each: a client that knocks at a dead server every ten seconds makes 8,640 a day; a scan or a SYN flood makes millions, which are counted."""
    empty_packets: int = 1 << 17
    """The latest packets kept of those that are only counted, at 150 bytes each, for the conversation among them whose data come a little later: a tenth of a second of a flood at full speed."""
    idle_addresses: int = 1 << 15
    """IPv6 addresses remembered of connections that are not followed, at least this many of the latest, at 250 bytes each: as long as the latest packets of those that are only counted."""
    first_bytes: int = 32
    """Stream bytes kept per direction to say which protocol speaks, as DS-TCP-004 quotes them."""
    detect_bytes: int = 256 << 10
    """How far a stream that starts in the middle is searched for PDU boundaries: sixteen PDUs of the common 16 KiB."""
    pdu_buffer_bytes: int = 1 << 20
    """P-DATA-TF PDUs longer than this are passed on in pieces, so that one PDU of gigabytes costs no memory."""
    associate_bytes: int = 1 << 20
    """Longest A-ASSOCIATE PDU decoded; 128 contexts with every transfer syntax make 157 kB."""
    pdu_length: int = 1 << 30
    """Longest believable PDU; larger lengths are read as lost framing, not as a promise of data."""
    command_bytes: int = 64 << 10
    """Longest command set; the longest in the standard is below 1 KiB, Attribute Identifier Lists may grow."""
    payload_head_bytes: int = 16 << 10
    """Leading bytes kept of a storage data set: patient, study and image modules end well before the pixels."""
    identifier_bytes: int = 512 << 10
    """Leading bytes kept of an identifier or attribute list (C-FIND, N-*): a worklist item is 2 KiB, a commitment of 4,000 images 450 KiB."""
    payload_memory_bytes: int = 32 << 20
    """Payload bytes kept in memory before the store spills to a temporary file."""
    pending_payloads: int = 100
    """Identifiers kept per C-FIND; later matches are counted, not kept."""
    progress: int = 1000
    """Responses of one C-MOVE or C-GET whose counters are kept, the last always among them; studies of 1000 images are large."""
    dataset_depth: int = 32
    """Deepest sequence nesting read; the deepest in real reports is below 12."""
    dataset_elements: int = 20_000
    """Elements read of one data set; enhanced multi-frame objects have tens of thousands, their head is enough."""
    inflate_bytes: int = 4 << 20
    """Most bytes a deflated data set may grow to when its head is read."""
    transcript_entries: int = 1_000_000
    """Messages and PDUs of one association that a transcript keeps, at 16 bytes of memory and some 100 on disk each."""
    excerpt_bytes: int = 64 << 20
    """Most stream bytes that are kept to be shown as they were, of all that was asked for."""
    anomalies: int = 1000
    """Oddities kept per connection; a garbage stream repeats itself."""


LIMITS = Limits()
