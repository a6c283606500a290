"""Starts the trial's homeserver so that it never outlives its starter (test/support/synapse.ts).

Two independent means: the kernel's death signal, and a pipe on stdin that closes when the starter ends.
"""
import os
import signal
import sys
import threading


def watch():
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    threading.Timer(1.5, os._exit, (1,)).start()  # when SIGTERM is not enough
    os.kill(os.getpid(), signal.SIGTERM)


if sys.platform == "linux":
    import ctypes

    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() != int(os.environ["STARTER_PID"]):
    sys.exit("starter is gone")  # it ended before the death signal was asked for
threading.Thread(target=watch, daemon=True).start()

from synapse.app.homeserver import main  # noqa: E402  (a second of imports, after the guards)
from synapse.storage.engines.sqlite import Sqlite3Engine  # noqa: E402

connect = Sqlite3Engine.on_new_connection


def on_new_connection(self, db_conn):
    """With its log (WAL) a commit need not wait for the disk: a kill loses nothing, a power cut the last moments.

    Measured: two thirds of the database thread's time were fsyncs, and each of ours on that disk held them up.
    """
    connect(self, db_conn)
    db_conn.execute("PRAGMA synchronous = NORMAL;")


Sqlite3Engine.on_new_connection = on_new_connection

main()
