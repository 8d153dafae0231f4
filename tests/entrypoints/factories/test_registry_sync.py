from dataclasses import replace

from entrypoints.factories.registry_sync import copy_folder
from entrypoints.settings import Settings


def test_each_registry_store_and_model_has_a_folder_of_its_own():
    settings = Settings.from_environment()
    mlflow, csv = (replace(settings, store=store, tracking_uri="http://host:5000") for store in ("mlflow", "csv"))
    others = (
        *(csv, replace(csv, store="pickle"), replace(mlflow, tracking_uri="http://host:5001")),
        *(replace(each, model_name="other") for each in (mlflow, csv)),
    )

    assert len({copy_folder(each) for each in (mlflow, *others)}) == 1 + len(others)
    assert copy_folder(replace(csv, tracking_uri="http://host:5001")) == copy_folder(csv)
    assert copy_folder(replace(mlflow, tracking_uri="http://user:word@HOST:5000/")) == copy_folder(mlflow)
