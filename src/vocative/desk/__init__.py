"""The use-cases of a workspace: what command line, HTTP and pages call alike."""
