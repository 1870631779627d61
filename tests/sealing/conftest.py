"""Connections and keyrings to look behind the masks with."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from core.sealing import Keyring
from tests.keys import keyring_in

Connection = psycopg.AsyncConnection[Any]


@pytest.fixture
async def connection(own_demo_database: str) -> AsyncIterator[Connection]:
    """A connection to a demo world that the test may change."""
    async with await psycopg.AsyncConnection.connect(own_demo_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def keyring(own_demo_database: str) -> Keyring:
    """Its keyring."""
    return keyring_in(own_demo_database)
