"""One simulated world: four services in two processes each, their databases, and the outside."""

import asyncio
from collections.abc import Awaitable, Callable

from services.ledger.creditors.domain import CREDITORS, RegisterCreditor, stream
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Transactor
from shared.testing.simulation import Trace, VirtualLoop
from shared.vault.memory import MemoryVault
from shared.vault.sealer import Sealer
from tests.simulation.chance import Chance
from tests.simulation.channels import World
from tests.simulation.compliance_process import ComplianceProcess
from tests.simulation.composition import Composition
from tests.simulation.contact_process import ContactProcess
from tests.simulation.databases import Database
from tests.simulation.directory import Directory
from tests.simulation.disputes_process import DisputesProcess
from tests.simulation.history import History
from tests.simulation.ledger_process import LedgerProcess
from tests.simulation.network import Network
from tests.simulation.processes import Process, SkewedIds
from tests.simulation.serving import ServerProcess

TENANT = "agy_01h455vb4pex5vsknk084sn02q"
SERVICES = ("ledger", "contact", "disputes", "compliance")
DOWN_S_MAX = 1200.0


class Simulation:
    """Everything of one seed."""

    def __init__(self, seed: int, loop: VirtualLoop, composition: Composition) -> None:
        self.seed = seed
        self.loop = loop
        self.composition = composition
        self.chance = Chance(seed)
        self.trace = Trace(loop.time)
        self.network = Network(loop, self.chance, self.trace)
        self.databases = {name: Database(name, loop.now) for name in SERVICES}
        self.directory = Directory(self.databases["ledger"])
        self.world = World()
        self.history = History()
        self.failures: list[str] = []
        self.servers: dict[str, ServerProcess] = {}
        self.ids = SkewedIds(self.chance, loop.now)
        entropy = self.chance.random.randbytes
        self._sealer = Sealer(MemoryVault(entropy), entropy=entropy)
        self._pending: dict[asyncio.Task[None], None] = {}

    async def begin(self) -> str:
        """Start every process and register a creditor, whose id is returned."""
        for service in SERVICES:
            for number in (1, 2):
                self.start(f"{service}-{number}")
        creditor_id = self.ids.new("crd")
        await Transactor(self.databases["ledger"], self.ids).transact(
            Context(tenant=TENANT, metadata=Metadata(actor="operator", correlation_id="begin")),
            [
                Issue(
                    stream=stream(creditor_id),
                    decider=CREDITORS,
                    command=lambda moment: RegisterCreditor(
                        creditor_id=creditor_id, name="First Example Bank", now=moment.now
                    ),
                )
            ],
        )
        return creditor_id

    def start(self, name: str) -> None:
        """Start a process with nothing in its memory."""
        process = Process(name, self.loop, self.chance, self.trace, self.failed)
        process.died = self._restart_later
        parts = (process, self.databases, self.network, self._sealer, self.composition)
        server: ServerProcess
        match process.service:
            case "ledger":
                server = ledger = LedgerProcess(*parts)
                ledger.start()
            case "contact":
                server = contact = ContactProcess(*parts)
                contact.start(self.directory, self.world)
            case "disputes":
                server = disputes = DisputesProcess(*parts)
                disputes.start(self.directory)
            case _:
                server = compliance = ComplianceProcess(*parts)
                compliance.start()
        self.servers[name] = server
        self.trace.note(name, "starts")

    def failed(self, where: str, error: BaseException) -> None:
        """Note an error that nobody expected."""
        self.failures.append(f"{where}: {type(error).__name__}: {error}")

    def cut_feeds(self, service: str, sources: tuple[str, ...], is_cut: bool) -> None:
        """Cut the readers of a service off from what they read, or join them again."""
        for server in self.servers.values():
            if server.process.service == service and server.process.is_alive:
                for feed in server.feeds:
                    if feed.source in sources:
                        feed.cut(is_cut)

    def later(self, work: Callable[[], Awaitable[None]], wait_s: float) -> None:
        """Do something after a while."""

        async def run() -> None:
            await asyncio.sleep(wait_s)
            await work()

        task = self.loop.create_task(run())
        self._pending[task] = None
        task.add_done_callback(self._done)

    async def pending_done(self) -> None:
        """Wait until everything planned has been done."""
        while self._pending:
            await asyncio.wait(list(self._pending))

    def heal(self) -> None:
        """End all faults and start whatever is down."""
        self.chance.calm()
        for service in SERVICES:
            self.network.part(service, False)
            self.cut_feeds(service, SERVICES, False)
        for name, server in list(self.servers.items()):
            if not server.process.is_alive:
                self.start(name)

    def _restart_later(self, process: Process) -> None:
        self.network.leave(process)
        down_s = self.chance.one_of((0.1, 5.0, DOWN_S_MAX)) * self.chance.between(0.1, 1)

        def restart() -> None:
            if not self.servers[process.name].process.is_alive:
                self.start(process.name)

        self.loop.call_later(down_s, restart)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._pending.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed("workload", error)
