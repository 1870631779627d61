"""Webhooks: signed, in order for each customer, at least once, and dead in the end."""

import asyncio
import itertools
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta

from auth.permissions import permissions_of
from models.roles import Role
from tests.jobs.partner import Portal, working
from tests.jobs.receiver import Got, Receiver, eventually, receiving


def settled(partner: Portal, status: str) -> int:
    """How many deliveries have a status."""
    ((count,),) = partner.desk.rows("select count(*) from webhook_deliveries where status = %s", status)
    return int(count)


async def test_an_event_is_delivered_signed_as_the_partner_sees_it(partner: Portal, receiver: Receiver) -> None:
    webhook, secret = await partner.register(receiver.url)
    (contract,) = partner.contracts(1)
    async with working(partner):
        event = await partner.happens(contract, summary="The deductible was changed.")
        (got,) = await receiver.until(1)
        message = got.verified(secret)
        data = message["data"]
        assert got.id == event == data["id"]
        assert message["type"] == data["type"] == "ContractAmended"
        assert message["timestamp"] == data["occurredAt"]
        assert data["customer"]["id"] == contract.customer
        assert data["subject"]["id"] == f"con_{contract.id}"
        assert data["summary"] == "The deductible was changed."
        # What partners are not granted is not in it.
        assert "payload" not in data
        assert "actor" not in data
        await eventually(lambda: settled(partner, "DELIVERED") == 1, "noted")
    (delivery,) = await partner.deliveries(webhook)
    assert (delivery["status"], delivery["attempts"], delivery["answerStatus"]) == ("DELIVERED", 1, 200)
    assert delivery["event"]["id"] == event
    assert delivery["cursor"] == data["cursor"]


async def test_order_is_kept_for_each_customer_whatever_fails(partner: Portal, receiver: Receiver) -> None:
    contracts = partner.contracts(4)
    turn = itertools.count()
    # Two of three are refused, whoever's turn it is: every event is tried several times.
    receiver.decide = lambda got: 503 if next(turn) % 3 else 200
    await partner.register(receiver.url)
    async with working(partner, attempts=30):
        events = await partner.happen([contract for _ in range(6) for contract in contracts])
        await eventually(lambda: settled(partner, "DELIVERED") == len(events), "all delivered")
    wanted = {contract.customer: events[place::4] for place, contract in enumerate(contracts)}
    seen: dict[str | None, list[str]] = defaultdict(list)
    for got in receiver.got:
        if not seen[got.customer] or seen[got.customer][-1] != got.id:
            seen[got.customer].append(got.id)
    assert seen == wanted
    assert len(receiver.got) > len(events) * 2


async def test_a_dead_event_lets_the_next_one_of_its_customer_go(partner: Portal, receiver: Receiver) -> None:
    first, second = partner.contracts(2)
    webhook, _ = await partner.register(receiver.url)
    async with working(partner):
        receiver.decide = lambda got: 500 if got.id == bad else 200
        bad = ""
        (bad, after, other) = await partner.happen([first, first, second])
        await eventually(lambda: settled(partner, "DELIVERED") == 2 and settled(partner, "DEAD") == 1, "settled")
        assert Counter(receiver.ids) == {bad: partner.rules.attempts, after: 1, other: 1}
        # The customer's own next event waited; the other customer's did not.
        assert receiver.ids.index(after) > max(place for place, found in enumerate(receiver.ids) if found == bad)
        assert receiver.ids.index(other) < receiver.ids.index(after)

        dead = (await partner.deliveries(webhook))[0]
        assert (dead["status"], dead["failure"], dead["answerStatus"]) == ("DEAD", "HTTP_500", 500)
        # The dead letter is tried anew once the receiver is mended, under the same id.
        receiver.decide = lambda got: 200
        payload = await partner.does("retryWebhookDeliveries", webhook, deliveryIds=f'["{dead["id"]}"]')
        assert (payload["count"], payload["userErrors"]) == (1, [])
        await eventually(lambda: settled(partner, "DELIVERED") == 3, "delivered after all")
        assert receiver.ids[-1] == bad
        (error,) = (await partner.does("retryWebhookDeliveries", webhook, deliveryIds=f'["{dead["id"]}"]'))[
            "userErrors"
        ]
        assert (error["code"], error["field"]) == ("NOT_DEAD", ["input", "deliveryIds"])


