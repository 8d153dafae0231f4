"""Overview: whether the server predicts, with which model, and which version answers which part of the requests."""

from dataclasses import dataclass

from markupsafe import Markup

from application.serving.current_model import CurrentModel
from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from entrypoints.web.console.charts.shares import shares
from entrypoints.web.console.page import Page, Query

ORIGINS = {
    ModelOrigin.REGISTRY: "confirmed by the registry",
    ModelOrigin.CACHE: "the last champion of this host; the registry has not confirmed it lately",
    ModelOrigin.BUNDLED: "the model that ships with the program; this host has never had a champion",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """View of the first page.

    Parameters
    ----------
    kind : {'well', 'busy', 'bad'}
        Of the sentence.
    title, sentence, reason : str
    champion, challenger : ServedModel or None
    weight : float
        Percentage of the requests that the challenger answers.
    chart : Markup or None
        Who answers.
    """

    kind: str
    title: str
    sentence: str
    reason: str
    champion: ServedModel | None = None
    challenger: ServedModel | None = None
    weight: float = 0.0
    chart: Markup | None = None

    @property
    def origin(self) -> str:
        """Origin of the champion in words."""
        return ORIGINS[self.champion.origin] if self.champion else ""


def overview_page(current_model: CurrentModel) -> Page:
    """Return the page."""

    def view(_: Query) -> Overview:
        try:
            return _overview(current_model.models)
        except NoModelLoaded as error:
            return Overview("bad", "Cannot predict", "Cannot predict: no model is loaded.", str(error))

    return Page("", "Overview", "overview.html", view, json="../health")


def _overview(models: ServedModels) -> Overview:
    champion, rollout = models.champion, models.rollout
    name, others = champion.version.name, rollout.challenger if rollout else None
    weight = rollout.routing.weight / 100 if rollout else 0.0
    chart = shares(name, others.version.name if others else None, weight)
    if others is None:
        sentence = f"Version {name} answers every request."
        return Overview("well", f"Version {name}", sentence, "No rollout is under way.", champion, chart=chart)
    sentence = f"Version {name} serves, and version {others.version.name} answers {weight:g} % of the requests."
    reason = "A rollout compares both versions."
    return Overview("busy", f"Version {name}, rollout", sentence, reason, champion, others, weight, chart)
