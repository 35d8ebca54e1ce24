"""Everything that can go wrong, as one tree.

VocativeError
├── UserError (also ValueError)      the caller can mend it; the text says how; exit code 2
│   ├── SettingsError                a setting is unknown, missing or of the wrong type
│   ├── WorkspaceError               the folder is no workspace, or one is already there
│   ├── ImportFileError              a whole file cannot be read (single rows go to quarantine)
│   ├── MappingError                 a mapping does not fit the file
│   ├── IdentityError                two known people would become one
│   ├── UnknownPersonError           nobody of that id is known
│   ├── UnknownEventError            a person has no event of that id
│   ├── TemplateError                a template has a gap, a raw token or a fault
│   ├── ApprovalError                a campaign is unknown, not previewed, or nobody is named
│   ├── ModelError                   a version of a model is unknown, or cannot be promoted or taken back
│   ├── ClockError                   `now` lies before what has already been done
│   └── MissingExtraError            an optional part is not installed
├── DeliveryError                    a channel did not take what was due; nothing of it is lost
└── StoreError                       a store failed or broke its contract
    ├── LockTimeoutError             somebody else held a lock for too long
    └── DriverError                  no driver of that name, or it cannot be loaded
"""

from __future__ import annotations


class VocativeError(Exception):
    """Root of the tree: catch it to catch everything that Vocative raises on purpose."""


class UserError(VocativeError, ValueError):
    """A mistake the caller can mend.

    `what` says what is wrong, `where` the place (file, line, key) and `remedy` what to do about it.
    All three are joined into the text of the exception; the command line prints it and exits with 2.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        place = f"{where}: " if where else ""
        hint = f"\n  → {remedy}" if remedy else ""
        super().__init__(f"{place}{what}{hint}")


class SettingsError(UserError):
    """A setting in `vocative.toml`, `brand.toml` or `campaigns/*.yaml` is unknown, missing or of the wrong type."""


class WorkspaceError(UserError):
    """The folder is not a workspace, or a new one would overwrite what is there."""


class ImportFileError(UserError):
    """A whole file cannot be read: it is missing, empty, truncated or not what its name says."""


class MappingError(UserError):
    """A mapping names columns that the file lacks, or leaves a required column unfilled."""


class IdentityError(UserError):
    """A link would merge two known people, or an undo names a link that does not exist."""


class UnknownPersonError(UserError):
    """Nobody of that identifier is known in this workspace."""


class UnknownEventError(UserError):
    """The person has no event of that id, item or order."""


class TemplateError(UserError):
    """A template has a fault, or would leave a gap or a raw token in a message."""


class ApprovalError(UserError):
    """A campaign is unknown or not previewed as it stands, or nobody is named who approves it."""


class ModelError(UserError):
    """A version of a model is unknown, or cannot be promoted or taken back, or nobody is named who does it."""


class ClockError(UserError):
    """`now` is not a moment with a zone, or lies before a run that has already been completed."""


class MissingExtraError(UserError):
    """An optional part is not installed; the text holds the exact install line."""


class DeliveryError(VocativeError):
    """A channel did not take what was due; what was not taken is kept."""


class StoreError(VocativeError):
    """A store failed, or did not do what its protocol promises."""


class LockTimeoutError(StoreError):
    """Another process held a lock for longer than the caller was willing to wait."""


class DriverError(StoreError):
    """No driver of that name is installed, or it could not be loaded."""
