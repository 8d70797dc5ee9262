"""Runs ``kimpact sweep`` on a Dask cluster of this machine that is started for it.

    python bench_cluster.py WORKERS SECONDS COMMAND...

``--scheduler ADDRESS`` is added to the command. The seconds that it took, without those in which
the cluster starts and ends, are written to the file SECONDS. The exit status is the command's.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from distributed import LocalCluster


def main() -> int:
    """Entry point."""
    workers, seconds, *command = sys.argv[1:]
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=int(workers), threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        cluster.wait_for_workers(int(workers))
        started = time.monotonic()
        done = subprocess.run([*command, "--scheduler", cluster.scheduler_address], check=False)
        Path(seconds).write_text(repr(time.monotonic() - started))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
