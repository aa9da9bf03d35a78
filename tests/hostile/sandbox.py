"""Runs one command under limits and notes what it does beside its work; tests/forks.py starts it as a script.

Words: what is noted goes to the file of the first word; the rest is the command. The module ``hostile_trap`` stands
for code that a file would have run: whatever imports or calls it leaves a line.
"""

import os
import resource
import signal
import sys
import tempfile
import types

CPU_SECONDS = 5
HANG_SECONDS = 30  # of a clock, on a machine that is busy
MEGABYTES = 1 << 20
MEMORY = 4096 * MEGABYTES  # of addresses; what is used is counted at the end

FOREIGN = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.", "socket.")
FOREIGN += ("pickle.", "urllib.", "webbrowser.", "http.", "ftplib.", "smtplib.", "telnetlib.")
CHANGES = (
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
)
LOCAL = ("socket.gethostname", "socket.__new__")  # a name, and asyncio's: nothing is sent


def run(notes, words):
    """Return the command's exit code."""
    from askew.cli.main import main

    log = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    allowed = tuple(os.path.realpath(place) + os.sep for place in (os.getcwd(), tempfile.gettempdir()))

    def told(text):
        os.write(log, f"{text}\n".encode(errors="backslashreplace"))

    def trap(*_, **__):
        told("code ran")

    module = types.ModuleType("hostile_trap")
    module.run = module.Run = trap
    sys.modules["hostile_trap"] = module

    def elsewhere(path):
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        return not (os.path.realpath(os.fsdecode(path)) + os.sep).startswith((*allowed, "/dev/", "/proc/"))

    def hook(event, arguments):
        if event.startswith(FOREIGN) and event not in LOCAL:
            told(f"{event}{arguments!r}"[:300])
        elif event == "open":
            path, mode, flags = arguments
            writes = set("wax+") & set(mode or "") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if writes and elsewhere(path):
                told(f"wrote {path!r}")
        elif event in CHANGES and elsewhere(arguments[0]):
            told(f"{event} {arguments[0]!r}")

    before = resource.getrusage(resource.RUSAGE_SELF)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(HANG_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (_data() + MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(hook)
    code = main(words)
    after = resource.getrusage(resource.RUSAGE_SELF)
    grown = (after.ru_maxrss - before.ru_maxrss) // 1024
    told(f"used {after.ru_utime + after.ru_stime:.2f} s, {after.ru_maxrss // 1024} MB, {grown} MB more")
    return code


def _data():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData"))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
