"""What one can ask of customers."""

import strawberry

import loaders
from changes import consents, contact_points, sealed
from changes.customers import details, registering, standing
from resolvers.lookup import lookup
from schema.commands import does
from schema.connections import Connection
from schema.customer_payloads import (
    AddressPayload,
    BankAccountPayload,
    ConsentPayload,
    CustomerPayload,
    EmailPayload,
    PhonePayload,
)
from schema.customers import Customer
from schema.fields import page


@strawberry.type
class Query:
    """Root fields of customers."""

    customer: Customer | None = lookup(
        loaders.customers.by_any_id,
        loaders.customers.by_any_number,
        "A customer, by id or customer number; those of a duplicate that was merged lead to the survivor.",
    )
    customers: Connection[Customer] | None = page(loaders.customers.all_customers, "Customers.", local=None)


@strawberry.type
class Mutation:
    """What can be done with customers."""

    register_person = does(registering.RegisterPerson, CustomerPayload)
    register_organisation = does(registering.RegisterOrganisation, CustomerPayload)
    update_customer = does(details.UpdateCustomer, CustomerPayload)

    activate_customer = does(standing.ActivateCustomer, CustomerPayload)
    deactivate_customer = does(standing.DeactivateCustomer, CustomerPayload)
    court_customer = does(standing.CourtCustomer, CustomerPayload)
    suspend_customer = does(standing.SuspendCustomer, CustomerPayload)
    record_customer_death = does(standing.RecordCustomerDeath, CustomerPayload)
    correct_customer_death = does(standing.CorrectCustomerDeath, CustomerPayload)
    close_customer = does(standing.CloseCustomer, CustomerPayload)
    start_kyc = does(standing.StartKyc, CustomerPayload)
    verify_kyc = does(standing.VerifyKyc, CustomerPayload)
    reject_kyc = does(standing.RejectKyc, CustomerPayload)
    expire_kyc = does(standing.ExpireKyc, CustomerPayload)
    assess_risk = does(standing.AssessRisk, CustomerPayload)
    restrict_customer = does(standing.RestrictCustomer, CustomerPayload)
    unrestrict_customer = does(standing.UnrestrictCustomer, CustomerPayload)

    add_address = does(contact_points.AddAddress, AddressPayload)
    change_address = does(contact_points.ChangeAddress, AddressPayload)
    end_address = does(contact_points.EndAddress, AddressPayload)
    add_phone = does(contact_points.AddPhone, PhonePayload)
    change_phone = does(contact_points.ChangePhone, PhonePayload)
    end_phone = does(contact_points.EndPhone, PhonePayload)
    add_email = does(contact_points.AddEmail, EmailPayload)
    change_email = does(contact_points.ChangeEmail, EmailPayload)
    end_email = does(contact_points.EndEmail, EmailPayload)

    add_bank_account = does(sealed.AddBankAccount, BankAccountPayload)
    use_bank_account_first = does(sealed.UseBankAccountFirst, BankAccountPayload)
    end_bank_account = does(sealed.EndBankAccount, BankAccountPayload)

    grant_consent = does(consents.GrantConsent, ConsentPayload)
    withdraw_consent = does(consents.WithdrawConsent, ConsentPayload)
