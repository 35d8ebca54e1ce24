"""The command `vocative` and what all its commands share: how mistakes are told."""

from __future__ import annotations

import sys

import click

from vocative import __version__
from vocative.cli import (
    acting,
    campaign,
    data,
    demo,
    lists,
    models,
    patterns,
    person,
    proving,
    report,
    segments,
    setup,
    simulate,
)
from vocative.cli.failing import environment, remedy
from vocative.errors import UserError, VocativeError

MISTAKE = 2
FAILURE = 1


class _Root(click.Group):
    """Tells a user's mistake in plain words with exit code 2, and any other known failure with exit code 1.

    What the machine refuses (a full disk, a folder that may not be written) is such a failure. Anything else is a fault
    of ours, and its traceback helps to mend it.
    """

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except UserError as error:
            click.echo(f"vocative: {error}", err=True)
            sys.exit(MISTAKE)
        except VocativeError as error:
            click.echo(f"vocative: {error}{remedy(str(error))}", err=True)
            sys.exit(FAILURE)
        except BrokenPipeError:
            # Whoever read what is printed has gone: click ends without a word.
            raise
        except (OSError, MemoryError, RecursionError) as error:
            click.echo(f"vocative: {environment(error)}", err=True)
            sys.exit(FAILURE)


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="vocative")
def main() -> None:
    """Say the right thing to each person, at the right time, or nothing.

    The line: collect → profile → predict → prove → segment → decide → compose → deliver. Start with
    `vocative demo --out demo` to see it on real data, or `vocative init my-shop` for your own.
    """


for _command in (
    setup.init,
    data.import_,
    data.export,
    setup.status,
    acting.build,
    acting.decide,
    acting.compose,
    acting.send,
    acting.run,
    campaign.campaign,
    campaign.stop,
    proving.prove,
    models.models,
    segments.segments,
    patterns.patterns,
    lists.recommend,
    report.report,
    person.person,
    demo.demo,
    simulate.simulate_,
):
    main.add_command(_command)
