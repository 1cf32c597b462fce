"""The one table: which transaction does what, with which nodes."""

from typing import Final

from jiesuan_services.gateway.transactions.clearing import (
    application_3203,
    confirmation_3261,
    rollback_3262,
    rows_3260,
    status_3205,
    withdrawal_3204,
)
from jiesuan_services.gateway.transactions.files import download_9102, upload_9101
from jiesuan_services.gateway.transactions.filings import (
    designation_2505,
    qualification_2503,
    transfer_2501,
)
from jiesuan_services.gateway.transactions.kinds import Transaction
from jiesuan_services.gateway.transactions.persons import (
    designations_5302,
    eligibility_2001,
    person_1101,
    qualifications_5301,
)
from jiesuan_services.gateway.transactions.pharmacy import (
    quote_2101,
    refund_2103,
    settlement_2102,
)
from jiesuan_services.gateway.transactions.queries import (
    lines_5204,
    settlement_5203,
    totals_5206,
    visits_5201,
)
from jiesuan_services.gateway.transactions.reconciliation import (
    rows_3202,
    totals_3201,
)
from jiesuan_services.gateway.transactions.sessions import sign_in_9001, sign_out_9002
from jiesuan_services.gateway.transactions.settling import (
    compensation_2601,
    quote_2206,
    refund_2208,
    settlement_2207,
)
from jiesuan_services.gateway.transactions.visits import (
    cancellation_2202,
    description_2203,
    lines_2204,
    registration_2201,
    withdrawal_2205,
)

_ALL: Final = (
    sign_in_9001.TRANSACTION,
    sign_out_9002.TRANSACTION,
    person_1101.TRANSACTION,
    eligibility_2001.TRANSACTION,
    qualifications_5301.TRANSACTION,
    designations_5302.TRANSACTION,
    registration_2201.TRANSACTION,
    cancellation_2202.TRANSACTION,
    description_2203.TRANSACTION,
    description_2203.EXTENDED,
    lines_2204.TRANSACTION,
    withdrawal_2205.TRANSACTION,
    quote_2206.TRANSACTION,
    quote_2206.ALIAS,
    settlement_2207.TRANSACTION,
    settlement_2207.ALIAS,
    refund_2208.TRANSACTION,
    quote_2101.TRANSACTION,
    settlement_2102.TRANSACTION,
    refund_2103.TRANSACTION,
    transfer_2501.TRANSACTION,
    transfer_2501.CANCELLATION,
    qualification_2503.TRANSACTION,
    qualification_2503.CANCELLATION,
    designation_2505.TRANSACTION,
    designation_2505.CANCELLATION,
    compensation_2601.TRANSACTION,
    totals_3201.TRANSACTION,
    rows_3202.TRANSACTION,
    upload_9101.TRANSACTION,
    download_9102.TRANSACTION,
    application_3203.TRANSACTION,
    application_3203.ALIAS,
    withdrawal_3204.TRANSACTION,
    withdrawal_3204.ALIAS,
    status_3205.TRANSACTION,
    rows_3260.TRANSACTION,
    confirmation_3261.TRANSACTION,
    rollback_3262.TRANSACTION,
    visits_5201.TRANSACTION,
    settlement_5203.TRANSACTION,
    lines_5204.TRANSACTION,
    totals_5206.TRANSACTION,
)
TRANSACTIONS: Final[dict[str, Transaction]] = {one.infno: one for one in _ALL}
assert len(TRANSACTIONS) == len(_ALL), "an infno stands twice in the table"
