"""Tells the starter about this Python in one JSON line; understood by any Python 3 (and refused by Python 2)."""
import importlib.util
import json
import os
import platform
import sys
import sysconfig


def found(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:  # its package is not there at all
        return False


def carried_pip():
    """pip's own wheel as Python or Debian carries it; a wheel runs straight from its zip."""
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR") or ""]
    folders.append(os.path.join(os.path.dirname(os.__file__), "ensurepip", "_bundled"))
    for folder in folders:
        if os.path.isdir(folder):
            for name in sorted(os.listdir(folder)):
                if name.startswith("pip-") and name.endswith(".whl"):
                    return os.path.join(folder, name)
    return None


print(json.dumps({
    "version": list(sys.version_info[:3]),
    "executable": sys.executable,
    "machine": platform.machine(),
    "libc": platform.libc_ver(),
    "pip": found("pip.__main__"),
    "wheel": carried_pip(),
}))
