"""The `jiesuan` command: one subcommand a module, each imported when it runs."""

import logging
import os
import sys

import click

from jiesuan_services.cli.analysts.clearing import clearing
from jiesuan_services.cli.analysts.due import due
from jiesuan_services.cli.analysts.person import person
from jiesuan_services.cli.auditors.drift import drift
from jiesuan_services.cli.auditors.explain import explain
from jiesuan_services.cli.auditors.history.as_of import as_of
from jiesuan_services.cli.auditors.history.diff import diff
from jiesuan_services.cli.auditors.history.looks import looks
from jiesuan_services.cli.auditors.history.what_if import what_if
from jiesuan_services.cli.auditors.proofs.digests import digests
from jiesuan_services.cli.auditors.proofs.export import export
from jiesuan_services.cli.auditors.proofs.receipt import receipt
from jiesuan_services.cli.auditors.proofs.restore import import_
from jiesuan_services.cli.auditors.proofs.seal import seal
from jiesuan_services.cli.auditors.verify import replay, verify
from jiesuan_services.cli.clerks.findings import findings
from jiesuan_services.cli.clerks.policy import policy
from jiesuan_services.cli.console import is_ascii, write_in_utf8
from jiesuan_services.cli.ending import plainly, stopped
from jiesuan_services.cli.operators.bench import bench
from jiesuan_services.cli.operators.demo import demo
from jiesuan_services.cli.operators.gateway import gateway
from jiesuan_services.cli.operators.identity import identity
from jiesuan_services.cli.operators.processes import (
    clearing_process,
    decider,
    projector,
    sealer,
)
from jiesuan_services.cli.operators.rebuild import rebuild
from jiesuan_services.cli.operators.up import down, status, supervise, up
from jiesuan_services.cli.producers.submit import submit
from jiesuan_services.cli.producers.trial import try_command
from jiesuan_services.cli.regions.bulletin import bulletin
from jiesuan_services.cli.regions.due import clearing_due
from jiesuan_services.cli.regions.export_view import export_view
from jiesuan_services.cli.regions.proposing.deductions import deduction_proposal
from jiesuan_services.cli.regions.proposing.quota import quota_proposal
from jiesuan_services.cli.regions.proposing.top_up import top_up_proposal
from jiesuan_services.cli.regions.reconcile import reconcile
from jiesuan_services.cli.regions.statements import statement, statements
from jiesuan_services.cli.usage import spoken


class Jiesuan(click.Group):
    """The group of all commands; what a user can mend is one line on stderr."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words before a command, as `invoke` does those after it."""
        with plainly():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command, turning what a user can mend into a plain error."""
        with plainly():
            return super().invoke(ctx)


@click.group(cls=Jiesuan, help="结算：门诊医保（本地、异地）事件溯源的结算账本。")
@click.pass_context
def main(context: click.Context) -> None:
    """结算: the event-sourced settlement ledger for outpatient medical insurance."""
    if sys.stdin is None:
        # Closed by who started us: there is nothing in it.
        sys.stdin = open(os.devnull)  # noqa: SIM115
    write_in_utf8(*filter(is_ascii, (sys.stdout, sys.stderr)))
    command = main.commands.get(context.invoked_subcommand or "")
    is_process = command is None or command.hidden or command is gateway
    # A process has an end of its own for SIGTERM.
    context.with_resource(stopped(by_sigterm=not is_process))
    if not is_process:
        # What it logs, a person reads as the one sentence in which a command ends.
        logging.getLogger("aiokafka").addHandler(logging.NullHandler())


for command in (
    try_command,
    up,
    down,
    status,
    submit,
    demo,
    explain,
    verify,
    replay,
    as_of,
    diff,
    looks,
    what_if,
    seal,
    receipt,
    digests,
    export,
    import_,
    rebuild,
    person,
    clearing,
    statements,
    statement,
    clearing_due,
    quota_proposal,
    deduction_proposal,
    top_up_proposal,
    bulletin,
    reconcile,
    export_view,
    due,
    drift,
    bench,
    gateway,
    identity,
    policy,
    findings,
    decider,
    projector,
    sealer,
    clearing_process,
    supervise,
):
    main.add_command(command)
spoken(main)
