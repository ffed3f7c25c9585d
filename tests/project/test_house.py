"""The house in code: where things stand, what may reach for what, and what must be said about each."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import grimp
import pytest
import yaml
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from passerelle.settings import PROJECT_DIR

DBT_DIR = PROJECT_DIR / "dbt"
LAYERS = ("staging", "conformed", "intermediate", "marts")
MODELS = {path.stem: path for path in sorted((DBT_DIR / "models").rglob("*.sql"))}
SEEDS = {path.stem for path in (DBT_DIR / "seeds").rglob("*.csv")}
MARTS = [name for name, path in MODELS.items() if path.parent.name == "marts"]
PYTHON = sorted([*(PROJECT_DIR / "src").rglob("*.py"), *(PROJECT_DIR / "models").rglob("*.py")])
MAY_READ = {
    "staging": {"source", "seed", "own system"},
    "conformed": {"staging"},
    "intermediate": {"conformed", "intermediate", "seed"},
    "marts": {"conformed", "intermediate", "marts", "seed"},
}
LONGEST_FUNCTION, LONGEST_MODULE = 50, 350
UNDER_A_NAME_THAT_SAYS_NOTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "core",
    "lib",
}
PACKAGE_INDEX = re.compile(
    r"--(?:extra-)?index-url|--find-links|--trusted-host|index-url\s*=|https?://[^\s/\"']+(?:/[^\s\"']*)?/simple\b"
)
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")


def layer_of(path: Path) -> str:
    """Layer of a dbt model: the first folder under ``models``."""
    return path.relative_to(DBT_DIR / "models").parts[0]


@cache
def described(name: str) -> dict[str, Any]:
    """What the yml of a dbt model says."""
    (told,) = yaml.safe_load(MODELS[name].with_suffix(".yml").read_text())["models"]
    return dict(told)


def kinds_read(path: Path) -> dict[str, str]:
    """What a dbt model reads, each with its kind: ``source``, ``seed``, ``own system`` or a layer."""
    text = path.read_text()
    read = {
        f"{system}.{table}": "source" for system, table in re.findall(r'source\("(\w+)", "(\w+)"\)', text)
    }
    for name in re.findall(r'ref\("(\w+)"\)', text):
        is_own = layer_of(path) == "staging" and name in MODELS and MODELS[name].parent == path.parent
        read[name] = "own system" if is_own else "seed" if name in SEEDS else layer_of(MODELS[name])
    if re.search(r"\{\{ conform(_facts)?\(", text):
        read["conform()"] = "staging"
    return read


def tracked_files() -> list[Path]:
    """Files that a commit would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.splitlines() if (path := PROJECT_DIR / name).is_file()]


