"""Kernels forked from one process that has already imported what every chapter imports.

Most of a chapter's time goes into starting Python and importing. Linux only: elsewhere
forking a process that has loaded numerical libraries is not safe, and kernels start
in the ordinary way.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

# Modules of the package's own that not every chapter needs stay out: what a chapter has
# loaded counts as what it rests on.
PRELOAD = [
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "jinja2",
    "pandera.pandas",
    "scipy.optimize",
    "statsmodels.api",
    "exile.publish",
]


def use_forked_kernels() -> None:
    """From now on, start kernels of this process by forking, where that is safe."""
    if sys.platform == "linux":
        os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "exile-forked"
        # Or the debugger that is preloaded warns of modules that it could not step into.
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel in a fork of a server process with the preloaded modules."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        fork: Any = _Fork(arguments, kwargs.get("cwd") or os.getcwd(), kwargs["env"])
        self.process, self.pid, self.pgid = fork, fork.pid, fork.pid
        return self.connection_info


class _Fork:
    """A forked process with the part of ``subprocess.Popen`` that provisioners use."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], cwd: str, env: dict[str, str]):
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOAD)
        self._process = context.Process(target=_run_kernel, args=(arguments, cwd, env), daemon=True)
        # A fork would otherwise run the program that started the build once more.
        main = sys.modules["__main__"]
        file, main.__file__ = getattr(main, "__file__", None), None
        try:
            self._process.start()
        finally:
            main.__file__ = file
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


def _run_kernel(arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()  # its own group, as signals to a kernel go to the group
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    # The server that it was forked from lives as long as any kernel: a kernel ends with the build.
    threading.Thread(
        target=_end_with, args=(multiprocessing.parent_process(),), daemon=True
    ).start()
    sys.argv = ["ipykernel_launcher", *arguments]
    IPKernelApp.launch_instance(arguments)


def _end_with(build) -> None:
    build.join()
    os._exit(1)