async def test_pauses_grow_and_retry_after_is_heeded(partner: Portal, receiver: Receiver) -> None:
    (contract,) = partner.contracts(1)
    receiver.decide = lambda got: 503
    await partner.register(receiver.url)
    async with working(partner, first_pause=timedelta(milliseconds=300), longest_pause=timedelta(seconds=4)):
        await partner.happens(contract)
        await receiver.until(3)
        first, second, third = (got.at for got in receiver.got[:3])
        assert second - first >= 0.3 * 0.8
        assert third - second >= 1.2 * 0.8
        receiver.raw_answer = b"HTTP/1.1 503 X\r\nretry-after: 86400\r\ncontent-length: 0\r\n\r\n"
        await receiver.until(4)
        await eventually(lambda: settled(partner, "DEAD") == 1, "dead")
    assert len(receiver.got) == partner.rules.attempts


async def test_only_the_wanted_types_and_only_the_partners_own_customers(partner: Portal, receiver: Receiver) -> None:
    own, foreign = partner.contracts(1), partner.contracts(3, partner.other)
    ((book,),) = partner.desk.rows(
        "select array_agg(object_id) from partner_book where partner_id = %s and kind = 'CONTRACT'",
        partner.actor.partner_id,
    )
    foreign = [contract for contract in foreign if contract.id not in book]
    assert foreign
    await partner.register(receiver.url, "ContractRenewed")
    async with working(partner):
        await partner.happen(foreign, "ContractRenewed")
        await partner.happen(own, "ContractAmended")
        await partner.happen(own, "PaymentReceived")
        (wanted,) = await partner.happen(own, "ContractRenewed")
        await receiver.until(1)
        await asyncio.sleep(1.5)
    assert receiver.ids == [wanted]


async def test_consent_that_is_withdrawn_before_the_delivery_withholds_it(partner: Portal, receiver: Receiver) -> None:
    contract, other = partner.contracts(2)
    receiver.decide = lambda got: 503
    webhook, _ = await partner.register(receiver.url)
    async with working(partner, attempts=30):
        await partner.happens(contract)
        await receiver.until(1)
        partner.set(
            "insert into consents (id, customer_id, purpose, status, channel, recorded_at)"
            " values (gen_random_uuid(), %s, 'PARTNER_SHARING', 'WITHDRAWN', 'PHONE', now())",
            contract.customer_id,
        )
        await eventually(lambda: settled(partner, "WITHHELD") == 1, "withheld")
        receiver.decide = lambda got: 200
        tried = len(receiver.got)
        event = await partner.happens(other)
        await receiver.until(tried + 1)
        assert receiver.got[-1].id == event
        await eventually(lambda: settled(partner, "DELIVERED") == 1, "noted")
    # The partner does not learn that there was something.
    (delivery,) = await partner.deliveries(webhook)
    assert delivery["event"]["id"] == event


async def test_an_endpoint_delivers_no_more_than_its_maker_may_see(partner: Portal, receiver: Receiver) -> None:
    permissions = frozenset({"webhooks:write", "webhooks:read", "history:read", "customers:read", "claims:read"})
    assert permissions < permissions_of(frozenset({Role.PARTNER}))
    narrow = replace(partner.actor, permissions=permissions)
    await partner.register(receiver.url, actor=narrow)
    async with receiving() as wide, working(partner):
        await partner.register(wide.url)
        of_contract = await partner.happens(partner.contracts(1)[0])
        of_claim = await partner.happens_to_a_claim()
        await wide.until(2)
        await receiver.until(1)
        await asyncio.sleep(1.0)
        assert sorted(wide.ids) == sorted([of_contract, of_claim])
        assert receiver.ids == [of_claim]
        subject = receiver.got[0].message["data"]["subject"]
        assert subject == wide.got[wide.ids.index(of_claim)].message["data"]["subject"]
        assert subject["id"].startswith("clm_")