def tracked_texts() -> dict[Path, str]:
    """Their texts, without pictures."""
    texts = {
        path: path.read_bytes() for path in tracked_files() if path.suffix not in {".png", ".jpg", ".ico"}
    }
    assert PROJECT_DIR / "pyproject.toml" in texts
    return {path.relative_to(PROJECT_DIR): text.decode() for path, text in texts.items()}


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module."""
    tree = ast.walk(ast.parse(path.read_text()))
    return [node for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def imported_by(path: Path) -> set[str]:
    """Every module, or name in a module, that a file imports."""
    tree = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    return plain | {
        f"{node.module}.{alias.name}"
        for node in tree
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


# Facts in SQL


def test_each_dbt_model_has_one_yml_of_the_same_name_beside_it() -> None:
    described_in = {
        path
        for path in (DBT_DIR / "models").rglob("*.yml")
        if not path.stem.endswith("__sources") and path.stem != "exposures"
    }
    assert described_in == {path.with_suffix(".yml") for path in MODELS.values()}
    assert [name for name in MODELS if described(name)["name"] != name] == []


def exposures() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((DBT_DIR / "models" / "exposures.yml").read_text())[
        "exposures"
    ]
    assert found
    return found


def test_every_page_that_somebody_opens_has_its_exposure() -> None:
    templates = (PROJECT_DIR / "src" / "passerelle").glob("*/templates/*.html.j2")
    pages = [path.relative_to(PROJECT_DIR).as_posix() for path in templates if "</html>" in path.read_text()]
    assert sorted(exposure["meta"]["page"] for exposure in exposures()) == sorted(pages)


def test_an_exposure_names_the_marts_that_its_code_reads() -> None:
    for exposure in exposures():
        code = PROJECT_DIR / exposure["meta"]["code"]
        texts = [path.read_text() for path in ([code] if code.is_file() else code.rglob("*.py"))]
        read = {name for text in texts for name in re.findall(r"(?:from|join) ((?:dim|fct|mart)_\w+)", text)}
        assert {f"ref('{name}')" for name in read} == set(exposure["depends_on"]), exposure["name"]


def test_each_seed_has_one_yml_of_the_same_name_beside_it() -> None:
    seeds = {path.with_suffix("") for path in (DBT_DIR / "seeds").rglob("*.csv")}
    assert seeds
    assert seeds == {path.with_suffix("") for path in (DBT_DIR / "seeds").rglob("*.yml")}


def test_each_folder_of_dbt_models_is_a_layer() -> None:
    assert {layer_of(path) for path in MODELS.values()} == set(LAYERS)


@pytest.mark.parametrize("layer", ["conformed", "marts"])
def test_contracts_are_enforced_for_the_layer_and_switched_off_by_no_model(layer: str) -> None:
    project = yaml.safe_load((DBT_DIR / "dbt_project.yml").read_text())
    assert project["models"]["passerelle"][layer]["+contract"] == {"enforced": True}
    for name in (name for name, path in MODELS.items() if layer_of(path) == layer):
        assert described(name).get("config", {}).get("contract", {"enforced": True}) == {"enforced": True}, (
            name
        )
        assert not re.search(r"contract\s*=", MODELS[name].read_text()), name


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_has_a_primary_key_of_its_own_columns(mart: str) -> None:
    keys = [each for each in described(mart).get("constraints", []) if each["type"] == "primary_key"]
    assert len(keys) == 1
    assert keys[0]["columns"]
    assert set(keys[0]["columns"]) <= {column["name"] for column in described(mart)["columns"]}


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_says_its_grain_first_and_describes_every_column(mart: str) -> None:
    assert described(mart)["description"].startswith("One row per ")
    assert described(mart)["description"].rstrip().endswith(f"{{{{ doc('{mart}_rules') }}}}")
    columns = described(mart)["columns"]
    assert columns
    assert [column["name"] for column in columns if not column.get("description", "").strip()] == []
    assert [column["name"] for column in columns if "data_type" not in column] == []


@pytest.mark.parametrize("name", MODELS)
def test_a_dbt_model_reads_from_the_layer_before_it(name: str) -> None:
    path = MODELS[name]
    read = kinds_read(path)
    assert read
    allowed = MAY_READ[layer_of(path)]
    if name == "fct_score":  # our own scores are no entity of a school, so no conformed model stands between
        assert read.pop("stg_outlook__scores") == "staging"
    if name in ("fct_shown_name", "fct_list_place"):
        assert read.pop("stg_outlook__lists") == "staging"
    if name == "fct_list_draw":
        assert read.pop("stg_outlook__draws") == "staging"
    if name == "mart_cohort_forecast":
        assert read.pop("stg_outlook__forecasts") == "staging"
    assert {source: kind for source, kind in read.items() if kind not in allowed} == {}


def test_only_the_conformed_layer_calls_the_macro_that_reads_staging() -> None:
    reading = [path.name for path in (DBT_DIR / "macros").glob("*.sql") if "ref(" in path.read_text()]
    assert reading == ["conform.sql"]


def test_nothing_outside_dbt_reads_an_intermediate_model() -> None:
    intermediate = [name for name, path in MODELS.items() if layer_of(path) == "intermediate"]
    assert intermediate
    readers = {path.name: path.read_text() for path in PYTHON}
    assert [
        (name, reader) for name, (reader, text) in product(intermediate, readers.items()) if name in text
    ] == []


def test_no_package_shadows_dbt_or_is_taken_for_one_of_its_plugins() -> None:
    assert list(DBT_DIR.rglob("__init__.py")) == []
    importable = [*(PROJECT_DIR / "dags").rglob("*.py"), *PYTHON]
    assert [
        path for path in importable if path.name.startswith("dbt_") or path.parent.name.startswith("dbt_")
    ] == []


# Who may reach for what


def test_import_contracts_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(config_filename=str(PROJECT_DIR / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_no_module_is_dead() -> None:
    graph = grimp.build_graph("passerelle", "support_need")
    entries = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text())["project"]["scripts"].values()
    used = {entry.split(":")[0] for entry in entries}
    used |= {module for each in graph.modules for module in graph.find_modules_directly_imported_by(each)}
    used |= {
        module for module in graph.modules if any(child in used for child in graph.find_descendants(module))
    }
    for dag in (PROJECT_DIR / "dags").glob("*.py"):
        used |= imported_by(dag)
    assert graph.modules - used == set()


def test_nothing_else_in_models_can_be_imported() -> None:
    importable = [
        path for path in (PROJECT_DIR / "models").iterdir() if path.suffix == ".py" or path.is_dir()
    ]
    assert [path.name for path in importable if path.name != "__pycache__"] == ["support_need"]


def test_only_settings_reads_the_environment() -> None:
    reads = re.compile(r"environ\.get\(|getenv\(|in os\.environ|environ\[[^\]]*\](?! = )")
    puts_back_what_was_there = "transform.py"
    readers = {path.name for path in PYTHON if reads.search(path.read_text())}
    assert readers - {puts_back_what_was_there} == {"settings.py"}


def test_no_name_says_nothing() -> None:
    folders = ("src", "models", "dags", "tests", "benchmarks", "dbt", "schools", "expectations")
    named = {path for path in tracked_files() if path.relative_to(PROJECT_DIR).parts[0] in folders}
    parts = {part.partition(".")[0] for path in named for part in path.relative_to(PROJECT_DIR).parts}
    assert parts & UNDER_A_NAME_THAT_SAYS_NOTHING == set()


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.relative_to(PROJECT_DIR).as_posix())
def test_a_module_and_its_functions_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE
    long = {each.name: (each.end_lineno or 0) - each.body[0].lineno for each in functions(path)}
    with_docstring = {
        each.name: len((ast.get_docstring(each) or "").splitlines()) for each in functions(path)
    }
    assert {name for name, lines in long.items() if lines - with_docstring[name] > LONGEST_FUNCTION} == set()


# What a commit holds


def test_no_file_names_where_packages_come_from() -> None:
    own = Path(__file__).relative_to(PROJECT_DIR)
    configured = [os.environ.get(name, "") for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")]
    hosts = {match[1] for url in configured if (match := re.match(r"https?://(?:[^@/]*@)?([^/:]+)", url))}
    texts = {path: text for path, text in tracked_texts().items() if path != own}
    assert [path for path, text in texts.items() if PACKAGE_INDEX.search(text)] == []
    assert [path for path, text in texts.items() if any(host in text for host in hosts)] == []


def test_nothing_is_left_unfinished_in_the_tree() -> None:
    texts = {path: text for path, text in tracked_texts().items() if path.name != "requirements.lock"}
    assert [path for path, text in texts.items() if UNFINISHED.search(text)] == []


def test_every_version_is_pinned_with_its_hash() -> None:
    lock = (PROJECT_DIR / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE).strip())
    assert len(entries) > 100
    assert [
        entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry
    ] == []


@pytest.mark.parametrize("folder", ["dags", "dbt", "docs/decisions", "expectations", "schools"])
def test_a_room_says_what_belongs_in_it(folder: str) -> None:
    assert len((PROJECT_DIR / folder / "README.md").read_text()) > 100


@pytest.mark.parametrize(
    ("folder", "page"),
    [
        ("src/passerelle", "docs/architecture.md"),
        ("src/passerelle/desk", "src/passerelle/desk/README.md"),
        ("src/passerelle/reports", "src/passerelle/reports/README.md"),
        ("src/passerelle/sources", "src/passerelle/sources/README.md"),
        ("models/support_need", "models/README.md"),
    ],
)
def test_the_page_of_a_room_names_what_stands_in_it(folder: str, page: str) -> None:
    said = (PROJECT_DIR / page).read_text()
    modules = [path.name for path in (PROJECT_DIR / folder).glob("*.py") if path.name != "__init__.py"]
    assert modules
    assert [name for name in modules if not re.search(rf"\b{re.escape(name)}", said)] == []
