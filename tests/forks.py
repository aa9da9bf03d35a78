"""Processes of their own for tests, forked from one that has imported everything: imports are paid for once.

Linux and macOS. Forks of the tests' own process would not be fresh, and have pytest's threads.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

SERVER = """
import json, os, random, sys, traceback, warnings
import joblib, numpy as np, pandas, pyarrow.parquet, sklearn.ensemble, sklearn.model_selection, skops.io, torch
torch.set_num_threads(1)
def states():
    return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()
torch.manual_seed(3); np.random.seed(3); random.seed(3)
before = states()
import askew, askew.cli.main, askew.scoring
askew.all_detectors(); askew.selection; askew.objectives; askew.datasets.names()
print(json.dumps(states() == before), flush=True)
for name in sys.argv[1:]:
    __import__(name)
for line in sys.stdin:
    code, words, folder, out, err, whole = json.loads(line)
    child = os.fork()
    if child == 0:
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY), number)
        os.chdir(folder)
        sys.argv = ["-c", *words]
        warnings.simplefilter("ignore")
        if whole:
            exec(code, {"__name__": "__main__"})
            sys.exit()
        status = 1
        try:
            exec(code, {"__name__": "__main__"})
            status = 0
        except SystemExit as end:
            status = end.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(status)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Child:
    """A process that runs Python code in a folder, its output as it comes in ``stdout``."""

    def __init__(self, server, code, words, folder, whole):
        self._server = server
        self._folder = Path(tempfile.mkdtemp())
        self._out, self._err = self._folder / "out", self._folder / "err"
        os.mkfifo(self._out)
        self._err.touch()
        order = [code, [str(word) for word in words], str(folder), str(self._out), str(self._err), whole]
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        self.pid = int(server.stdout.readline())
        self.stdout = self._out.open()

    def errors(self):
        """Return what it has written to stderr so far."""
        return self._err.read_text()

    def wait(self):
        """Return what it printed since, its errors and its exit code, once it has ended."""
        with self.stdout:
            out = self.stdout.read()
        code = int(self._server.stdout.readline())
        err = self._err.read_text()
        for path in (self._out, self._err):
            path.unlink()
        self._folder.rmdir()
        return SimpleNamespace(stdout=out, stderr=err, returncode=code)


class Forks:
    """Starts children, one after the other; `modules` are imported before, too.

    `random_states_untouched` says what importing askew did to them.
    """

    def __init__(self, *modules):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SERVER, *modules],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.random_states_untouched = json.loads(self._server.stdout.readline())

    def start(self, code, *words, folder, whole=False):
        """Return a new child; only a ``whole`` process unloads the libraries at its end, which takes a second."""
        return Child(self._server, code, words, folder, whole)

    def run(self, code, *words, folder):
        """Return the outcome of code that must not fail."""
        done = self.start(code, *words, folder=folder).wait()
        assert done.returncode == 0, done.stderr
        return done

    def stop(self):
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()
