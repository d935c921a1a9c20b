"""CPU time and memory of a whole process tree, out of /proc."""

import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """Fields of /proc/<pid>/stat after the command's name, which may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(root):
    """The process and all its descendants."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                children.setdefault(int(_stat(entry)[1]), []).append(int(entry))
            except OSError:
                continue  # ended meanwhile
    found = [root]
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def cpu_ms(root):
    """User and system time so far, of the living and of those already waited for."""
    ticks = sum(sum(int(field) for field in _stat(pid)[11:15]) for pid in tree(root))
    return ticks * 1000 / TICKS_PER_SECOND


def _status_kb(pid, key):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    return 0


def rss_mb(root):
    return sum(_status_kb(pid, "VmRSS") for pid in tree(root)) / 1024


def peak_rss_mb(root):
    """Sum of each process's own peak since `reset_peak`; at most a little above the tree's true peak."""
    return sum(_status_kb(pid, "VmHWM") for pid in tree(root)) / 1024


def reset_peak(root):
    for pid in tree(root):
        try:
            Path(f"/proc/{pid}/clear_refs").write_text("5")
        except OSError:
            pass  # somebody else's process: its peak stays what it was


def listener(port):
    """The process that listens on a local TCP port, or None. Workers that share the socket yield their parent."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    owners = set()
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            links = {os.readlink(f"/proc/{entry}/fd/{fd}") for fd in os.listdir(f"/proc/{entry}/fd")}
        except OSError:
            continue
        if inodes & links:
            owners.add(int(entry))
    tops = [pid for pid in owners if int(_stat(pid)[1]) not in owners]
    return min(tops, default=None)
