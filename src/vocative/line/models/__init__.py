"""Models of a workspace: fitted, proved, registered, described and watched."""
