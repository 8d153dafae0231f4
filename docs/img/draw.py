"""Draws the two pictures of the README, `training.svg` and `inference.svg`: `python -m docs.img.draw`.

A picture is a list of boxes, frames around them, and arrows between points on their borders. Colours tell the layer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

HERE = Path(__file__).parent

Point = tuple[float, float]

WIDTH = 960
FONT = "'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
INK, FAINT_INK, LINE, PAPER, EDGE = "#1f2933", "#52606d", "#52606d", "#ffffff", "#d5dae1"
TITLE_SIZE, TEXT_SIZE, LINE_HEIGHT = 14, 11.5, 15.5
CORNER, BEND = 8, 10

# Of each layer: the colour of its boxes, and that of their borders.
LAYERS = {
    "domain": ("#dff3e6", "#2f8a57"),
    "application": ("#dfeafc", "#3a6fc9"),
    "adapters": ("#fdeed4", "#c98a1b"),
    "entrypoints": ("#ece4fa", "#7b57c2"),
    "outside": ("#edf0f3", "#7b8794"),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of one layer, with a title and lines of text in its middle."""

    layer: str
    x: float
    y: float
    width: float
    height: float
    title: str
    lines: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        """The x of the middle."""
        return self.x + self.width / 2

    def left(self, at: float | None = None) -> Point:
        """Return the point on the left border at this y, by default half-way down."""
        return self.x, self.y + self.height / 2 if at is None else at

    def right(self, at: float | None = None) -> Point:
        """Return the point on the right border at this y, by default half-way down."""
        return self.x + self.width, self.y + self.height / 2 if at is None else at

    def top(self, at: float | None = None) -> Point:
        """Return the point on the upper border at this x, by default in the middle."""
        return self.middle if at is None else at, self.y

    def bottom(self, at: float | None = None) -> Point:
        """Return the point on the lower border at this x, by default in the middle."""
        return self.middle if at is None else at, self.y + self.height


