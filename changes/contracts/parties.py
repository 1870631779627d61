"""The parties to a contract: who is insured, who pays, and who receives the benefit."""

from collections.abc import Sequence
from uuid import UUID

from changes.commands import Made, Part, given
from changes.contracts.steps import OfContract
from changes.errors import Impossible
from changes.products import product_of
from changes.work import Work
from core.errors import BadInput
from models.base import Decimal, date
from models.billing_terms import BENEFIT_LINES
from models.contracts import BeneficiaryRank, Contract, ContractParty, ContractStatus, PartyRole
from models.customers import Customer
from models.products import LineOfBusiness

_WHOLE = Decimal(100)
_MOST = 20


class Beneficiary(Part):
    """Who receives a share of the benefit: a customer, or somebody by name."""

    customer_id: UUID | None = given("The beneficiary, if a customer.", of=Customer, default=None)
    name: str | None = given("Name of a beneficiary who is no customer.", longest=200, default=None)
    birth_date: date | None = given("Date of birth of a beneficiary who is no customer, if known.", default=None)
    rank: BeneficiaryRank = given("Primary, or contingent: called when no primary one is left.")
    share_percent: Decimal = given("Share of the benefit in percent.", least=Decimal("0.01"), most=_WHOLE)
    relationship: str | None = given("What they are to the policyholder, in a word.", longest=50, default=None)


class InsuredParty(Part):
    """A customer whose risk is covered besides, or in place of, the policyholder's."""

    customer_id: UUID = given("The customer.", of=Customer)
    relationship: str | None = given("What they are to the policyholder, in a word.", longest=50, default=None)


class ChangeBeneficiaries(OfContract):
    """Put other beneficiaries in the place of those a contract has; none at all, and the benefit goes to the estate.

    The shares of the primary ones add up to 100 %, and so do those of the contingent ones.
    """

    permission = "contracts:write"

    beneficiaries: tuple[Beneficiary, ...] = given("All beneficiaries from now on.", longest=_MOST)

    async def perform(self, work: Work) -> Made:
        """Remove those who are not named any more, write those who are new, and tell."""
        check_shares(self.beneficiaries, work.today)
        contract = await self.contract(work)
        if contract.status not in (ContractStatus.PENDING, ContractStatus.ACTIVE, ContractStatus.GRACE_PERIOD):
            raise Impossible("CONTRACT_ENDED", "the contract has ended", "contractId")
        _, line = await product_of(work, contract.product_id)
        named = await beneficiaries_of(work, contract, line, self.beneficiaries)
        present = await work.rows_of(ContractParty, contract_id=contract.id, role=PartyRole.BENEFICIARY, lock=True)
        gone = [party for party in present if not any(_same(party, one) for one in named)]
        new = [one for one in named if not any(_same(party, one) for party in present)]
        for party in gone:
            await work.remove(party)
        for party in new:
            await work.create(party)
        if gone or new:
            contract = await work.touch(contract)
            await work.happened(
                "ContractAmended",
                contract,
                f"Beneficiaries of contract {contract.number} changed",
                changed=["beneficiaries"],
                effectiveOn=work.today,
            )
        return {"contract": contract.id}


def check_shares(beneficiaries: Sequence[Beneficiary], today: date, path: str = "beneficiaries") -> None:
    """Raises BadInput and Impossible, with the path, where the shares of a rank do not add up to 100 %, contingent ones
    stand alone, or somebody is named by neither or both of customer and name.
    """
    for index, one in enumerate(beneficiaries):
        at = f"input.{path}.{index}"
        if (one.customer_id is None) == (one.name is None):
            raise BadInput("either a customer or a name", argument=at)
        if one.customer_id is not None and one.birth_date is not None:
            raise BadInput("the date of birth of a customer is known", argument=f"{at}.birthDate")
        if one.birth_date is not None and one.birth_date > today:
            raise BadInput("this day lies ahead", argument=f"{at}.birthDate")
    customers = [one.customer_id for one in beneficiaries if one.customer_id is not None]
    if len(set(customers)) != len(customers):
        raise Impossible("BENEFICIARY_TWICE", "a customer is a beneficiary once", path)
    for rank in BeneficiaryRank:
        shares = [one.share_percent for one in beneficiaries if one.rank is rank]
        if shares and sum(shares) != _WHOLE:
            raise Impossible(
                "SHARES_NOT_WHOLE", f"the shares of {rank.lower()} beneficiaries add up to {sum(shares)}, not 100", path
            )
    if beneficiaries and all(one.rank is BeneficiaryRank.CONTINGENT for one in beneficiaries):
        raise Impossible("NO_PRIMARY_BENEFICIARY", "contingent beneficiaries need a primary one before them", path)


async def beneficiaries_of(
    work: Work,
    contract: Contract,
    line: LineOfBusiness,
    beneficiaries: Sequence[Beneficiary],
    path: str = "beneficiaries",
) -> list[ContractParty]:
    """The parties, not written yet. Raises NotFound, and Impossible where the contract has no benefit to name for."""
    if beneficiaries and line not in BENEFIT_LINES:
        raise Impossible("NO_BENEFIT", "only life and accident insurances have beneficiaries", path)
    made = []
    for index, one in enumerate(beneficiaries):
        party = await _party(
            work, contract, PartyRole.BENEFICIARY, one.customer_id, one.relationship, f"{path}.{index}.customerId"
        )
        if one.customer_id is None:
            party.name, party.birth_date = one.name or "", one.birth_date
        party.rank, party.share_percent = one.rank, one.share_percent
        made.append(party)
    return made


async def insured_of(
    work: Work, contract: Contract, insured: Sequence[InsuredParty], payer_id: UUID | None
) -> list[ContractParty]:
    """Policyholder, insured (the policyholder, where nobody is named) and payer, not written yet. Raises NotFound."""
    holder = contract.customer_id
    if len({one.customer_id for one in insured}) != len(insured):
        raise BadInput("a customer is insured once", argument="input.insured")
    parties = [await _party(work, contract, PartyRole.POLICYHOLDER, holder, None, "orderId")]
    if not insured:
        parties.append(await _party(work, contract, PartyRole.INSURED, holder, "self", "orderId"))
    for index, one in enumerate(insured):
        path = f"insured.{index}.customerId"
        known_as = "self" if one.customer_id == holder else one.relationship
        parties.append(await _party(work, contract, PartyRole.INSURED, one.customer_id, known_as, path))
    if payer_id is not None and payer_id != holder:
        parties.append(await _party(work, contract, PartyRole.PAYER, payer_id, None, "payerId"))
    return parties


async def _party(
    work: Work, contract: Contract, role: PartyRole, customer_id: UUID | None, relationship: str | None, argument: str
) -> ContractParty:
    party = ContractParty(
        customer_id=contract.customer_id,
        contract_id=contract.id,
        party_customer_id=customer_id,
        name="",
        role=role,
        relationship=relationship,
    )
    if customer_id is not None:
        customer = await work.fetch(Customer, customer_id, argument=argument, lock=False)
        party.name, party.birth_date = customer.display_name, customer.birth_date
    return party


def _same(party: ContractParty, other: ContractParty) -> bool:
    names = ("party_customer_id", "name", "birth_date", "rank", "share_percent", "relationship")
    return all(getattr(party, name) == getattr(other, name) for name in names)
