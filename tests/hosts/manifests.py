"""Checks the manifests beside this file against the fields that their hosts read: an unknown one is an error there too.

The fields are those of Spin's manifest, version 2 (spinframework/spin, `crates/manifest/src/schema/v2.rs`), and of the
resource WorkloadDeployment (wasmCloud/wasmCloud, `charts/runtime-operator/crds`), as of August 2026, as far as they are
used here. Neither host runs in the tests.
"""

import re
import sys
import tomllib
from pathlib import Path

import yaml

ALLOWED_HOST = r"([A-Za-z][A-Za-z0-9+.-]*://)?(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?/?"

SPIN = {
    "spin_manifest_version": int,
    "application": {"name": str, "version": str, "description": str},
    "trigger": {"http": [{"route": str, "component": str}]},
    "component": {"directory": {"source": str, "allowed_outbound_hosts": [ALLOWED_HOST]}},
}
WASMCLOUD = {
    "apiVersion": "runtime.wasmcloud.dev/v1alpha1",
    "kind": "WorkloadDeployment",
    "metadata": {"name": str},
    "spec": {
        "replicas": int,
        "template": {
            "spec": {
                "components": [
                    {
                        "name": str,
                        "image": r".+@sha256:[0-9a-f]{64}",
                        "localResources": {
                            "allowedHosts": [ALLOWED_HOST],
                            "environment": {"secretFrom": [{"name": str}]},
                        },
                    }
                ],
                "hostInterfaces": [
                    {"namespace": str, "package": str, "interfaces": [str], "config": {"host": str}}
                ],
            }
        },
    },
}


def check(value, shape, place):
    """Ends the program where `value` has another shape, or a field more or less."""
    if isinstance(shape, dict):
        fits = isinstance(value, dict) and value.keys() == shape.keys()
        for name in shape if fits else []:
            check(value[name], shape[name], f"{place}.{name}")
    elif isinstance(shape, list):
        fits = isinstance(value, list) and value != []
        for number, item in enumerate(value if fits else []):
            check(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, str):
        fits = isinstance(value, str) and re.fullmatch(shape, value) is not None
    else:
        fits = type(value) is shape
    if not fits:
        sys.exit(f"{place} is not {shape}: {value}")


here = Path(__file__).parent
check(tomllib.loads((here / "spin/spin.toml").read_text()), SPIN, "spin.toml")
check(yaml.safe_load((here / "wasmcloud/directory.yaml").read_text()), WASMCLOUD, "directory.yaml")
