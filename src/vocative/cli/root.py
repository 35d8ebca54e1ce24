"""The command `vocative` and what all its commands share: how mistakes are told."""

from __future__ import annotations

import os
import sys
from typing import Any

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
from vocative.cli.printable import printable_mistake, say
from vocative.errors import UserError, VocativeError

MISTAKE = 2
FAILURE = 1
_OTHERS = 0o077


class _Root(click.Group):
    """Tells a user's mistake in plain words with exit code 2, and any other known failure with exit code 1."""

    def make_context(self, *words: Any, **settings: Any) -> click.Context:  # noqa: ANN401 - as click declares them
        try:
            return super().make_context(*words, **settings)
        except click.ClickException as error:
            raise printable_mistake(error) from None

    def invoke(self, context: click.Context) -> object:
        # What a workspace holds is nobody else's: every file that a command makes is for its owner only.
        before = os.umask(_OTHERS)
        try:
            return super().invoke(context)
        except UserError as error:
            say(f"vocative: {error}", err=True)
            sys.exit(MISTAKE)
        except VocativeError as error:
            say(f"vocative: {error}", err=True)
            sys.exit(FAILURE)
        except click.ClickException as error:
            raise printable_mistake(error) from None
        finally:
            os.umask(before)


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
