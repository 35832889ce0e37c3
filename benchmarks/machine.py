"""What figures depend on: the machine, said beside every table."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path


def describe() -> str:
    """One line: cores, processor, memory, Python, and how busy the machine is."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"machine: {os.cpu_count()} cores ({_processor()}), "
        f"{memory_bytes / 2**30:.0f} GiB, Python {platform.python_version()}; "
        f"load {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    for line in cpuinfo.read_text().splitlines() if cpuinfo.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def peak_rss(pid: int | str = "self") -> float:
    """The most memory that a process has held so far, in MiB. Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status has no VmHWM")


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far. Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def load() -> str:
    """How many wait for the machine's cores, for a line above figures."""
    return f"load {os.getloadavg()[0]:.1f}"
