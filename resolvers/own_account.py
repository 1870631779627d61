"""What users do with their own account: sessions, password, second factor."""

from uuid import UUID

import strawberry
from strawberry import Info

from auth.own_account import OwnAccount
from core.ids import row_id
from execution.permissions import SIGNED_IN
from schema.access import SignOutPayload
from schema.accounts import (
    AccessTokenPayload,
    ConfirmSecondFactorPayload,
    EnrolSecondFactorPayload,
    RecoveryCodesPayload,
    RemoveSecondFactorPayload,
)
from schema.mutations import context_of, mutation


def _own(info: Info) -> OwnAccount:
    return context_of(info).services.authentication.own_account


@strawberry.type
class Mutation:
    """One's own account."""

    @mutation(SIGNED_IN, {"id": "The id of the session (ses_…)."})
    async def end_session(self, info: Info, id: strawberry.ID) -> SignOutPayload:
        """End one of this user's sessions (`me { sessions }`)."""
        context = context_of(info)
        session_id = UUID(row_id(id, "ses", "session"))
        return SignOutPayload(ended=int(await context.services.authentication.sessions.end(context.actor, session_id)))

    @mutation(
        SIGNED_IN, {"password": "The password.", "code": "The code of the authenticator app, or a recovery code."}
    )
    async def step_up(self, info: Info, password: str | None = None, code: str | None = None) -> AccessTokenPayload:
        """Prove once more who one is: by a code of the second factor or, where there is none, by the password."""
        token = await _own(info).step_up(context_of(info).actor, password=password, code=code)
        return AccessTokenPayload(access_token=token.text, expires_at=token.expires_at)

    @mutation(
        SIGNED_IN,
        {"current_password": "The password that is in use.", "new_password": "The password to use from now on."},
    )
    async def change_password(self, info: Info, current_password: str, new_password: str) -> AccessTokenPayload:
        """Change the password; all other sessions end."""
        token = await _own(info).change_password(context_of(info).actor, current_password, new_password)
        return AccessTokenPayload(access_token=token.text, expires_at=token.expires_at)

    @mutation(SIGNED_IN)
    async def enrol_second_factor(self, info: Info) -> EnrolSecondFactorPayload:
        """Begin to set up an authenticator app; `confirmSecondFactor` finishes it. Needs a fresh `stepUp`."""
        enrolment = await _own(info).enrol_second_factor(context_of(info).actor)
        return EnrolSecondFactorPayload(secret=enrolment.secret, uri=enrolment.uri, qr_code=enrolment.qr_code)

    @mutation(SIGNED_IN, {"code": "The code that the authenticator app shows."})
    async def confirm_second_factor(self, info: Info, code: str) -> ConfirmSecondFactorPayload:
        """Finish setting up the app with a first code of it; all other sessions end."""
        token, codes = await _own(info).confirm_second_factor(context_of(info).actor, code)
        return ConfirmSecondFactorPayload(access_token=token.text, expires_at=token.expires_at, recovery_codes=codes)

    @mutation(SIGNED_IN)
    async def remove_second_factor(self, info: Info) -> RemoveSecondFactorPayload:
        """Take the second factor away; all other sessions end. Needs a fresh `stepUp` by a code."""
        await _own(info).remove_second_factor(context_of(info).actor)
        return RemoveSecondFactorPayload(removed=True)

    @mutation(SIGNED_IN)
    async def renew_recovery_codes(self, info: Info) -> RecoveryCodesPayload:
        """New recovery codes in place of all before them. Needs a fresh `stepUp` by a code."""
        return RecoveryCodesPayload(recovery_codes=await _own(info).renew_recovery_codes(context_of(info).actor))
