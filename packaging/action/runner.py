"""Runs the steps of a composite GitHub Action and the job of a GitLab CI component on this machine, as their runners do.

It knows the part of both languages that uptake's own files use, and fails on anything else.
"""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|(&&|\|\||==|!=|!|\(|\))|([A-Za-z_][\w.-]*))")


class Expression:
    """An expression of GitHub Actions."""

    def __init__(self, context):
        self.context = context
        self.asks_status = False

    def value(self, text):
        parts, place = [], 0
        text = text.strip()
        while place < len(text):
            match = TOKEN.match(text, place)
            if not match:
                raise ValueError(f"cannot read the expression `{text}` from column {place + 1}")
            place = match.end()
            literal, operator, name = match.groups()
            if operator:
                parts.append({"&&": " and ", "||": " or ", "!": " not "}.get(operator, operator))
            elif name in ("always", "failure", "success"):
                self.asks_status = True
                parts.append(f"self.status_{name}")
            elif name:
                parts.append(repr(self.lookup(name)))
            else:
                parts.append(repr(literal.replace("''", "'")))
        return eval("".join(parts), {"self": self})  # Only literals and operators are left.

    def lookup(self, name):
        root, _, rest = name.partition(".")
        if root not in self.context:
            raise ValueError(f"the context `{root}` is unknown")
        if root == "steps":
            step, kind, output = rest.split(".", 2)
            if kind != "outputs":
                raise ValueError(f"`{name}` is unknown")
            return self.context["steps"].get(step, {}).get(output, "")
        if rest not in self.context[root]:
            raise ValueError(f"`{name}` is unknown")
        return self.context[root][rest]

    def status_always(self):
        return True

    def status_failure(self):
        return self.context["job"]["failed"]

    def status_success(self):
        return not self.context["job"]["failed"]


@dataclass
class Result:
    """What a job did."""

    failed: bool = False
    log: str = ""
    summary: str = ""
    outputs: dict = field(default_factory=dict)
    used: list = field(default_factory=list)
    ran: list = field(default_factory=list)


def run_action(root, inputs, workspace, temp, env, github):
    """Runs the action at `root`, in order, as a job of its own."""
    action = yaml.safe_load((root / "action.yml").read_text())
    unknown = set(inputs) - set(action["inputs"])
    if unknown:
        raise ValueError(f"the action has no inputs {unknown}")
    values = {name: inputs.get(name, spec.get("default", "")) for name, spec in action["inputs"].items()}
    context = {"inputs": values, "github": github, "steps": {}, "job": {"failed": False}}
    result = Result()
    added_path = []
    for number, step in enumerate(action["runs"]["steps"]):
        unknown = set(step) - {"name", "id", "if", "shell", "env", "run", "uses", "with"}
        if unknown:
            raise ValueError(f"the runner does not know {unknown}")
        expression = Expression(context)
        wanted = expression.value(step["if"]) if "if" in step else True
        if not wanted or (context["job"]["failed"] and not expression.asks_status):
            continue
        result.ran.append(step["name"])
        if "uses" in step:
            given = {key: filled(str(value), context) for key, value in step["with"].items()}
            result.used.append((step["uses"], given))
            continue
        files = {name: temp / f"{name}-{number}" for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")}
        for file in files.values():
            file.write_text("")
        step_env = {
            **env,
            "PATH": os.pathsep.join([*reversed(added_path), env["PATH"]]),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(root),
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(temp),
            **{name: str(file) for name, file in files.items()},
            **{name: filled(str(value), context) for name, value in step.get("env", {}).items()},
        }
        if step["shell"] != "bash":
            raise ValueError("the runner only knows bash")
        script = temp / f"step-{number}.sh"
        script.write_text(filled(step["run"], context))
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=workspace, env=step_env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )
        result.log += done.stdout
        result.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        added_path += files["GITHUB_PATH"].read_text().split()
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        context["steps"][step.get("id", str(number))] = outputs
        context["job"]["failed"] |= done.returncode != 0
    result.failed = context["job"]["failed"]
    result.outputs = {name: filled(spec["value"], context) for name, spec in action["outputs"].items()}
    return result


def filled(text, context):
    """The text with its expressions replaced by their values."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: str(Expression(context).value(match[1])), text)


def run_component(file, inputs, workspace, env):
    """Runs the job of a GitLab CI component."""
    text = Path(file).read_text()
    spec = next(yaml.safe_load_all(text))["spec"]["inputs"]
    unknown = set(inputs) - set(spec)
    if unknown:
        raise ValueError(f"the component has no inputs {unknown}")
    values = {name: inputs.get(name, about.get("default")) for name, about in spec.items()}
    for name, about in spec.items():
        if values[name] is None or values[name] not in about.get("options", [values[name]]):
            raise ValueError(f"invalid input {name}: {values[name]}")
    body = text.split("\n---\n", 1)[1]
    jobs = yaml.safe_load(re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda match: values[match[1]], body))
    if "$[[" in str(jobs):
        raise ValueError("an input is left in the job")
    (job,) = jobs.values()
    script = "\n".join([*job["before_script"], *job["script"]])
    done = subprocess.run(
        ["sh", "-e", "-c", script], cwd=workspace, env={**env, "CI": "true", **job["variables"]},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )
    artifacts = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    return done.returncode, done.stdout, [workspace / path for path in artifacts]
