"""Pages of the console, in the order of the navigation; a page is a file of its own."""

from application.serving.try_row import TryRow
from entrypoints.web.console.model import model_page
from entrypoints.web.console.monitoring import monitoring_page
from entrypoints.web.console.overview import overview_page
from entrypoints.web.console.page import Page
from entrypoints.web.console.rollout import rollout_page
from entrypoints.web.console.try_it import try_page
from entrypoints.web.console.versions import versions_page
from entrypoints.web.dependencies import WebDependencies


def console_pages(web: WebDependencies) -> tuple[Page, ...]:
    """Return the pages that show the objects of `web`."""
    return (
        overview_page(web.report_status, web.show_figures, web.list_changes),
        model_page(web.describe_model, web.run_pages),
        try_page(web.current_model, TryRow(web.current_model, web.predict.reject_unseen), web.describe_model),
        versions_page(web.list_versions, web.list_changes, web.give_order, web.describe_model),
        rollout_page(web.report_status, web.list_changes, web.give_order),
        monitoring_page(web.show_figures, web.list_changes, web.report_drift, web.current_model),
    )
