"""Sealing what is sensitive in the demo world, as it will be sealed in a real one."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.sealing import DataKey, Keyring, SealedField
from imports.demo.dice import Dice

if TYPE_CHECKING:
    from imports.demo.world import Customer, Rows


class Sealer:
    """Seals the values of one chunk's customers; each gets its data key with its first value.

    Its `dice` are for sensitive values alone: the rest of the world stays as it was before there were any.
    """

    def __init__(self, keyring: Keyring, rows: "Rows", dice: Dice) -> None:
        self.dice = dice
        self._keyring = keyring
        self._rows = rows
        self._keys: dict[str, DataKey] = {}

    def columns(self, customer: "Customer", field: SealedField, row_id: UUID, text: str) -> dict[str, Any]:
        """The columns that the value fills in its row."""
        return self._keyring.columns(self._key(customer), field, row_id, text)

    def _key(self, customer: "Customer") -> DataKey:
        key = self._keys.get(customer.id)
        if key is None:
            key, wrapped = self._keyring.new_data_key(UUID(customer.id))
            self._keys[customer.id] = key
            self._rows.data_keys(
                customer_id=customer.id,
                wrapped_key=wrapped.data,
                master_key_id=wrapped.master_key_id,
                created_at=customer.created_at,
            )
        return key
