"""The parties to a contract: who holds it, who is insured, who pays, and who gets the benefit."""

from imports.demo.moments import Day, Moment
from imports.demo.records import Contract
from imports.demo.world import Customer, Person, World
from models.contracts import BeneficiaryRank, ContractStatus, PartyRole
from models.products import LineOfBusiness as Line

# Shares of the benefit in hundredths of a percent, by the number of those who share it: they add up to 100 %.
_SHARES: dict[int, tuple[tuple[int, ...], ...]] = {
    1: ((10_000,),),
    2: ((5_000, 5_000), (6_000, 4_000), (7_500, 2_500)),
    3: ((3_334, 3_333, 3_333), (5_000, 2_500, 2_500)),
    4: ((2_500, 2_500, 2_500, 2_500),),
}
_WHOLE_FAMILY = {"ACC-FAMILY", "LIAB-PRIVATE"}


def write_parties(world: World, contract: Contract) -> None:
    """Write everyone who has a part in the contract."""
    holder, product = contract.holder, contract.terms.product
    person = holder if isinstance(holder, Person) else None
    _party(world, contract, PartyRole.POLICYHOLDER, holder)
    if person and product.code in _WHOLE_FAMILY:
        _party(world, contract, PartyRole.INSURED, holder)
        for member in _family(person)[:4]:
            _insured(world, contract, member)
    elif person and product.line is Line.HEALTH and person.children and world.dice.chance(0.25):
        _insured(world, contract, world.dice.pick(person.children))
    else:
        _party(world, contract, PartyRole.INSURED, holder)
    if person and world.dice.chance(0.06):
        payer = person.spouse
        if payer:
            _party(world, contract, PartyRole.PAYER, payer, relationship="spouse")
    if person and product.line is Line.LIFE:
        _beneficiaries(world, contract, person)


def _family(person: Person) -> list[Person]:
    return ([person.spouse] if person.spouse else []) + person.children


def _insured(world: World, contract: Contract, member: Person) -> None:
    _party(world, contract, PartyRole.INSURED, member, relationship=_relation(contract.holder, member))
    member.ever_insured = True
    if contract.status in (ContractStatus.ACTIVE, ContractStatus.GRACE_PERIOD):
        member.in_force = True


def _relation(holder: Customer, member: Person) -> str:
    return "spouse" if isinstance(holder, Person) and member is holder.spouse else "child"


def _beneficiaries(world: World, contract: Contract, person: Person) -> None:
    """The spouse before the children; without a known family, relatives who are no customers."""
    dice = world.dice
    spouse, children = person.spouse, person.children[:4]
    if spouse:
        _party(world, contract, PartyRole.BENEFICIARY, spouse, "spouse", BeneficiaryRank.PRIMARY, 10_000)
        for child, share in zip(children, dice.pick(_SHARES[max(len(children), 1)]), strict=False):
            _party(world, contract, PartyRole.BENEFICIARY, child, "child", BeneficiaryRank.CONTINGENT, share)
    elif children:
        for child, share in zip(children, dice.pick(_SHARES[len(children)]), strict=True):
            _party(world, contract, PartyRole.BENEFICIARY, child, "child", BeneficiaryRank.PRIMARY, share)
    else:
        for share in dice.pick(_SHARES[dice.between(1, 2)]):
            female = dice.chance(0.5)
            names = person.market.names
            name = f"{dice.pick(names.female if female else names.male)} {person.last_name}"
            birth = person.birth + dice.between(-3_000, 3_000)
            _row(world, contract, PartyRole.BENEFICIARY, name, contract.issued_at, birth=birth,
                 relationship="sister" if female else "brother", rank=BeneficiaryRank.PRIMARY, share=share)  # fmt: skip


def _party(
    world: World,
    contract: Contract,
    role: PartyRole,
    party: Customer,
    relationship: str | None = None,
    rank: BeneficiaryRank | None = None,
    share: int | None = None,
) -> None:
    if relationship is None and party is contract.holder and role is not PartyRole.POLICYHOLDER:
        relationship = "self"
    _row(
        world,
        contract,
        role,
        party.name,
        max(contract.issued_at, party.created_at),
        customer_id=party.id,
        birth=party.birth if isinstance(party, Person) else None,
        relationship=relationship,
        rank=rank,
        share=share,
    )


def _row(
    world: World,
    contract: Contract,
    role: PartyRole,
    name: str,
    created_at: Moment,
    *,
    customer_id: str | None = None,
    birth: Day | None = None,
    relationship: str | None = None,
    rank: BeneficiaryRank | None = None,
    share: int | None = None,
) -> None:
    world.rows.contract_parties(
        id=world.dice.new_id(created_at),
        customer_id=contract.holder.id,
        contract_id=contract.id,
        party_customer_id=customer_id,
        name=name,
        birth_date=birth,
        role=role,
        rank=rank,
        share_percent=share,
        relationship=relationship,
        created_at=created_at,
    )
