"""The systemd units keep what they promise: required lines, no secret in an argument, and systemd's own judgement where it is there."""
import pathlib
import re
import shutil
import subprocess
import sys

UNITS = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "systemd"
BOTH = """NoNewPrivileges=yes CapabilityBoundingSet= ProtectSystem=strict ProtectHome=yes PrivateTmp=yes PrivateDevices=yes
    RestrictNamespaces=yes MemoryDenyWriteExecute=yes SystemCallArchitectures=native LimitCORE=0 UMask=0077""".split()
SIGNER = BOTH + """SocketBindDeny=any IPAddressDeny=any LimitMEMLOCK=infinity RestrictRealtime=yes
    LoadCredentialEncrypted=holdfast-signer.passphrase User=holdfast-signer""".split() + [
    "RestartPreventExitStatus=2 3 5", "SystemCallFilter=seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self"]
REQUIRED = {"holdfast-signer.service": SIGNER, "holdfastd.service": BOTH + ["User=holdfastd", "RestartPreventExitStatus=2 3 5"]}
EXPOSURE_MAX = 2.0


def problems(name, text):
    lines = [line.strip() for line in text.splitlines() if not line.startswith("#")]
    for wanted in REQUIRED[name]:
        if wanted not in lines:
            yield f"{name}: {wanted} is missing"
    for line in lines:
        if line.startswith("Environment"):
            yield f"{name}: {line}: nothing comes from the environment"
        if line.startswith("ExecStart=") and re.search(r"--allow-root|/sh\b", line):
            yield f"{name}: {line}: no shell, and not as root"


def judged_by_systemd(path):
    if not shutil.which("systemd-analyze"):
        return
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)], capture_output=True, text=True, timeout=60)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    if found and float(found[1]) > EXPOSURE_MAX:
        yield f"{path.name}: systemd finds an exposure of {found[1]}, over {EXPOSURE_MAX}"
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True, timeout=60)
    for line in verified.stderr.splitlines():
        if path.name in line and "is not executable" not in line:
            yield line


def main():
    found = []
    for name in REQUIRED:
        text = (UNITS / name).read_text()
        found += problems(name, text)
        found += judged_by_systemd(UNITS / name)
        for wanted in REQUIRED[name]:  # A check that cannot fail is none.
            if not any(True for _ in problems(name, text.replace(wanted + "\n", "\n"))):
                found.append(f"the check does not see that {wanted} is missing from {name}")
    print("\n".join(found) or "ok")
    sys.exit(bool(found))


main()
