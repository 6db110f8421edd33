"""Runs the system's own commands."""

import shutil
import subprocess


class CommandFailed(Exception):
    """A command that has to answer did not."""


def output(*arguments, optional=False):
    """Standard output of a command. One that is not installed is an error, unless optional; then it is empty."""
    program = shutil.which(arguments[0], path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        if optional:
            return ""
        raise CommandFailed(f"{arguments[0]} is not installed, and a leak would not be seen without it")
    done = subprocess.run([program, *arguments[1:]], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if optional:
            return ""
        raise CommandFailed(f"{' '.join(arguments)}: exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout
