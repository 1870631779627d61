"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

from auth.access import Access, Connection
from auth.accounts import Account
from auth.digests import digest
from auth.security_events import SecurityEvent, SecurityEventKind
from core.errors import BadInput
from core.ids import new_id

RECOVERY_CODES = 10
_ISSUER = "customer360"
# A code is accepted one step (30 seconds) before and after its time.
_WINDOW = 1


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs, shown once: a QR code as an SVG data URI, or the secret to be typed."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr_code: str = field(repr=False)


async def begin(access: Access, connection: Connection, account: Account) -> Enrolment:
    """Make a secret for the user's app; it counts once `confirm` has seen a code of it.

    Raises BadInput when a second factor is already set up.
    """
    if account.has_second_factor:
        raise BadInput("a second factor is set up already; remove it first")
    secret = pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=_ISSUER)
    await connection.execute(
        "update users set totp_secret = %s, totp_last_step = null where id = %s",
        [await access.sealer.seal(secret, account.id), account.id],
    )
    picture = segno.make(uri, micro=False).svg_data_uri(scale=4, border=4, light="#fff")
    return Enrolment(secret, uri, picture)


async def confirm(access: Access, connection: Connection, account: Account, code: str) -> list[str]:
    """Finish setting up with a first code of the app. Returns the recovery codes, to be shown once.

    Raises BadInput when there is nothing to confirm or the code is wrong.
    """
    if account.totp_secret is None or account.has_second_factor:
        raise BadInput("there is no second factor being set up")
    if not await _accept_totp(access, connection, account, code):
        raise BadInput("the code is wrong; check that the clock of the device is right")
    await connection.execute(
        """
        update users set totp_confirmed_at = %s, version = version + 1, updated_at = %s where id = %s
        """,
        [access.clock(), access.clock(), account.id],
    )
    event = SecurityEvent(SecurityEventKind.SECOND_FACTOR_ENROLLED, str(account.id), str(account.id))
    await access.record(connection, event)
    return await new_recovery_codes(connection, account.id, access.clock())


async def accept(access: Access, connection: Connection, account: Account, code: str) -> bool:
    """Whether the code is one of the app or a recovery code; either is good once."""
    if not account.has_second_factor:
        return False
    compact = "".join(code.split()).replace("-", "")
    if compact.isascii() and compact.isdigit() and len(compact) == 6:
        return await _accept_totp(access, connection, account, compact)
    return await _accept_recovery_code(access, connection, account, compact)


async def remove(connection: Connection, user_id: UUID) -> None:
    """Take the second factor and its recovery codes away."""
    await connection.execute("delete from recovery_codes where user_id = %s", [user_id])
    await connection.execute(
        "update users set totp_secret = null, totp_confirmed_at = null, totp_last_step = null where id = %s", [user_id]
    )


async def new_recovery_codes(connection: Connection, user_id: UUID, now: datetime) -> list[str]:
    """Ten new recovery codes in place of all before them."""
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    await connection.execute("delete from recovery_codes where user_id = %s", [user_id])
    for code in codes:
        await connection.execute(
            "insert into recovery_codes (id, user_id, code_hash, created_at) values (%s, %s, %s, %s)",
            [new_id(), user_id, digest(code.replace("-", "")), now],
        )
    return codes


async def _accept_totp(access: Access, connection: Connection, account: Account, code: str) -> bool:
    assert account.totp_secret is not None
    secret = await access.sealer.unseal(account.totp_secret, account.id)
    totp = pyotp.TOTP(secret)
    try:
        step = totp.verify_and_get_timecode(code, for_time=access.clock(), valid_window=_WINDOW)
    except OTPVerificationError:
        return False
    # Secrets from before there was a sealer are sealed when they are used.
    stored = account.totp_secret
    sealed = stored if access.sealer.is_sealed(stored) else await access.sealer.seal(secret, account.id)
    # The condition makes a code good once, also when it comes twice at the same time.
    cursor = await connection.execute(
        """
        update users set totp_last_step = %(step)s, totp_secret = %(sealed)s
        where id = %(id)s and (totp_last_step is null or totp_last_step < %(step)s) returning true
        """,
        {"id": account.id, "step": step, "sealed": sealed},
    )
    return await cursor.fetchone() is not None


async def _accept_recovery_code(access: Access, connection: Connection, account: Account, code: str) -> bool:
    cursor = await connection.execute(
        """
        update recovery_codes set used_at = %s where user_id = %s and code_hash = %s and used_at is null
        returning (select count(*) from recovery_codes where user_id = %s and used_at is null) - 1
        """,
        [access.clock(), account.id, digest(code.lower()), account.id],
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    event = SecurityEvent(SecurityEventKind.RECOVERY_CODE_USED, str(account.id), str(account.id), {"remaining": row[0]})
    await access.record(connection, event)
    return True


def _recovery_code() -> str:
    """80 random bits, in four groups that can be read out."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
