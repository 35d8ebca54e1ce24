"""Memory stays bounded whatever the size of a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.collect.conftest import NOW
from tests.dying import ROOT

_CODE = """
import sys
from pathlib import Path
from tests.collect.conftest import open_stores, shop
from tests.peak import peak_bytes
from vocative.collect.commit.files import import_file
stores = open_stores(Path(sys.argv[1]), memory="400MB")
account = import_file(stores, shop(), Path(sys.argv[2]), kind="events", mapping=None, now=int(sys.argv[3]))
print(account.accepted, account.merged, account.rejected, peak_bytes() >> 20)
"""


def measure(folder: Path, lines: int) -> int:
    """Import a file of so many lines, a tenth of them twice, in a process of its own; its largest size in MiB."""
    path = folder / f"{lines}.csv"
    with path.open("w") as file:
        file.write("timestamp,event,user_id,order_id,item_id,quantity,amount,store\n")
        for start in range(0, lines, 10_000):
            file.write(
                "".join(
                    f"2024-0{1 + number % 9}-{1 + number % 28:02} 10:{number % 60:02},purchase,p{number % 99_991},"
                    f"o{number // 9},i{number % 5_003},{1 + number % 3},{number % 997 / 100},s{number % 7}\n"
                    for number in range(start, start + 9_000)
                )
            )
            file.write("2024-01-01 10:00,purchase,p1,o1,i1,1,1,s1\n" * 1_000)
    command = [sys.executable, "-c", _CODE, str(folder / f"data{lines}"), str(path), str(NOW)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    accepted, merged, rejected, size = map(int, done.stdout.split())
    assert (accepted, merged, rejected) == (lines, 0, 0)
    return size


@pytest.mark.slow
def test_three_million_rows_need_hardly_more_than_three_hundred_thousand(tmp_path: Path) -> None:
    small, large = measure(tmp_path, 300_000), measure(tmp_path, 3_000_000)
    assert large < 1_100
    assert large < small + 600
