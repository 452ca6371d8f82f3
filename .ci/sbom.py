"""Prints the CycloneDX 1.5 bill of materials of a package: `python3 .ci/sbom.py PACKAGE TARGET [FILE]`.

It lists every crate that is linked into PACKAGE for TARGET, from the lock file; none that only builds or tests it. Where
features differ between packages of the workspace it may list more than is linked, never less. FILE is what was built:
its SHA-256 is that of the document's subject. The same sources print the same bytes: no time, no random number.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

package, target, *files = sys.argv[1:]
metadata = subprocess.run(
    ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target],
    check=True, capture_output=True, text=True,
)
metadata = json.loads(metadata.stdout)
packages = {one["id"]: one for one in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
lock = tomllib.loads(Path(metadata["workspace_root"], "Cargo.lock").read_text())
checksums = {(one["name"], one["version"]): one.get("checksum") for one in lock["package"]}


def linked(node):
    """What a package links, macros and build scripts left out."""
    return sorted(
        dependency["pkg"]
        for dependency in node["deps"]
        if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        and not any("proc-macro" in part["kind"] for part in packages[dependency["pkg"]]["targets"])
    )


root = next(one for one, value in packages.items() if value["name"] == package and one in metadata["workspace_members"])
graph, waiting = {}, [root]
while waiting:
    name = waiting.pop()
    if name not in graph:
        graph[name] = linked(nodes[name])
        waiting += graph[name]


def purl(name):
    return f"pkg:cargo/{packages[name]['name']}@{packages[name]['version']}"


def component(name):
    one = packages[name]
    if not one["license"]:
        sys.exit(f"`{one['name']}` states no licence")
    described = {
        "type": "library",
        "bom-ref": purl(name),
        "name": one["name"],
        "version": one["version"],
        "licenses": [{"expression": one["license"].replace("/", " OR ")}],
        "purl": purl(name),
    }
    checksum = checksums[one["name"], one["version"]]
    if checksum:
        described["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    elif one["source"]:
        sys.exit(f"`{one['name']}` comes from elsewhere than the registry and has no checksum")
    return described


subject = component(root) | {"type": "application"}
for file in files:
    subject["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(Path(file).read_bytes()).hexdigest()}]
names = sorted(graph, key=purl)
document = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "version": 1,
    "metadata": {"component": subject},
    "components": [component(name) for name in names if name != root],
    "dependencies": [{"ref": purl(name), "dependsOn": sorted(map(purl, graph[name]))} for name in names],
}
print(json.dumps(document, indent=2))
