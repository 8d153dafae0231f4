"""Blueprints of the console: its pages, signing in and out, and orders, all for the same visitors."""

from flask import Blueprint

from entrypoints.web.console.access import ConsoleAccess
from entrypoints.web.console.orders import OrderDesk, order_routes
from entrypoints.web.console.pages import console_pages
from entrypoints.web.console.renderer import PageRenderer
from entrypoints.web.console.routes import console_routes
from entrypoints.web.console.sign_in import SignInPage, sign_in_routes
from entrypoints.web.dependencies import WebDependencies


def console_blueprints(web: WebDependencies) -> tuple[Blueprint, ...]:
    """Return the routes of the console."""
    pages = console_pages(web)
    render = PageRenderer(pages, web.model_name, web.current_model, web.client_addresses)
    access = ConsoleAccess(web.active_keys, web.active_sessions, web.client_addresses, web.refused_keys)
    sign_in = SignInPage(render, tuple(page.path for page in pages))
    return (
        console_routes(pages, render, access),
        sign_in_routes(sign_in, access),
        order_routes(OrderDesk({page.path: page for page in pages}, render, sign_in, access, web.give_order)),
    )
