"""The files AcmeCo is deployed by fit each other, and the code: no container engine is needed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.bin.celery import celery
from click.testing import CliRunner
from django.core.management import get_commands, load_command_class
from kubernetes_validate import validate

from acmeco import settings
from tests.documents import ROOT, blocks_of

BIN = Path(sys.executable).parent
ROLES = ("web", "worker", "beat", "relay", "migrate")
KUBERNETES = ROOT / "deploy" / "kubernetes"
SYSTEMD = ROOT / "deploy" / "systemd"
PATCHES = {"kustomization.yaml", "hardening.yaml", "after-migrations.yaml"}

# Read by others than settings.py: Prometheus' client, Python, Compose, PostgreSQL, the sandbox.
OF_OTHERS = {"PROMETHEUS_MULTIPROC_DIR", "PYTHONUNBUFFERED", "PATH"}
OF_COMPOSE = {"ACMECO_ENV", "COMPOSE_PROFILES", "POSTGRES_PASSWORD", "TLS_DIRECTORY"}


def lines(path: Path) -> list[str]:
    """Return a file's lines, those that end in a backslash joined, without comments."""
    text = "\n".join(line for line in path.read_text().splitlines() if line[:1] != "#")
    return re.sub(r"\\\n\s*", "", text).splitlines()


def manifests() -> list[dict[str, Any]]:
    paths = sorted(path for path in KUBERNETES.glob("*.yaml") if path.name not in PATCHES)
    return [each for path in paths for each in yaml.safe_load_all(path.read_text())]