async def test_a_replay_delivers_what_follows_a_cursor_with_the_same_ids(partner: Portal, receiver: Receiver) -> None:
    contract, other = partner.contracts(2)
    webhook, secret = await partner.register(receiver.url)
    async with working(partner):
        events = await partner.happen([contract, other, contract, other, contract])
        await receiver.until(5)
        cursors = {got.id: got.message["data"]["cursor"] for got in receiver.got}
        await eventually(lambda: settled(partner, "DELIVERED") == 5, "noted")
        payload = await partner.does("replayWebhook", webhook, after=f'"{cursors[events[1]]}"')
        assert payload["userErrors"] == []
        again = (await receiver.until(8))[5:]
        assert sorted(got.id for got in again) == sorted(events[2:])
        assert [got.id for got in again if got.customer == contract.customer] == [events[2], events[4]]
        assert all(got.verified(secret) for got in again)
        # Then it goes on as usual.
        await eventually(lambda: settled(partner, "DELIVERED") == 5, "noted again")
        news = await partner.happens(contract)
        assert (await receiver.until(9))[8].id == news
    (error,) = (await partner.does("replayWebhook", webhook, after='"nonsense"'))["userErrors"]
    assert (error["code"], error["field"]) == ("CURSOR_INVALID", ["input", "after"])


async def test_a_pause_delivers_nothing_and_loses_nothing(partner: Portal, receiver: Receiver) -> None:
    contract, other = partner.contracts(2)
    webhook, _ = await partner.register(receiver.url)
    async with working(partner):
        assert (await partner.does("pauseWebhook", webhook))["webhook"]["status"] == "PAUSED"
        events = await partner.happen([contract, other, contract])
        await asyncio.sleep(1.5)
        assert receiver.got == []
        # A test goes out all the same.
        await partner.does("testWebhook", webhook)
        (test,) = await receiver.until(1)
        assert test.message["type"] == "webhook.test"
        assert (await partner.does("resumeWebhook", webhook))["webhook"]["status"] == "ACTIVE"
        await receiver.until(4)
        assert sorted(receiver.ids[1:]) == sorted(events)


async def test_a_rotated_secret_overlaps_with_the_old_one(partner: Portal, receiver: Receiver) -> None:
    (contract,) = partner.contracts(1)
    webhook, old = await partner.register(receiver.url)
    async with working(partner):
        new = (await partner.does("rotateWebhookSecret", webhook))["secret"]
        await partner.happens(contract)
        (both,) = await receiver.until(1)
        assert both.verified(old) == both.verified(new)
        assert len(both.headers["webhook-signature"].split()) == 2
        # The overlap ends.
        partner.set("update webhook_endpoints set previous_secret_until = now()")
        await partner.happens(contract)
        one = (await receiver.until(2))[1]
        assert one.verified(new)
        assert not verifies(one, old)
        last = (await partner.does("rotateWebhookSecret", webhook, overlapHours=0))["secret"]
        await partner.happens(contract)
        only = (await receiver.until(3))[2]
        assert only.verified(last)
        assert not verifies(only, new)
    stored = repr(partner.desk.rows("select * from webhook_endpoints")) + repr(await partner.desk.log("MUTATION"))
    stored += repr(partner.desk.rows("select * from idempotency_keys"))
    assert not any(secret in stored for secret in (old, new, last))


