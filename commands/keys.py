"""`c360 keys`: making and rotating the master key."""

import click
import psycopg

from core.errors import StartError
from core.sealing import SealError, key_source, keyring_of, require_master_key, rotate_master
from core.server import database
from core.settings import Settings
from migrations import upgrade


def rotate(settings: Settings, batch: int) -> None:
    """Wrap all keys in the database anew, by the current master key.

    Raises StartError when a key is wrapped by a master key that is not given, or does not open.
    """
    require_master_key(settings)
    with database(settings) as url:
        source = key_source(settings)
        upgrade(url)
        with psycopg.connect(url) as connection:
            keyring_of(source, connection)
            connection.commit()
            try:
                done = rotate_master(connection, source, batch=batch)
            except SealError as error:
                raise StartError(f"{error}; the old master key is still needed") from None
    click.echo(f"{done:,} data keys wrapped anew; all are now under master key {source.ids[0]}")
    if len(source.ids) > 1:
        click.echo(f"no longer needed for this database: {', '.join(source.ids[1:])}")
