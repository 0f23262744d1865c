"""The composition root: the only place that creates stores, clocks, senders and the model.

`build` opens nothing: the database connects at first use; the model is read only when asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from bot.dialogue.speech import Speech, load_responses
from bot.dialogue.turn import Turn, Understanding
from bot.services import login_limits, service_times
from bot.services.agreeing import Agreeing
from bot.services.arrangements import Arrangements
from bot.services.cases import Cases
from bot.services.complaints.basis import Basis as ComplaintBasis
from bot.services.complaints.complaints import Complaints, complaints_on
from bot.services.complaints.payment_port import RecordedPort
from bot.services.complaints.policy import load_complaints, work_calendar
from bot.services.contact import ContactPolicy, load_contact
from bot.services.desk.accounts import Accounts
from bot.services.desk.agents import Agents
from bot.services.desk.basis import Basis
from bot.services.desk.calling import Calling
from bot.services.desk.customer import Panel
from bot.services.desk.desk import Desk
from bot.services.desk.dispatch import Dispatch
from bot.services.desk.file import ZeroRead
from bot.services.desk.knowledge import Knowledge
from bot.services.desk.overview import Overview
from bot.services.desk.policy import load_desk
from bot.services.desk.queue import Queue
from bot.services.desk.sending import Sending
from bot.services.help_policy import load_help
from bot.services.login import Login
from bot.services.login_limits import Limits
from bot.services.notify import Notifier
from bot.services.papers import Papers
from bot.services.policy import load_caps
from bot.services.preferences import Preferences
from bot.services.promises import Promises
from bot.services.requests import Requests
from bot.services.signing import Signing
from bot.services.staff import Staff
from bot.services.uploads import Uploads
from bot.settings import ROOT, Settings
from bot.store.clock import Clock, DemoClock, SystemClock
from bot.store.database import Database, make_engine
from bot.store.loans import SqlLoanStore
from bot.store.protocols import LoanStore


class BrainPort(Protocol):
    """What the conversation service needs of a model; `bot.dialogue.brain.Brain` is the real one."""

    model_id: str

    def understand(self, text: str) -> Understanding: ...

    async def respond(self, turn: Turn, memory: dict[str, Any] | None) -> Any: ...


@dataclass(frozen=True)
class Services:
    """Everything a turn, a route or a command may use."""

    settings: Settings
    clock: Clock  # business time; the demo can move it
    wall: Clock  # real time, for whatever guards an account: tokens, codes, idle sessions
    database: Database
    loans: LoanStore
    speech: Speech
    requests: Requests
    preferences: Preferences
    notifier: Notifier
    login: Login
    login_limits: Limits
    arrangements: Arrangements
    agreeing: Agreeing
    signing: Signing
    promises: Promises
    contact: ContactPolicy
    cases: Cases
    papers: Papers
    uploads: Uploads
    staff: Staff
    service_times: Callable[[date], service_times.ServiceTimes]
    desk: Desk
    complaints: Complaints
    brain: BrainPort | None = None

    def close(self) -> None:
        self.database.close()


def build(settings: Settings, clock: Clock | None = None, brain: BrainPort | None = None) -> Services:
    """Wire one process. A given `clock` stands for both business and real time (tests)."""
    database = Database(make_engine(settings.database_url))
    system = SystemClock()
    business = clock or (DemoClock(database) if settings.demo else system)
    responses = load_responses(ROOT)
    speech = Speech(responses)
    store = SqlLoanStore(database, business, settings.timezone)
    notifier = Notifier(database, settings.supervisor_contact, speech)
    limits = login_limits.load(system.now().astimezone(settings.timezone).date())
    key = settings.session_secret
    login = Login(key, store, notifier, speech, limits, settings.lender_name, settings.hotline)
    help_policy = lru_cache(maxsize=8)(load_help)
    caps = lru_cache(maxsize=8)(load_caps)
    wall = clock or system
    times = lru_cache(maxsize=8)(service_times.load)
    requests = Requests(database)
    complaint_policy = lru_cache(maxsize=8)(load_complaints)
    return Services(
        settings=settings,
        clock=business,
        wall=wall,
        database=database,
        loans=store,
        speech=speech,
        requests=requests,
        preferences=Preferences(database),
        notifier=notifier,
        login=login,
        login_limits=limits,
        arrangements=Arrangements(database, help_policy, caps),
        agreeing=Agreeing(database, help_policy),
        signing=Signing(
            key,
            database,
            store,
            notifier,
            speech,
            limits,
            help_policy,
            login.phone_key,
            wall,
            settings.lender_name,
        ),
        promises=Promises(database, settings.timezone),
        cases=Cases(database, business, settings.timezone, help_policy, caps),
        papers=Papers(database, store, key, settings.lender_name, settings.timezone),
        uploads=Uploads(settings.var_dir / "documents"),
        staff=Staff(database, settings.staff_secret),
        contact=ContactPolicy(lru_cache(maxsize=8)(load_contact), settings.timezone),
        service_times=times,
        desk=_desk(settings, database, speech, store, requests, notifier, business, wall, times, responses),
        complaints=complaints_on(
            ComplaintBasis(
                database=database,
                loans=store,
                speech=speech,
                notifier=notifier,
                port=RecordedPort(),
                policies=complaint_policy,
                calendars=lru_cache(maxsize=8)(lambda on: work_calendar(complaint_policy(on))),
                caps=caps,
                clock=business,
                wall=wall,
                zone=settings.timezone,
                secret=key,
                lender_name=settings.lender_name,
                hotline=settings.hotline,
                public_url=settings.public_url.rstrip("/"),
            )
        ),
        brain=brain,
    )


def _desk(
    settings: Settings,
    database: Database,
    speech: Speech,
    store: LoanStore,
    requests: Requests,
    notifier: Notifier,
    clock: Clock,
    wall: Clock,
    times: Callable[[date], service_times.ServiceTimes],
    responses: dict[str, list[dict[str, Any]]],
) -> Desk:
    basis = Basis(
        database=database,
        speech=speech,
        policies=lru_cache(maxsize=8)(load_desk),
        service_times=times,
        clock=clock,
        wall=wall,
        zone=settings.timezone,
        lender_name=settings.lender_name,
        hotline=settings.hotline,
        always_open=settings.demo,
    )
    queue = Queue(basis, lambda customer_id: sum(loan.terms.principal for loan in store.loans(customer_id)))
    dispatch = Dispatch(basis, queue, notifier)
    return Desk(
        basis=basis,
        queue=queue,
        calling=Calling(queue, requests),
        dispatch=dispatch,
        agents=Agents(basis, dispatch),
        sending=Sending(basis),
        accounts=Accounts(database),
        file=ZeroRead(store),
        panel=Panel(store),
        overview=Overview(basis),
        knowledge=Knowledge(responses),
    )


def with_brain(services: Services) -> Services:
    """The same services with the model that matches data and config, trained first where there is none."""
    from bot.dialogue import light_rasa

    if services.settings.rasa_direct:
        light_rasa.leave_out()
    from bot.dialogue.brain import Brain  # here: importing Rasa takes seconds that other commands need not spend
    from bot.dialogue.registry import ensure_model

    model = ensure_model(services.settings)
    return replace(services, brain=Brain.load(model, services))