def rendered() -> list[dict[str, Any]]:
    if not shutil.which("kubectl"):
        pytest.skip("needs kubectl, whose kustomize works without a cluster")
    command = ["kubectl", "kustomize", str(KUBERNETES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


DOCKERFILE = lines(ROOT / "Dockerfile")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
MANIFESTS = manifests()
WORKLOADS = [each for each in MANIFESTS if each["kind"] in ("Deployment", "Job")]
UNITS = sorted(SYSTEMD.glob("*.service"))


def pods_of(workload: dict[str, Any]) -> dict[str, Any]:
    pods: dict[str, Any] = workload["spec"]["template"]["spec"]
    return pods


def image_command() -> list[str]:
    """Return what the image runs by itself."""
    given = next(line for line in DOCKERFILE if line.startswith("CMD "))
    return list(yaml.safe_load(given.removeprefix("CMD ")))


def role_of(name: str) -> str:
    return name.removeprefix("acmeco-").partition(".")[0].rstrip("@")


def commands() -> dict[str, dict[str, list[str]]]:
    """Return, for each way to deploy, the command line of each role."""
    procfile = dict(line.split(": ", 1) for line in lines(ROOT / "Procfile"))
    procfile["migrate"] = procfile.pop("release")
    return {
        "Procfile": {role: shlex.split(line) for role, line in procfile.items()},
        "compose": {
            role: shlex.split(SERVICES[role]["command"])
            if "command" in SERVICES[role]
            else image_command()
            for role in ROLES
        },
        "kubernetes": {
            role_of(each["metadata"]["name"]): pods_of(each)["containers"][0].get(
                "command", image_command()
            )
            for each in WORKLOADS
        },
        "systemd": {
            role_of(path.name): shlex.split(line.rpartition(".venv/bin/")[2])
            for path in UNITS
            for line in lines(path)
            if line.startswith("ExecStart=")
        },
    }


COMMANDS = commands()


@pytest.mark.parametrize("way", COMMANDS)
def test_every_way_to_deploy_runs_every_role(way: str) -> None:
    assert set(COMMANDS[way]) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_the_same_command_however_it_is_deployed(role: str) -> None:
    # Only systemd's web is reloaded, which --reuse-port does not suit.
    of_the_place = re.compile(r" --((bind|worker-tmp-dir|hostname) \S+|reuse-port)")
    lines = {of_the_place.sub("", shlex.join(way[role])) for way in COMMANDS.values()}
    assert len(lines) == 1


def test_the_readme_starts_the_same_roles() -> None:
    (block,) = (each for each in blocks_of("README.md") if each.run_by)
    for line in block.text.splitlines():
        words = set(shlex.split(line, comments=True))
        assert any(words <= set(command) for command in COMMANDS["Procfile"].values()), line


@pytest.mark.parametrize("role", ROLES)
def test_the_fullest_command_line_of_a_role_is_one_that_its_program_takes(role: str) -> None:
    program, *words = max((way[role] for way in COMMANDS.values()), key=len)
    if program == "python":
        _, name, *options = words
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(options)
    elif program == "celery":
        shown = CliRunner().invoke(celery, [*words, "--help"])
        assert shown.exit_code == 0, shown.output
    else:
        environment = {"DJANGO_SETTINGS_MODULE": "acmeco.settings", "DEBUG": "true"}
        check = [str(BIN / program), *words, "--check-config"]
        subprocess.run(check, cwd=ROOT, env={**os.environ, **environment}, check=True)


def variables() -> set[str]:
    """Return every variable that a file gives to AcmeCo."""
    docker = " ".join(line for line in DOCKERFILE if re.match(r"ENV|RUN DEBUG", line))
    units = " ".join(
        line.removeprefix("Environment=")
        for path in UNITS
        for line in lines(path)
        if line.startswith("Environment=")
    )
    files = [ROOT / "deploy/compose/sandbox.env", KUBERNETES / "settings.env"]
    assigned = re.findall(r"\b([A-Z][A-Z_]+)=", " ".join([docker, units]))
    in_files = [line.partition("=")[0] for path in files for line in lines(path)]
    used = re.findall(r"\$\{?([A-Z_]+)", (ROOT / "Procfile").read_text())
    return {*assigned, *in_files, *used, *COMPOSE["x-acmeco"]["environment"]}


def test_every_variable_is_one_that_is_read() -> None:
    assert variables() - OF_OTHERS - OF_COMPOSE <= set(settings.env.scheme)


def test_what_compose_fills_in_is_explained() -> None:
    names = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    guide = (ROOT / "docs" / "deploy.md").read_text()
    assert names <= OF_COMPOSE
    assert all(f"`{name}`" in guide or f"{name}=" in guide for name in names)


def test_images_are_named_as_everybody_names_them() -> None:
    built = [line.split()[1] for line in DOCKERFILE if line.startswith("FROM ")]
    run = [each["image"] for each in SERVICES.values()]
    pods = [each["image"] for work in WORKLOADS for each in pods_of(work)["containers"]]
    assert all("." not in image.partition("/")[0] or "/" not in image for image in built + run)
    assert set(pods) == {COMPOSE["x-acmeco"]["image"]}


def test_the_image_holds_what_it_copies_and_runs_as_nobody_special() -> None:
    copied = [
        word
        for line in DOCKERFILE
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    let_in = {line[1:] for line in lines(ROOT / ".dockerignore") if line.startswith("!")}
    packages = {app.partition(".")[0] for app in settings.INSTALLED_APPS}
    assert set(copied) == let_in
    assert {name for name in packages if (ROOT / name).is_dir()} <= let_in
    assert {path.name for path in settings.LOCALE_PATHS} <= let_in
    assert all(f"'*/{code}[/._]*'" in " ".join(DOCKERFILE) for code, _ in settings.LANGUAGES)
    assert all((ROOT / name).exists() for name in copied)
    assert "USER 10001" in DOCKERFILE


def test_what_compose_mounts_or_waits_for_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for source in (volume.rpartition(":/")[0] for volume in service.get("volumes", [])):
            assert source in COMPOSE["volumes"] or source[:2] == "${" or (ROOT / source).exists()


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: each["kind"])
def test_a_manifest_fits_its_schema(manifest: dict[str, Any]) -> None:
    validate(manifest, "1.33", strict=True)


def test_the_whole_fits_the_schemas_with_its_patches() -> None:
    for manifest in rendered():
        validate(manifest, "1.33", strict=True)
        if manifest["kind"] in ("Deployment", "Job"):
            pods = pods_of(manifest)
            assert pods["securityContext"]["runAsNonRoot"]
            assert all(each["envFrom"] for each in pods["containers"])
            assert bool(pods.get("initContainers")) == (manifest["kind"] == "Deployment")


def test_selectors_find_the_pods_they_are_for() -> None:
    labels = [each["spec"]["template"]["metadata"]["labels"] for each in WORKLOADS]
    for manifest in MANIFESTS:
        selector = manifest["spec"].get("selector", {})
        wanted = selector.get("matchLabels", selector)
        assert not wanted or wanted in labels


def test_a_pod_serves_pages_and_webhooks_while_redis_is_away() -> None:
    web = pods_of(next(each for each in WORKLOADS if "web" in each["metadata"]["name"]))
    probes = [value for name, value in web["containers"][0].items() if name.endswith("Probe")]
    assert {probe["httpGet"]["path"] for probe in probes} == {"/healthz"}


def test_the_autoscaler_asks_for_a_number_that_is_exposed() -> None:
    scaler = next(each for each in MANIFESTS if each["kind"] == "HorizontalPodAutoscaler")
    name = scaler["spec"]["metrics"][0]["external"]["metric"]["name"]
    assert f'"{name}"' in (ROOT / "integrations" / "exposition.py").read_text()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd's own checker")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for path in SYSTEMD.iterdir():
        text = path.read_text().replace("/srv/acmeco/.venv/bin", str(BIN))
        (tmp_path / path.name).write_text(text)
    names = [str(path).replace("@.", "@1.") for path in tmp_path.iterdir()]
    command = ["systemd-analyze", "verify", "--man=no", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    about_ours = [line for line in done.stderr.splitlines() if "acmeco" in line]
    assert (done.returncode, about_ours) == (0, [])
