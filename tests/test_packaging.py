"""What is installed is what is written: dependencies import, and the wheel carries its data."""

import ast
import configparser
import importlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg", encoding="utf-8")
IMPORT_NAMES = {
    "license-expression": "license_expression",
    "opencv-contrib-python": "cv2",
    "opencv-python": "cv2",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
}


def requirements(section: str, key: str) -> list[Requirement]:
    lines = CONFIG[section][key].splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


RUNTIME = requirements("options", "install_requires")
DEVELOPMENT = requirements("options.extras_require", "dev")


@pytest.mark.parametrize("requirement", RUNTIME, ids=lambda requirement: requirement.name)
def test_every_runtime_dependency_imports_in_the_version_asked_for(requirement, monkeypatch):
    monkeypatch.setenv("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask the network for news
    importlib.import_module(IMPORT_NAMES.get(requirement.name, requirement.name))
    assert requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)


@pytest.mark.parametrize("requirement", RUNTIME + DEVELOPMENT, ids=lambda r: r.name)
def test_every_dependency_is_bounded_above_and_below(requirement):
    operators = {specifier.operator for specifier in requirement.specifier}
    assert "==" in operators or {">=", "<"} <= operators


def test_the_three_opencv_wheels_are_one_version():
    versions = {str(r.specifier) for r in RUNTIME if r.name.startswith("opencv")}
    assert len(versions) == 1


def test_every_import_of_others_is_declared():
    declared = {IMPORT_NAMES.get(r.name, r.name) for r in RUNTIME}
    # Come with a declared one and are part of its interface.
    declared |= {"markupsafe", "mpl_toolkits", "packaging"}
    optional = {"wandb", "dlib", "py7zr", "onnx", "onnxruntime", "onnxscript"}
    own = {"ingest", "synth", "maskcls", "external_manifests"}
    for path in (p for name in own for p in (ROOT / name).rglob("*.py")):
        others = _imported(path) - own - set(sys.stdlib_module_names)
        assert others <= declared | optional, path


def _imported(path: Path) -> set[str]:
    """Top-level names of all modules a file imports, anywhere in it."""
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built from a copy so that nothing is left in the tree."""
    source = tmp_path_factory.mktemp("source") / "project"
    wanted = [*(ROOT / name for name in ("ingest", "synth", "maskcls", "external_manifests"))]
    for folder in wanted:
        shutil.copytree(folder, source / folder.name,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    for name in ("setup.cfg", "pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, source / name)
    script = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    out = source.parent / "out"
    out.mkdir()
    subprocess.run([sys.executable, "-c", script, str(out)], cwd=source, check=True,
                   capture_output=True)  # fmt: skip
    return next(out.glob("*.whl"))


def data_files() -> set[str]:
    folders = ("ingest", "synth", "maskcls", "external_manifests")
    found = (path for name in folders for path in (ROOT / name).rglob("*") if path.is_file())
    return {p.relative_to(ROOT).as_posix() for p in found
            if p.suffix not in (".py", ".md") and "__pycache__" not in p.parts
            and not p.name.startswith(".")}  # fmt: skip


def test_the_wheel_carries_every_data_file(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert data_files() - names == set()
    assert any(name.startswith("external_manifests/datasets/") for name in names)
    assert {"ingest/report/page.html", "ingest/report/page.css", "ingest/report/page.js"} <= names
    assert any(re.match(r"maskcls/recipes/.*\.toml", name) for name in names)


def test_the_wheel_carries_no_tests_and_names_its_licence(wheel):
    archive = zipfile.ZipFile(wheel)
    assert not [n for n in archive.namelist() if n.startswith(("tests/", "docs/", "benchmarks/"))]
    about = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    text = archive.read(about).decode()
    assert "License-Expression: Apache-2.0" in text or "License: Apache-2.0" in text


def test_the_unpacked_wheel_finds_its_manifests_without_the_tree(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONSAFEPATH": "1"}
    script = "import ingest; print(ingest.__file__)"
    run = lambda *words: subprocess.run(  # noqa: E731
        [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert str(tmp_path) in run("-c", script).stdout
    done = run("-m", "ingest", "list", "--root", str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    for manifest in (ROOT / "external_manifests" / "datasets").glob("*.toml"):
        assert manifest.stem in done.stdout
    assert run("-m", "maskcls", "recipes").returncode == 0


def test_every_entry_point_leads_to_a_command():
    for line in CONFIG["options.entry_points"]["console_scripts"].strip().splitlines():
        module, _, attribute = line.partition("=")[2].strip().partition(":")
        assert callable(getattr(importlib.import_module(module), attribute))
