"""The workflow of follow-up tasks, walked at random through the mutations."""

from typing import Any

import pytest

from models.follow_ups import FOLLOW_UP_WORKFLOW
from tests.access.desk import AGENT
from tests.changes.customers.asking import run
from tests.changes.follow_ups.asking import agents, moment, task, text
from tests.changes.walking import Walk, Walker


class FollowUpWalk(Walk):
    """A task, and a colleague who is at work or not."""

    who = AGENT
    shown = "query ($id: ID!) { followUp(id: $id) { state: status available: availableTransitions } }"

    def begin(self) -> str:
        self.row_id, _ = task(self.desk)
        self.colleague = agents(self.desk)[1]
        self.there = True
        return f"fup_{self.row_id}"

    def mutation(self, transition: str) -> tuple[str, dict[str, Any]]:
        more = {
            "reschedule": {"dueAt": moment(days=4)},
            "reassign": {"assigneeId": self.colleague},
            "complete": {"outcome": "Done."},
            "cancel": {"reason": "No longer wanted."},
        }
        return text(f"{transition}FollowUp"), {"input": {"followUpId": self.id, **more[transition]}}

    def refusal(self, transition: str) -> str | None:
        return "AGENT_NOT_AT_WORK" if transition == "reassign" and not self.there else None

    def digest(self) -> Any:
        return self.desk.rows(
            "select f::text, (select count(*) from events), (select count(*) from interactions) from follow_ups f"
            " where id = %s",
            self.row_id,
        )

    def happen(self, choice: int) -> None:
        """The colleague goes on leave, or comes back."""
        self.there = choice > 0
        status = "ACTIVE" if self.there else "ON_LEAVE"
        run(self.desk, "update agents set status = %s where id = %s", status, self.colleague.removeprefix("agt_"))


@pytest.mark.timeout(300)
def test_a_follow_up_task_follows_its_table(walker: Walker) -> None:
    walker.walk(FOLLOW_UP_WORKFLOW, FollowUpWalk)
