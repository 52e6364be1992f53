"""Command sets: Implicit VR Little Endian bytes of group 0000 in, a typed value out (PS3.7 §6.3.1, §E.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandSet:
    """The elements of PS3.7 §E.1 that were present; None where absent. UIDs and AE titles are stripped of padding."""

    command_field: int
    affected_sop_class_uid: str | None = None
    requested_sop_class_uid: str | None = None
    message_id: int | None = None
    message_id_being_responded_to: int | None = None
    move_destination: str | None = None
    priority: int | None = None
    data_set_type: int | None = None
    status: int | None = None
    offending_elements: tuple[int, ...] = ()
    error_comment: str | None = None
    error_id: int | None = None
    affected_sop_instance_uid: str | None = None
    requested_sop_instance_uid: str | None = None
    event_type_id: int | None = None
    attribute_identifiers: tuple[int, ...] = ()
    action_type_id: int | None = None
    remaining_suboperations: int | None = None
    completed_suboperations: int | None = None
    failed_suboperations: int | None = None
    warning_suboperations: int | None = None
    move_originator_ae: str | None = None
    move_originator_message_id: int | None = None
    unknown: tuple[tuple[int, bytes], ...] = ()

    @property
    def is_response(self) -> bool:
        return bool(self.command_field & 0x8000)

    @property
    def has_data_set(self) -> bool:
        """Only 0101H in (0000,0800) means that none follows (PS3.7 §E.1)."""
        return self.data_set_type is not None and self.data_set_type != 0x0101

    @property
    def sop_class_uid(self) -> str | None:
        return self.affected_sop_class_uid or self.requested_sop_class_uid

    @property
    def sop_instance_uid(self) -> str | None:
        return self.affected_sop_instance_uid or self.requested_sop_instance_uid
