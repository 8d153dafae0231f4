"""The table of contents: which object is made of which, and which setting chooses between them."""

import os
import sys
import time

from adapters.files.csv_tracker import CsvTracker
from adapters.files.csv_weights import CsvWeights
from adapters.files.key_store import FileKeyStore
from adapters.files.last_known_good import FileLastKnownGood
from adapters.files.model_store import FileModelStore
from adapters.files.pickle_weights import PickleWeights
from adapters.rates.host import Table
from application.issue_key import IssueKey, RevokeKey
from application.judge_challenger import JudgeChallenger, keep_challenger
from application.latest_promoted import LatestPromoted
from application.list_models import ListModels
from application.live_keys import LiveKeys
from application.live_model import LiveModel
from application.mirror_champion import MirrorChampion
from application.predict import Predict
from application.promote_model import PromoteModel, RollBack
from application.refresh_live_model import RefreshLiveModel
from application.train_model import Backend, TrainModel
from domain.promotion import PromotionPolicy
from entrypoints import build, credentials, signals
from entrypoints.lines import Lines
from entrypoints.metrics.figures import Figures
from entrypoints.settings import Settings
from entrypoints.web.books import Books
from entrypoints.web.clients import Clients

# The library imports each web framework that is installed, which takes a third of a second: None hides them from it.
_HIDDEN = [name for name in ("fastapi", "starlette", "werkzeug") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_HIDDEN))  # type: ignore[arg-type]  # None is how Python notes that there is none
from dependency_injector import containers, providers  # noqa: E402  # said above

for _name in _HIDDEN:
    del sys.modules[_name]

One = providers.ThreadSafeSingleton
Each = providers.Factory


class Container(containers.DeclarativeContainer):
    """Every object of the program; nothing is opened and no heavy library imported before it is asked for."""

    settings = One(Settings.from_environment)
    redaction = One(credentials.redaction, os.environ)
    clock = providers.Object(build.utc_now)
    monotonic = providers.Object(time.monotonic)
    uninterrupted = providers.Object(signals.uninterrupted)
    policy = One(PromotionPolicy, settings.provided.min_r2, settings.provided.max_r2_loss)

    csv_store = One(FileModelStore, One(build.folder, settings, "weights"), One(CsvWeights))
    pickle_store = One(FileModelStore, One(build.folder, settings, "pickles"), One(PickleWeights))
    mlflow_connection = One(build.mlflow_connection, settings, redaction)
    mlflow_store = One(build.mlflow_store, settings, mlflow_connection)
    store = providers.Selector(settings.provided.store, mlflow=mlflow_store, csv=csv_store, pickle=pickle_store)

    csv_tracker = One(CsvTracker, One(build.folder, settings, "runs"), clock)
    mlflow_tracker = One(build.mlflow_tracker, mlflow_connection)
    tracker = providers.Selector(settings.provided.store, mlflow=mlflow_tracker, csv=csv_tracker, pickle=csv_tracker)

    source = Each(build.dataset_source, settings)
    charts = One(build.charts)
    judge = Each(JudgeChallenger, store, policy, clock)
    registry = Each(Backend, tracker, store, judge)
    local = Each(Backend, csv_tracker, csv_store, providers.Object(keep_challenger))
    train_model = Each(
        TrainModel, charts=charts, clock=clock, registry=registry, local=local, uninterrupted=uninterrupted
    )
    promote_model = Each(PromoteModel, store, clock)
    roll_back = Each(RollBack, store, clock)
    list_models = Each(ListModels, store)

    last_known_good = One(FileLastKnownGood, One(build.copy_folder, settings))
    champion_source = One(build.champion_source, settings, redaction, mlflow_store.provider)
    board_path = providers.Object("")
    board = One(build.board, settings, board_path)
    mirror_champion = Each(MirrorChampion, champion_source, board, last_known_good, monotonic, redaction)
    latest_mirrored = Each(build.latest_mirrored, settings, board, last_known_good, monotonic)

    figures = One(Figures)
    lines = providers.Object[Lines | None](None)
    live = One(LiveModel)
    books = One(Books, figures, live, lines)
    latest = providers.Selector(
        settings.provided.store,
        mlflow=latest_mirrored,
        csv=Each(LatestPromoted, csv_store),
        pickle=Each(LatestPromoted, pickle_store),
    )
    refresh_live_model = One(RefreshLiveModel, latest, One(build.bundled_model, settings), live)
    nothing = providers.Object[None](None)
    mirrored = providers.Selector(settings.provided.store, mlflow=latest_mirrored, csv=nothing, pickle=nothing)
    predict = One(Predict, live)

    rate_table = One(Table)
    rate_limit = One(build.rate_limit, settings, rate_table)
    clients = One(Clients, settings.provided.trusted_proxies)
    key_store = One(FileKeyStore, settings.provided.keys)
    issue_key = Each(IssueKey, key_store, clock, providers.Object(os.urandom))
    revoke_key = Each(RevokeKey, key_store)
    host_names = providers.Object[frozenset[str]](frozenset())
    live_keys = One(LiveKeys, key_store, anonymous=settings.provided.allow_anonymous)
