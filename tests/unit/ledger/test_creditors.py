from services.ledger.creditors import domain as creditors
from shared.testing.spec import Spec
from tests.unit.ledger.samples import NOON

spec = Spec(creditors.CREDITORS)
REGISTERED = creditors.CreditorRegistered(creditor_id="crd_1", name="Example Bank", at=NOON)


def register(name: str = "Example Bank") -> creditors.RegisterCreditor:
    return creditors.RegisterCreditor(creditor_id="crd_1", name=name, now=NOON)


class TestRegisterCreditor:
    def test_takes_a_creditor_on(self) -> None:
        spec.when(register()).then(REGISTERED)

    def test_is_done_once(self) -> None:
        spec.given(REGISTERED).when(register()).then_nothing()

    def test_refuses_another_name_under_the_same_id(self) -> None:
        spec.given(REGISTERED).when(register("Another Bank")).then_raises(creditors.CreditorExists)
