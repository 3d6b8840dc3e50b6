"""Which of torchrun's processes this one is: what each has a part in, and what the first does."""

import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from types import TracebackType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed

from ingest.errors import MaskclsError
from maskcls.errors import ArgumentRefused, ProcessLost


def _variable(name: str, alone: int) -> int:
    """Number that torchrun gives this process; `alone` without torchrun."""
    return int(os.environ[name]) if "TORCHELASTIC_RUN_ID" in os.environ else alone


def size() -> int:
    """Number of processes that train together; 1 without torchrun."""
    return _variable("WORLD_SIZE", 1)


def local_size() -> int:
    """Number of them on this machine."""
    return _variable("LOCAL_WORLD_SIZE", 1)


def rank() -> int:
    """Number of this process, 0 for the first."""
    return _variable("RANK", 0)


def is_first() -> bool:
    """Whether this process writes files and talks to the user."""
    return rank() == 0


def device() -> torch.device:
    """The GPU of this process if there is one, else the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", _variable("LOCAL_RANK", 0))


@cache
def _control() -> Any:
    """Meet the other processes; what is said between them never needs a GPU."""
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend)
    return distributed.new_group(backend="gloo")


@contextmanager
def together() -> Iterator[None]:
    """Work as one of torchrun's processes: what all would say, the first says."""
    if size() == 1:
        yield
        return
    _control()
    if not is_first():
        _fall_silent()
    try:
        yield
        wait()
    except MaskclsError:
        if not is_first():
            _let_the_first_speak()
        raise


def check_shares(batch_size: int) -> None:
    """Refuse a batch that the processes cannot share.

    Raises
    ------
    ArgumentRefused
        If the shares are uneven or of one image, or there are fewer GPUs than processes.
    """
    if size() == 1:
        return
    if torch.cuda.is_available() and torch.cuda.device_count() < local_size():
        message = (
            f"torchrun: {local_size()} processes for {torch.cuda.device_count()} GPUs. Expected no "
            "more processes than GPUs. Lower --nproc-per-node."
        )
        raise ArgumentRefused(message)
    if batch_size % size() or batch_size < 2 * size():
        message = (
            f"train.batch_size is {batch_size}, for {size()} processes to share. Expected a "
            f"multiple of {size()}, two images or more each. Set another."
        )
        raise ArgumentRefused(message)


def _fall_silent() -> None:
    """Say nothing any more; what nobody foresaw is still shown."""
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.excepthook = _show


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    traceback.print_exception(kind, error, trace, file=sys.__stderr__)


def _let_the_first_speak() -> None:
    """Wait until the first process has ended by the same error; if it has none, speak."""
    with suppress(ProcessLost):
        wait()
        sys.stderr = sys.__stderr__


def wait() -> None:
    """Go on when all processes have come here.

    Raises
    ------
    ProcessLost
        If one of them has ended.
    """
    if size() == 1:
        return
    try:
        distributed.barrier(_control())
    except RuntimeError as error:
        message = (
            f"process {rank()} of {size()}: another one has ended. Expected all to go on. See what "
            "it says, then continue with --resume."
        )
        raise ProcessLost(message) from error


def part_of(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every n-th row for n processes, from this one's number on."""
    return rows[rank() :: size()]


def even_part_of(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """As `part_of`, with first rows repeated so that every process has as many."""
    return part_of(np.concatenate([rows, np.resize(rows, -len(rows) % size())]))


def gather(part: Mapping[str, NDArray[np.float64]], n: int) -> dict[str, NDArray[np.float64]]:
    """Arrays over all rows from those over `part_of` the rows, in the order of the rows.

    Parameters
    ----------
    part : mapping of str to ndarray of shape (n_part, C)
        Of this process.
    n : int
        Number of all rows.
    """
    if size() == 1:
        return dict(part)
    parts: list[Mapping[str, NDArray[np.float64]]] = [{}] * size()
    distributed.all_gather_object(parts, dict(part), group=_control())
    whole = {name: np.empty((n, *first.shape[1:])) for name, first in parts[0].items()}
    for number, one in enumerate(parts):
        for name, values in one.items():
            whole[name][number :: size()] = values
    return whole
