"""Public conformance suites that any driver can be run through."""
