"""Resident memory of this process and its peak, from Linux's /proc. All numbers are bytes."""

import torch


def _status(key):
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(key + ":"):
                return 1024 * int(line.split()[1])
    raise RuntimeError(f"/proc/self/status has no {key}")


def resident():
    return _status("VmRSS")


def peak():
    return _status("VmHWM")


def forget_peak():
    """The peak counts from the present size on."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def touch(*modules):
    """Reads every weight once: files are mapped, and what nobody has read yet is not resident."""
    with torch.no_grad():
        for module in modules:
            for parameter in module.parameters():
                parameter.sum()
