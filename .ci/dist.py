"""Puts what a release consists of into a folder.

usage: dist.py BUILT DIST FUNCTION...

BUILT is the folder of `cargo lambda build`. Each function becomes DIST/FUNCTION.zip, with
the one file `bootstrap` that Lambda runs. The operators' tool and `cargo local` become
DIST/countersign and DIST/countersign-local. DIST/SHA256SUMS has the digest of each file.
The same binaries give the same files, byte for byte.
"""

import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

TOOLS = ["countersign", "countersign-local"]
# The earliest time that a zip can hold, so that the zip does not depend on the day.
TIME = (1980, 1, 1, 0, 0, 0)
EXECUTABLE_FILE = 0o100755


def pack(binary, file):
    """A zip that Lambda takes: it needs the permission to execute."""
    entry = zipfile.ZipInfo("bootstrap", TIME)
    entry.external_attr = EXECUTABLE_FILE << 16
    entry.create_system = 3  # Unix, whose permissions the entry has.
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(entry, binary.read_bytes())


built, dist = Path(sys.argv[1]), Path(sys.argv[2])
shutil.rmtree(dist, ignore_errors=True)
dist.mkdir(parents=True)
for name in sys.argv[3:]:
    pack(built / name / "bootstrap", dist / f"{name}.zip")
for name in TOOLS:
    shutil.copy(built / name / "bootstrap", dist / name)
files = sorted(dist.iterdir())
sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
(dist / "SHA256SUMS").write_text("".join(sums))
for file in files:
    print(f"{file.stat().st_size:>10}  {file.name}")