def verifies(got: Got, secret: str) -> bool:
    """Whether a request verifies by a secret."""
    from standardwebhooks import WebhookVerificationError

    try:
        got.verified(secret)
    except WebhookVerificationError:
        return False
    return True


async def test_an_endpoint_where_nothing_arrives_is_disabled_and_the_others_are_told(
    partner: Portal, receiver: Receiver
) -> None:
    (contract,) = partner.contracts(1)
    async with receiving() as lost, working(partner, attempts=30, disable_after=timedelta(seconds=1)):
        lost.decide = lambda got: 500
        webhook, _ = await partner.register(lost.url)
        _, secret = await partner.register(receiver.url, "ClaimSettled")
        event = await partner.happens(contract)
        (told,) = await receiver.until(1)
        message = told.verified(secret)
        assert (message["type"], message["data"]) == ("webhook.endpoint_disabled", {"endpoint": webhook})
        shown = await partner.shown(webhook)
        assert shown["status"] == "DISABLED"
        assert shown["failingSince"]
        assert shown["disabledReason"] == "NOTHING_ARRIVES"
        tried = len(lost.got)
        await asyncio.sleep(1.5)
        assert len(lost.got) <= tried + 1
        # Resumed, it goes on with what had not arrived.
        lost.decide = lambda got: 200
        await partner.does("resumeWebhook", webhook)
        await eventually(lambda: settled(partner, "DELIVERED") == 2, "delivered after all")
        assert lost.got[-1].id == event
        resumed = await partner.shown(webhook)
        assert (resumed["failingSince"], resumed["disabledReason"]) == (None, None)
    (entry,) = [one for one in await partner.desk.log("MUTATION") if one["operation"] == "DisableWebhook"]
    assert (entry["actor_kind"], entry["actor_id"]) == ("SYSTEM", None)
    noted = {change["field"]: change["after"] for change in entry["details"]["changes"]}
    assert noted["disabled_reason"] == "NOTHING_ARRIVES"


async def test_an_endpoint_that_says_it_is_gone_is_disabled_at_once(partner: Portal, receiver: Receiver) -> None:
    receiver.decide = lambda got: 410
    webhook, _ = await partner.register(receiver.url)
    async with working(partner):
        await partner.happens(partner.contracts(1)[0])
        await eventually(
            lambda: partner.desk.rows("select status from webhook_endpoints") == [("DISABLED",)], "disabled"
        )
    shown = await partner.shown(webhook)
    assert shown["disabledReason"] == "GONE"
    assert shown["failingSince"]


async def test_many_workers_deliver_each_event_once_and_in_order(partner: Portal, receiver: Receiver) -> None:
    contracts = partner.contracts(6)
    await partner.register(receiver.url)
    receiver.delay = 0.01
    async with working(partner), working(partner), working(partner):
        events = await partner.happen([contract for _ in range(10) for contract in contracts])
        await eventually(lambda: settled(partner, "DELIVERED") == len(events), "all delivered")
    assert len(receiver.got) == len(set(receiver.ids)) == len(events)
    for place, contract in enumerate(contracts):
        assert [got.id for got in receiver.got if got.customer == contract.customer] == events[place::6]


async def test_a_slow_endpoint_holds_up_no_other(partner: Portal, receiver: Receiver) -> None:
    contracts = partner.contracts(5)
    async with receiving(decide=lambda got: 0) as silent, working(partner):
        await partner.register(silent.url)
        await partner.register(receiver.url)
        events = await partner.happen(contracts * 4)
        await receiver.until(len(events))
        assert settled(partner, "DELIVERED") >= len(events) - 5


async def test_a_partner_who_left_gets_nothing(partner: Portal, receiver: Receiver) -> None:
    await partner.register(receiver.url)
    partner.set("update partners set status = 'ENDED' where id = %s", partner.actor.partner_id)
    async with working(partner):
        await partner.happens(partner.contracts(1)[0])
        await asyncio.sleep(1.5)
    assert receiver.got == []
