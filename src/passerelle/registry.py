"""The only importer of MLflow: each training a run, each model plain numbers, each promotion on record.

MLflow holds what a person browses: one run per training with one nested run per candidate, and the model
versions with their aliases, ``champion`` in force and ``challenger`` proposed. What is in force is decided by
``promotions.jsonl`` alone: append-only, each line a version, the Monday from which it ranks, who approved it,
why, and the digest of the stored model. So a past Monday is scored by the model that was in force then,
a model that changed on disk is refused, and scoring never has to import MLflow.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.errors import ModelError
from passerelle.settings import Settings
from support_need.pipeline import FittedModel

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from support_need.train import Training

NAME = "support_need"
CHAMPION, CHALLENGER = "champion", "challenger"
FIRST_RUN = "first run of an empty home"
_MODEL_FILE = "model/support_need.json"
_SWITCHES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
}


def store_uri(settings: Settings) -> str:
    """Address of MLflow's SQLite store."""
    return f"sqlite:///{settings.part('mlflow', 'mlflow.db')}"


def artifacts_dir(settings: Settings) -> Path:
    """Folder of MLflow's artifacts."""
    return settings.part("mlflow", "artifacts")


@dataclass(frozen=True)
class Promotion:
    """One line of the record of promotions.

    Attributes
    ----------
    version : str
        Model version.
    as_of : str
        First Monday that it ranks.
    approved_by, reason : str
        Who put it in force, and why.
    artifact : str
        Its file, relative to the artifacts folder.
    digest : str
        SHA-256 of that file.
    sign_off : str
        Why a clear difference among protected groups was accepted; empty when there was none.
    """

    version: str
    as_of: str
    approved_by: str
    reason: str
    artifact: str
    digest: str
    sign_off: str = ""


@dataclass(frozen=True)
class InForce:
    """A model that ranks, and its version."""

    version: str
    model: FittedModel


