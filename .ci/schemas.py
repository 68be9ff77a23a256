"""Holds the JSON Schemas that `uptake schema` prints against the files of this repository, with a validator that is not uptake's.

Usage: schemas.py UPTAKE. It needs Python with jsonschema and PyYAML.
"""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml


class Yaml12(yaml.SafeLoader):
    """YAML 1.2's JSON schema: no dates, no yes and no, no numbers with colons."""


Yaml12.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$", "-0123456789"),
]:
    Yaml12.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))

# Files that a reader refuses for what a schema can see, and the schema that must refuse them too.
REFUSED = [
    "misspelt-action", "no-name", "nothing-expected", "segment-zero", "unknown-action", "unknown-key",
    "unknown-key-in-scenario", "unknown-matcher", "empty-steps", "one-of-nothing", "repeat-never", "wrong-type",
]


def kind(path, document):
    """Which schema describes a file; None for tables and other files of a suite."""
    if isinstance(document, list):
        return "waivers" if document and "until" in document[0] else None
    for key, name in [("suite", "suite"), ("scenario", "scenario"), ("target", "target"), ("load", "plan"),
                      ("matrix", "matrix-plan")]:
        if key in (document or {}):
            return "plan" if path.parent.name == "load" else name
    return None


def main(uptake):
    validators = {}
    for name in ["scenario", "suite", "target", "plan", "waivers", "matrix-plan"]:
        printed = subprocess.run([uptake, "schema", name], check=True, capture_output=True, text=True).stdout
        schema = json.loads(printed)
        jsonschema.Draft202012Validator.check_schema(schema)
        validators[name] = jsonschema.Draft202012Validator(schema)
    wrong, counts = [], dict.fromkeys(validators, 0)
    for folder in ["scenarios", "fixtures/targets", "fixtures/vendor", "fixtures/waivers", "fixtures/servers", "tests"]:
        for path in sorted(pathlib.Path(folder).rglob("*.yaml")):
            document = yaml.load(path.read_text(encoding="utf-8"), Yaml12)
            name = kind(path, document)
            if name:
                counts[name] += 1
                for error in validators[name].iter_errors(document):
                    best = jsonschema.exceptions.best_match([error])
                    wrong.append(f"{path}: {best.json_path}: {best.message[:300]}")
    for name in REFUSED:
        path = pathlib.Path("fixtures/broken", name + ".yaml")
        document = yaml.load(path.read_text(encoding="utf-8"), Yaml12)
        if validators["scenario"].is_valid(document):
            wrong.append(f"{path}: the schema of a scenario takes it")
    for name, count in counts.items():
        if count == 0:
            wrong.append(f"no file of the repository is a {name}")
    print("\n".join(wrong) or f"valid: {counts}")
    return bool(wrong)


sys.exit(main(sys.argv[1]))
