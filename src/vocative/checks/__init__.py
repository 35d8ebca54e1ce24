"""Conformance suites that any driver can run, ours and a third party's.

Each suite is a list of named checks, one function each, whose docstring is the promise it tests::

    from vocative.checks.lake import LAKE_CHECKS, check_lake

    check_lake(open_my_lake)                                  # from a script: all of them

    @pytest.mark.parametrize("check", LAKE_CHECKS, ids=lambda check: check.__name__)
    def test_lake(check): check(open_my_lake)                 # from pytest: one test each

`open_my_lake` opens the store; every call opens the same one. Checks that need other processes hand it to them,
so it has to be picklable: a function of a module or a `functools.partial` of one. A script needs the usual
`if __name__ == "__main__":`.
"""