class Registry:
    """Trainings, models and promotions of one school.

    Parameters
    ----------
    settings : Settings
        Where the state of the school lives.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._record = settings.part("mlflow", "promotions.jsonl")

    def log(self, training: Training, audits: Mapping[str, pd.DataFrame] | None = None) -> str:
        """Keep a training: its run, its nested candidates, its model, its audits by group and its card.

        Parameters
        ----------
        training : Training
            What was trained.
        audits : mapping, optional
            Target to the table of ``fairness.audit``.

        Returns
        -------
        str
            The model version, ``<as_of>-<digest8>``. The same training twice is kept once.
        """
        version = f"{training.choices.as_of.isoformat()}-{training.digest()[:8]}"
        if self._run(version) is None:
            self._log_new(version, training, audits or {})
        return version

    def promote(
        self, version: str, *, approved_by: str, reason: str, as_of: dt.date, sign_off: str = ""
    ) -> Promotion:
        """Put a version in force from a Monday on; a person's decision.

        Parameters
        ----------
        version : str
            Model version.
        approved_by, reason : str
            Who decides, and why.
        as_of : datetime.date
            First Monday that it ranks.
        sign_off : str, optional
            Why a clear difference among protected groups is accepted; needed where the audit found one.

        Raises
        ------
        ModelError
            There is no such version, nobody approved it, no reason was given, or a violation is not signed off.
        """
        run = self._run(version)
        if run is None:
            raise ModelError(
                f"no model version '{version}'", allowed=", ".join(self.versions()), fix="passerelle train"
            )
        if not approved_by.strip() or not reason.strip():
            raise ModelError(
                "a promotion without a name or a reason", allowed="both", fix="--approved-by, --reason"
            )
        found = self.violations(version)
        if found and not sign_off.strip():
            raise ModelError(
                f"the audit of {version} found clear differences among protected groups: {'; '.join(found)}",
                allowed="a promotion signed off by a person who says why it is acceptable",
                fix=f"read the model card, then passerelle promote {version} --by NAME --reason WHY --sign-off WHY",
            )
        path = _artifact_path(run)
        promotion = Promotion(
            version=version,
            as_of=as_of.isoformat(),
            approved_by=approved_by.strip(),
            reason=reason.strip(),
            artifact=str(path.relative_to(artifacts_dir(self._settings))),
            digest=_digest(path.read_bytes()),
            sign_off=sign_off.strip() if found else "",
        )
        if asdict(promotion) not in self.promotions():
            with self._record.open("a", encoding="utf-8") as record:
                record.write(json.dumps(asdict(promotion), ensure_ascii=False) + "\n")
        number = run.data.tags["registered_version"]
        self._client.set_registered_model_alias(NAME, CHAMPION, number)
        self._client.set_model_version_tag(NAME, number, "approved_by", promotion.approved_by)
        self._client.set_model_version_tag(NAME, number, "reason", promotion.reason)
        return promotion

    def promote_first(self, version: str, *, as_of: dt.date) -> Promotion | None:
        """Put a first model in force where none is yet, recorded as what it is; else do nothing.

        One whose audit found a violation waits for a person, even if it is the first.
        """
        if self._promoted(as_of) is not None or self.violations(version):
            return None
        reason = "no model was in force yet; the first one ranks until a person decides otherwise"
        return self.promote(version, approved_by=FIRST_RUN, reason=reason, as_of=as_of)

    def promotions(self) -> list[dict[str, str]]:
        """Read the record of promotions, oldest first; one row per decision, with the fields of ``Promotion``."""
        if not self._record.exists():
            return []
        lines = self._record.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line]

    def in_force(self, as_of: dt.date) -> InForce | None:
        """Load the model that ranks on a Monday: the last one promoted for that Monday or an earlier one.

        Raises
        ------
        ModelError
            The stored model is gone, or is not the one that was promoted.
        """
        promoted = self._promoted(as_of)
        return InForce(promoted.version, self._load(promoted)) if promoted else None

    def versions(self) -> list[str]:
        """Every model version kept, oldest first."""
        found = self._client.search_model_versions(f"name='{NAME}'", order_by=["version_number ASC"])
        return list(dict.fromkeys(version.tags["model_version"] for version in found))

    def figures(self, version: str) -> dict[str, Any]:
        """Out-of-time figures of a training: target, then candidate, then one row per day."""
        return dict(json.loads(self._kept(version, "figures.json").read_text()))

    def violations(self, version: str) -> list[str]:
        """Clear differences among protected groups in the lists of a version, each as a sentence."""
        return list(json.loads(self._kept(version, "violations.json").read_text()))

    def card(self, version: str) -> Path:
        """Model card of a version, rendered from its run."""
        return self._kept(version, "model_card.md")

    def _kept(self, version: str, name: str) -> Path:
        run = self._run(version)
        if run is None:
            raise ModelError(f"no model version '{version}'", allowed=", ".join(self.versions()))
        return _artifact_path(run).parents[1] / name

    def _promoted(self, as_of: dt.date) -> Promotion | None:
        """Find the last decision among those for the latest Monday that is not after this one."""
        valid = [Promotion(**row) for row in self.promotions() if row["as_of"] <= as_of.isoformat()]
        latest = max((promotion.as_of for promotion in valid), default=None)
        return next((promotion for promotion in reversed(valid) if promotion.as_of == latest), None)

    def _load(self, promotion: Promotion) -> FittedModel:
        path = artifacts_dir(self._settings) / promotion.artifact
        if not path.is_file():
            raise ModelError(
                f"the model {promotion.version} in force is gone: {path}", fix="restore the file"
            )
        content = path.read_bytes()
        if _digest(content) != promotion.digest:
            raise ModelError(
                f"the model {promotion.version} on disk is not the one that was promoted: {path}",
                allowed=f"sha256 {promotion.digest}",
                fix="restore the file, or promote another version",
            )
        return FittedModel.from_dict(json.loads(content))

    @cached_property
    def _client(self) -> MlflowClient:
        for name, value in _SWITCHES.items():
            os.environ[name] = value
        logging.getLogger("alembic").setLevel(logging.WARNING)
        from mlflow import MlflowClient

        uri = store_uri(self._settings)
        return MlflowClient(tracking_uri=uri, registry_uri=uri)

    @cached_property
    def _experiment_id(self) -> str:
        found = self._client.get_experiment_by_name(NAME)
        if found is not None:
            return str(found.experiment_id)
        return str(
            self._client.create_experiment(NAME, artifact_location=artifacts_dir(self._settings).as_uri())
        )

    def _run(self, version: str) -> Run | None:
        runs = self._client.search_runs(
            [self._experiment_id], f"tags.model_version = '{version}' and attributes.status = 'FINISHED'"
        )
        return runs[0] if runs else None

    def _log_new(self, version: str, training: Training, audits: Mapping[str, pd.DataFrame]) -> None:
        client = self._client
        run = client.create_run(self._experiment_id, run_name=version)
        run_id = run.info.run_id
        for name, value in _parameters(training).items():
            client.log_param(run_id, name, value)
        client.log_dict(run_id, training.figures, "figures.json")
        client.log_dict(run_id, {target: asdict(data) for target, data in training.data.items()}, "data.json")
        client.log_text(run_id, json.dumps(training.model.as_dict(), sort_keys=True), _MODEL_FILE)
        self._log_audits(run_id, version, training, audits)
        self._log_candidates(run_id, training)
        if not client.search_registered_models(f"name='{NAME}'"):
            client.create_registered_model(NAME, description="Who needs support this week")
        registered = client.create_model_version(
            NAME, source=f"{run.info.artifact_uri}/model", run_id=run_id, tags={"model_version": version}
        )
        client.set_registered_model_alias(NAME, CHALLENGER, registered.version)
        client.set_tag(run_id, "registered_version", registered.version)
        client.set_tag(run_id, "model_version", version)
        client.set_terminated(run_id)

    def _log_audits(
        self, run_id: str, version: str, training: Training, audits: Mapping[str, pd.DataFrame]
    ) -> None:
        from support_need.fairness import violations
        from support_need.model_card import render

        ranking = audits.get(training.choices.ranked_by)
        found = violations(ranking) if ranking is not None else []
        tables = {target: json.loads(table.to_json(orient="records")) for target, table in audits.items()}
        self._client.log_dict(run_id, tables, "fairness.json")
        self._client.log_text(run_id, json.dumps(found), "violations.json")
        self._client.log_text(run_id, render(training, audits, version=version), "model_card.md")

    def _log_candidates(self, parent_id: str, training: Training) -> None:
        from mlflow.entities import Metric

        for target, candidates in training.figures.items():
            for candidate, rows in candidates.items():
                shipped = training.model.by_target[target].candidate == candidate
                tags = {"mlflow.parentRunId": parent_id, "target": target, "is_shipped": str(shipped).lower()}
                nested = self._client.create_run(
                    self._experiment_id, run_name=f"{target}: {candidate}", tags=tags
                )
                metrics = [
                    Metric(name, float(value), 0, int(row["day"] or 0))
                    for row in rows
                    for name, value in row.items()
                    if name != "day" and value is not None
                ]
                self._client.log_batch(nested.info.run_id, metrics=metrics)
                self._client.set_terminated(nested.info.run_id)


def _parameters(training: Training) -> dict[str, str]:
    choices = training.choices.as_dict()
    parameters = {
        name: json.dumps(value) if name != "as_of" else str(value) for name, value in choices.items()
    }
    parameters["code"] = training.code
    for target, data in training.data.items():
        fitted = training.model.by_target[target]
        parameters |= {f"{target}.candidate": fitted.candidate, f"{target}.why": fitted.why or "-"}
        parameters |= {f"{target}.data.{name}": str(value) for name, value in asdict(data).items()}
    return parameters


def _artifact_path(run: Run) -> Path:
    return Path(run.info.artifact_uri.removeprefix("file://")) / _MODEL_FILE


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
