"""Certificates: an authority for tests, and a certificate that it signs."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1")
# Python 3.13 requires these extensions.
AUTHORITY = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")


@dataclass(frozen=True)
class Certificates:
    """Paths of the authority's certificate, and of one for `names` together with its key."""

    authority: Path
    pair: Path

    def folder(self) -> Path:
        """Return the folder of the authority, with the link by which OpenSSL finds it."""
        command = ["openssl", "x509", "-hash", "-noout", "-in", self.authority]
        subject = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        link = self.authority.with_name(f"{subject}.0")
        link.unlink(missing_ok=True)
        link.symlink_to(self.authority)
        return self.authority.parent


def certificates(folder: Path, *names: str) -> Certificates:
    """Make an authority and a certificate in `folder`, for host names and IPv4 addresses."""
    made = Certificates(folder / "authority.pem", folder / "pair.pem")
    key, leaf = folder / "ca.key", folder / "leaf.key"
    _openssl(*AUTHORITY, "-subj", "/CN=authority", "-keyout", key, "-out", made.authority)
    alternatives = ",".join(f"{'IP' if name[0].isdigit() else 'DNS'}:{name}" for name in names)
    extensions = ("-addext", f"subjectAltName={alternatives}", "-addext", "basicConstraints=CA:FALSE")
    signed_by = ("-CA", made.authority, "-CAkey", key)
    _openssl(*extensions, *signed_by, "-subj", "/CN=server", "-keyout", leaf, "-out", made.pair)
    made.pair.write_text(made.pair.read_text() + leaf.read_text())
    return made


def _openssl(*words: str | Path) -> None:
    command = ["openssl", "req", "-x509", *KEY, *words]
    subprocess.run(command, check=True, capture_output=True)
