"""What a user of `c360 serve` sees, from the first start to the last stop."""

import re
import signal
from pathlib import Path

import httpx
import pytest

from models.roles import Role
from tests.commands.conftest import Start
from tests.commands.service import CUSTOMERS, database_processes, eventually, refusal
from tests.signing_in import login_of
from web.pages import DIST


@pytest.mark.parametrize("ending", ["SIGTERM", "Ctrl-C"])
def test_the_first_start_and_the_second(home: Path, start: Start, ending: str) -> None:
    service = start().ready()
    assert f"demo world of {CUSTOMERS} customers" in service.out
    assert f"{service.url}/ " in service.out
    assert f"{service.url}/graphql " in service.out
    query = re.search(r"^ *\{$.*^ *\}$", service.out, re.MULTILINE | re.DOTALL)
    assert query is not None
    printed = re.findall(r"^ +(\S+@demo) +(\S+)$", service.out, re.MULTILINE)
    assert [login for login, _ in printed] == [login_of(role) for role in Role]
    for login, password in printed:
        service.sign_in(login, password)
    answer = service.sign_in().ask(query[0])
    assert "errors" not in answer
    assert answer["data"]["customer"]["displayName"]
    assert answer["data"]["customer"]["claims"]["nodes"]
    assert answer["data"]["customer"]["timeline"]["nodes"]
    page = service.http.get("/")
    if DIST.joinpath("index.html").exists():
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    else:
        assert (page.status_code, "make web" in page.text) == (503, True)
    assert service.customers() == CUSTOMERS
    assert (service.stop() if ending == "SIGTERM" else service.interrupt()) == 0
    assert not database_processes(home)
    assert service.has_ended()
    assert service.err == ""

    again = start(C360_WORKERS="2" if ending == "Ctrl-C" else "1").ready()
    assert "demo world" not in again.out
    assert query[0] in again.out
    assert printed == re.findall(r"^ +(\S+@demo) +(\S+)$", again.out, re.MULTILINE)
    assert again.customers() == CUSTOMERS
    assert (again.stop() if ending == "SIGTERM" else again.interrupt()) == 0
    assert not database_processes(home)
    eventually(again.has_ended, "the end of all workers")
    assert again.err == ""


def test_no_demo_world_for_those_who_want_none(start: Start) -> None:
    service = start(C360_DEMO_CUSTOMERS="0").ready()
    assert "demo world" not in service.out
    assert "c360 user add LOGIN --role administrator" in service.out
    password = "nine purple otters waltz"
    service.command("user", "add", "anna", "--role", "administrator", "--password-stdin", stdin=f"{password}\n")
    assert service.sign_in("anna", password).customers() == 0


def test_two_services_share_a_home_but_not_a_port(used_home: Path, start: Start) -> None:
    first, second = start(), start()
    port = httpx.URL(first.ready().url).port
    second.ready()
    assert refusal(used_home, C360_PORT=str(port)) == (
        f"Error: port {port} is in use, perhaps by customer360 itself; choose another with C360_PORT"
    )
    assert first.customers() == second.customers() == CUSTOMERS
    databases = database_processes(used_home)
    assert first.stop() == 0
    assert second.customers() == CUSTOMERS
    assert {*databases} & {*database_processes(used_home)}
    assert second.stop() == 0
    assert not database_processes(used_home)


def test_several_workers(home: Path, start: Start) -> None:
    service = start(C360_WORKERS="4").ready()
    assert [service.customers() for _ in range(20)] == [CUSTOMERS] * 20
    assert service.stop() == 0
    eventually(service.has_ended, "the end of all workers")
    assert not database_processes(home)
    assert service.err == ""


def test_four_services_starting_cold_at_once_make_one_demo_world(home: Path, start: Start) -> None:
    four = [start() for _ in range(4)]
    assert [service.ready().customers() for service in four] == [CUSTOMERS] * 4
    assert sum("demo world" in service.out for service in four) == 1
    for service in four:
        service.process.send_signal(signal.SIGTERM)
    assert [service.process.wait(30) for service in four] == [0] * 4
    assert not database_processes(home)