@dataclass(frozen=True, slots=True)
class Frame(Box):
    """A rectangle around boxes, with its title and one line of text in its upper left corner."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line through points, with round bends and its head at the last one; dashed for what happens in need only."""

    points: tuple[Point, ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A few words beside an arrow; they begin, end or have their middle at the point."""

    text: str
    at: Point
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, from back to front, and what it says to those who cannot see it."""

    title: str
    description: str
    height: float
    frames: tuple[Frame, ...]
    arrows: tuple[Arrow, ...]
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    layers: tuple[str, ...] = tuple(LAYERS)


def training() -> Picture:
    """Return the way from a table to the model in production."""
    table = Box("outside", 24, 108, 132, 68, "table", ("CSV or Parquet:", "file, folder, pattern"))
    source = Box("adapters", 192, 108, 156, 68, "TableSource", ("loads or streams, names", "the bad cell by its row"))

    train = Frame("application", 408, 76, 516, 224, "TrainModel", ("one fit, also if MLflow is away",))
    dataset = Box("domain", 424, 108, 140, 68, "Rows", ("in memory or in", "files; fingerprint"))
    split = Box("domain", 596, 108, 140, 68, "Split", ("training rows,", "held-out rows"))
    learner = Box("domain", 768, 108, 140, 68, "SGD", ("mini-batches in", "whitened coordinates"))
    fit = Box("domain", 768, 216, 140, 68, "Fit", ("model, certificate,", "memory"))
    scores = Box("domain", 596, 216, 140, 68, "Scores", ("r2, mse, rmse, mae", "on the held-out rows"))
    result = Box("domain", 424, 216, 140, 68, "Training", ("all of this,", "not yet judged"))

    tracker = Box("adapters", 192, 216, 156, 68, "MlflowTracker", ("settings, losses, scores,", "data, plots, weights"))
    runs = Box("outside", 24, 216, 132, 68, "MLflow runs", ("SQLite file", "or server"))

    judge = Frame("application", 408, 336, 516, 158, "JudgeChallenger", ("once more if another champion came first",))
    contender = Box("domain", 768, 368, 140, 68, "Contender", ("each scored on the", "same held-out rows"))
    policy = Box("domain", 596, 368, 140, 68, "PromotionPolicy", ("R² ≥ 0.4, and ≥ that of", "the champion − 0.01"))
    decision = Box("domain", 424, 368, 140, 68, "Decision", ("promote or refuse,", "with reasons"))
    registered = ("versions with lineage,", "history of promotions,", "read back once written")
    store = Box("adapters", 192, 368, 156, 126, "MlflowModelStore", registered)
    aliases = ("versions 1, 2, 3, …", "alias champion", "alias previous")
    registry = Box("outside", 24, 368, 132, 126, "MLflow registry", aliases)

    unjudged = ("no champion to compare with: not judged,", "not promoted, exit code 3")
    keep = Box("application", 424, 534, 312, 68, "KeepChallenger", unjudged)
    local = Box("adapters", 192, 534, 156, 68, "CsvTracker", ("and FileModelStore,", "weights as CSV"))
    artifacts = Box("outside", 24, 534, 132, 68, "artifacts/", ("runs/", "weights/"))

    # Where arrows bend: between the two frames, in the lower part of the judge's, and beside both.
    saving, loading, beside = 318, 470, 942
    return Picture(
        title="Training",
        description=(
            "A table becomes Rows and a Split; SGD learns from the training rows, and the held-out rows give the "
            "scores. The run is tracked and the model saved in MLflow. The promotion policy compares challenger and "
            "champion on the same held-out rows; its decision moves the alias champion. If MLflow is away, the same "
            "fit is kept as CSV files under artifacts/."
        ),
        height=630,
        frames=(train, judge),
        arrows=(
            Arrow((table.right(), source.left())),
            Arrow((source.right(), dataset.left())),
            Arrow((dataset.right(), split.left())),
            Arrow((split.right(), learner.left())),
            Arrow((learner.bottom(), fit.top())),
            Arrow((split.bottom(), scores.top())),
            Arrow((fit.left(), scores.right())),
            Arrow((scores.left(), result.right())),
            Arrow((result.left(), tracker.right())),
            Arrow((tracker.left(), runs.right())),
            Arrow((result.bottom(), (result.middle, saving), (store.middle, saving), store.top())),
            Arrow((fit.bottom(), contender.top())),
            Arrow((contender.left(), policy.right())),
            Arrow((policy.left(), decision.right())),
            Arrow((decision.left(), store.right(at=decision.left()[1]))),
            Arrow((store.right(at=loading), (contender.middle, loading), contender.bottom())),
            Arrow((store.left(), registry.right())),
            Arrow((train.right(), (beside, train.right()[1]), (beside, keep.right()[1]), keep.right()), dashed=True),
            Arrow((keep.left(), local.right()), dashed=True),
            Arrow((local.left(), artifacts.right()), dashed=True),
        ),
        boxes=(
            *(table, source, dataset, split, learner, fit, scores, result, tracker, runs),
            *(contender, policy, decision, store, registry, keep, local, artifacts),
        ),
        labels=(
            Label("held-out rows", (675, 200)),
            Label("save, with lineage", (282, 311)),
            Label("challenger", (847, 322)),
            Label("promote", (378, 394), "middle"),
            Label("champion, loaded with its own columns", (424, 487)),
            Label("if MLflow is away", (838, 560), "middle"),
        ),
        layers=("outside", "adapters", "application", "domain"),
    )


def inference() -> Picture:
    """Return the way from the registry to an answer."""
    registry = Box(
        "outside", 24, 112, 132, 88, "MLflow registry", ("alias champion,", "weights as data,", "their digest")
    )
    only = "one process a host, the only one that talks to MLflow"
    mirror = Frame("entrypoints", 192, 72, 404, 144, "mirror", (only,))
    asking = ("one GET, more for a new", "version; MlflowModelStore", "where it is a database")
    champion = Box("adapters", 208, 112, 176, 88, "ChampionOverHttp", asking)
    copying = ("every 2 s; posts what", "it found, and keeps", "it on the disk")
    copier = Box("application", 424, 112, 156, 88, "MirrorChampion", copying)
    memory = ("in memory: first", "to know, though no", "disk be written")
    board = Box("adapters", 634, 112, 140, 88, "SharedBoard", memory)
    files = ("on disk: what a", "restart begins with;", "crash-safe")
    good = Box("adapters", 788, 112, 148, 88, "FileLastKnownGood", files)

    worker = Frame(
        "entrypoints", 192, 252, 736, 162, "worker", ("two by default; none imports MLflow or waits for it",)
    )
    others = tuple(replace(worker, x=worker.x + by, y=worker.y + by, title="") for by in (8, 4))
    headers = ("X-Model-Version", "X-Model-Source", "X-Request-Id")
    views = Box("entrypoints", 208, 294, 150, 104, "/stream, /batch", headers)
    predict = Box(
        "application",
        396,
        294,
        144,
        104,
        "Predict",
        ("all rows of a request", "with one snapshot,", "each as if alone"),
    )
    live = Box(
        "domain", 578, 294, 152, 104, "Snapshot", ("version and source;", "immutable, replaced", "by one assignment")
    )
    refreshing = ("every 0.5 s; reads the", "board, else the copy,", "else keeps what it has")
    refresh = Box("application", 768, 294, 144, 104, "RefreshLiveModel", refreshing)
    client = Box("outside", 24, 294, 132, 104, "client", ('{"X": 0.2}', '{"result": 340.57}'))

    answered = "how sure the worker is of its model; no fall-back is silent"
    sources = Frame("outside", 192, 458, 744, 128, "X-Model-Source", (answered,))
    confirmed = Box(
        "adapters", 208, 498, 208, 72, "registry", ("the registry named this", "very model in the last 8 s")
    )
    cached = Box("adapters", 460, 498, 208, 72, "cache", ("the last champion known,", "not confirmed since"))
    bundled = Box("entrypoints", 712, 498, 208, 72, "bundled", ("ships with the program:", "no champion known here"))

    return Picture(
        title="Inference",
        description=(
            "One mirror process a host brings the champion from MLflow's registry to memory and disk. Each worker "
            "keeps one immutable snapshot of it in memory and answers /stream and /batch from there. Headers say which "
            "version answered, and whether it was confirmed by the registry, taken from the last known good copy, or "
            "bundled."
        ),
        height=614,
        frames=(mirror, *others, worker, sources),
        arrows=(
            Arrow((registry.right(), champion.left())),
            Arrow((champion.right(), copier.left())),
            Arrow((copier.right(), board.left())),
            Arrow((board.right(), good.left())),
            Arrow((board.bottom(at=771), refresh.top(at=771))),
            Arrow((good.bottom(at=refresh.middle), refresh.top()), dashed=True),
            Arrow((refresh.left(), live.right())),
            Arrow((live.left(), predict.right())),
            Arrow((client.right(at=328), views.left(at=328))),
            Arrow((views.right(at=328), predict.left(at=328))),
            Arrow((predict.left(at=364), views.right(at=364))),
            Arrow((views.left(at=364), client.right(at=364))),
            Arrow((confirmed.right(), cached.left()), dashed=True),
            Arrow((cached.right(), bundled.left()), dashed=True),
            Arrow((bundled.top(at=refresh.middle), refresh.bottom()), dashed=True),
        ),
        boxes=(
            registry,
            champion,
            copier,
            board,
            good,
            refresh,
            live,
            predict,
            views,
            client,
            confirmed,
            cached,
            bundled,
        ),
        labels=(
            Label("else", (438, 527), "middle"),
            Label("else", (690, 527), "middle"),
            Label("Where the store is", (24, 494)),
            Label("CSV or pickle files,", (24, 511)),
            Label("there is no mirror:", (24, 528)),
            Label("workers read them", (24, 545)),
            Label("as the registry.", (24, 562)),
        ),
        layers=("outside", "adapters", "entrypoints", "application", "domain"),
    )


def svg(picture: Picture) -> str:
    """Return the picture as an SVG document that looks the same on light and dark pages."""
    return "\n".join(_elements(picture)) + "\n"


def _elements(picture: Picture) -> Iterator[str]:
    height = f"{picture.height:g}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="title description" font-family="{FONT}">'
    )
    yield f'<title id="title">{escape(picture.title)}</title>'
    yield f'<desc id="description">{escape(picture.description)}</desc>'
    yield (
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="9" markerHeight="9" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.8 L10 5 L0 9.2 Z" fill="{LINE}"/></marker></defs>'
    )
    yield _rectangle(1, 1, WIDTH - 2, picture.height - 2, fill=PAPER, border=EDGE, corner=12)
    yield _text(picture.title, (24, 46), 20, INK, weight=700)
    yield from _legend(picture.layers)
    for frame in picture.frames:
        yield from _frame(frame)
    for arrow in picture.arrows:
        yield _arrow(arrow)
    for box in picture.boxes:
        yield from _box(box)
    for label in picture.labels:
        yield _text(label.text, label.at, TEXT_SIZE, FAINT_INK, anchor=label.anchor)
    yield "</svg>"


