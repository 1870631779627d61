"""What one can ask of contracts, and do with them."""

import strawberry

import loaders
from changes.billing import schedule
from changes.contracts import amending, arrears, ending, issuing, parties, reminding
from resolvers.lookup import lookup
from schema.commands import does
from schema.connections import Connection
from schema.contract_payloads import ContractPayload, IssuePayload
from schema.contracts import Contract
from schema.fields import page


@strawberry.type
class Query:
    """Root fields of contracts."""

    contract: Contract | None = lookup(
        loaders.contracts.by_id, loaders.contracts.by_number, "A contract, by id or contract number."
    )
    contracts: Connection[Contract] | None = page(loaders.contracts.all_contracts, "Contracts.", local=None)


@strawberry.type
class Mutation:
    """What can be done with contracts."""

    issue_contract = does(issuing.IssueContract, IssuePayload)
    begin_contract = does(issuing.BeginContract, ContractPayload)
    amend_contract = does(amending.AmendContract, ContractPayload)
    change_beneficiaries = does(parties.ChangeBeneficiaries, ContractPayload)
    remind_of_renewal = does(reminding.RemindOfRenewal, ContractPayload)
    renew_contract = does(amending.RenewContract, ContractPayload)
    enter_grace_period = does(arrears.EnterGracePeriod, ContractPayload)
    end_grace_period = does(arrears.EndGracePeriod, ContractPayload)
    lapse_contract = does(arrears.LapseContract, ContractPayload)
    reinstate_contract = does(arrears.ReinstateContract, ContractPayload)
    cancel_contract = does(ending.CancelContract, ContractPayload)
    expire_contract = does(ending.ExpireContract, ContractPayload)
    mature_contract = does(ending.MatureContract, ContractPayload)
    bill_contract = does(schedule.BillContract, ContractPayload)
