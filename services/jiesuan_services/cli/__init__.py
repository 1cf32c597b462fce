"""The `jiesuan` command: one subcommand a module, each imported when it runs."""

import click

from jiesuan_domain.policy.loader import PackError
from jiesuan_services.cli.try_ import try_command


class Jiesuan(click.Group):
    """The group of all commands; what a user can mend is one line on stderr."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command, turning a pack that cannot be used into a plain error."""
        try:
            return super().invoke(ctx)
        except PackError as wrong:
            raise click.ClickException(str(wrong)) from wrong


@click.group(cls=Jiesuan, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """结算: the event-sourced settlement ledger for outpatient medical insurance."""


main.add_command(try_command)
