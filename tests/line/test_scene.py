"""Of some people a scene tells what it tells of them among everybody."""

from __future__ import annotations

from pathlib import Path

from tests.line.shop import NOW, import_all, prepare
from vocative.line.snapshot.people import recipients
from vocative.line.snapshot.relationships import relationships
from vocative.line.snapshot.snapshot import Snapshot
from vocative.records.ledger_tables import IDENTITIES
from vocative.workspace.opening import OpenWorkspace


def test_some_people_are_seen_as_among_everybody(tmp_path: Path) -> None:
    prepare(tmp_path, days=30, people=12)
    import_all(tmp_path)
    # p1 was written to before it turned out that they are p5; p2 has a link to somebody nobody has ever seen.
    links = [("user:p1", "p5"), ("user:p2", "nobody")]
    with OpenWorkspace.open(tmp_path) as workspace:
        with workspace.stores.ledger.transaction() as transaction:
            transaction.insert(
                IDENTITIES,
                [
                    {"link_id": alias, "alias": alias, "person_id": person, "at": 1, "source": "test"}
                    for alias, person in links
                ],
            )
        whole = Snapshot(workspace, NOW)
        everybody = {
            one.person_id: one for one in recipients(whole.people, workspace.settings, {}, relationships(whole))
        }
        assert {"p5", "nobody"} < set(everybody)
        assert not {"p1", "p2"} & set(everybody)
        for wanted in [{"p5"}, {"nobody", "p3", "p4"}, {"unheard of", "p0"}, set(everybody), set[str]()]:
            some = Snapshot(workspace, NOW, among=wanted)
            found = recipients(some.people, workspace.settings, {}, relationships(some))
            assert {one.person_id: one for one in found} == {
                person: one for person, one in everybody.items() if person in wanted
            }
        assert {one.relationship for one in everybody.values()} > {"stranger"}, "some differ from what is assumed"
