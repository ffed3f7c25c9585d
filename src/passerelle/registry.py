"""The only importer of MLflow: each training a run, each model plain numbers, each promotion on record.

MLflow holds what a person browses: one run per training with one nested run per candidate, and the model
versions with their aliases, ``champion`` in force and ``challenger`` proposed. What is in force is decided by
the record of promotions alone (``promotions.py``), which keeps the digest of the stored model. So a past Monday is
scored by the model that was in force then, a model that changed on disk is refused, and scoring never has to import
MLflow.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.errors import ModelError
from passerelle.promotions import FIRST_RUN, Decision, Promotion, PromotionRecord
from passerelle.settings import Settings
from support_need.pipeline import FittedModel

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from support_need.train import Training

NAME = "support_need"
CHAMPION, CHALLENGER = "champion", "challenger"
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
        self._record = PromotionRecord(settings)

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

    def promote(self, version: str, decision: Decision, *, as_of: dt.date) -> Promotion:
        """Put a version in force from a Monday on; a person's decision.

        Parameters
        ----------
        version : str
            Model version.
        decision : Decision
            Who decides, and why.
        as_of : datetime.date
            First Monday that it ranks.

        Raises
        ------
        ModelError
            There is no such version, or its audit found a violation that is not signed off.
        """
        run = self._run_of(version)
        found = self.violations(version)
        if found and not decision.sign_off.strip():
            raise ModelError(
                f"the audit of {version} found clear differences among protected groups: {'; '.join(found)}",
                allowed="a promotion signed off by a person who says why it is acceptable",
                fix=f"read the model card, then passerelle promote {version} --by NAME --reason WHY --sign-off WHY",
            )
        path = _artifact_path(run)
        promotion = Promotion(
            version=version,
            is_approved=True,
            as_of=as_of.isoformat(),
            decision=asdict(decision if found else replace(decision, sign_off="")),
            artifact=str(path.relative_to(artifacts_dir(self._settings))),
            digest=_digest(path.read_bytes()),
        )
        self._decided(promotion, run)
        self._client.set_registered_model_alias(NAME, CHAMPION, run.data.tags["registered_version"])
        return promotion

    def reject(self, version: str, decision: Decision) -> Promotion:
        """Keep a version out, on record; a person's decision. The model in force stays in force.

        Raises
        ------
        ModelError
            There is no such version.
        """
        rejection = Promotion(version=version, is_approved=False, decision=asdict(decision))
        self._decided(rejection, self._run_of(version))
        return rejection

    def _decided(self, line: Promotion, run: Run) -> None:
        """Keep a decision in the record, and on the model version for whoever browses MLflow."""
        self._record.append(line)
        number = run.data.tags["registered_version"]
        tags = line.decision | {"verdict": "approved" if line.is_approved else "rejected", "from": line.as_of}
        for name, value in tags.items():
            self._client.set_model_version_tag(NAME, number, f"decision.{name}", value)

    def promote_first(self, version: str, *, as_of: dt.date) -> Promotion | None:
        """Put a first model in force where none is yet, recorded as what it is; else do nothing.

        One whose audit found a violation waits for a person, even if it is the first.
        """
        if self._record.in_force(as_of) is not None or self.violations(version):
            return None
        reason = "no model was in force yet; the first one ranks until a person decides otherwise"
        return self.promote(version, Decision(by=FIRST_RUN, reason=reason), as_of=as_of)

    def promotions(self) -> list[dict[str, Any]]:
        """Read the record of decisions, oldest first; one row each, with the fields of ``Promotion``."""
        return [asdict(line) for line in self._record.lines()]

    def decision_on(self, version: str) -> Promotion | None:
        """What was decided of a version last; None while it waits."""
        return self._record.on(version)

    def in_force(self, as_of: dt.date) -> InForce | None:
        """Load the model that ranks on a Monday: the last one promoted for that Monday or an earlier one.

        Raises
        ------
        ModelError
            The stored model is gone, or is not the one that was promoted.
        """
        promoted = self._record.in_force(as_of)
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
        return _artifact_path(self._run_of(version)).parents[1] / name

    def _run_of(self, version: str) -> Run:
        run = self._run(version)
        if run is None:
            raise ModelError(
                f"no model version '{version}'", allowed=", ".join(self.versions()), fix="passerelle train"
            )
        return run

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
        try:
            return FittedModel.from_dict(json.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"the model {promotion.version} holds what no model of ours holds: {error}",
                allowed="plain numbers in the effects and candidates of models/support_need",
                fix="promote another version; find out who wrote this file",
            ) from error

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
        client.log_dict(run_id, training.tables, "tables.json")
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
                    if name not in ("day", "intervals") and value is not None
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
        for worth in training.tables[target].get("recalibration", ()):
            names = ("is_kept", "shift", "log_loss_gain")
            parameters |= {f"{target}.recalibration.{name}": str(worth[name]) for name in names}
        parameters |= {f"{target}.data.{name}": str(value) for name, value in asdict(data).items()}
    return parameters


def _artifact_path(run: Run) -> Path:
    return Path(run.info.artifact_uri.removeprefix("file://")) / _MODEL_FILE


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