def _legend(layers: tuple[str, ...]) -> Iterator[str]:
    swatch, gap = 24, 20
    x = WIDTH - 24 - sum(swatch + _rough_width(layer) for layer in layers) - gap * (len(layers) - 1)
    for layer in layers:
        fill, border = LAYERS[layer]
        yield _rectangle(x, 33, 16, 16, fill=fill, border=border, corner=4)
        yield _text(layer, (x + swatch, 45), 12, INK)
        x += swatch + _rough_width(layer) + gap


def _rough_width(words: str) -> float:
    """Return how wide `words` are in letters of size 12, near enough to put them side by side."""
    return sum(3 if letter in "fijlt" else 6.5 for letter in words)


def _frame(frame: Frame) -> Iterator[str]:
    fill, border = LAYERS[frame.layer]
    yield _rectangle(frame.x, frame.y, frame.width, frame.height, fill=PAPER, border=border, corner=CORNER + 2)
    yield _rectangle(
        frame.x, frame.y, frame.width, frame.height, fill=fill, border="none", corner=CORNER + 2, opacity=0.35
    )
    if frame.title:
        words = f'<tspan font-weight="600" fill="{border}">{escape(frame.title)}</tspan>'
        more = f'<tspan dx="10" font-size="{TEXT_SIZE}" fill="{FAINT_INK}">{escape(" ".join(frame.lines))}</tspan>'
        yield f'<text x="{frame.x + 16:g}" y="{frame.y + 21:g}" font-size="13">{words}{more}</text>'


