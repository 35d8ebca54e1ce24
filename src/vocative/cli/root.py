"""The command `vocative` and what all its commands share: how mistakes are told."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from vocative import __version__
from vocative.cli.failing import environment, remedy
from vocative.cli.printable import printable_mistake, say
from vocative.errors import UserError, VocativeError

MISTAKE = 2
FAILURE = 1
_OTHERS = 0o077


class _Later(click.Command):
    """Stands in lists for a command whose module is imported when it is called: `build` of `acting` is `acting.build`.

    `help` is the first sentence of the command's own; a test holds them equal.
    """

    def __init__(self, name: str, home: str, help: str) -> None:  # noqa: A002 (the word of click)
        super().__init__(name, help=help)
        self._module, _, self._variable = home.partition(".")

    def load(self) -> click.Command:
        """The command itself."""
        found: click.Command = getattr(import_module(f"vocative.cli.{self._module}"), self._variable)
        return found


class _Root(click.Group):
    """Tells a user's mistake in plain words with exit code 2, and any other known failure with exit code 1.

    What the machine refuses (a full disk, a folder that may not be written) is such a failure. Anything else is a
    fault of ours, and its traceback helps to mend it.
    """

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        found = super().get_command(context, name)
        if isinstance(found, _Later):
            found = self.commands[name] = found.load()
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        # A plain group does not load what it lists.
        click.Group(commands=dict(self.commands)).format_commands(context, formatter)

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
            say(f"vocative: {error}{remedy(str(error))}", err=True)
            sys.exit(FAILURE)
        except BrokenPipeError:
            # Whoever read what is printed has gone: click ends without a word.
            raise
        except (OSError, MemoryError, RecursionError) as error:
            say(f"vocative: {environment(error)}", err=True)
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
    _Later("init", "setup.init", "Make a new workspace in FOLDER, with settings to edit."),
    _Later(
        "import",
        "data.import_",
        "Import FILES of one KIND: events, people, items, permissions or offers (CSV, Parquet, JSON lines; also .gz).",
    ),
    _Later("export", "data.export", "Export a table to Parquet, CSV or JSON lines."),
    _Later("status", "setup.status", "Show what is there, which modules may run on it, and who may get what."),
    _Later("build", "acting.build", "Build profiles and predictions of those who allowed it."),
    _Later("decide", "acting.decide", "Decide for everybody: whom to write what and when, or nothing, and why."),
    _Later("compose", "acting.compose", "Write the messages that were decided and put them into the outbox."),
    _Later(
        "send",
        "acting.send",
        "Hand over what is due in the outbox, after a last look at permission, caps and quiet hours.",
    ),
    _Later("run", "acting.run", "Run the whole line once: the daily job."),
    _Later("campaign", "campaign.campaign", "Campaigns on their way out: draft, previewed, approved, armed."),
    _Later(
        "stop",
        "campaign.stop",
        "Stop everything at once: nothing is decided for sending or handed over until it is lifted.",
    ),
    _Later(
        "prove",
        "proving.prove",
        "Fit every prediction, test it on the past against naive ways, and write down whether it may act.",
    ),
    _Later(
        "models", "models.models", "Look after the models that predict: versions, cards, drift, promotion and rollback."
    ),
    _Later(
        "segments",
        "segments.segments",
        "Show the segments of the newest run: size, stability, what tells them from everybody.",
    ),
    _Later(
        "patterns", "patterns.patterns", "Show what was found to go with what: plain sentences, proved on the past."
    ),
    _Later(
        "recommend", "lists.recommend", "Print a list of things for one person, each with its chance, kind and reason."
    ),
    _Later(
        "report",
        "report.report",
        "Write what the newest run understood and decided as one page to read, which needs no network.",
    ),
    _Later("person", "person.person", "Everything about one person, by their identifier: `vocative person 1000 show`."),
    _Later("demo", "demo.demo", "Run the whole line on real purchases of 2,469 households; nothing is sent anywhere."),
    _Later(
        "simulate",
        "simulate.simulate_",
        "Let a policy act in a simulated market whose truth is known, beside silence and the best that is possible.",
    ),
):
    main.add_command(_command)
