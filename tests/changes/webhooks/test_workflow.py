"""The workflow of webhook endpoints, walked at random through the mutations."""

from typing import Any

from models.webhooks import WEBHOOK_WORKFLOW
from tests.access.desk import ADMINISTRATOR
from tests.changes.walking import Walk, Walker
from tests.changes.webhooks.test_commands import REGISTER, URL, text_of


class WebhookWalk(Walk):
    """An endpoint."""

    who = ADMINISTRATOR
    shown = "query ($id: ID!) { webhook(id: $id) { state: status available: availableTransitions } }"

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        return text_of(f"{transition}Webhook"), {"input": {"webhookId": self.id}}

    def digest(self) -> Any:
        return self.desk.rows("select t::text from webhook_endpoints t order by id")


def test_the_workflow_is_walked(walker: Walker) -> None:
    def begin(walk: WebhookWalk) -> str:
        ((partner,),) = walk.desk.rows("select id::text from partners order by id limit 1")
        registered = walker.run(
            walk.desk.done(ADMINISTRATOR, REGISTER, input={"url": URL, "partnerId": f"par_{partner}"})
        )
        webhook: str = registered["webhook"]["id"]
        return webhook

    walker.walk(WEBHOOK_WORKFLOW, type("Walked", (WebhookWalk,), {"begin": begin}))