def _box(box: Box) -> Iterator[str]:
    fill, border = LAYERS[box.layer]
    yield _rectangle(box.x, box.y, box.width, box.height, fill=fill, border=border, corner=CORNER)
    first = box.y + box.height / 2 - LINE_HEIGHT * len(box.lines) / 2 + TITLE_SIZE * 0.36
    yield _text(box.title, (box.middle, first), TITLE_SIZE, INK, anchor="middle", weight=600)
    for number, line in enumerate(box.lines, start=1):
        yield _text(line, (box.middle, first + LINE_HEIGHT * number + 2), TEXT_SIZE, FAINT_INK, anchor="middle")


def _arrow(arrow: Arrow) -> str:
    dashes = ' stroke-dasharray="6 4"' if arrow.dashed else ""
    line = f'fill="none" stroke="{LINE}" stroke-width="1.6"{dashes}'
    return f'<path d="{_route(arrow.points)}" {line} marker-end="url(#head)"/>'


def _route(points: tuple[Point, ...]) -> str:
    """Return the path through `points`, each corner cut by a curve."""
    steps = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        (x1, y1), (x2, y2) = _towards(corner, before), _towards(corner, after)
        steps.append(f"L{x1:g} {y1:g} Q{corner[0]:g} {corner[1]:g} {x2:g} {y2:g}")
    return " ".join([*steps, f"L{points[-1][0]:g} {points[-1][1]:g}"])


def _towards(start: Point, end: Point) -> Point:
    """Return the point a bend's radius away from `start`."""
    length = abs(end[0] - start[0]) + abs(end[1] - start[1])
    share = min(BEND / length, 0.5)
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _rectangle(
    x: float, y: float, width: float, height: float, *, fill: str, border: str, corner: float, opacity: float = 1
) -> str:
    faint = f' fill-opacity="{opacity:g}"' if opacity != 1 else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{corner:g}" '
        f'fill="{fill}"{faint} stroke="{border}" stroke-width="1.4"/>'
    )


def _text(words: str, at: Point, size: float, colour: str, *, anchor: str = "start", weight: int = 400) -> str:
    return (
        f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="{size:g}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


PICTURES = {"training.svg": training, "inference.svg": inference}


def main() -> None:
    """Write both pictures beside this file."""
    for name, picture in PICTURES.items():
        (HERE / name).write_text(svg(picture()), encoding="utf-8")


if __name__ == "__main__":
    main()
