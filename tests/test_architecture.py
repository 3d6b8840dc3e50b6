"""The rules of the layout: who imports whom, what lives where, and how large a file may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("external_manifests", "ingest", "synth", "maskcls")
FILES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
MAY_IMPORT = {
    "external_manifests": set(),
    "ingest": {"external_manifests"},
    "maskcls": {"external_manifests", "ingest"},
    "synth": {"external_manifests", "ingest"},
}
PSEUDO_GENDER = Path("synth/pseudo_gender.py")
LONGEST = 320


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Dotted names a file imports, and whether at the top of the file."""
    module = tree(path)
    top = set(module.body)
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: a relative import hides where it leads"
            yield node.module, node in top


def importers(*modules: str) -> set[str]:
    """Files that import one of the modules or something inside them."""
    return {
        name(path)
        for path in FILES
        for module, _ in imports(path)
        if any(module == wanted or module.startswith(f"{wanted}.") for wanted in modules)
    }


def package_imports(path: Path) -> set[str]:
    own = path.relative_to(ROOT).parts[0]
    return {m.split(".")[0] for m, _ in imports(path)} & set(PACKAGES) - {own}


def test_there_is_something_to_look_at():
    assert len(FILES) > 30


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_one_way(package):
    for path in (ROOT / package).rglob("*.py"):
        allowed = MAY_IMPORT[package]
        if path.relative_to(ROOT) == PSEUDO_GENDER:
            allowed = allowed | {"maskcls"}
        assert package_imports(path) <= allowed, name(path)


MASKCLS_LAYERS = (
    "config", "data", "network", "images", "scores", "runs", "inference", "evaluation", "training",
    "relabelling",
)  # fmt: skip


def test_every_folder_of_maskcls_has_its_layer():
    folders = {path.parent.name for path in (ROOT / "maskcls").glob("*/__init__.py")}
    assert folders == set(MASKCLS_LAYERS)


@pytest.mark.parametrize("layer", MASKCLS_LAYERS)
def test_folders_of_maskcls_import_only_what_stands_before_them(layer):
    later = MASKCLS_LAYERS[MASKCLS_LAYERS.index(layer) + 1 :]
    for path in (ROOT / "maskcls" / layer).glob("*.py"):
        for module, _ in imports(path):
            assert not module.startswith(tuple(f"maskcls.{folder}" for folder in later)), name(path)


def test_click_is_only_in_the_command_lines():
    others = {f for f in importers("click") if not f.endswith("/cli.py")}
    assert others == {"ingest/cli_support.py"}


def test_nobody_imports_a_command_line_but_the_entry_points():
    modules = {f"{package}.cli" for package in PACKAGES}
    assert {f for f in importers(*modules) if not f.endswith("__main__.py")} == set()


def test_the_network_is_reached_from_one_file():
    # urllib.parse only takes addresses apart.
    allowed = {"ingest/fetch.py"}
    modules = ("socket", "urllib.request", "urllib3", "http", "requests", "httpx", "ftplib",
               "pooch", "ssl", "aiohttp")  # fmt: skip
    assert importers(*modules) <= allowed
    assert not importers("urllib.error") - allowed


def test_torch_is_only_in_maskcls():
    modules = ("torch", "torchvision", "lightning", "timm", "torchmetrics")
    outside = {f for f in importers(*modules) if not f.startswith("maskcls/")}
    assert outside <= {PSEUDO_GENDER.as_posix()}
    if (ROOT / PSEUDO_GENDER).exists():
        heavy = [m for m, top in imports(ROOT / PSEUDO_GENDER) if top]
        assert not any(m.split(".")[0] in (*modules, "maskcls") for m in heavy)


def test_landmark_libraries_are_behind_one_door():
    outside = {f for f in importers("mediapipe", "dlib") if not f.startswith("ingest/faces/")}
    assert outside == set()


def test_pages_know_nothing_of_what_they_show():
    for path in (ROOT / "ingest" / "report").glob("*.py"):
        for module, _ in imports(path):
            assert not module.startswith("ingest.audit"), name(path)


def test_models_are_not_read_as_pickle():
    assert importers("pickle", "joblib", "cloudpickle", "dill", "shelve") == set()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_has_one_subject_and_not_too_many_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert ast.get_docstring(tree(path)), "no module docstring"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_everything_public_has_a_docstring(path):
    bare = [
        definition.name for definition in public(tree(path)) if not ast.get_docstring(definition)
    ]
    assert bare == []


def public(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_input_is_never_asserted_and_no_error_is_swallowed(path):
    for node in ast.walk(tree(path)):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}: assert"
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            swallows = caught in ("everything", "Exception", "BaseException") and not any(
                isinstance(inner, ast.Raise) for inner in ast.walk(node)
            )
            assert not swallows, f"line {node.lineno}: except {caught}"


HELP = """
import runpy, sys
sys.argv = {arguments!r}
try:
    runpy.run_module({package!r}, run_name="__main__", alter_sys=True)
except SystemExit as end:
    if end.code:
        raise
heavy = sorted({{"torch", "pandas", "mediapipe", "matplotlib", "cv2"}} & set(sys.modules))
print("HEAVY", heavy)
"""


def subcommands() -> list[tuple[str, ...]]:
    from ingest.cli import cli as ingest
    from maskcls.cli import cli as maskcls
    from synth.cli import cli as synth

    groups = {"ingest": ingest, "synth": synth, "maskcls": maskcls}
    return [(name,) for name in groups] + [
        (name, word) for name, group in groups.items() for word in sorted(group.commands)
    ]


@pytest.mark.parametrize("words", subcommands(), ids=" ".join)
def test_help_is_light(words):
    script = HELP.format(arguments=[*words, "--help"], package=words[0])
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout
    assert "HEAVY []" in done.stdout
